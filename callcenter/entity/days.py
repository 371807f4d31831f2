"""Spans of days as people name them: today, the last seven days, this month."""

from datetime import date, timedelta


def _(message: str) -> str:
    return message


#: As filters write them, with what people call them.
SPANS = {
    "today": _("today"),
    "yesterday": _("yesterday"),
    "tomorrow": _("tomorrow"),
    "this_week": _("this week"),
    "last_week": _("last week"),
    "next_week": _("next week"),
    "this_month": _("this month"),
    "last_month": _("last month"),
    "next_month": _("next month"),
    "this_year": _("this year"),
    "last_year": _("last year"),
    "last_7_days": _("the last 7 days"),
    "last_30_days": _("the last 30 days"),
    "last_90_days": _("the last 90 days"),
    "next_7_days": _("the next 7 days"),
    "next_30_days": _("the next 30 days"),
    "past": _("before today"),
    "future": _("after today"),
}

_DAY = timedelta(days=1)


def span(word: str, today: date) -> tuple[date | None, date | None]:
    """Return the first day of a span and the first day after it; None if it has no such end."""
    match word.split("_"):
        case ["today" | "yesterday" | "tomorrow" as which]:
            first = today + _DAY * _AWAY[which]
            return first, first + _DAY
        case ["past"]:
            return None, today
        case ["future"]:
            return today + _DAY, None
        case [which, number, "days"]:
            days = int(number) * _DAY
            return (today, today + days) if which == "next" else (today + _DAY - days, today + _DAY)
        case [which, "week"]:
            monday = today - today.weekday() * _DAY + 7 * _DAY * _AWAY[which]
            return monday, monday + 7 * _DAY
        case [which, "month"]:
            return month(today, _AWAY[which]), month(today, _AWAY[which] + 1)
        case [which, "year"]:
            year = today.year + _AWAY[which]
            return date(year, 1, 1), date(year + 1, 1, 1)
    raise ValueError(word)


def month(day: date, by: int = 0) -> date:
    """Return the first day of the month of `day`, or of the one `by` months later."""
    months = day.year * 12 + day.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


_AWAY = {"yesterday": -1, "today": 0, "tomorrow": 1, "last": -1, "this": 0, "next": 1}
