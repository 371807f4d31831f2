"""The basic flows on an Asterisk of 2018, with both of its SIP drivers."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.rig import AmiUser, Asterisk, Phone, Trunk, why_there_is_none
from tests.e2e.rig.chan_sip import write_overlay
from tests.require import missing

pytestmark = pytest.mark.asyncio(loop_scope="session")

DIRECT_TO_1001 = "0124041011"
QUEUE_ALL = "0124042006"
CUSTOMER = "0501234567"


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=["PJSIP", "SIP"])
async def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Asterisk, str]]:
    """A running Asterisk 16, and what its endpoints begin with."""
    if reason := why_there_is_none("bullseye"):
        missing("asterisk16", reason)
    folder = tmp_path_factory.mktemp("asterisk16")
    overlays = [write_overlay(folder / "overlay")] if request.param == "SIP" else []
    async with Asterisk(folder / "data", suite="bullseye", overlays=overlays) as pbx:
        yield pbx, request.param


async def test_a_call_to_an_agent_is_told_with_time_and_did(office: tuple[Asterisk, str]) -> None:
    pbx, technology = office
    async with AmiUser(pbx) as ami, Trunk(pbx) as trunk, Phone(pbx, "1001") as phone:
        customer = await trunk.call(DIRECT_TO_1001, from_=CUSTOMER)
        agent = await phone.incoming()
        await agent.answer()
        await customer.until_answered()
        await customer.hang_up()
        await agent.until_ended()
        rung = await ami.event("DialBegin", CallerIDNum=CUSTOMER)
        await ami.event("Hangup", Uniqueid=rung["DestUniqueid"])

    assert "16." in await pbx.cli("core show version")
    assert rung["Channel"].startswith(f"{technology}/trunk-")
    assert rung["DestChannel"].startswith(f"{technology}/1001-")
    assert float(rung["Timestamp"]) == pytest.approx(agent.invited_at, abs=1)
    assert not {"VarSet", "Newexten", "ExtensionStatus"} & ami.names()


async def test_a_call_through_a_queue_rings_every_member(office: tuple[Asterisk, str]) -> None:
    pbx, technology = office
    async with (
        AmiUser(pbx) as ami,
        Trunk(pbx) as trunk,
        Phone(pbx, "1001") as first,
        Phone(pbx, "1002") as second,
    ):
        customer = await trunk.call(QUEUE_ALL, from_=CUSTOMER)
        ignored, taken = await asyncio.gather(first.incoming(), second.incoming())
        await taken.answer()
        await ignored.until_ended()
        await taken.hang_up()
        await customer.until_ended()
        connected = await ami.event("AgentConnect", Queue="all")

    assert connected["Interface"] == f"{technology}/1002"


async def test_a_click_reaches_the_customer(office: tuple[Asterisk, str]) -> None:
    pbx, technology = office
    async with AmiUser(pbx) as ami, Trunk(pbx) as trunk, Phone(pbx, "1001") as phone:
        await ami.action(
            "Originate",
            Channel=f"{technology}/1001",
            Context="click2call",
            Exten="0557654321",
            Priority="1",
            Async="true",
            ChannelId="click-1",
        )
        agent = await phone.incoming()
        await agent.answer()
        customer = await trunk.incoming()
        await customer.answer()
        await agent.hang_up()
        await customer.until_ended()
        dialled = await ami.event("DialBegin", Uniqueid="click-1")

    assert customer.called_number == "0557654321"
    assert dialled["DestChannel"].startswith(f"{technology}/trunk-")
