"""The supervisor's board: who waits, who talks, what every agent does."""

import re

import pytest

from tests.service.office import PretendOffice as Office
from tests.service.screen import Screen, Tab


async def test_the_board_counts_what_goes_on(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    boris = await office.agent("Boris", "1002")
    chief = await office.agent("Chief", role="supervisor")
    await office.contact("Zoë Müller", "+994 50 123 45 67")

    async with (
        office.browser(chief) as board,
        office.browser(anna) as screen,
        office.browser(boris) as other,
    ):
        await screen.ask("PUT", "/me/state", {"state": "ready"})
        await other.ask("PUT", "/me/state", {"state": "paused", "reason": "lunch"})
        await board.tab.ask("subscribe", topic="board")
        whole = await board.next("board")
        assert whole["whole"]
        assert figures(whole["parts"])["Waiting now"] == "0"

        call = await office.pbx.queue_call("0501234567", "support")
        waiting = await part(board.tab, "board-waiting", "Zoë Müller")
        assert "support" in waiting
        floor = await look(board)
        assert [each["customer"] for each in floor["waiting"]] == ["Zoë Müller"]
        assert states(floor) == {"Anna": "ringing", "Boris": "paused"}

        await call.answer("1001")
        await part(board.tab, "board-calls", "Anna")
        floor = await look(board)
        assert (floor["waiting"], [each["phase"] for each in floor["calls"]]) == ([], ["talking"])
        assert states(floor) == {"Anna": "talking", "Boris": "paused"}
        assert {each["name"]: each["with"] for each in floor["agents"]}["Anna"] == "Zoë Müller"

        await call.hangup()
        await part(board.tab, "board-agents", "Wrap-up")
        await office.stored_call()
        gave_up = await office.pbx.queue_call("0557654321", "sales")
        await gave_up.hangup()
        await office.stored_call()
        floor = await look(board)

    assert (floor["calls"], floor["waiting"]) == ([], [])
    assert states(floor) == {"Anna": "wrap-up", "Boris": "paused"}
    assert counts(floor) == {"support": (1, 1, 0), "sales": (1, 0, 1)}
    total = floor["total"]
    assert [total[name]["numerator"] for name in ("offered", "answered", "abandoned")] == [2, 1, 1]


async def test_a_board_opened_late_shows_the_same(office: Office) -> None:
    chief = await office.agent("Chief", role="supervisor")
    await office.agent("Anna", "1001")

    async with office.browser(chief) as early, early.another_tab() as late:
        await early.tab.ask("subscribe", topic="board")
        await early.next("board")
        call = await office.pbx.queue_call("0501234567", "support")
        await call.answer("1001")
        calls = await part(early.tab, "board-calls", "Talking")
        await late.ask("subscribe", topic="board")
        whole = await late.next("board")

    assert whole["whole"]
    assert without_clocks(whole["parts"]["board-calls"]) == without_clocks(calls)


@pytest.mark.parametrize("role", ["agent", "supervisor"])
async def test_figures_outlive_a_restart(office: Office, role: str) -> None:
    person = await office.agent("Chief", role=role)
    call = await office.pbx.queue_call("0501234567", "support")
    await call.hangup()
    await office.stored_call()
    await office.restart()

    async with office.browser(person) as screen:
        assert counts(await look(screen)) == {"support": (1, 0, 1)}


async def look(screen: Screen) -> dict:
    page = await screen.ask("GET", "/board")
    assert page.status == 200, page.text
    return page.json


async def part(tab: Tab, name: str, text: str) -> str:
    """Wait until a part of the board shows `text`; return it."""
    told = await tab.next("board", lambda told: text in told["parts"].get(name, ""))
    return told["parts"][name]


def states(floor: dict) -> dict[str, str]:
    return {agent["name"]: agent["state"] for agent in floor["agents"]}


def counts(floor: dict) -> dict[str, tuple[int, int, int]]:
    return {
        queue["queue"]: tuple(
            queue["figures"][name]["numerator"] for name in ("offered", "answered", "abandoned")
        )
        for queue in floor["queues"]
    }


def figures(parts: dict[str, str]) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", parts["board-figures"]))


def without_clocks(html: str) -> str:
    return re.sub(r"<time.*?</time>", "", html)
