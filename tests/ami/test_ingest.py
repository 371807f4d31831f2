"""From the socket to the bus, on a simulated PBX: whatever happens to the line, the truth comes out."""

import asyncio
import time

import pytest

from callcenter.ami.stream import Read
from callcenter.errors import CallNotLive, OutcomeUnknown, PbxRefused, PbxUnreachable
from callcenter.events import (
    CallBegan,
    CallDescribed,
    CallEnded,
    GapNoted,
    LegEnded,
    LegRang,
    LinkDown,
    LinkUp,
    MemberChanged,
    MemberRemoved,
    TalkBegan,
    TalkEnded,
)
from callcenter.pbx import Dial
from callcenter.simulator import Simulator, SimulatorSettings
from tests.ami.line import LIMIT_S, WATCHFUL, Line
from tests.conformance.conftest import newchannel
from tests.conformance.tiny_pbx import block

DIAL = Dial(
    channel_id="cc-1", endpoint="PJSIP/1001", number="0557654321", context="click2call",
    caller_name="Əli", crm_ref="intent-1",
)  # fmt: skip


@pytest.fixture
async def sim():
    async with Simulator(SimulatorSettings()) as sim:
        yield sim


@pytest.fixture
async def line(sim):
    async with Line(sim) as line:
        await line.up()
        yield line


async def talking(sim, line):
    """Return a call from outside that agent 1001 has answered."""
    call = await sim.pbx.call(from_="0501234567", to="1001", name="Əli")
    await call.answer()
    await line.until(TalkBegan)
    return call


async def test_a_call_comes_out_in_order(sim, line):
    call = await talking(sim, line)
    await call.hangup(by="customer")
    ended = await line.until(CallEnded)

    story = line.story()
    assert story.index("CallBegan") < story.index("TalkBegan") < story.index("CallEnded")
    assert line.heard(CallBegan)[0].caller == "0501234567"
    assert ended.ended_by == "customer"
    assert not any(event.inferred for event in line.of_calls())


async def test_a_call_that_ends_while_the_line_is_down_is_ended_when_it_is_up_again(sim, line):
    call = await talking(sim, line)
    await sim.stop_listening()
    sim.drop_connections()
    down = await line.until(LinkDown)
    await call.hangup(by="customer")
    await sim.listen()

    ended = await line.until(CallEnded)
    await line.up(2)

    gap = line.heard(GapNoted)[0]
    assert ended.inferred
    assert ended.ended_by is None
    assert gap.from_at <= down.at <= gap.at
    # Nobody knows that it went on a moment longer.
    assert ended.at == gap.from_at
    assert {leg.how_out for leg in line.heard(LegEnded)} == {"lost"}


async def test_a_call_that_outlives_an_outage_goes_on_and_ends_as_it_did(sim, line):
    call = await talking(sim, line)
    sim.drop_connections()
    await line.up(2)
    assert not line.heard(CallEnded)

    await call.hangup(by="agent")
    ended = await line.until(CallEnded)

    assert not ended.inferred
    assert ended.ended_by == "agent"
    assert len(line.heard(CallBegan)) == 1


async def test_calls_of_before_are_over_when_the_pbx_was_started_anew(sim, line):
    await talking(sim, line)
    another = Simulator(SimulatorSettings(port=sim.port))
    # CoreStatus tells whole seconds.
    another.pbx.started += 60
    await sim.stop_listening()
    sim.drop_connections()
    async with another:
        ended = await line.until(CallEnded)
        await line.up(2)

        assert ended.inferred
        assert line.heard(GapNoted)[0].reason == "the PBX was restarted"
        await talking(another, line)


async def test_a_member_paused_or_removed_during_an_outage_is_told_afterwards(sim, line):
    queue = sim.pbx.queues["support"]
    before = len(line.heard(MemberChanged))
    await sim.stop_listening()
    sim.drop_connections()
    await line.until(LinkDown)
    queue.members[0].paused = True
    gone = queue.members.pop()
    await sim.listen()
    await line.up(2)

    changed = line.heard(MemberChanged)[before:]
    assert [(one.interface, one.paused, one.inferred) for one in changed] == [
        ("PJSIP/1001", True, True)
    ]
    removed = line.heard(MemberRemoved)
    assert [(one.interface, one.inferred) for one in removed] == [(gone.interface, True)]


async def test_a_half_open_line_is_given_up_and_the_silence_is_a_gap(sim):
    async with Line(sim, timing=WATCHFUL) as line:
        await line.up()
        call = await talking(sim, line)
        sim.go_silent()
        await call.hangup(by="customer")
        down = await line.until(LinkDown)
        sim.speak_again()
        ended = await line.until(CallEnded)
        await line.up(2)

    assert "not a byte" in down.reason
    assert ended.inferred
    assert line.heard(GapNoted)[0].from_at <= down.at - WATCHFUL.ping_s


async def test_garbage_on_the_line_loses_nothing(sim, line):
    call = await sim.pbx.call(from_="0501234567", to="1001")
    sim.send_raw(b"\x00\xff\xfe\r\n\r\nEvent: \r\n\r\nEvent: Hangup\r\nUniqueid\r\n\r\n\r\n\r\n")
    sim.send_raw(b"Event: BridgeEnter\r\nUniqueid: \xf0\x9f\r\nBridgeNumChannels: many\r\n\r\n")
    await call.answer()
    await call.hangup(by="customer")
    ended = await line.until(CallEnded)

    assert ended.ended_by == "customer"
    assert line.story().count("TalkBegan") == 1
    assert len(line.heard(LinkUp)) == 1


