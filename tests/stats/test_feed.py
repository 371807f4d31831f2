"""The live board as it is told: to whom, and how much of it."""

import asyncio
from typing import Any

import pytest

from callcenter.live.hub import Browser, Hub
from callcenter.live.outbox import Outbox
from callcenter.live.protocol import Snapshot, StateView
from callcenter.server.identity import Identity
from callcenter.stats.feed import TOPIC, FloorFeed
from callcenter.stats.floor import Sources

TEST_LIMIT_S = 10

OFF = StateView(state="off", since=0.0)
EMPTY = Sources(
    calls=tuple, agents=tuple, person_at=lambda _pbx, _endpoint: None,
    customer_of=lambda _call: None, visits=tuple,
)  # fmt: skip


def feed() -> FloorFeed:
    return FloorFeed(EMPTY, lambda _template, _who, _context: "", clock=lambda: 0.0)


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


async def test_a_part_that_cannot_be_drawn_does_not_end_the_board():
    failed, drawn = asyncio.Event(), asyncio.Event()

    def render(_template: str, _who: Identity, _context: dict[str, Any]) -> str:
        if not failed.is_set():
            failed.set()
            raise LookupError("no such icon")
        drawn.set()
        return "<p>"

    board = FloorFeed(EMPTY, render, clock=lambda: 0.0)
    hub = Hub(lambda _who, seq: Snapshot(seq=seq, now=0.0, state=OFF), clock=lambda: 0.0)
    supervisor = somebody("all")
    browser = Browser(supervisor, Outbox(1 << 20, lambda: 0), lambda _code: None)
    hub.enter(browser, None)
    browser.topics[TOPIC] = board.variant(supervisor)
    telling = asyncio.create_task(board.run(hub))

    board.touch()
    async with asyncio.timeout(TEST_LIMIT_S):
        await failed.wait()
        board.touch()
        await drawn.wait()

    assert not telling.done()
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    hub.leave(browser)
    hub.close()
