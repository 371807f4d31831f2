"""What goes on while the service is away is told when it is back, and what was guessed is marked."""

import time

from tests.service.office import PretendOffice as Office
from tests.service.screen import Told


async def test_a_pop_that_was_up_is_up_again_and_the_same(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="0501234567", to="1001")
        rang = (await screen.next("pop"))["pop"]
        await office.restart()
        async with screen.another_tab(screen.tab.seq) as tab:
            picture = await tab.next("snapshot")
            await call.hangup()
            gone = await tab.next("pop.withdrawn")
        await office.stored_call()
        record = (await screen.ask("GET", f"/calls/{rang['call_id']}")).json

    assert [(pop["id"], pop["phase"]) for pop in picture["pops"]] == [(rang["id"], "ringing")]
    assert (gone["id"], gone["reason"]) == (rang["id"], "caller-gone")
    assert (record["result"], record["ended_by"]) == ("abandoned", "customer")
    assert record["inferred"] == [], "the ringing and the end of it were seen"


async def test_calls_that_end_and_begin_while_the_service_is_away_are_told(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    bela = await office.agent("Bela", "1002")

    async with office.browser(anna) as screen:
        ends = await office.pbx.call(from_="0501234567", to="1001")
        answered_at = time.time()
        await ends.answer()
        (bar,) = (await screen.next("calls", talking))["calls"]
        await office.close()
        stopped_at = time.time()
        await ends.hangup()
        begins = await office.pbx.call(from_="0557654321", to="1002")
        await begins.answer()
        await office.open()
        assert await office.stored_call() == bar["call_id"]
        ended = (await screen.ask("GET", f"/calls/{bar['call_id']}")).json
    async with office.browser(bela) as screen:
        (picture,) = await screen.has_been_told("snapshot")
        (seen,) = picture["calls"]
        await begins.hangup(by="agent")
        assert await office.stored_call() == seen["call_id"]
        began = (await screen.ask("GET", f"/calls/{seen['call_id']}")).json

    assert (ended["result"], ended["ended_by"]) == ("answered", None)
    assert ended["inferred"] == ["CallEnded", "LegEnded", "TalkEnded"]
    assert ended["talk_s"] <= stopped_at - answered_at
    assert (began["number"], began["owner"]["name"]) == ("+994557654321", "Bela")
    assert (began["result"], began["ended_by"]) == ("answered", "agent")
    assert {"CallBegan", "TalkBegan"} <= set(began["inferred"])
    assert [len(record["gaps"]) for record in (ended, began)] == [1, 1]


def talking(told: Told) -> bool:
    return [call["phase"] for call in told.get("calls", [])] == ["talking"]
