"""How often a thing may be tried."""

import pytest

from callcenter.errors import TooManyAttempts
from callcenter.server import limits
from callcenter.server.limits import Limit


def test_the_window_slides_and_says_how_long_to_wait():
    limit = Limit(2, window_s=60)
    limit.take("anna", 0)
    limit.take("anna", 30)

    with pytest.raises(TooManyAttempts) as refused:
        limit.take("anna", 45.5)

    assert refused.value.values == {"wait_s": 15}
    limit.take("anna", 60)


def test_a_refused_try_does_not_make_the_wait_longer():
    limit = Limit(1, window_s=60)
    limit.take("anna", 0)
    for at in range(1, 60):
        with pytest.raises(TooManyAttempts):
            limit.take("anna", at)

    limit.take("anna", 60)


def test_each_key_counts_for_itself():
    limit = Limit(1, window_s=60)
    limit.take("anna", 0)
    limit.take("boris", 0)


def test_a_try_that_was_no_failure_is_given_back():
    limit = Limit(1, window_s=60)
    for at in range(5):
        limit.take("anna", at)
        limit.give_back("anna")


def test_a_limit_of_nothing_refuses_everything():
    with pytest.raises(TooManyAttempts):
        Limit(0, window_s=60).take("anna", 0)


def test_a_million_strangers_leave_no_traces(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "SWEEP_ABOVE", 10)
    limit = Limit(1, window_s=60)
    for at in range(1000):
        limit.take(at, at * 10)

    assert len(limit._taken) <= 20
