"""What stands in the customer's timeline when the call is over."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from callcenter.migrations import migrate
from callcenter.settings import Settings
from callcenter.simulator import Simulator
from tests.fixtures.database import copied_sqlite
from tests.fixtures.postgres import PostgresServer
from tests.fixtures.wire import Wire
from tests.service.office import PretendOffice as Office
from tests.service.screen import Screen
from tests.service.stretch import Stretch

#: So long people wait and talk here, to tell a figure from zero.
A_MOMENT_S = 0.3


@pytest.fixture(params=["sqlite", "postgresql"])
async def office(
    request: pytest.FixtureRequest,
    settings: Settings,
    sim: Simulator,
    tmp_path: Path,
    sqlite_template: Path,
) -> AsyncIterator[Office]:
    """An office at work, once on each engine."""
    async with Wire(sim.host, sim.port) as wire:
        if request.param == "sqlite":
            await copied_sqlite(sqlite_template, tmp_path)
            async with Office(settings, sim, wire) as at_work:
                yield at_work
            return
        server: PostgresServer = request.getfixturevalue("postgres")
        async with server.database(migrate) as url:
            on_server = msgspec.structs.replace(settings, database_url=url)
            async with Office(on_server, sim, wire) as at_work:
                yield at_work


async def test_an_answered_call_stands_in_the_timeline(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", "+994 50 123 45 67")

    async with office.browser(anna) as screen:
        ringing, talking = Stretch(), Stretch()
        with ringing.begins():
            call = await office.pbx.call(from_="0501234567", to="1001")
        await asyncio.sleep(A_MOMENT_S)
        with ringing.ends(), talking.begins():
            await call.answer()
        await asyncio.sleep(A_MOMENT_S)
        with talking.ends():
            await call.hangup()
        call_id = await office.stored_call()
        (line, *_) = await timeline(screen, zoe)
        record = (await screen.ask("GET", f"/calls/{call_id}")).json

    assert line.title == "Incoming call"
    assert "Anna" in line.facts
    assert (record["direction"], record["result"]) == ("inbound", "answered")
    assert record["contact"] == {"id": zoe, "name": "Zoë Müller"}
    assert record["owner"]["name"] == "Anna"
    assert record["wait_s"] in ringing
    assert record["talk_s"] in talking
    assert (record["ended_by"], record["inferred"]) == ("customer", [])


async def test_a_call_through_a_queue_says_which_and_how_long(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", "+994 50 123 45 67")

    async with office.browser(anna) as screen:
        waiting = Stretch()
        with waiting.begins():
            call = await office.pbx.queue_call("0501234567", "support")
        await asyncio.sleep(A_MOMENT_S)
        with waiting.ends():
            await call.answer()
        await call.hangup(by="agent")
        call_id = await office.stored_call()
        (line, *_) = await timeline(screen, zoe)
        record = (await screen.ask("GET", f"/calls/{call_id}")).json

    assert "support → Anna" in line.told
    (visit,) = record["visits"]
    assert (visit["queue"], visit["ended"]) == ("support", "answered")
    assert record["wait_s"] in waiting
    assert record["ended_by"] == "agent"


async def test_a_missed_call_stands_there_as_missed(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", "+994 50 123 45 67")

    async with office.browser(anna) as screen:
        call = await office.pbx.queue_call("0501234567", "support")
        await call.hangup(by="customer")
        call_id = await office.stored_call()
        (line, *_) = await timeline(screen, zoe)
        record = (await screen.ask("GET", f"/calls/{call_id}")).json

    assert (line.title, "Caller hung up" in line.facts) == ("Missed call", True)
    assert (record["result"], record["owner"]) == ("abandoned", None)


async def test_the_note_typed_in_the_pop_stands_in_the_timeline(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", "+994 50 123 45 67")

    async with office.browser(anna) as screen, screen.another_tab() as tab:
        call = await office.pbx.call(from_="0501234567", to="1001")
        pop = (await screen.next("pop"))["pop"]
        await call.answer()
        await office.written()
        saved = await screen.ask(
            "PATCH",
            f"/interactions/{pop['interaction_id']}",
            {"body": "Wants an <offer>"},
            If_Match='"1"',
        )
        assert saved.status == 200, saved.text
        noted = await tab.next("pop", lambda told: told["pop"].get("note"))
        await call.hangup()
        await office.stored_call()
        (line, *_) = await timeline(screen, zoe)

    assert noted["pop"]["note"] == "Wants an <offer>"
    assert line.note == "Wants an <offer>"


async def test_a_withheld_call_is_kept_and_belongs_to_nobody(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    await office.contact("Zoë Müller", "+994 50 123 45 67")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_=None, to="1001")
        await call.answer()
        await call.hangup()
        call_id = await office.stored_call()
        record = (await screen.ask("GET", f"/calls/{call_id}")).json
        shown = await screen.open(f"/calls/{call_id}")

    assert (record["withheld"], record["number"], record["contact"]) == (True, None, None)
    assert record["result"] == "answered"
    assert "Withheld number" in shown.text
    page = shown.text.partition("<main")[2].partition("</main>")[0]
    assert "data-dial=" not in page


async def test_a_number_with_letters_is_kept_as_it_came(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="sip-guest+x'; DROP", to="1001")
        pop = (await screen.next("pop"))["pop"]
        await call.answer()
        await call.hangup()
        call_id = await office.stored_call()
        record = (await screen.ask("GET", f"/calls/{call_id}")).json
        shown = await screen.open(f"/calls/{call_id}")

    assert (pop["match"], pop["number"]) == ("none", "sip-guest+x'; DROP")
    assert (record["number"], record["contact"]) == ("sip-guest+x'; DROP", None)
    assert shown.status == 200


@dataclass(frozen=True)
class Line:
    """A line of a timeline as it is shown."""

    title: str
    facts: list[str]
    note: str | None
    #: All that stands in the line of facts, the call's way too.
    told: str


async def timeline(screen: Screen, contact_id: int) -> list[Line]:
    page = await screen.open(f"/contacts/{contact_id}")
    assert page.status == 200, page.text
    return [_line(part) for part in page.text.split('<li class="event">')[1:]]


def _line(part: str) -> Line:
    title = re.search(r'event__title">(.*?)</span>', part, re.DOTALL)
    facts = re.search(r'event__facts">(.*?)</span>\s*</div>', part, re.DOTALL)
    note = re.search(r'event__note">(.*?)</p>', part, re.DOTALL)
    assert title
    assert facts
    spans = re.findall(r"<span>(.*?)</span>", f"{facts[1]}</span>", re.DOTALL)
    return Line(
        _text(title[1]), [_text(span) for span in spans], _text(note[1]) if note else None,
        _text(facts[1]),
    )  # fmt: skip


def _text(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup)).strip()
