"""The service ends in the middle of calls, and comes back."""

import asyncio
import json
import os
import sys
import time
from typing import Any

from tests.service.office import PASSWORD
from tests.service.office import PretendOffice as Office
from tests.service.screen import TEST_LIMIT_S, Told, signed_in


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


async def test_a_call_that_goes_on_through_a_restart_is_kept_as_far_as_it_was_seen(
    office: Office,
) -> None:
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", "+994 50 123 45 67")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="0501234567", to="1001")
        answered_at = time.time()
        await call.answer()
        (bar,) = (await screen.next("calls", talking))["calls"]
        stopped_at = time.time()
        await office.restart()
        await call.hangup()
        await office.written()
        record = (await screen.ask("GET", f"/calls/{bar['call_id']}")).json
        calls = (await screen.ask("GET", "/calls")).json["calls"]

    assert [each["id"] for each in calls] == [bar["call_id"]], "and not once more"
    assert (record["result"], record["owner"]["name"]) == ("answered", "Anna")
    assert record["contact"]["id"] == zoe
    assert record["inferred"] == ["CallEnded", "TalkEnded"]
    assert stopped_at - answered_at <= record["talk_s"] + 0.1
    (gap,) = record["gaps"]
    assert gap["to_at"] is not None


async def test_a_call_that_rings_through_a_restart_leaves_nothing_behind(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="0501234567", to="1001")
        rang = (await screen.next("pop"))["pop"]
        await office.restart()
        await call.hangup()
        async with screen.another_tab(screen.tab.seq) as tab:
            picture = await tab.next("snapshot")
            await office.pbx.call(from_="0501234567", to="1001")
            popped = (await tab.next("pop"))["pop"]
        record = (await screen.ask("GET", f"/calls/{rang['call_id']}")).json

    assert (picture.get("pops", []), picture.get("calls", [])) == ([], [])
    assert popped["call_id"] != rang["call_id"]
    assert (record["result"], record["inferred"]) == ("failed", ["CallEnded"])


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
    assert record["inferred"] == ["CallEnded", "TalkEnded"]
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


def talking(told: Told) -> bool:
    return [call["phase"] for call in told.get("calls", [])] == ["talking"]
