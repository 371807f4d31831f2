"""Quiet hours: when nobody wants to be disturbed, and when that ends.

Hours are those of the wall clock, so on the days on which clocks change a night is shorter or
longer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY_MIN: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Quiet:
    """Minutes after midnight, from and to (over midnight if `to` is smaller), and whole weekdays."""

    from_min: int | None = None
    to_min: int | None = None
    days: frozenset[int] = frozenset()

    def covers(self, local: datetime) -> bool:
        """Return whether a moment, in the person's zone, lies in it."""
        if local.weekday() in self.days:
            return True
        begin, end = self.from_min, self.to_min
        if begin is None or end is None or begin == end:
            return False
        minute = local.hour * 60 + local.minute
        return begin <= minute < end if begin < end else minute >= begin or minute < end


def quiet_until(quiet: Quiet, at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the quiet in which `at` lies is over; None if it lies in none.

    Quiet that never ends is none: somebody would never be told anything.
    """
    if not quiet.covers(at.astimezone(zone)):
        return None
    ends = (end for end in _ends(quiet, at, zone) if end > at)
    return next((end for end in ends if not quiet.covers(end.astimezone(zone))), None)


def _ends(quiet: Quiet, at: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the moments at which it may end, in order: midnights, and the end of each night."""
    today = at.astimezone(zone).date()
    minutes = sorted({0, quiet.to_min or 0})
    for day in range(9):
        midnight = datetime.combine(today + timedelta(days=day), time(), zone)
        for minute in minutes:
            # On the wall clock: adding to an aware moment in a zone moves its hands.
            yield (midnight + timedelta(minutes=minute)).astimezone(UTC)
