"""What the PBX said of a call is kept, explains its record, and can be taken out and handed on."""

import asyncio
import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from callcenter.audit import Audit
from callcenter.calls.open_calls import OpenCalls
from callcenter.calls.traced import Traced, traced
from callcenter.settings import Settings
from callcenter.trace import trace
from tests.service.office import PretendOffice as Office
from tests.service.screen import Screen

CUSTOMER = "0501234567"


async def answered_call(office: Office) -> int:
    call = await office.pbx.queue_call(CUSTOMER, "support")
    await call.answer("1001")
    await call.hangup()
    return await office.stored_call()


async def found(office: Office, call_id: int) -> Traced:
    async with office.house.database.read() as session:
        call = await traced(session, call_id, office.house.now())
    assert call is not None
    return call


async def archive(screen: Screen, call_id: int) -> dict[str, bytes]:
    async with screen.browser.client.get(f"/calls/{call_id}/trace") as answer:
        assert answer.status == 200
        assert f"call-{call_id}.zip" in answer.headers["Content-Disposition"]
        packed = zipfile.ZipFile(io.BytesIO(await answer.read()))
    return {name: packed.read(name) for name in packed.namelist()}


async def test_the_kept_stream_makes_the_stored_record_again(office: Office) -> None:
    await office.agent("Anna", "1001")
    call = await found(office, await answered_call(office))

    kept = await office.house.traces.evidence_of(call.pbx, call.names, call.from_at, call.to_at)

    calls = OpenCalls()
    for one in kept.evidence:
        for event in one.events:
            calls.apply(event)
    (again,) = [one for one in calls if one.id in call.names]
    assert again.result == "answered"
    # Instants are stored to the millisecond.
    assert (again.ring_at, again.end_at) == pytest.approx((call.from_at, call.to_at), abs=0.001)
    assert kept.missing == ()
    assert {one.epoch for one in kept.evidence} == {1}


async def test_a_call_through_a_restart_is_kept_in_two_connections(office: Office) -> None:
    await office.agent("Anna", "1001")
    talk = await office.pbx.call(from_=CUSTOMER, to="1001")
    await office.talks(talk)
    await office.restart()
    await talk.hangup()
    call = await found(office, await office.stored_call())

    kept = await office.house.traces.evidence_of(call.pbx, call.names, call.from_at, call.to_at)
    files = await office.house.traces.cut_of(call)

    assert next(one.source for one in kept.evidence if one.epoch == 2) == "snapshot"
    ((from_at, to_at, reason),) = kept.missing
    assert (call.from_at < from_at < to_at < call.to_at, reason) == (True, "link")
    assert files is not None
    assert {f"call-{call.id}.1.ami", f"call-{call.id}.2.ami"} <= set(files)
    (record,) = json.loads(files[f"call-{call.id}.record.json"])["interactions"]
    assert (record["disposition"], record["agents_talked"]) == ("answered", ["1001"])


async def test_an_administrator_takes_the_anonymised_stream_and_that_is_written_down(
    office: Office,
) -> None:
    await office.agent("Anna", "1001")
    boss = await office.agent("Chief", role="admin")
    call_id = await answered_call(office)

    async with office.browser(boss) as screen:
        files = await archive(screen, call_id)

    record = json.loads(files[f"call-{call_id}.record.json"])
    (told,) = record["interactions"]
    assert (told["disposition"], told["agents_talked"]) == ("answered", ["1001"])
    assert told["customer_number"] != CUSTOMER
    assert CUSTOMER[-7:].encode() not in b"".join(files.values())
    async with office.house.database.read() as session:
        (line,) = await session.scalars(select(Audit).where(Audit.action == "trace"))
    assert (line.entity, line.entity_id, line.actor_id) == ("call", call_id, boss.id)


@pytest.mark.parametrize("role", ["supervisor", "agent"])
async def test_nobody_else_may_take_it(office: Office, role: str) -> None:
    anna = await office.agent("Anna", "1001", role=role)
    call_id = await answered_call(office)
    async with office.browser(anna) as screen:
        assert (await screen.open(f"/calls/{call_id}/trace")).status == 403


async def test_of_a_call_there_is_not_there_is_no_stream(office: Office) -> None:
    boss = await office.agent("Chief", role="admin")
    async with office.browser(boss) as screen:
        assert (await screen.open("/calls/1/trace")).status == 404


async def test_a_stream_that_is_gone_is_said_to_be(office: Office, settings: Settings) -> None:
    await office.agent("Anna", "1001")
    boss = await office.agent("Chief", role="admin")
    call_id = await answered_call(office)
    await office.close()
    for path in settings.traces.glob("*/*/*"):
        path.unlink()
    await office.open()
    async with office.browser(boss) as screen:
        page = await screen.open(f"/calls/{call_id}/trace")
    assert page.status == 404
    assert "is not kept" in page.text


# ---------------------------------------------------------------- the command


async def run(office: Office, *words: str) -> Result:
    """Run `callcenter trace` beside the service, as an operator does."""
    runner = CliRunner(env={"CALLCENTER_DATA": office.settings.data, "COLUMNS": "200"})
    return await asyncio.to_thread(runner.invoke, trace, list(words))


async def test_the_operator_lists_shows_and_cuts(office: Office, tmp_path: Path) -> None:
    await office.agent("Anna", "1001")
    call_id = await answered_call(office)
    await asyncio.to_thread(office.house.telephony.sync_traces)

    listed = await run(office, "list")
    shown = await run(office, "show", str(call_id), "--full")
    cut = await run(office, "cut", str(call_id), "-o", str(tmp_path / "out"), "--name", "wrong")

    assert (listed.exit_code, shown.exit_code, cut.exit_code) == (0, 0, 0), cut.output
    assert "Main" in listed.output
    for word in ("QueueCallerJoin", "QueueJoined", "TalkBegan", f"CallerIDNum: {CUSTOMER}"):
        assert word in shown.output
    assert CUSTOMER.encode() in (tmp_path / "out" / "wrong.ami").read_bytes()
    assert "callcenter replay wrong.ami --json --agents PJSIP/1001" in cut.stderr


async def test_the_number_of_the_interaction_means_its_call(office: Office) -> None:
    await office.agent("Anna", "1001")
    call_id = await answered_call(office)
    rows = await office.house.database.fetch(
        "SELECT interaction_id FROM call WHERE id = ?1", call_id
    )
    assert (await found(office, rows[0][0])).id == call_id


async def test_a_wrong_number_is_said_to_be_one(office: Office) -> None:
    ran = await run(office, "show", "7")
    assert (ran.exit_code, "There is no call 7" in ran.output) == (1, True)
