"""Two PBXs at once, whose channels have the very same names and Uniqueids."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from callcenter.agents import devices
from callcenter.calls import pbxs
from callcenter.calls.models import CallRow
from callcenter.events import LinkDown, LinkUp, PbxEdited
from callcenter.server.actor import SYSTEM
from callcenter.simulator import Simulator, SimulatorSettings
from callcenter.simulator.pbx import Pbx
from tests.fixtures.wire import Wire
from tests.service.office import Person
from tests.service.office import PretendOffice as Office
from tests.service.screen import TEST_LIMIT_S, Screen, Told

ALIKE = SimulatorSettings(uniqueid_stamp=1_795_000_000)
ZOE, ELI = "+994501234567", "+994557654321"


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator(ALIKE) as pretend:
        yield pretend


@dataclass
class Branch:
    """The second PBX, which the service knows as "Branch"."""

    office: Office
    sim: Simulator
    wire: Wire
    id: int

    @property
    def pbx(self) -> Pbx:
        return self.sim.pbx

    async def linked(self, *, up: bool = True) -> None:
        changed = asyncio.Event()
        self.office.house.bus.listen(lambda _event: changed.set(), LinkUp, LinkDown)
        async with asyncio.timeout(TEST_LIMIT_S):
            while (state := self.office.house.links.state(self.id)) is None or state.up != up:
                changed.clear()
                await changed.wait()


@pytest.fixture
async def branch(office: Office) -> AsyncIterator[Branch]:
    async with Simulator(ALIKE) as sim, Wire(sim.host, sim.port) as wire:
        user = sim.settings.users[0]
        form = pbxs.PbxForm(
            name="Branch", host=wire.host, port=wire.port, tls=False, username=user.name,
            secret=user.secret, trunks=["PJSIP/trunk"], region="AZ", time_zone="Asia/Baku",
            dial_context="click2call", dial_format="e164", dial_prefix="", active=True,
        )  # fmt: skip
        async with office.house.database.write() as session:
            row = await pbxs.add(
                session, form, office.settings.data_path, datetime.now(UTC), SYSTEM
            )
        office.house.bus.publish(PbxEdited(at=0.0, pbx=row.id))
        branch = Branch(office, sim, wire, row.id)
        await branch.linked()
        yield branch


async def phone(office: Office, person: Person, extension: str, pbx_id: int) -> int:
    """Give somebody a phone of that PBX; return its id."""
    async with office.house.database.write() as session:
        row = await devices.assign(
            session, user_id=person.id, pbx_id=pbx_id, endpoint=f"PJSIP/{extension}",
            extension=extension, at=datetime.now(UTC), by=SYSTEM,
        )  # fmt: skip
    await office.house.devices.load()
    await office.house.telephony.load()
    return row.id


async def pop(screen: Screen) -> dict[str, Any]:
    shown: dict[str, Any] = (await screen.next("pop"))["pop"]
    return shown


def talking(told: Told) -> bool:
    return [call["phase"] for call in told.get("calls", [])] == ["talking"]


async def test_calls_of_the_same_uniqueid_are_two_calls_of_two_people(
    office: Office, branch: Branch
) -> None:
    anna, boris = await office.agent("Anna", "1001"), await office.agent("Boris")
    await phone(office, boris, "1001", branch.id)

    async with office.browser(anna) as hers, office.browser(boris) as his:
        here = await office.pbx.call("0501234567", "1001")
        there = await branch.pbx.call("0557654321", "1001")
        assert here.caller.uniqueid == there.caller.uniqueid
        assert [one.name for one in here.channels] == [one.name for one in there.channels]
        shown = [await pop(hers), await pop(his)]
        await here.answer()
        await there.answer()
        await hers.next("calls", talking)
        await his.next("calls", talking)
        # The end of one is not the end of the other.
        await here.hangup()
        await hers.next("calls", lambda told: not told.get("calls"))
        assert talking((await his.has_been_told("calls"))[-1])
        await there.hangup()
        stored = {await office.stored_call(), await office.stored_call()}

    assert [each["e164"] for each in shown] == [ZOE, ELI]
    async with office.house.database.read() as session:
        rows = list(await session.scalars(select(CallRow).where(CallRow.id.in_(stored))))
    told = {row.pbx_id: (row.first_uniqueid, row.customer_norm, row.owner_id) for row in rows}
    assert told == {
        office.pbx_id: (here.caller.uniqueid, ZOE, anna.id),
        branch.id: (there.caller.uniqueid, ELI, boris.id),
    }


async def test_one_is_away_and_the_other_goes_on(office: Office, branch: Branch) -> None:
    anna, boris = await office.agent("Anna", "1001"), await office.agent("Boris")
    await phone(office, boris, "1001", branch.id)

    async with office.browser(anna) as hers, office.browser(boris) as his:
        there = await branch.pbx.call("0557654321", "1001")
        await there.answer()
        await his.next("calls", talking)
        branch.wire.take_down()
        await branch.linked(up=False)
        told = await hers.next("link", lambda told: not told["link"]["up"])
        assert told["link"]["name"] == "Branch"

        here = await office.pbx.call("0501234567", "1001")
        assert (await pop(hers))["e164"] == ZOE
        await here.answer()
        await here.hangup()
        first = await office.stored_call()
        refused = await his.ask("POST", "/calls", wish(ZOE))
        assert (refused.status, refused.json["error"]["code"]) == (503, "pbx-unreachable")

        branch.wire.put_up()
        await branch.linked()
        await there.hangup()
        second = await office.stored_call()
        page = await hers.open(f"/calls/{first}")

    assert page.status == 200
    async with office.house.database.read() as session:
        one, other = [await session.get_one(CallRow, each) for each in (first, second)]
    assert (one.pbx_id, one.owner_id, one.result) == (office.pbx_id, anna.id, "answered")
    assert (other.pbx_id, other.owner_id, other.result) == (branch.id, boris.id, "answered")


def wish(number: str, **more: Any) -> dict[str, Any]:
    return {"intent_id": str(uuid.uuid4()), "number": number, **more}


async def test_a_click_goes_out_by_the_pbx_of_the_phone_it_rings(
    office: Office, branch: Branch
) -> None:
    anna = await office.agent("Anna", "1001")
    there = await phone(office, anna, "1004", branch.id)

    async with office.browser(anna) as screen:
        await screen.ask("POST", "/calls", wish(ZOE))
        here_call = await office.pbx.originated()
        assert here_call.ringing == ["1001"]
        await here_call.hangup(by="1001")
        await office.stored_call()

        await screen.ask("POST", "/calls", wish(ZOE, device_id=there))
        first = await branch.pbx.originated()
        assert first.ringing == ["1004"]
        await first.hangup(by="1004")
        await office.stored_call()

        await screen.ask("PUT", "/me/phones/first", {"device_id": there})
        await screen.ask("POST", "/calls", wish(ZOE))
        second = await branch.pbx.originated()
        assert second.ringing == ["1004"]
        await second.answer("1004")
        # As this PBX wants its numbers.
        assert second.caller.exten == ZOE
        await screen.next("calls", lambda told: len(told.get("calls", [])) == 1)
        assert office.pbx.calls == []


async def test_a_person_with_phones_on_both_is_one_person(office: Office, branch: Branch) -> None:
    anna = await office.agent("Anna", "1001")
    await phone(office, anna, "1001", branch.id)

    async with office.browser(anna) as screen:
        phones = office.house.phones.of(anna.id)
        await screen.ask("PUT", "/me/state", {"state": "paused", "reason": "lunch"})
        async with asyncio.timeout(TEST_LIMIT_S):
            await office.house.keeper.settled()
        paused = {
            name: [
                queue.name
                for queue in pbx.queues.values()
                if (member := queue.member("PJSIP/1001")) is not None and member.paused
            ]
            for name, pbx in (("Main", office.pbx), ("Branch", branch.pbx))
        }
        await screen.ask("PUT", "/me/state", {"state": "ready"})

        here = await office.pbx.call("0501234567", "1001")
        there = await branch.pbx.call("0557654321", "1001")
        numbers = {(await pop(screen))["e164"]}
        await screen.next("calls", lambda told: len(told.get("calls", [])) == 2)
        numbers |= {
            told["pop"]["e164"] for told in await screen.has_been_told("pop") if "pop" in told
        }
        await here.answer()
        state = await screen.next("state", lambda told: told["state"]["state"] == "talking")
        await there.hangup()
        await screen.next("calls", lambda told: len(told.get("calls", [])) == 1)
        await here.hangup()

    assert [each.name for each in phones] == ["1001 · Main", "1001 · Branch"]
    assert paused["Main"] == paused["Branch"] == ["support", "all", "sales"]
    assert numbers == {ZOE, ELI}
    assert state["state"]["state"] == "talking"
