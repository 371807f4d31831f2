"""The service stops, or is killed, in the middle of calls, and comes back to the same office."""

import asyncio
import json
import os
import sys
from typing import Any

from tests.service.office import PASSWORD
from tests.service.office import PretendOffice as Office
from tests.service.screen import TEST_LIMIT_S, Tab, Told, signed_in
from tests.service.stretch import Stretch


async def test_a_restart_between_calls_is_forgotten_at_once(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", "+994 50 123 45 67")

    async with office.browser(anna) as screen:
        await office.restart()
        assert await screen.tab.closed() == 1012
        async with screen.another_tab(screen.tab.seq) as back:
            await back.next("snapshot")
            await office.pbx.call(from_="0501234567", to="1001")
            pop = (await back.next("pop"))["pop"]

    assert pop["candidates"][0]["contact_id"] == zoe


async def test_a_talk_through_a_restart_is_one_call_to_its_end(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", "+994 50 123 45 67")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="0501234567", to="1001")
        talk = Stretch()
        with talk.begins():
            await call.answer()
        (before,) = (await screen.next("calls", talking))["calls"]
        await office.restart()
        async with screen.another_tab() as tab:
            pop = await shown(tab, "talking")
            with talk.ends():
                await call.hangup()
            await tab.next("pop.withdrawn")
        await office.stored_call()
        record = (await screen.ask("GET", f"/calls/{before['call_id']}")).json
        calls = (await screen.ask("GET", "/calls")).json["calls"]

    assert pop["call_id"] == before["call_id"]
    assert [each["id"] for each in calls] == [before["call_id"]]
    assert (record["result"], record["owner"]["name"]) == ("answered", "Anna")
    assert record["contact"]["id"] == zoe
    assert record["talk_s"] in talk
    (gap,) = record["gaps"]
    assert gap["to_at"] is not None
    assert gap["reason"] == "the service did not run"


async def test_a_service_that_is_killed_comes_back_to_the_same_office(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", "+994 50 123 45 67")
    await office.close()
    settings = office.settings
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "callcenter", "serve", "--log-format", "json",
        env=os.environ | {"CALLCENTER_DATA": settings.data, "CALLCENTER_PORT": "0"},
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        address = await line_of(process, "the service is up", "address")
        await line_of(process, "PBX link up", "epoch")
        async with signed_in(address, anna.login, PASSWORD) as screen:
            call = await office.pbx.call(from_="0501234567", to="1001")
            await screen.next("pop")
            await call.answer()
            (bar,) = (await screen.next("calls", talking))["calls"]
            # What stands in the database is a moment behind.
            async with asyncio.timeout(TEST_LIMIT_S):
                while not (await screen.ask("GET", f"/calls/{bar['call_id']}")).json.get("owner"):
                    continue
            process.kill()
            await process.wait()
            await screen.tab.closed()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    await call.hangup()
    await office.open()

    async with office.browser(anna) as screen:
        record = (await screen.ask("GET", f"/calls/{bar['call_id']}")).json
        await office.pbx.call(from_="0501234567", to="1001")
        pop = (await screen.next("pop"))["pop"]

    assert (record["result"], record["owner"]["name"]) == ("answered", "Anna")
    assert record["inferred"] == ["CallEnded", "LegEnded", "TalkEnded"]
    assert pop["candidates"][0]["contact_id"] == zoe


async def line_of(process: asyncio.subprocess.Process, event: str, field: str) -> Any:
    """Wait for a line of the log; return one of its fields."""
    assert process.stderr is not None
    said = []
    async with asyncio.timeout(30):
        while line := await process.stderr.readline():
            said.append(line)
            told = json.loads(line) if line.startswith(b"{") else {}
            if told.get("event") == event:
                return told[field]
    raise AssertionError(b"".join(said).decode())


async def shown(tab: Tab, phase: str) -> Told:
    """Return the pop that the page shows in this phase, from its first picture or later."""
    if not tab.told:
        picture = await tab.next("snapshot")
        for pop in picture.get("pops", []):
            if pop["phase"] == phase:
                return pop
    told = await tab.next("pop", lambda told: told["pop"]["phase"] == phase)
    return told["pop"]


def talking(told: Told) -> bool:
    return [call["phase"] for call in told.get("calls", [])] == ["talking"]
