"""The rig itself: what it says about a call must be so before any other test may lean on it."""

import asyncio
from pathlib import Path

import pytest

from tests.e2e.rig import AmiUser, Asterisk, Phone, Trunk

pytestmark = pytest.mark.asyncio(loop_scope="session")

DIRECT_TO_1001 = "0124041011"
QUEUE_SUPPORT = "0124042000"
QUEUE_ALL = "0124042006"
CUSTOMER = "0501234567"


async def test_asterisk_runs_with_the_configuration_users_get(asterisk: Asterisk) -> None:
    assert "Asterisk 2" in await asterisk.cli("core show version")
    queues = await asterisk.cli("queue show")
    assert all(name in queues for name in ("support", "sales", "billing", "vip"))


async def test_it_says_nothing_bad_about_its_configuration(asterisk: Asterisk) -> None:
    log = (asterisk.folder / "log" / "full").read_text(encoding="utf-8")
    boot = log.partition("Asterisk Ready")[0]
    assert [line for line in boot.splitlines() if " ERROR[" in line or " WARNING[" in line] == []


async def test_a_call_to_an_agent_rings_and_is_answered(asterisk: Asterisk, trunk: Trunk) -> None:
    async with Phone(asterisk, "1001") as phone:
        customer = await trunk.call(DIRECT_TO_1001, from_=CUSTOMER, name="Zoë Əliyeva")
        agent = await phone.incoming()
        await customer.until_ringing()
        assert customer.answered_at is None

        await agent.answer()
        await customer.until_answered()
        await customer.hang_up()
        await agent.until_ended()

    assert (agent.caller_number, agent.caller_name) == (CUSTOMER, "Zoë Əliyeva")
    assert (customer.ended_by, agent.ended_by) == ("phone", "pbx")
    assert customer.talk_s == pytest.approx(agent.talk_s, abs=0.3)


async def test_a_call_through_a_queue_rings_every_member(asterisk: Asterisk, trunk: Trunk) -> None:
    async with Phone(asterisk, "1001") as first, Phone(asterisk, "1002") as second:
        customer = await trunk.call(QUEUE_ALL, from_=CUSTOMER)
        ignored, taken = await asyncio.gather(first.incoming(), second.incoming())

        await taken.answer()
        await ignored.until_ended()
        await taken.hang_up()
        await customer.until_ended()

    assert (ignored.final, ignored.ended_by) == (487, "pbx")
    assert (taken.final, taken.ended_by) == (200, "phone")


async def test_a_call_through_a_queue_waits_for_an_agent(asterisk: Asterisk, trunk: Trunk) -> None:
    async with AmiUser(asterisk) as ami:
        customer = await trunk.call(QUEUE_SUPPORT, from_=CUSTOMER)
        joined = await ami.event("QueueCallerJoin", Queue="support")
        async with Phone(asterisk, "1003") as phone:
            agent = await phone.incoming()
            await agent.answer()
            connected = await ami.event("AgentConnect", Queue="support")
            await agent.hang_up()
            await customer.until_ended()

    assert connected["MemberName"] == "Günel Şirinova"
    assert connected["Uniqueid"] == joined["Uniqueid"]


@pytest.mark.parametrize(
    ("deed", "final"),
    [("be_busy", 486), ("decline", 480), ("be_unknown", 480)],
)
async def test_a_refused_call_ends_for_the_caller(
    asterisk: Asterisk, trunk: Trunk, deed: str, final: int
) -> None:
    async with Phone(asterisk, "1001") as phone:
        customer = await trunk.call(DIRECT_TO_1001, from_=CUSTOMER)
        agent = await phone.incoming()
        await getattr(agent, deed)()
        await customer.until_ended()

    assert customer.final == final
    assert customer.answered_at is None


async def test_a_caller_who_gives_up_stops_the_ringing(asterisk: Asterisk, trunk: Trunk) -> None:
    async with Phone(asterisk, "1001") as phone:
        customer = await trunk.call(DIRECT_TO_1001, from_=CUSTOMER)
        agent = await phone.incoming()
        await customer.until_ringing()
        await customer.hang_up()
        await agent.until_ended()

    assert (customer.final, customer.ended_by) == (487, "phone")
    assert (agent.final, agent.ended_by) == (487, "pbx")


async def test_an_agent_calls_a_customer(asterisk: Asterisk, trunk: Trunk) -> None:
    async with Phone(asterisk, "1001") as phone:
        agent = await phone.call("0557654321")
        customer = await trunk.incoming()
        assert (customer.called_number, customer.caller_number) == ("0557654321", "0124041000")

        await customer.answer()
        await agent.until_answered()
        await customer.hang_up()
        await agent.until_ended()

    assert (customer.ended_by, agent.ended_by) == ("phone", "pbx")


