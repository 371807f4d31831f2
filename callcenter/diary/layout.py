"""Where what happens stands in a calendar: on which days, from when to when, beside what.

Times are walls: a day has 24 hours as the reader's clock shows them, however long it really is.
Pure: entries and zone are handed in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from callcenter.diary.hours import DAY_MIN, Span, moment
from callcenter.diary.worktime import Worktime

#: What has no length, or hardly any, is shown so long.
SHORTEST_MIN: Final = 30
#: So many of a day stand in a month; the others are a link.
IN_A_CELL: Final = 4
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing in somebody's calendar. Of what the reader may not see, only that it takes time."""

    id: int
    entity: str
    #: Whose calendar it stands in.
    user_id: int
    start_at: datetime
    end_at: datetime | None = None
    all_day: bool = False
    title: str = ""
    kind: str = "task"
    status: str = "planned"
    link: str = ""
    version: int = 0
    #: The customer, and what time it is there then, if it is another one.
    with_whom: str = ""
    there: str = ""
    #: The customer's card, if the reader may open it; the number of one whom nobody has linked yet.
    contact_id: int | None = None
    point: str = ""
    #: By when it has to be done.
    due_at: datetime | None = None
    #: When it begins on the reader's clock: "09:15".
    clock: str = ""
    place: str = ""
    #: What other calendars know it by, if it came from one, and when it was changed.
    uid: str = ""
    changed_at: datetime | None = None
    is_covered: bool = False
    #: Whether the reader may move it.
    may_move: bool = False

    @property
    def is_done(self) -> bool:
        return self.status != "planned"


@dataclass(frozen=True, slots=True)
class Box:
    """An entry on one day: minutes of the wall clock, and its lane among those it overlaps."""

    entry: Entry
    from_min: int
    till_min: int
    lane: int = 0
    lanes: int = 1
    #: Whether it begins on this day, and not before.
    begins: bool = True


@dataclass(slots=True)
class Day:
    """One day of one column."""

    day: date
    all_day: list[Entry] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    #: When nobody works: minutes of the wall clock.
    off: list[Span] = field(default_factory=list)
    holiday: str = ""
    #: How many more there are that were not read.
    left_out: int = 0

    @property
    def entries(self) -> list[Entry]:
        return [*self.all_day, *(box.entry for box in self.boxes)]


def days(entries: Iterable[Entry], first: date, end: date, zone: ZoneInfo) -> dict[date, Day]:
    """Return the days from `first` to before `end`, with what happens on each."""
    found: dict[date, Day] = {}
    day = first
    while day < end:
        found[day] = Day(day)
        day += _ONE_DAY
    for entry in entries:
        for on, box in _parts(entry, first, end, zone):
            if box is None:
                found[on].all_day.append(entry)
            else:
                found[on].boxes.append(box)
    for each in found.values():
        each.boxes = side_by_side(each.boxes)
    return found


def _parts(
    entry: Entry, first: date, end: date, zone: ZoneInfo
) -> Iterable[tuple[date, Box | None]]:
    """Yield the days an entry stands on; with no box if it takes the whole day."""
    starts, ends = _walls(entry, zone)
    day = max(starts.date(), first)
    # What ends at midnight does not reach into the day that begins then.
    last = max((ends - timedelta(microseconds=1)).date(), starts.date())
    while day <= last and day < end:
        if entry.all_day:
            yield day, None
        else:
            from_min = _minute(starts) if day == starts.date() else 0
            till_min = _minute(ends) if day == ends.date() else DAY_MIN
            if (from_min, till_min) == (0, DAY_MIN):
                yield day, None
            else:
                from_min = min(from_min, DAY_MIN - SHORTEST_MIN)
                till_min = min(max(till_min, from_min + SHORTEST_MIN), DAY_MIN)
                yield day, Box(entry, from_min, till_min, begins=day == starts.date())
        day += _ONE_DAY


def _walls(entry: Entry, zone: ZoneInfo) -> tuple[datetime, datetime]:
    starts = entry.start_at.astimezone(zone).replace(tzinfo=None)
    ends = (entry.end_at or entry.start_at).astimezone(zone).replace(tzinfo=None)
    # In the hour that comes twice, an end can stand before its beginning.
    return starts, max(starts, ends)


def _minute(wall: datetime) -> int:
    return wall.hour * 60 + wall.minute


def side_by_side(boxes: Iterable[Box]) -> list[Box]:
    """Give boxes that overlap lanes beside each other, as few as will do."""
    placed: list[Box] = []
    cluster: list[Box] = []
    reached = -1
    for box in sorted(boxes, key=lambda box: (box.from_min, -box.till_min, box.entry.id)):
        if box.from_min >= reached:
            placed += _spread(cluster)
            cluster = []
        cluster.append(replace(box, lane=_free_lane(cluster, box)))
        reached = max(reached, box.till_min)
    return [*placed, *_spread(cluster)]


def _free_lane(cluster: Sequence[Box], box: Box) -> int:
    taken = {other.lane for other in cluster if other.till_min > box.from_min}
    return next(lane for lane in range(len(cluster) + 1) if lane not in taken)


def _spread(cluster: Sequence[Box]) -> list[Box]:
    lanes = max((box.lane for box in cluster), default=0) + 1
    return [replace(box, lanes=lanes) for box in cluster]


def off_hours(day: date, work: Worktime, zone: ZoneInfo) -> list[Span]:
    """Return when nobody works on a day of the reader's, in minutes of the reader's clock."""
    place = ZoneInfo(work.hours.zone)
    worked = []
    for on in (day - _ONE_DAY, day, day + _ONE_DAY):
        for span in work.hours.of(on, work.holidays):
            starts, ends = (moment(on, minute, place).astimezone(zone) for minute in span)
            if starts.date() <= day <= ends.date():
                worked.append(
                    (
                        _minute(starts) if starts.date() == day else 0,
                        _minute(ends) if ends.date() == day else DAY_MIN,
                    )
                )
    off, reached = [], 0
    for starts_min, ends_min in sorted(worked):
        if starts_min > reached:
            off.append((reached, starts_min))
        reached = max(reached, ends_min)
    return [*off, *([(reached, DAY_MIN)] if reached < DAY_MIN else [])]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