async def test_a_wrong_secret_is_said_once_and_the_right_one_heals_it(sim):
    async with Line(sim, secret="wrong") as line:
        down = await line.until(LinkDown)
        assert down.auth_failed
        assert not line.asterisk.up

        line.link.change(Line.account(sim))
        await line.up()

    assert len(line.heard(LinkDown)) == 1


async def test_a_pbx_that_is_absent_at_start_is_found_when_it_comes(sim):
    await sim.stop_listening()
    async with Line(sim) as line:
        down = await line.until(LinkDown)
        with pytest.raises(PbxUnreachable):
            await line.asterisk.dial(DIAL)
        await sim.listen()
        await line.up()
        await talking(sim, line)

    assert (down.reason, down.auth_failed) == ("Connection refused", False)
    # Nobody ever heard this PBX, so nothing can be said to be missing.
    assert not line.heard(GapNoted)


async def test_what_happened_since_the_service_last_ran_is_a_gap(sim):
    stopped_at = time.time() - 3600
    async with Line(sim, last_at=stopped_at) as line:
        await line.up()

    gap = line.heard(GapNoted)[0]
    assert gap.from_at == stopped_at
    assert gap.at - stopped_at == pytest.approx(3600, abs=LIMIT_S)


async def test_a_consumer_that_falls_behind_loses_events_but_not_the_truth(sim):
    line = Line(sim, limit_bytes=20_000)
    line.listen()
    handling = line.handle()
    await line.up()
    call = await sim.pbx.call(from_="0501234567", to="1001")
    rang = await line.until(LegRang)

    handling.cancel()
    await asyncio.gather(handling, return_exceptions=True)
    await call.hangup(by="customer")
    for _ in range(30):
        other = await sim.pbx.call(from_="0557654321", to="1002")
        await other.hangup(by="customer")
    async with asyncio.timeout(LIMIT_S):
        while not line.stream.dropped:
            await asyncio.sleep(0)
    line.handle()
    gap = await line.until(GapNoted)
    ended = await line.until(CallEnded)
    await talking(sim, line)
    await line.__aexit__()

    assert gap.reason == "too many messages at a time"
    assert (ended.call, ended.inferred) == (rang.call, True)
    assert gap.from_at == ended.at <= gap.at


async def test_a_request_lost_with_the_line_has_an_unknown_outcome(sim):
    async with Line(sim, timing=WATCHFUL) as line:
        await line.up()
        sim.go_silent()

        with pytest.raises(OutcomeUnknown):
            await line.asterisk.dial(DIAL)


async def test_click_to_call_rings_the_agent_and_comes_back_as_events(sim, line):
    await line.asterisk.dial(DIAL)
    began = await line.until(CallBegan)
    rang = await line.until(LegRang)

    assert (began.call, began.origin) == ("cc-1", "click-to-call")
    assert "intent-1" in [one.crm_ref for one in (began, *line.heard(CallDescribed))]
    assert (rang.leg, rang.endpoint) == ("cc-1", "PJSIP/1001")

    await line.asterisk.hangup("cc-1")
    await line.until(CallEnded)
    with pytest.raises(CallNotLive):
        await line.asterisk.hangup("cc-1")


async def test_a_pause_counts_in_every_queue_and_a_stranger_is_refused(sim, line):
    before = len(line.heard(MemberChanged))
    await line.asterisk.pause("PJSIP/1001", paused=True, reason="lunch")
    queues = [
        queue.settings.name
        for queue in sim.pbx.queues.values()
        if any(member.interface == "PJSIP/1001" for member in queue.members)
    ]
    await line.until(MemberChanged, before + len(queues))

    changed = line.heard(MemberChanged)[before:]
    assert sorted(one.queue for one in changed) == sorted(queues)
    assert {(one.paused, one.reason) for one in changed} == {(True, "lunch")}
    with pytest.raises(PbxRefused, match="Interface not found"):
        await line.asterisk.pause("PJSIP/9999", paused=True)


async def test_the_loop_gets_its_turns_while_a_flood_is_handled(sim):
    line = Line(sim)
    turns = 0

    async def tick() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    line.stream.put(Read(1.0, [newchannel(f"1.{n}")[:-4] for n in range(5_000)]))
    line.handle()
    await line.until(CallBegan, 5_000)
    ticking.cancel()
    await line.__aexit__()

    assert turns >= 5_000 / 250


async def test_what_only_time_decides_is_told_when_the_pbx_is_quiet(sim, line):
    await talking(sim, line)
    agent = next(one for one in sim.pbx.channels.values() if one.name.startswith("PJSIP/1001"))
    left = block(
        "Event: BridgeLeave", f"BridgeUniqueid: {agent.bridge.uniqueid}", "BridgeType: basic",
        "BridgeTechnology: simple_bridge", "BridgeNumChannels: 1", f"Channel: {agent.name}",
        f"Uniqueid: {agent.uniqueid}", f"Linkedid: {agent.linkedid}",
    )  # fmt: skip

    sim.send_raw(left)

    ended = await line.until(TalkEnded)
    assert ended.leg == agent.uniqueid


async def test_calls_of_an_earlier_run_that_no_snapshot_confirms_in_time_are_over(sim):
    async with Line(sim) as line:
        await line.up()
        await talking(sim, line)
    told = line.of_calls()
    await sim.stop_listening()

    async with Line(sim, last_at=told[-1].at, told=told, unconfirmed_s=0.0) as late:
        ended = await late.until(CallEnded)

    assert (ended.call, ended.inferred, ended.at) == (told[0].call, True, told[-1].at)
    assert ended.ended_by is None
