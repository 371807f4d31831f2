"""How long rows stand in stages."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callcenter.process import times
from callcenter.process.times import Entry

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    return BEGAN + timedelta(hours=hours)


def test_a_row_that_comes_back_adds_to_the_time_it_stood_there() -> None:
    course = [Entry(1, at(0)), Entry(2, at(3)), Entry(1, at(4))]

    assert times.in_stages(course, at(10)) == {1: timedelta(hours=9), 2: timedelta(hours=1)}


def test_no_time_passes_for_what_has_ended() -> None:
    course = [Entry(1, at(0)), Entry(9, at(2), is_end=True), Entry(1, at(50))]

    assert times.in_stages(course, at(51)) == {1: timedelta(hours=3)}
    assert [stay.to_at for stay in times.stays(course)] == [at(2), None]


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(0, 500), st.booleans()), min_size=1, max_size=8
    )
)
def test_times_in_stages_add_up(moves: list[tuple[int, int, bool]]) -> None:
    passed = 0
    course = []
    for stage, hours, is_end in moves:
        passed += hours
        course.append(Entry(stage, at(passed), is_end))
    now = at(passed + 7)

    ended = sum(
        ((course[place + 1].at if place + 1 < len(course) else now) - entry.at
         for place, entry in enumerate(course) if entry.is_end),
        timedelta(),
    )  # fmt: skip
    whole = now - course[0].at
    assert sum(times.in_stages(course, now).values(), timedelta()) == whole - ended
