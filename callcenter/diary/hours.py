"""Working time: when so much of it has passed.

Hours are wall times of a place, so a week holds the hours people see on their clock; what is
counted are real seconds, so a night in which the clock is moved is an hour shorter or longer.
Pure: the days that are holidays are handed in (`diary.holidays`).
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

#: From when to when, in minutes since midnight; beyond 1440 it ends on the next day.
Span = tuple[int, int]

DAY_MIN: Final = 1440
OFFICE: Final[tuple[Span, ...]] = ((540, 1080),)
#: A term that has not passed within so many days never will.
MOST_DAYS: Final = 3_700

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """When work is done in a place; `week` begins on Monday."""

    zone: str
    week: tuple[tuple[Span, ...], ...] = (OFFICE,) * 5 + ((),) * 2
    #: Days with hours of their own, holidays or not; none if it is off.
    days: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def of(self, day: date, holidays: Container[date] = ()) -> tuple[Span, ...]:
        """Return the spans that begin on this day."""
        if day in self.days:
            return self.days[day]
        return () if day in holidays else self.week[day.weekday()]


def add_working(
    start: datetime, seconds: float, hours: Hours, holidays: Container[date] = ()
) -> datetime | None:
    """Return the first moment by which so much working time has passed.

    None if it never does: nobody works at all.
    """
    left = timedelta(seconds=seconds)
    if left <= timedelta():
        return start
    for begins, ends in _stretches(start, hours, holidays):
        if left <= ends - begins:
            return begins + left
        left -= ends - begins
    return None


def _stretches(
    start: datetime, hours: Hours, holidays: Container[date]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield what is worked from `start` on, in UTC, in order, without overlaps."""
    reached = start.astimezone(UTC)
    zone = ZoneInfo(hours.zone)
    # What began yesterday may last until today.
    day = start.astimezone(zone).date() - _DAY
    for _ in range(MOST_DAYS):
        for span in sorted(hours.of(day, holidays)):
            begins, ends = (moment(day, minute, zone) for minute in span)
            if ends > reached:
                yield max(begins, reached), ends
                reached = ends
        day += _DAY


def moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the moment at which the clock of a zone stands so many minutes after midnight.

    A time that the clock leaps over is as much later; of one that comes twice, it is the first.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=zone).astimezone(UTC)
