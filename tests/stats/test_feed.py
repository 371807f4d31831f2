"""The live board as it is told: to whom, and how much of it."""

import pytest

from callcenter.server.identity import Identity
from callcenter.stats.feed import FloorFeed
from callcenter.stats.floor import Sources


def feed() -> FloorFeed:
    empty = Sources(
        calls=tuple, agents=tuple, person_at=lambda _pbx, _endpoint: None,
        customer_of=lambda _call: None, visits=tuple,
    )  # fmt: skip
    return FloorFeed(empty, lambda _template, _who, _context: "", clock=lambda: 0.0)


def somebody(level: str, *, team_id: int | None = 7, scopes: frozenset[str] | None = None):
    return Identity(
        user_id=1, name="Anna", login="anna", role_key="agent", team_id=team_id,
        grants={"board": {"read": level}}, via="session" if scopes is None else "token",
        scopes=scopes or frozenset(),
    )  # fmt: skip


@pytest.mark.parametrize(
    "who",
    [
        somebody("none"),
        somebody("all", scopes=frozenset({"live:read"})),  # a token for one's own pops only
    ],
)
def test_whoever_may_not_read_the_board_is_told_nothing_of_it(who: Identity):
    assert feed().variant(who) is None


def test_people_of_one_team_are_told_the_same_and_another_team_something_else():
    told = feed().variant(somebody("team"))

    assert told == feed().variant(somebody("team"))
    assert told != feed().variant(somebody("team", team_id=8))
    assert told != feed().variant(somebody("all"))
