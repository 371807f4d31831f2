"""What people are told: everything, in order, in all tabs, across lost lines."""

from functools import partial
from typing import Any

import pytest

from callcenter.live.hub import Limits
from callcenter.live.protocol import (
    Board,
    Calls,
    Dialled,
    Link,
    LinkView,
    Pop,
    PopRaised,
    PopWithdrawn,
    State,
    StateView,
)
from callcenter.server.identity import Identity
from tests.live.conftest import House, Page


def dialled(text: str) -> Dialled:
    return Dialled(seq=0, intent_id="i", status="placed", text=text)


def state(word: str) -> State:
    return State(seq=0, state=StateView(state=word, since=0))


def pop(pop_id: str, phase: Any) -> Pop:
    return Pop(id=pop_id, call_id=1, interaction_id=1, direction="inbound", phase=phase)


def talking(pop_id: str) -> PopRaised:
    return PopRaised(seq=0, pop=pop(pop_id, "talking"))


async def test_all_tabs_of_a_person_are_told_the_same_and_nobody_else(house: House):
    async with (
        house.page("anna") as one,
        house.page("anna") as two,
        house.page("boris") as other,
    ):
        for page in (one, two, other):
            await page.next("snapshot")
        house.hub.say(1, dialled("for Anna"))
        house.hub.say(2, dialled("for Boris"))

        assert (await one.next("dial"))["text"] == "for Anna"
        assert (await two.next("dial"))["text"] == "for Anna"
        assert (await other.next("dial"))["text"] == "for Boris"


STORY = [
    state("ringing"), Calls(seq=0), dialled("placed"), state("talking"), dialled("done"),
    Calls(seq=0), state("wrap-up"), state("ready"),
]  # fmt: skip


@pytest.mark.parametrize("cut", range(len(STORY) + 1))
async def test_losing_the_line_anywhere_loses_nothing(house: House, cut: int):
    async with house.page("anna") as page:
        told = [await page.next("snapshot")]
        for message in STORY[:cut]:
            house.hub.say(1, message)
            told.append(await page.next())
    await house.came(1, False)
    for message in STORY[cut:]:
        house.hub.say(1, message)
    async with house.page("anna", seq=told[-1]["seq"]) as page:
        house.hub.say(1, dialled("after"))
        while told[-1].get("text") != "after":
            told.append(await page.next())

    kinds = [(each["type"], each.get("text")) for each in told]
    assert ("snapshot", None) not in kinds[1:]
    assert [text for kind, text in kinds if kind == "dial"] == ["placed", "done", "after"]
    assert [each for each in told if each["type"] == "state"][-1]["state"]["state"] == "ready"
    seqs = [each["seq"] for each in told if "seq" in each]
    assert seqs == sorted(set(seqs))


async def test_of_what_changes_many_times_in_a_moment_the_last_is_told(house: House):
    async with house.page("anna") as page:
        await page.next("snapshot")
        for word in ("ringing", "talking", "wrap-up"):
            house.hub.say_soon(1, State, partial(state, word))
        house.hub.say_soon(1, Calls, lambda: Calls(seq=0))
        house.hub.say_soon(1, Link, lambda: None)
        house.hub.say(1, dialled("at once"))

        assert (await page.next())["text"] == "at once"
        assert (await page.next())["state"]["state"] == "wrap-up"
        assert (await page.next())["type"] == "calls"


async def test_a_pop_that_is_taken_away_does_not_come_back_by_a_change_that_waited(house: House):
    async with house.page("anna") as page:
        await page.next("snapshot")
        house.hub.say(1, PopRaised(seq=0, pop=pop("1-1-0", "ringing")))
        for pop_id in ("1-1-0", "2-1-0"):
            house.hub.say_soon(1, pop_id, partial(talking, pop_id))
        house.hub.say(1, PopWithdrawn(seq=0, id="1-1-0", reason="ended"))

        told = [await page.next() for _ in range(3)]
        assert [(each["type"], each.get("id") or each["pop"]["id"]) for each in told] == [
            ("pop", "1-1-0"), ("pop.withdrawn", "1-1-0"), ("pop", "2-1-0"),
        ]  # fmt: skip


@pytest.mark.parametrize("limits", [Limits(history_messages=3, leave_after_s=0.01)])
async def test_a_page_that_was_away_too_long_gets_a_new_picture(house: House):
    async with house.page("anna") as page:
        seq = (await page.next("snapshot"))["seq"]
    await house.came(1, False)
    for number in range(4):
        house.hub.say(1, dialled(str(number)))

    async with house.page("anna", seq=seq) as page:
        assert (await page.next("snapshot"))["seq"] == seq + 4
    async with house.page("anna", seq=seq + 1) as page:
        assert [(await page.next("dial"))["text"] for _ in range(3)] == ["1", "2", "3"]


