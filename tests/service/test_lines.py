"""Each PBX in use has a line: opened, changed and closed as the administration says."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from callcenter.agents import devices
from callcenter.app import _at_work
from callcenter.calls.models import Gap, PbxRow
from callcenter.server.actor import SYSTEM
from callcenter.simulator import Simulator, SimulatorSettings
from tests.service.office import PretendOffice as Office
from tests.service.screen import TEST_LIMIT_S, Screen, Told


def link_of(name: str, *, up: bool) -> object:
    def is_it(told: Told) -> bool:
        return (told["link"]["name"], told["link"]["up"]) == (name, up)

    return is_it


async def save(screen: Screen, address: str, values: dict[str, str]) -> None:
    page = await screen.open(address)
    if "/new" not in address:
        values = values | {"version": page.value("version")}
    saved = await screen.browser.submit(address.removesuffix("/new"), values)
    assert saved.status == 303, saved.text


async def test_a_pbx_that_is_added_in_the_browser_is_listened_to_at_once(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    admin = await office.agent("Admin", role="admin")

    async with (
        Simulator(SimulatorSettings()) as other,
        office.browser(admin) as screen,
        office.browser(anna) as agent,
    ):
        values = office.pbx_values() | {"name": "Gəncə", "port": str(other.port)}
        await save(screen, "/admin/pbx/new", values)
        told = await agent.next("link", link_of("Gəncə", up=True))

        await sit_at(office, anna.id, told["link"]["pbx"], "1002")
        await other.pbx.call(from_="0501234567", to="1002")
        assert (await agent.next("pop"))["pop"]["phase"] == "ringing"


async def test_a_pbx_that_moves_is_listened_to_at_its_new_address(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    admin = await office.agent("Admin", role="admin")

    async with (
        Simulator(SimulatorSettings()) as other,
        office.browser(admin) as screen,
        office.browser(anna) as agent,
    ):
        values = office.pbx_values() | {"port": str(other.port)}
        await save(screen, f"/admin/pbx/{office.pbx_id}", values)
        await agent.next("link", link_of("Main", up=False))
        await agent.next("link", link_of("Main", up=True))
        await other.pbx.call(from_="0501234567", to="1001")
        await agent.next("pop")


async def test_a_pbx_taken_out_of_use_and_into_use_again(office: Office) -> None:
    admin = await office.agent("Admin", role="admin")
    address = f"/admin/pbx/{office.pbx_id}"

    async with office.browser(admin) as screen:
        out_of_use = {k: v for k, v in office.pbx_values().items() if k != "active"}
        await save(screen, address, out_of_use)
        await office.unlinked()
        assert office.house.telephony.lines.port(office.pbx_id) is None
        assert office.house.links.views() == ()

        await save(screen, address, office.pbx_values())
        await office.linked()


async def test_calls_of_a_pbx_that_was_out_of_use_meanwhile_stay_ended(office: Office) -> None:
    admin = await office.agent("Admin", role="admin")
    anna = await office.agent("Anna", "1001")
    address = f"/admin/pbx/{office.pbx_id}"
    waiting = await office.pbx.queue_call("0501234568", "billing")
    call = await office.pbx.call(from_="0501234567", to="1001")
    await office.talks(call)
    async with office.browser(admin) as screen:
        await save(screen, address, {k: v for k, v in office.pbx_values().items() if k != "active"})
        await office.unlinked()
        ended = {await office.stored_call(), await office.stored_call()}

        await save(screen, address, office.pbx_values())
        await office.linked()
        await waiting.hangup()
        await call.hangup()
        later = await office.pbx.call(from_="0501234569", to="1001")
        await later.hangup()
        last = await office.stored_call()
        rows = (await screen.ask("GET", "/calls")).json["calls"]

    assert anna.extension == "1001"
    assert {row["id"] for row in rows} == {*ended, last}
    for row in rows:
        assert row["end_at"] is not None
        assert len(row["queues"]) == len(set(row["queues"]))
    async with office.house.database.read() as session:
        gaps = list(await session.scalars(select(Gap.reason)))
    assert gaps == ["the PBX was not in use"]


async def test_a_name_that_is_corrected_does_not_cut_the_line(office: Office) -> None:
    admin = await office.agent("Admin", role="admin")
    anna = await office.agent("Anna", "1001")
    state = office.house.links.state(office.pbx_id)
    assert state is not None

    async with office.browser(admin) as screen, office.browser(anna) as agent:
        await office.pbx.call(from_="0501234567", to="1001")
        await agent.next("pop")
        await save(screen, f"/admin/pbx/{office.pbx_id}", office.pbx_values() | {"region": "TR"})
        call = await office.pbx.call(from_="0501234568", to="1002")
        await call.hangup()
        assert await agent.has_been_told("pop.withdrawn") == []

    assert office.house.links.state(office.pbx_id) == state


async def test_without_its_secret_a_pbx_is_down_and_everything_else_works(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALLCENTER_MAIN_SECRET", raising=False)
    admin = await office.agent("Admin", role="admin")
    async with office.house.database.write() as session:
        await session.execute(update(PbxRow).values(secret_ref="env:CALLCENTER_MAIN_SECRET"))
    with capture_logs() as log:
        await office.restart(linked=False)

    (error,) = [line["event"] for line in log if line["log_level"] == "error"]
    assert "CALLCENTER_MAIN_SECRET" in error
    assert "Enter it under Administration → PBX." in error
    async with office.browser(admin) as screen:
        page = await screen.open("/admin/pbx")
        assert "CALLCENTER_MAIN_SECRET" in page.text
        await save(screen, f"/admin/pbx/{office.pbx_id}", office.pbx_values())
        await office.linked()


class Workshop:
    """A house with these workers."""

    def __init__(self, *work: object) -> None:
        self._work = work

    def work(self) -> object:
        return iter(self._work)


async def test_a_worker_that_fails_ends_the_service_with_its_error() -> None:
    ended = []

    async def fails() -> None:
        raise LookupError("no such desk")

    async def works() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("the other worker")

    async def serve() -> None:
        async with asyncio.timeout(TEST_LIMIT_S), _at_work(Workshop(fails(), works())):  # type: ignore[arg-type]
            await asyncio.Event().wait()

    with pytest.raises(LookupError, match="no such desk"):
        await serve()
    assert ended == ["the other worker"]


async def test_when_the_service_stops_its_workers_end() -> None:
    ended = []

    async def works() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("the worker")

    async with _at_work(Workshop(works())):  # type: ignore[arg-type]
        await asyncio.sleep(0)

    assert ended == ["the worker"]


async def sit_at(office: Office, user_id: int, pbx_id: int, extension: str) -> None:
    async with office.house.database.write() as session:
        await devices.assign(
            session, user_id=user_id, pbx_id=pbx_id, endpoint=f"PJSIP/{extension}",
            extension=extension, at=datetime.now(UTC), by=SYSTEM,
        )  # fmt: skip
    await office.house.devices.load()
    await office.house.telephony.load()
