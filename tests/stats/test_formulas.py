"""The figures, by tables of cases and by what must always hold."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.stats.formulas import QueueFigures, Visit, Visits, queue_figures

NOW = 1000.0


def visit(wait_s: float, ended: str | None) -> Visit:
    joined_at = NOW - 500 if ended else NOW - wait_s
    return Visit(
        queue="support",
        joined_at=joined_at,
        left_at=joined_at + wait_s if ended else None,
        ended=ended,
    )


def figures_of(visits: Iterable[Visit]) -> QueueFigures:
    together = Visits()
    for each in visits:
        together.add(each)
    return queue_figures(together, NOW)


@pytest.mark.parametrize(
    ("visits", "in_time", "counted"),
    [
        ([], 0, 0),  # no call, no data
        ([visit(20, "answered")], 1, 1),  # the threshold itself is in time
        ([visit(21, "answered")], 0, 1),  # a second later is not
        ([visit(4, "abandoned")], 0, 0),  # a short abandon is left out
        ([visit(5, "abandoned")], 0, 1),  # anyone who waited that long was lost
        ([visit(30, "timeout")], 0, 0),  # flowed out: not answered here, not lost
        ([visit(10, None)], 0, 0),  # still waiting, still in time
        ([visit(21, None)], 0, 1),  # still waiting, a miss already
    ],
)
def test_the_service_level_counts_calls_answered_in_time(visits, in_time, counted):
    figure = figures_of(visits).service_level

    assert (figure.numerator, figure.denominator) == (in_time, counted)


def test_an_empty_queue_has_no_service_level_rather_than_a_perfect_one():
    assert figures_of([]).service_level.value is None


def test_the_average_speed_of_answer_is_over_answered_calls_only():
    figures = figures_of([visit(4, "answered"), visit(8, "answered"), visit(60, "abandoned")])

    assert figures.average_speed_of_answer_s.value == 6


def test_the_longest_wait_is_of_those_who_wait_now():
    figures = figures_of([visit(90, "answered"), visit(12, None), visit(7, None)])

    assert figures.longest_wait_s.value == 12


ENDS = st.sampled_from([None, "answered", "abandoned", "timeout", "key", "empty", "transferred"])


@given(st.lists(st.builds(visit, st.floats(0, 400), ENDS)))
def test_every_offered_call_is_answered_abandoned_flowed_out_or_waiting(visits):
    figures = figures_of(visits)

    assert figures.offered.value == sum(
        figure.numerator
        for figure in (figures.answered, figures.abandoned, figures.flowed_out, figures.waiting)
    )
    level = figures.service_level.value
    assert level is None or 0 <= level <= 1


@given(st.lists(st.builds(visit, st.integers(0, 400), ENDS)), st.integers(0, 20))
def test_figures_of_parts_add_up_to_those_of_the_whole(visits, place):
    parts = [Visits(), Visits()]
    for each in visits[:place]:
        parts[0].add(each)
    for each in visits[place:]:
        parts[1].add(each)

    assert queue_figures(sum(parts, Visits()), NOW) == figures_of(visits)
