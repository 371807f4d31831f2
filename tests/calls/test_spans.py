"""Stretches of time, joined and subtracted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.calls.spans import Spans, seconds, union, without

moments = st.integers(0, 60)
spans = st.lists(st.tuples(moments, moments).map(lambda pair: (min(pair), max(pair))), max_size=8)


def _minutes(pieces) -> set[int]:
    return {moment for begin, end in pieces for moment in range(begin, end)}


@given(spans)
def test_time_counts_once_however_often_it_is_told(pieces):
    assert seconds(pieces) == len(_minutes(pieces))
    assert union(pieces) == sorted(union(pieces))


@given(spans, spans)
def test_what_is_removed_is_gone_and_nothing_else(pieces, removed):
    assert _minutes(without(pieces, removed)) == _minutes(pieces) - _minutes(removed)


def test_a_stretch_that_goes_on_counts_up_to_the_moment_asked_about():
    talk = Spans()
    talk.begin(10)
    talk.end(15)
    talk.begin(20)

    assert seconds(talk.until(None)) == 5
    assert seconds(talk.until(26)) == 11
    assert (talk.first_began(), talk.last_began(), talk.since) == (10, 20, 20)


@pytest.mark.parametrize("end", [10, 9])
def test_an_end_before_the_beginning_is_no_time_at_all(end):
    talk = Spans()
    talk.begin(10)
    talk.end(end)

    assert seconds(talk.until(None)) == 0