async def test_a_number_from_before_a_restart_is_never_taken_for_one_of_ours(house: House):
    async with house.page("anna") as page:
        seq = (await page.next("snapshot"))["seq"]
    for unknown in (seq - 1, seq + 1, 0, -5):
        async with house.page("anna", seq=unknown) as page:
            assert (await page.next("snapshot"))["seq"] == seq


@pytest.mark.parametrize("limits", [Limits(history_s=0, leave_after_s=0.01)])
async def test_what_was_said_to_someone_long_gone_is_not_kept(house: House):
    async with house.page("anna") as page:
        seq = (await page.next("snapshot"))["seq"]
    await house.came(1, False)
    house.hub.say(1, dialled("into the void"))

    async with house.page("anna", seq=seq) as page:
        assert (await page.next("snapshot"))["seq"] > seq


async def test_a_page_that_comes_back_learns_which_links_stand(house: House):
    house.links = (LinkView(pbx=5, name="main", up=False, since=1),)
    async with house.page("anna") as page:
        seq = (await page.next("snapshot"))["seq"]
    house.hub.say_to_all(Link(link=LinkView(pbx=5, name="main", up=True, since=2)))
    house.links = (LinkView(pbx=5, name="main", up=True, since=2),)

    async with house.page("anna", seq=seq) as page:
        assert (await page.next("link"))["link"]["up"] is True


async def test_a_reload_is_not_leaving(house: House):
    async with house.page("anna") as page:
        await page.next("snapshot")
        assert house.hub.here() == {1}
        async with house.page("anna") as reloaded:
            await reloaded.next("snapshot")
    await house.came(1, False)

    assert house.comings.empty()
    assert house.hub.here() == set()


@pytest.mark.parametrize("limits", [Limits(leave_after_s=60)])
async def test_somebody_who_comes_back_within_the_pause_never_left(house: House):
    async with house.page("anna") as page:
        await page.next("snapshot")
    async with house.page("anna") as page:
        await page.next("snapshot")
        assert house.comings.get_nowait() == (1, True)
        assert house.comings.empty()


class Floor:
    """A feed of two languages."""

    def __init__(self) -> None:
        self.version = 0

    def variant(self, who: Identity) -> Any:
        return who.locale if who.name != "boris" else None

    def whole(self, who: Identity) -> Board:
        return Board(version=self.version, parts={"waiting": f"{who.locale} whole"}, whole=True)


@pytest.fixture
def feeds() -> dict[str, Any]:
    return {"board": Floor()}


async def subscribed(page: Page) -> dict[str, Any]:
    await page.ask("subscribe", topic="board")
    return await page.next("board")


async def test_a_board_is_told_to_those_who_subscribed_each_in_their_language(house: House):
    house.sign_in("olga", 3, locale="ru")
    async with house.page("anna") as az, house.page("olga") as ru, house.page("anna") as other:
        await other.next("snapshot")
        assert (await subscribed(az))["parts"] == {"waiting": "az whole"}
        assert (await subscribed(ru))["parts"] == {"waiting": "ru whole"}
        assert {who.name for who in house.hub.audience("board").values()} == {"anna", "olga"}

        for language in ("az", "ru"):
            house.hub.spread("board", language, Board(version=1, parts={"waiting": language}))
        assert (await az.next("board"))["parts"] == {"waiting": "az"}
        assert (await ru.next("board"))["parts"] == {"waiting": "ru"}

        await az.ask("unsubscribe", topic="board")
        await az.next("result")
        assert list(house.hub.audience("board")) == ["ru"]
        house.hub.say(1, dialled("last"))
        assert (await other.next())["text"] == "last"


async def test_a_board_one_may_not_see_is_refused(house: House):
    async with house.page("boris") as page:
        await page.next("snapshot")
        await page.ask("subscribe", topic="board")

        refusal = await page.next()
        assert (refusal["ok"], refusal["error"]) == (False, {"code": "not-allowed"})
        assert house.hub.audience("board") == {}


async def test_whoever_has_not_read_the_last_board_gets_all_of_it_instead(house: House):
    async with house.page("anna") as page:
        await subscribed(page)
        await page.next("result")
        # Both are said before the writer has had a turn: the page is behind.
        house.hub.spread("board", "az", Board(version=1, parts={"waiting": "1"}))
        house.hub.spread("board", "az", Board(version=2, parts={"agents": "2"}))
        house.hub._feeds["board"].version = 2

        caught_up = await page.next("board")
        assert caught_up == {
            "type": "board", "version": 2, "parts": {"waiting": "az whole"}, "whole": True
        }  # fmt: skip
