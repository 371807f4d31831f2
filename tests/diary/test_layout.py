"""Where things stand in a calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.diary.hours import Hours
from callcenter.diary.layout import SHORTEST_MIN, Box, Entry, days, off_hours, side_by_side
from callcenter.diary.worktime import Worktime

BAKU, BERLIN = ZoneInfo("Asia/Baku"), ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 23)


def entry(start: str, end: str | None = None, *, all_day: bool = False) -> Entry:
    return Entry(
        id=1, entity="interaction", user_id=1, start_at=datetime.fromisoformat(start),
        end_at=datetime.fromisoformat(end) if end else None, all_day=all_day,
    )  # fmt: skip


def boxes(one: Entry, first: date, zone: ZoneInfo = BAKU, count: int = 3) -> list[object]:
    """Return for each day its boxes, and "all day" for what takes the whole of it."""
    found = days([one], first, first + timedelta(count), zone)
    return [
        "all day" if day.all_day else [(box.from_min, box.till_min) for box in day.boxes]
        for day in found.values()
    ]


@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (entry("2026-11-23T09:00+04:00", "2026-11-23T10:30+04:00"), [[(540, 630)], [], []]),
        # A task has no length of its own; late at night it still fits.
        (entry("2026-11-23T09:10+04:00"), [[(550, 550 + SHORTEST_MIN)], [], []]),
        (entry("2026-11-23T23:50+04:00"), [[(1410, 1440)], [], []]),
        # Over midnight it stands on both days; over days, the whole ones are whole.
        (entry("2026-11-23T22:00+04:00", "2026-11-25T01:00+04:00"), [[(1320, 1440)], "all day", [(0, 60)]]),
        (entry("2026-11-23T22:00+04:00", "2026-11-24T00:00+04:00"), [[(1320, 1440)], [], []]),
        # What began before is shown from the first day on.
        (entry("2026-11-20T22:00+04:00", "2026-11-23T02:00+04:00"), [[(0, 120)], [], []]),
        (entry("2026-11-23T00:00+04:00", all_day=True), ["all day", [], []]),
    ],
)  # fmt: skip
def test_things_stand_on_the_readers_clock(one: Entry, shown: list[object]) -> None:
    assert boxes(one, MONDAY) == shown


def test_the_hour_that_is_leapt_over_or_comes_twice_costs_nothing() -> None:
    leapt = entry("2026-03-29T01:30+01:00", "2026-03-29T03:30+02:00")
    assert boxes(leapt, date(2026, 3, 29), BERLIN, 1) == [[(90, 210)]]
    twice = entry("2026-10-25T02:30+02:00", "2026-10-25T02:15+01:00")
    assert boxes(twice, date(2026, 10, 25), BERLIN, 1) == [[(150, 150 + SHORTEST_MIN)]]


SPANS = st.lists(
    st.tuples(st.integers(0, 1400), st.integers(30, 400)).map(
        lambda pair: (pair[0], min(pair[0] + pair[1], 1440))
    ),
    max_size=25,
)


@settings(max_examples=60)
@given(SPANS)
def test_what_overlaps_stands_side_by_side_in_as_few_lanes_as_will_do(
    spans: list[tuple[int, int]],
) -> None:
    one = entry("2026-11-23T09:00+04:00")
    placed = side_by_side(Box(one, *span) for span in spans)

    assert sorted((box.from_min, box.till_min) for box in placed) == sorted(spans)
    for box in placed:
        assert 0 <= box.lane < box.lanes
        at_once = [other for other in placed if other.from_min <= box.from_min < other.till_min]
        assert len({other.lane for other in at_once}) == len(at_once)
        assert {other.lanes for other in at_once} == {box.lanes}
    most = max((sum(a <= span[0] < b for a, b in spans) for span in spans), default=0)
    assert max((box.lanes for box in placed), default=0) == most


@settings(max_examples=40)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
    st.integers(1, 60 * 24 * 3),
    st.sampled_from(["Asia/Baku", "Europe/Berlin", "America/New_York", "Pacific/Apia"]),
)
def test_whatever_the_zone_each_part_of_a_thing_is_shown(
    start: datetime, minutes: int, name: str
) -> None:
    zone, at = ZoneInfo(name), start.replace(tzinfo=UTC)
    one = Entry(id=1, entity="x", user_id=1, start_at=at, end_at=at + timedelta(minutes=minutes))
    first = at.astimezone(zone).date()
    shown = days([one], first, first + timedelta(6), zone)
    on = [day for day, each in shown.items() if each.entries]
    last = (at + timedelta(minutes=minutes) - timedelta(microseconds=1)).astimezone(zone).date()
    assert on == [first + timedelta(n) for n in range((last - first).days + 1)]


def test_the_hours_in_which_nobody_works_are_the_readers() -> None:
    office = Worktime(Hours("Asia/Baku"), "AZ")
    assert off_hours(MONDAY, office, BAKU) == [(0, 540), (1080, 1440)]
    # In Berlin the same office works from six to three.
    assert off_hours(MONDAY, office, BERLIN) == [(0, 360), (900, 1440)]
    assert off_hours(date(2026, 11, 22), office, BAKU) == [(0, 1440)]
    # A holiday, and a night that reaches into the next day.
    assert off_hours(date(2027, 1, 1), office, BAKU) == [(0, 1440)]
    nights = Worktime(Hours("Asia/Baku", (((1320, 1800),),) * 7), "")
    assert off_hours(MONDAY, nights, BAKU) == [(360, 1320)]
