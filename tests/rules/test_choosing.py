"""Who of several gets what comes in."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callcenter.rules.choosing import Candidate, choose, presence_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANYBODY = ("free", "busy", "away")


def one(user_id: int, presence: str = "free", load: int = 0, ago: int | None = None) -> Candidate:
    return Candidate(user_id, presence, load, None if ago is None else NOW - timedelta(minutes=ago))  # type: ignore[arg-type]


def chosen(*people: Candidate, how: str = "turn", may: tuple[str, ...] = ("free", "busy")) -> int:
    found = choose(people, how, may)  # type: ignore[arg-type]
    return found.user_id if found else 0


def test_in_turn_it_goes_to_whom_something_was_given_longest_ago() -> None:
    assert chosen(one(1, ago=5), one(2, ago=50), one(3, ago=20)) == 2
    assert chosen(one(1, ago=5), one(2)) == 2


def test_by_load_it_goes_to_who_has_least_to_do() -> None:
    assert chosen(one(1, load=3), one(2, load=1, ago=1), one(3, load=1, ago=9), how="load") == 3


def test_who_is_free_comes_before_who_is_on_a_call_or_paused() -> None:
    assert chosen(one(1, "busy"), one(2, ago=1)) == 2
    assert chosen(one(1, "busy", ago=9), one(2, "busy", ago=1)) == 1


def test_who_is_away_gets_nothing_unless_it_may_wait_for_him() -> None:
    assert chosen(one(1, "away")) == 0
    assert chosen(one(1, "away"), may=ANYBODY) == 1
    assert chosen(one(1, "busy"), may=("free",)) == 0


def test_an_agents_state_says_whether_he_is_there() -> None:
    told = {state: presence_of(state) for state in (
        "ready", "paused", "ringing", "talking", "hold", "wrap-up", "not-responding", "off",
    )}  # fmt: skip
    assert [state for state, what in told.items() if what == "free"] == ["ready"]
    assert [state for state, what in told.items() if what == "away"] == ["not-responding", "off"]


people = st.lists(
    st.builds(
        one, st.integers(1, 9), st.sampled_from(ANYBODY), st.integers(0, 5),
        st.none() | st.integers(0, 99),
    ),
    max_size=6, unique_by=lambda person: person.user_id,
)  # fmt: skip


@given(people, st.sampled_from(("turn", "load")), st.sets(st.sampled_from(ANYBODY)))
def test_somebody_gets_it_whenever_anybody_may(
    everybody: list[Candidate], how: str, may: set[str]
) -> None:
    found = choose(everybody, how, may)  # type: ignore[arg-type]

    there = [person for person in everybody if person.presence in may]
    assert (found is None) == (not there)
    if found is not None:
        assert found in there
        assert found.presence == "free" or not any(one.presence == "free" for one in there)


@given(st.integers(1, 6), st.integers(1, 30))
def test_in_turn_everybody_gets_the_same(count: int, rounds: int) -> None:
    given_at: dict[int, int] = {}
    got = dict.fromkeys(range(1, count + 1), 0)
    for moment in range(rounds):
        everybody = [
            one(person, ago=1000 - given_at[person] if person in given_at else None)
            for person in got
        ]
        lucky = chosen(*everybody)
        given_at[lucky], got[lucky] = moment, got[lucky] + 1
    assert max(got.values()) - min(got.values()) <= 1
