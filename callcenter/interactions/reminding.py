"""When somebody is reminded of something: so many minutes before, on the clock of his wall.

Whole days are counted by the calendar: “one day before” a meeting at nine is at nine the day
before, also when the clocks change in between. What lasts all day begins at nine for this.
"""

import re
from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

#: Of what lasts all day one is reminded as if it began then.
MORNING: Final = time(9)
DAY_MIN: Final = 24 * 60
#: So many reminders of one thing, and not longer before it.
MOST: Final = 5
LONGEST_MIN: Final = 366 * DAY_MIN


def _(message: str) -> str:
    return message


NO_REMINDERS: Final = _("Write minutes before the time, such as 15,60: at most five numbers.")


def written(minutes: Collection[int]) -> str | None:
    """Return reminders as they are stored: "15,1440", the nearest first; None if there are none."""
    return ",".join(map(str, sorted(set(minutes)))) or None


def distance(start: datetime, remind_at: datetime | None) -> str | None:
    """Return the reminder that a moment means, None if it is none."""
    if remind_at is None or remind_at > start:
        return None
    return written([round((start - remind_at).total_seconds() / 60)])


def read(stored: str | None) -> list[int]:
    """Return the minutes of stored reminders."""
    return [int(each) for each in (stored or "").split(",") if each.strip()]


def check(stored: str) -> str | None:
    """Return what is wrong with reminders that somebody wrote, None if nothing is."""
    if not re.fullmatch(r"\d{1,6}(, ?\d{1,6}){0,4}", stored, re.ASCII):
        return NO_REMINDERS
    return NO_REMINDERS if max(read(stored)) > LONGEST_MIN else None


def moment(start: datetime, minutes: int, zone: ZoneInfo, *, all_day: bool = False) -> datetime:
    """Return the moment so many minutes before something that begins at `start`."""
    local = start.astimezone(zone)
    if all_day:
        local = datetime.combine(local.date(), MORNING, zone)
    days, rest = divmod(minutes, DAY_MIN)
    # Taken from the wall's clock; a time that it skips is that much later.
    local -= timedelta(days=days)
    return local.astimezone(UTC) - timedelta(minutes=rest)


def next_moment(
    start: datetime,
    reminders: str | None,
    zone: str | None,
    after: datetime,
    *,
    all_day: bool = False,
) -> datetime | None:
    """Return the first of the reminders that is still to come, None if none is."""
    where = ZoneInfo(zone or "UTC")
    moments = (moment(start, each, where, all_day=all_day) for each in read(reminders))
    return min((each for each in moments if each > after), default=None)
