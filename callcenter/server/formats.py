"""How times, spans, numbers and telephone numbers look to a reader.

Done here and not in the browser: Chromium knows no Azerbaijani dates. Moments
are aware datetimes or epoch seconds; None is shown as nothing.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal
from jinja2 import pass_context
from jinja2.runtime import Context

from callcenter import phone

Moment = datetime | float | None


def filters(locale: Locale) -> dict[str, Callable[..., str]]:
    """Return the template filters of one language; the zone comes from the page's context."""

    def local(context: Context, moment: datetime | float) -> datetime:
        return _aware(moment).astimezone(ZoneInfo(context["time_zone"]))

    @pass_context
    def date(context: Context, moment: Moment, style: str = "medium") -> str:
        return "" if moment is None else format_date(local(context, moment), style, locale)

    @pass_context
    def time(context: Context, moment: Moment, style: str = "short") -> str:
        return "" if moment is None else format_time(local(context, moment), style, locale=locale)

    @pass_context
    def date_time(context: Context, moment: Moment) -> str:
        if moment is None:
            return ""
        there = local(context, moment)
        day, clock = (
            format_date(there, "medium", locale),
            format_time(there, "short", locale=locale),
        )
        return f"{day} {clock}"

    @pass_context
    def ago(context: Context, moment: Moment) -> str:
        if moment is None:
            return ""
        return format_timedelta(
            _aware(moment) - context["now"], add_direction=True, locale=locale, granularity="second"
        )

    def number(value: float | None) -> str:
        return "" if value is None else format_decimal(value, locale=locale)

    return {
        "date": date, "time": time, "datetime": date_time, "ago": ago, "number": number,
        "duration": duration, "iso": iso, "epoch": epoch, "phone": phone.display,
    }  # fmt: skip


def duration(span: timedelta | float | None) -> str:
    """Return "03:27", or "1:03:27" from an hour on; a dash if it is not known."""
    if span is None:
        return "–"
    seconds = int(span.total_seconds() if isinstance(span, timedelta) else span)
    hours, rest = divmod(max(0, seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def iso(moment: Moment) -> str:
    """Return the moment for machines, as in `<time datetime>`."""
    return "" if moment is None else _aware(moment).astimezone(UTC).isoformat(timespec="seconds")


def epoch(moment: Moment) -> str:
    """Return the moment in epoch seconds, as in `data-since`."""
    return "" if moment is None else f"{_aware(moment).timestamp():.3f}"


def _aware(moment: Any) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
