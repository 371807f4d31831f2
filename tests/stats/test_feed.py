"""The live board as it is told: to whom, and how much of it."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from callcenter.live.hub import Browser, Hub
from callcenter.live.outbox import Outbox
from callcenter.live.protocol import Snapshot, StateView
from callcenter.server.identity import Identity
from callcenter.stats.feed import PARTS, PERIOD_S, TOPIC, FloorFeed
from callcenter.stats.floor import Sources

TEST_LIMIT_S = 30

OFF = StateView(state="off", since=0.0)
EMPTY = Sources(
    calls=tuple, agents=tuple, person_at=lambda _pbx, _endpoint: None,
    customer_of=lambda _call: None, number_of=lambda _pbx, raw: raw, queues=dict,
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


class Wall:
    """A board whose parts say what the test wrote on them, and pages that show it."""

    def __init__(self) -> None:
        self.text = dict.fromkeys(PARTS, "nothing")
        self.feed = FloorFeed(EMPTY, self._render, clock=lambda: 0.0)
        self.hub = Hub(
            lambda _who, seq: Snapshot(seq=seq, now=0.0, state=OFF),
            clock=lambda: 0.0,
            feeds={TOPIC: self.feed},
        )
        self.drawn: list[str] = []
        self.pages: list[Browser] = []

    def _render(self, template: str, who: Identity, _context: dict[str, Any]) -> str:
        part = template.removeprefix("stats/board_").removesuffix(".html")
        self.drawn.append(part)
        return f"{self.text[part]} for {who.name}"

    async def page(self, who: Identity) -> Browser:
        page = Browser(who, Outbox(1 << 20, lambda: 0), lambda _code: None)
        self.hub.enter(page, None)
        await page.outbox.take()
        assert self.hub.subscribe(page, TOPIC)
        self.pages.append(page)
        return page

    def write(self, part: str, text: str) -> None:
        self.text[part] = text
        self.feed.touch()


async def board(page: Browser) -> dict[str, Any]:
    async with asyncio.timeout(TEST_LIMIT_S):
        told: dict[str, Any] = msgspec.json.decode(await page.outbox.take())
    assert told["type"] == "board"
    return told


@pytest.fixture
async def wall() -> AsyncIterator[Wall]:
    wall = Wall()
    telling = asyncio.create_task(wall.feed.run(wall.hub))
    yield wall
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    for page in wall.pages:
        wall.hub.leave(page)
    wall.hub.close()


async def test_a_newcomer_gets_all_of_it_and_then_only_what_changes(wall: Wall):
    page = await wall.page(somebody("all"))
    first = await board(page)
    wall.write("calls", "one call")
    second = await board(page)
    wall.write("agents", "one agent")
    third = await board(page)

    assert first["whole"]
    assert first["parts"] == {f"board-{part}": "nothing for Anna" for part in PARTS}
    assert second["parts"] == {"board-calls": "one call for Anna"}
    assert third["parts"] == {"board-agents": "one agent for Anna"}
    versions = [told["version"] for told in (first, second, third)]
    assert versions == [versions[0], versions[0] + 1, versions[0] + 2]


async def test_who_comes_later_goes_on_with_the_same_change(wall: Wall):
    early = await wall.page(somebody("all"))
    await board(early)
    wall.write("calls", "one call")
    await board(early)
    late = await wall.page(somebody("all"))
    whole = await board(late)
    wall.write("calls", "two calls")
    change = await board(late)

    assert whole["parts"]["board-calls"] == "one call for Anna"
    assert change == await board(early)
    assert change["version"] == whole["version"] + 1


async def test_what_changes_faster_than_pages_are_told_is_told_as_it_is_then(wall: Wall):
    page = await wall.page(somebody("all"))
    await board(page)
    clock = asyncio.get_running_loop().time

    told_at = []
    for number in range(3):
        for step in range(5):
            wall.write("calls", f"{number}.{step}")
        change = await board(page)
        told_at.append(clock())
        assert change["parts"] == {"board-calls": f"{number}.4 for Anna"}

    assert all(late - early >= PERIOD_S * 0.9 for early, late in pairwise(told_at))


async def test_a_page_that_reads_too_slowly_gets_all_of_it_once_it_reads(wall: Wall):
    slow, quick = await wall.page(somebody("all")), await wall.page(somebody("all"))
    await board(quick)
    for text in ("one call", "two calls"):
        wall.write("calls", text)
        change = await board(quick)

    whole = await board(slow)

    assert whole["whole"]
    assert whole["parts"]["board-calls"] == "two calls for Anna"
    assert whole["version"] == change["version"]


async def test_what_all_see_alike_is_drawn_once(wall: Wall):
    pages = [await wall.page(somebody("all")) for _ in range(3)]
    other_team = await wall.page(somebody("team", team_id=8))
    for page in (*pages, other_team):
        await board(page)
    wall.drawn.clear()
    wall.write("calls", "one call")
    for page in (*pages, other_team):
        assert (await board(page))["parts"] == {"board-calls": "one call for Anna"}

    assert wall.drawn.count("calls") == 2


async def test_nothing_is_drawn_for_nobody(wall: Wall):
    page = await wall.page(somebody("all"))
    await board(page)
    del page.topics[TOPIC]
    watched = await wall.page(somebody("team"))
    await board(watched)
    wall.drawn.clear()
    wall.write("calls", "one call")
    await board(watched)

    assert wall.drawn.count("calls") == 1
    assert not page.outbox.waits(TOPIC)