async def test_hold_is_seen_by_the_pbx(asterisk: Asterisk, trunk: Trunk) -> None:
    async with AmiUser(asterisk) as ami, Phone(asterisk, "1001") as phone:
        customer = await trunk.call(DIRECT_TO_1001, from_=CUSTOMER)
        agent = await phone.incoming()
        await agent.answer()
        await agent.hold()
        held = await ami.event("Hold")
        await agent.resume()
        await ami.event("Unhold", Channel=held["Channel"])
        await customer.hang_up()

    assert held["Channel"].startswith("PJSIP/1001-")


async def test_click_to_call_rings_the_agent_first(asterisk: Asterisk, trunk: Trunk) -> None:
    async with AmiUser(asterisk) as ami, Phone(asterisk, "1001") as phone:
        started = await ami.action(
            "Originate",
            Channel="PJSIP/1001",
            Context="click2call",
            Exten="0557654321",
            Priority="1",
            Async="true",
            ChannelId="click-1",
            Variable="__CRM_REF=click-1",
        )
        assert started["Response"] == "Success"
        agent = await phone.incoming()
        assert trunk.calls == []

        await agent.answer()
        customer = await trunk.incoming()
        await customer.answer()
        await agent.hang_up()
        await customer.until_ended()
        dialled = await ami.event("DialBegin", Uniqueid="click-1")

    assert dialled["DestChannel"].startswith("PJSIP/trunk-")


async def test_the_ami_user_sees_calls_and_none_of_the_noise(
    asterisk: Asterisk, trunk: Trunk
) -> None:
    async with AmiUser(asterisk) as ami, AmiUser(asterisk, "rig") as all_seeing:
        async with Phone(asterisk, "1001") as phone:
            customer = await trunk.call(QUEUE_SUPPORT, from_=CUSTOMER)
            agent = await phone.incoming()
            await agent.answer()
            await customer.hang_up()
            await agent.until_ended()
        for user in (ami, all_seeing):
            await user.event("Hangup", Uniqueid=(await user.event("AgentCalled"))["Uniqueid"])
            await user.event("DeviceStateChange", Device="PJSIP/1001", State="UNAVAILABLE")

    needed = {
        "FullyBooted", "Newchannel", "Newstate", "DialBegin", "DialEnd", "BridgeEnter",
        "BridgeLeave", "Hangup", "HangupRequest", "QueueCallerJoin", "QueueCallerLeave",
        "AgentCalled", "AgentConnect", "AgentComplete", "QueueMemberStatus", "DeviceStateChange",
        "ContactStatus", "MixMonitorStart",
    }  # fmt: skip
    noise = {"VarSet", "Newexten", "ExtensionStatus"}
    assert needed <= ami.names()
    assert noise <= all_seeing.names(), "else their absence for the other user proves nothing"
    assert not noise & ami.names()
    # FullyBooted after a login is written to this connection alone, and carries no time.
    assert {block.get("Event") for block in ami.blocks if "Timestamp" not in block} == {
        None,
        "FullyBooted",
    }


async def test_the_ami_user_may_do_no_more_than_it_must(asterisk: Asterisk) -> None:
    async with AmiUser(asterisk) as ami:
        for action, fields in [
            ("CoreShowChannels", {}),
            ("Status", {}),
            ("BridgeList", {}),
            ("QueueStatus", {}),
            ("DeviceStateList", {}),
            ("CoreStatus", {}),
            ("CoreSettings", {}),
            ("Getvar", {"Variable": "COMPANY_NUMBER"}),
            ("QueuePause", {"Interface": "PJSIP/1001", "Paused": "false"}),
        ]:
            assert (await ami.action(action, **fields))["Response"] == "Success", action
        for action, fields in [
            ("Command", {"Command": "core show version"}),
            ("GetConfig", {"Filename": "manager.conf"}),
            ("Reload", {}),
        ]:
            refused = await ami.action(action, **fields)
            assert (refused["Response"], refused["Message"]) == ("Error", "Permission denied")


async def test_recordings_are_on_disk_and_named_in_the_events(
    asterisk: Asterisk, trunk: Trunk
) -> None:
    before = set(asterisk.recordings())
    async with Phone(asterisk, "1001") as phone:
        customer = await trunk.call(DIRECT_TO_1001, from_=CUSTOMER)
        agent = await phone.incoming()
        await agent.answer()
        await customer.hang_up()
        await agent.until_ended()

    (recording,) = set(asterisk.recordings()) - before
    assert f"-1001-{CUSTOMER}-" in recording.name


async def test_asterisk_can_crash_and_be_started_again(tmp_path: Path, asterisk: Asterisk) -> None:
    async with Asterisk(tmp_path) as another:
        async with AmiUser(another) as ami:
            await another.crash()
            with pytest.raises(RuntimeError, match="no Asterisk runs"):
                await another.cli("core show version")
            assert "Shutdown" not in ami.names()
        await another.start(keep=True)
        assert "Asterisk 2" in await another.cli("core show version")
        assert "Asterisk 2" in await asterisk.cli("core show version"), "the other one is untouched"
