"""The link is lost and calls go on: afterwards every one of them stands as it really was."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy import func, select

from callcenter.ami.framing import Framer
from callcenter.ami.messages import parse
from callcenter.calls.models import CallAlias, CallLeg, CallRow, Gap, QueueVisit
from callcenter.events import GapRepaired
from callcenter.interactions.models import Interaction
from callcenter.settings import Settings
from callcenter.simulator import Simulator
from tests.fixtures.cel import CelWriter
from tests.fixtures.cel_table import fill
from tests.fixtures.database import copied_sqlite
from tests.fixtures.wire import Wire
from tests.service.office import PretendOffice as Office
from tests.service.screen import TEST_LIMIT_S
from tests.service.stretch import ROUNDED_S

ZOE = "0501234567"


class Cel:
    """The file in which the pretend PBX keeps its own account of the calls."""

    def __init__(self, sim: Simulator, file: Path) -> None:
        self._sim = sim
        self._file = file
        self._grown = asyncio.Event()

    @property
    def lines(self) -> list[str]:
        return self._file.read_text("utf-8").splitlines(keepends=True)

    async def __aenter__(self) -> Self:
        self._file.touch()
        self._in, self._out = await asyncio.open_connection(self._sim.host, self._sim.port)
        user = self._sim.settings.users[0]
        login = f"Action: Login\r\nUsername: {user.name}\r\nSecret: {user.secret}\r\n\r\n"
        self._out.write(login.encode())
        self._task = asyncio.create_task(self._write_for_ever())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._task.cancel()
        self._out.close()
        await self._out.wait_closed()

    async def tells_the_end_of(self, uniqueid: str) -> None:
        """Wait until the end of that channel is written."""
        async with asyncio.timeout(TEST_LIMIT_S):
            while not any('"HANGUP"' in line and f'"{uniqueid}"' in line for line in self.lines):
                self._grown.clear()
                await self._grown.wait()

    async def _write_for_ever(self) -> None:
        framer, writer = Framer(), CelWriter()
        while data := await self._in.read(65_536):
            messages = [parse(block) for block in framer.feed(data)]
            with self._file.open("a", encoding="utf-8") as file:
                for message in messages:
                    if message.at is not None:
                        file.writelines(writer.feed(message, message.at))
            self._grown.set()


@pytest.fixture
async def cel(sim: Simulator, tmp_path: Path) -> AsyncIterator[Cel]:
    async with Cel(sim, tmp_path / "Master.csv") as account:
        yield account


@pytest.fixture
def source(tmp_path: Path) -> str:
    return f"csv:{tmp_path}/Master.csv"


@pytest.fixture
async def office(
    settings: Settings,
    sim: Simulator,
    tmp_path: Path,
    sqlite_template: Path,
    source: str,
    cel: Cel,
) -> AsyncIterator[Office]:
    await copied_sqlite(sqlite_template, tmp_path)
    async with Wire(sim.host, sim.port) as wire, Office(settings, sim, wire, source) as at_work:
        yield at_work


async def lose_the_line(office: Office) -> None:
    office.wire.take_down()
    await office.unlinked()


async def find_it_again(office: Office) -> GapRepaired:
    office.wire.put_up()
    await office.linked()
    return await office.repaired()


async def rows(
    office: Office, number: str = ZOE
) -> tuple[CallRow, list[CallLeg], list[QueueVisit]]:
    """Return the one call of a customer, which is the one interaction with them."""
    async with office.house.database.read() as session:
        (call,) = await session.scalars(select(CallRow).where(CallRow.customer_number == number))
        legs = await session.scalars(
            select(CallLeg).where(CallLeg.call_id == call.id).order_by(CallLeg.seq)
        )
        visits = await session.scalars(select(QueueVisit).where(QueueVisit.call_id == call.id))
        assert await session.get(Interaction, call.interaction_id) is not None
        return call, list(legs), list(visits)


async def count(office: Office, table: type) -> int:
    async with office.house.database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_call_that_began_and_ended_in_a_gap_is_added_whole(office: Office, cel: Cel):
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", "+994 50 123 45 67")
    await lose_the_line(office)
    call = await office.pbx.queue_call(from_=ZOE, queue="support")
    await call.answer("1001")
    await call.hangup("agent")
    await cel.tells_the_end_of(call.caller.uniqueid)

    repaired = await find_it_again(office)
    await office.house.linker.drain()

    row, (_caller, leg), (visit,) = await rows(office)
    assert (repaired.state, repaired.calls, repaired.mended) == ("done", 1, 0)
    async with office.house.database.read() as session:
        (gap,) = await session.scalars(select(Gap))
    assert (gap.recovered["unknown"], gap.recovered["queue_calls"]) == ({}, {"support": 1})
    assert (row.direction, row.result, row.ended_by) == ("inbound", "answered", "agent")
    assert (row.owner_id, leg.user_id, leg.result) == (anna.id, anna.id, "answered")
    assert (visit.queue, visit.ended) == ("support", "answered")
    async with office.browser(anna) as screen:
        # It is on the customer's card, and raised no pop.
        card = await screen.open(f"/contacts/{zoe}")
        assert "Incoming call" in card.text
        assert await screen.has_been_told("pop") == []
    assert office.house.keeper.view(anna.id) is None or not office.house.board.kept()


async def test_a_call_that_ended_in_a_gap_gets_its_right_end(office: Office, cel: Cel):
    anna = await office.agent("Anna", "1001")
    call = await office.pbx.call(from_=ZOE, to="1001")
    await office.talks(call)
    await lose_the_line(office)
    await call.hold("agent")
    other = await office.pbx.call(from_="0507654321", to="1002")
    await other.hangup()
    before = time.time()
    await call.hangup("customer")
    after = time.time()
    await cel.tells_the_end_of(call.caller.uniqueid)

    repaired = await find_it_again(office)

    row, (_caller, leg), _ = await rows(office)
    assert (repaired.calls, repaired.mended) == (1, 1)
    assert (row.ended_by, row.result, row.owner_id) == ("customer", "answered", anna.id)
    assert (leg.how_out, leg.result) == (None, "answered")
    assert leg.hold_ms > 0, "the music on hold stands in CEL"
    assert row.end_at is not None
    assert before - ROUNDED_S <= row.end_at.timestamp() <= after + ROUNDED_S


async def test_a_call_that_began_in_a_gap_and_goes_on_is_mended_once_it_is_over(
    office: Office, cel: Cel
):
    anna = await office.agent("Anna", "1001")
    boris = await office.agent("Boris", "1002")
    await lose_the_line(office)
    call = await office.pbx.queue_call(from_=ZOE, queue="support")
    first = call.ringing[0]
    await call.decline(first)
    await call.until(lambda call: bool(call.ringing) and first not in call.ringing)
    second = call.ringing[0]
    await call.answer(second)
    office.wire.put_up()
    await office.linked()

    await call.hangup("customer")
    repaired = await office.repaired()

    row, legs, (visit,) = await rows(office)
    who = {"1001": anna.id, "1002": boris.id}
    declined = next(leg for leg in legs if leg.endpoint == f"PJSIP/{first}")
    talked = next(leg for leg in legs if leg.endpoint == f"PJSIP/{second}")
    assert repaired.mended == 1
    assert (row.result, row.ended_by, row.owner_id) == ("answered", "customer", who[second])
    assert (declined.result, talked.result) == ("declined", "answered")
    assert (visit.queue, visit.ended) == ("support", "answered")
    assert visit.left_at is not None
    assert talked.answer_at is not None
    assert abs((visit.left_at - talked.answer_at).total_seconds()) < 0.05


async def test_repairing_twice_is_repairing_once(office: Office, cel: Cel):
    await office.agent("Anna", "1001")
    talking = await office.pbx.call(from_=ZOE, to="1001")
    await office.talks(talking)
    await lose_the_line(office)
    missed = await office.pbx.call(from_="0507654321", to="1002")
    await missed.hangup()
    await talking.hangup()
    await cel.tells_the_end_of(talking.caller.uniqueid)
    first = await find_it_again(office)
    before = await everything(office)

    await forget_that_it_was_repaired(office)
    await office.restart()
    again = await office.repaired()

    assert (first.calls, first.mended) == (1, 1)
    assert (again.calls, again.mended) == (0, 0)
    assert await everything(office) == before


async def test_what_was_written_about_a_call_stays_when_it_is_mended(office: Office, cel: Cel):
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", "+994 50 123 45 67")
    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_=ZOE, to="1001")
        pop = (await screen.next("pop"))["pop"]
        await office.talks(call)
        path = f"/interactions/{pop['interaction_id']}"
        note = {"body": "Wants a call back on Monday"}
        saved = await screen.ask("PATCH", path, note, If_Match='"1"')
        assert saved.status == 200, saved.text
        await lose_the_line(office)
        await call.hangup()
        await cel.tells_the_end_of(call.caller.uniqueid)
        await find_it_again(office)
        card = await screen.open(f"/contacts/{zoe}")

    assert "Wants a call back on Monday" in card.text
    assert await count(office, Interaction) == 1


async def test_who_sat_at_a_phone_then_has_the_call(office: Office, cel: Cel):
    """And not who sits there by the time the call is learned of."""
    anna = await office.agent("Anna", "1001")
    await lose_the_line(office)
    call = await office.pbx.call(from_=ZOE, to="1001")
    await call.answer()
    await call.hangup("agent")
    await cel.tells_the_end_of(call.caller.uniqueid)
    boris = await office.agent("Boris", "1001")

    await find_it_again(office)

    row, (_caller, leg), _ = await rows(office)
    assert boris.id != anna.id
    assert (row.owner_id, leg.user_id) == (anna.id, anna.id)


async def test_a_pbx_without_cel_says_that_calls_may_be_missing(office: Office, cel: Cel):
    async with office.house.database.write() as session:
        pbx = await session.get(type(office.house.telephony.rows[office.pbx_id]), office.pbx_id)
        assert pbx is not None
        pbx.cel_source = None
    await office.house.telephony.load()
    await lose_the_line(office)
    served = await office.pbx.queue_call(from_=ZOE, queue="support")
    await served.answer("1001")
    await served.hangup()
    gave_up = await office.pbx.queue_call(from_="0507654321", queue="support")
    await gave_up.hangup()

    repaired = await find_it_again(office)

    assert repaired.state == "none"
    assert await count(office, CallRow) == 0
    async with office.house.database.read() as session:
        (gap,) = await session.scalars(select(Gap))
    assert (gap.recovered["source"], gap.recovered["state"]) == ("", "none")
    assert gap.recovered["unknown"] == {"support": 2}, "the queue has counted them"


class TestATable:
    """The same from a table of PostgreSQL."""

    @pytest.fixture
    def source(self, postgres_url: str) -> str:
        bare = postgres_url.replace("postgresql+asyncpg", "postgresql")
        scheme, _, rest = bare.partition("//")
        who, _, where = rest.partition("@")
        return f"{scheme}//{who.partition(':')[0]}@{where}?table=cel"

    async def test_a_call_that_nobody_saw_is_added(
        self, office: Office, cel: Cel, postgres_url: str, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("PGPASSWORD", postgres_url.split(":")[2].partition("@")[0])
        await office.agent("Anna", "1001")
        await lose_the_line(office)
        call = await office.pbx.call(from_=ZOE, to="1001")
        await call.answer()
        await call.hangup()
        await cel.tells_the_end_of(call.caller.uniqueid)
        await fill(postgres_url, cel.lines, "timestamptz")

        repaired = await find_it_again(office)

        row, _, _ = await rows(office)
        assert (repaired.calls, row.result) == (1, "answered")


async def everything(office: Office) -> list[list[tuple[object, ...]]]:
    """Return every row that calls have."""
    found = []
    async with office.house.database.read() as session:
        for table in (CallRow, CallLeg, QueueVisit, CallAlias, Interaction):
            plain = await session.execute(select(table.__table__))
            found.append(sorted((tuple(map(repr, row)) for row in plain), key=str))
    return found


async def forget_that_it_was_repaired(office: Office) -> None:
    async with office.house.database.write() as session:
        for gap in await session.scalars(select(Gap)):
            gap.recovered = {}
