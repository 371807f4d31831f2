"""When something comes again: every weekday, monthly on the second Tuesday, until some day.

A rule is kept as calendars write it, its first time and what follows, in wall time:
"DTSTART:20261123T100000\\nRRULE:FREQ=WEEKLY;BYDAY=MO". So ten o'clock stays ten o'clock in the zone
it was made in, whatever is done to its clocks. Pure: no clock is read.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final, cast
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr


def _(message: str) -> str:
    return message


#: What people choose from; other rules come from calendars and programs.
CHOICES: Final[Mapping[str, str]] = {
    "daily": _("Every day"), "weekdays": _("Every working day"), "weekly": _("Every week"),
    "fortnightly": _("Every two weeks"), "monthly_date": _("Every month on this date"),
    "monthly_weekday": _("Every month on this weekday"), "yearly": _("Every year"),
}  # fmt: skip
OTHER: Final = _("By a rule of its own")
NO_RULE: Final = _("This is no rule of repetition. Choose one from the list.")
TOO_OFTEN: Final = _("It cannot come again more often than every day.")
MOST_TIMES: Final = 1_000
LONGEST: Final = 300
#: A rule is looked through from its first time on, and so far ahead.
EARLIEST: Final = 1970
FARTHEST: Final = timedelta(days=3_700)

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS: Final = frozenset(
    ("FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "UNTIL", "COUNT", "WKST")
)
_FIRST: Final = re.compile(r"DTSTART:\d{8}T\d{6}", re.ASCII)
_WALL: Final = "%Y%m%dT%H%M%S"


def rule_of(
    choice: str, start: datetime, until: date | None = None, times: int | None = None
) -> str:
    """Return the rule of a choice; `start` is its first time on the maker's clock."""
    end = ""
    if until is not None:
        end = f";UNTIL={until:%Y%m%d}T235959"
    elif times is not None:
        end = f";COUNT={times}"
    wall = start.replace(tzinfo=None)
    return f"DTSTART:{wall:{_WALL}}\nRRULE:{_RULES[choice](wall)}{end}"


def choice_of(rule: str | None) -> str:
    """Return which choice a rule is, "other" for another one, "" for none."""
    if not rule:
        return ""
    first = first_of(rule)
    said = _ended(rule)[0]
    return next((name for name, make in _RULES.items() if make(first) == said), "other")


def end_of(rule: str) -> tuple[date | None, int | None]:
    """Return until which day it comes again, and how many times, as far as it says so."""
    end = _ended(rule)[1]
    until, times = end.get("UNTIL"), end.get("COUNT")
    return (
        date.fromisoformat(until[:8]) if until else None,
        int(times) if times else None,
    )


def first_of(rule: str) -> datetime:
    """Return its first time, on the maker's clock."""
    return datetime.fromisoformat(rule.partition("\n")[0].removeprefix("DTSTART:"))


def next_after(rule: str, at: datetime, zone: str) -> datetime | None:
    """Return the time that follows the one at `at`, None if that was the last."""
    place = ZoneInfo(zone)
    wall = at.astimezone(place).replace(tzinfo=None)
    until, times = end_of(rule)
    last = min(wall + FARTHEST, datetime.combine(until or date.max, time.max))
    # The count is kept here: with an end beside it, no rule is looked through for ever.
    said = cast("rrule", rrulestr(rule)).replace(until=last, count=None)
    follows = next((moment for moment in islice(said, times) if moment > wall), None)
    return None if follows is None else follows.replace(tzinfo=place).astimezone(UTC)


def check(rule: str) -> str | None:
    """Return what is wrong with a rule that somebody wrote, None if nothing is."""
    first, _line, said = rule.partition("\n")
    if not _FIRST.fullmatch(first) or not said.startswith("RRULE:") or "\n" in said:
        return NO_RULE
    parts = _parts(rule)
    if parts.get("FREQ") in ("HOURLY", "MINUTELY", "SECONDLY"):
        return TOO_OFTEN
    try:
        is_old = first_of(rule).year < EARLIEST
        end_of(rule)
        rrulestr(rule)
    except (ValueError, TypeError, KeyError, OverflowError):
        return NO_RULE
    known = parts.keys() <= _PARTS and int(parts.get("COUNT", 1)) <= MOST_TIMES
    return None if known and not is_old else NO_RULE


def _parts(rule: str) -> dict[str, str]:
    said = rule.partition("\n")[2].removeprefix("RRULE:")
    pairs = (part.partition("=") for part in said.upper().split(";") if part)
    return {name: value for name, _sign, value in pairs}


def _ended(rule: str) -> tuple[str, dict[str, str]]:
    """Return how often it comes, and when that ends."""
    parts = _parts(rule)
    ends = [name for name in parts if name in ("UNTIL", "COUNT")]
    end = {name: parts.pop(name) for name in ends}
    return ";".join(f"{name}={value}" for name, value in parts.items()), end


def _on_day(day: int) -> str:
    """Return the day of a month; of a shorter month, its last one."""
    if day <= 28:
        return f"BYMONTHDAY={day}"
    return f"BYMONTHDAY={','.join(map(str, range(28, day + 1)))};BYSETPOS=-1"


def _monthly_weekday(start: datetime) -> str:
    week = (start.day - 1) // 7 + 1
    # Not every month has a fifth one: the last is meant.
    return f"FREQ=MONTHLY;BYDAY={week if week < 5 else -1}{_DAYS[start.weekday()]}"


_RULES: Final[Mapping[str, Callable[[datetime], str]]] = {
    "daily": lambda _start: "FREQ=DAILY",
    "weekdays": lambda _start: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "weekly": lambda start: f"FREQ=WEEKLY;BYDAY={_DAYS[start.weekday()]}",
    "fortnightly": lambda start: f"FREQ=WEEKLY;INTERVAL=2;BYDAY={_DAYS[start.weekday()]}",
    "monthly_date": lambda start: f"FREQ=MONTHLY;{_on_day(start.day)}",
    "monthly_weekday": _monthly_weekday,
    "yearly": lambda start: f"FREQ=YEARLY;BYMONTH={start.month};{_on_day(start.day)}",
}
