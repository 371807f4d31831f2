"""The simulator plays the calls of the recordings and must send what Asterisk sent.

Compared are, for each recording: which events come; the fields of each event and their order;
for each channel the sequence of its events with every value that is not a clock or an id; and for
each device, extension and queue member the sequence of its states. The order *between* channels is
not compared: Asterisk itself does not keep it. It also works device states out in the background
and then misses short-lived ones, which the simulator always tells.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from itertools import groupby
from pathlib import Path

import pytest

from callcenter.simulator import AmiUser, Simulator, SimulatorSettings
from tests.simulator.ami_client import AmiClient, Block, read_block, value

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"

LEFT_OUT = {
    "VarSet": "class dialplan, which the product does without",
    "Newexten": "class dialplan, which the product does without",
    "RTCPSent": "no media flows here",
    "RTCPReceived": "no media flows here",
    "SuccessfulAuth": "class security, which the product does without",
    "TestEvent": "Debian's build of Asterisk only",
}

# Clocks and counters of the run, ids that are compared as the roles they stand for, and how the
# media flows.
VOLATILE = {
    "Timestamp",
    "BridgeTechnology",
    "Uniqueid",
    "Linkedid",
    "DestUniqueid",
    "DestLinkedid",
    "Channel",
    "DestChannel",
    "BridgeUniqueid",
    "HoldTime",
    "TalkTime",
    "RingTime",
    "ActionID",
}

# A phone may ring before the events of its being dialled have gone out.
RINGING_OVERTAKES = {"AgentCalled", "DialBegin", "DialState"}

LAB = AmiUser(
    "lab", "lab-secret", frozenset({"system", "call", "agent", "user", "dtmf", "cdr", "reporting"})
)
C2C = {"Context": "click2call", "Priority": "1", "Async": "true", "Timeout": "15000"}

Script = Callable[[Simulator, AmiClient], Awaitable[None]]


async def in_direct_answered(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.call("0501234567", "0124041001", "Əli Şükürov")
    await call.answer()
    await call.hangup(by="customer")


async def in_direct_agent_hangup(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.call("+994551112233", "0124041012", "Gülçin Ağayeva")
    await call.answer()
    await call.hangup(by="agent")


async def in_direct_busy(sim: Simulator, _: AmiClient) -> None:
    sim.pbx.set_phone("1002", is_busy=True)
    await sim.pbx.call("0554443322", "0124041002")


async def in_direct_abandon(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.call("0124045678", "0124041001")
    await call.hangup(by="customer")


async def in_direct_declined(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.call("0509876543", "0124041004")
    await call.decline()
    await call.hangup(by="customer")


async def in_direct_noanswer_voicemail(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.call("0701234567", "0124041003")
    await call.no_answer()
    await call.hangup(by="customer")


async def in_second_call_busy(sim: Simulator, _: AmiClient) -> None:
    first = await sim.pbx.call("0502223344", "0124041011")
    await first.answer()
    await sim.pbx.call("0503334455", "0124041011")
    await first.hangup(by="customer")


async def in_wrong_did(sim: Simulator, _: AmiClient) -> None:
    await sim.pbx.call("0501112200", "0124049999")


async def in_anonymous(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.call(None, "0124041013")
    await call.answer()
    await call.hangup(by="customer")


async def in_privacy_pai(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.call("+994505556677", "0124041011")
    await call.answer()
    await call.hangup(by="customer")


async def out_answered(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.dial("1001", "0557654321")
    await call.far_answers()
    await call.hangup(by="agent")


async def out_busy(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.dial("1002", "0554321098")
    await call.far_busy()


async def out_noanswer(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.dial("1001", "0501239999")
    await call.no_answer()


async def out_cancelled(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.dial("1001", "+994771112233")
    await call.hangup(by="agent")


async def c2c_answered(sim: Simulator, client: AmiClient) -> None:
    call = await _click(sim, client, "1001", "0557654321", "c2c-1001-1")
    await call.answer()
    await call.far_answers()
    await call.hangup(by="customer")


async def c2c_agent_noanswer(sim: Simulator, client: AmiClient) -> None:
    call = await _click(sim, client, "1002", "0557654322", "c2c-1002-1")
    await call.no_answer()


async def c2c_customer_busy(sim: Simulator, client: AmiClient) -> None:
    call = await _click(sim, client, "1001", "0557654323", "c2c-1001-2")
    await call.answer()
    await call.far_busy()


async def c2c_agent_unreachable(sim: Simulator, client: AmiClient) -> None:
    await _ask_for_call(client, "1005", "0557654324", "c2c-1005-1")


async def _click(sim: Simulator, client: AmiClient, agent: str, number: str, ref: str):
    await _ask_for_call(client, agent, number, ref)
    return await sim.pbx.originated()


async def _ask_for_call(client: AmiClient, agent: str, number: str, ref: str) -> None:
    answer = await client.ask(
        "Originate",
        Variable=[f"__CRM_REF={ref}", "CRM_USER=7"],
        Channel=f"PJSIP/{agent}",
        Exten=number,
        CallerID=f'"Müştəri" <{number}>',
        ChannelId=f"crm-{ref}",
        **C2C,
    )
    assert value(answer, "Message") == "Originate successfully queued"


async def internal_answered(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.dial("1001", "1002")
    await call.answer()
    await call.hangup(by="1001")


async def hold_inbound(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.call("0503030303", "0124041011")
    await call.answer()
    await call.hold()
    await call.unhold()
    await call.hangup(by="agent")


async def ami_redirect(sim: Simulator, client: AmiClient) -> None:
    call = await sim.pbx.call("0506060606", "0124041011")
    await call.answer()
    await client.ask(
        "Redirect", Channel=call.caller.name, Context="internal", Exten="1004", Priority="1"
    )
    await call.answer()
    await call.hangup(by="agent")


async def queue_answered_crm_user(sim: Simulator, _: AmiClient) -> None:
    await _answered_in_support(sim, "0501010102")


async def queue_answered(sim: Simulator, _: AmiClient) -> None:
    await _answered_in_support(sim, "0501010101")


async def queue_answered_sysname(sim: Simulator, _: AmiClient) -> None:
    await _answered_in_support(sim, "0501010103", "Çingiz İsmayılov")


async def _answered_in_support(sim: Simulator, number: str, name: str = "<unknown>") -> None:
    call = await sim.pbx.queue_call(number, "support", name)
    await call.answer()
    await call.hangup(by="agent")


async def queue_rna_second_answers(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.queue_call("0507070707", "support")
    await call.no_answer()
    await call.answer("1002")
    await call.hangup(by="agent")


async def queue_ringall_phones(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.queue_call("0772223344", "all")
    await call.answer("1003")
    await call.hangup(by="customer")


async def queue_abandon_ringing(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.queue_call("0503334400", "support")
    await call.hangup(by="customer")


async def queue_abandon_no_agents(sim: Simulator, _: AmiClient) -> None:
    call = await sim.pbx.queue_call("0503334401", "support")
    await call.hangup(by="customer")


async def queue_two_waiting(sim: Simulator, _: AmiClient) -> None:
    first = await sim.pbx.queue_call("0501110001", "support")
    await first.answer()
    second = await sim.pbx.queue_call("0501110002", "support")
    await first.hangup(by="agent")
    await second.answer()
    await second.hangup(by="agent")


SCRIPTS: list[Script] = [
    in_direct_answered,
    in_direct_agent_hangup,
    in_direct_busy,
    in_direct_abandon,
    in_direct_declined,
    in_direct_noanswer_voicemail,
    in_second_call_busy,
    in_wrong_did,
    in_anonymous,
    in_privacy_pai,
    out_answered,
    out_busy,
    out_noanswer,
    out_cancelled,
    c2c_answered,
    c2c_agent_noanswer,
    c2c_customer_busy,
    c2c_agent_unreachable,
    internal_answered,
    hold_inbound,
    ami_redirect,
    queue_answered_crm_user,
    queue_answered,
    queue_answered_sysname,
    queue_rna_second_answers,
    queue_ringall_phones,
    queue_abandon_ringing,
    queue_abandon_no_agents,
    queue_two_waiting,
]


class Story:
    """The events of one stream, sorted by whom they are about."""

    def __init__(self, blocks: list[Block]) -> None:
        self.events = [
            block
            for block in blocks
            if block[0][0] == "Event" and block[0][1] not in LEFT_OUT and not _of_others(block)
        ]
        self.names = {block[0][1] for block in self.events}
        self._roles: dict[str, str] = {}
        for block in self.events:
            if block[0] == ("Event", "Newchannel"):
                self._name_role(value(block, "Channel"))

    def _name_role(self, channel: str) -> None:
        endpoint = channel.rpartition("-")[0]
        earlier = sum(role.startswith(f"{endpoint} ") for role in self._roles.values())
        self._roles[channel] = f"{endpoint} {earlier + 1}"

    def shapes(self) -> dict[str, set[tuple[str, ...]]]:
        found = defaultdict(set)
        for block in self.events:
            found[block[0][1]].add(tuple(self._role_in(key) for key, _ in block))
        return found

    def _role_in(self, key: str) -> str:
        """OriginateResponse names a channel in a key."""
        for channel, role in self._roles.items():
            key = key.replace(channel, role)
        return key

    def told_of_channels(
        self, key: str, prefix: str
    ) -> dict[str, list[tuple[tuple[str, str], ...]]]:
        """Return for each channel its events, with the values that belong to it."""
        found = defaultdict(list)
        for block in self.events:
            channel = value(block, key)
            if channel:
                told = [_comparable(pair) for pair in block if _belongs(pair[0], prefix)]
                if prefix and block[0][1] in RINGING_OVERTAKES:
                    told = [pair for pair in told if not pair[0].startswith("DestChannelState")]
                found[self._roles.get(channel, channel)].append(tuple(told))
        return found

    def linked(self) -> dict[str, set[str]]:
        """Return which channels ever were of one call: their Linkedid is a channel's Uniqueid."""
        owner = {
            value(block, "Uniqueid"): value(block, "Channel")
            for block in self.events
            if block[0][1] == "Newchannel"
        }
        found = defaultdict(set)
        for block in self.events:
            if value(block, "Channel") in self._roles and value(block, "Linkedid"):
                role = self._roles[value(block, "Channel")]
                found[role].add(self._roles[owner[value(block, "Linkedid")]])
        return found

    def states(self) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
        """Return for each device, extension and member the states it went through."""
        found = defaultdict(list)
        for block in self.events:
            kind = block[0][1]
            for event, keys, told in STATES:
                if kind == event:
                    who = (kind, *(value(block, key) for key in keys))
                    found[who].append(tuple(value(block, key) for key in told))
        return {who: [state for state, _ in groupby(states)] for who, states in found.items()}


STATES = (
    ("DeviceStateChange", ("Device",), ("State",)),
    ("ExtensionStatus", ("Exten",), ("Status", "StatusText")),
    ("QueueMemberStatus", ("Queue", "Interface"), ("Status", "CallsTaken", "Paused")),
)


def _of_others(block: Block) -> bool:
    """Say whether it is about a queue that has other members there: Local channels."""
    device = value(block, "Device")
    return value(block, "Queue") in OTHER_QUEUES or any(
        device.startswith(f"Queue:{queue}") for queue in OTHER_QUEUES
    )


OTHER_QUEUES = {"sales", "billing", "overflow"}


def _belongs(key: str, prefix: str) -> bool:
    if key in VOLATILE or key.startswith("ChanVariable("):
        return False
    return key == "Event" or key.startswith("Dest") == (prefix == "Dest")


def _comparable(pair: tuple[str, str]) -> tuple[str, str]:
    """Cut off the name of a recording: it holds the time."""
    key, text = pair
    return key, text.partition("/spool/")[0]


def _recorded(name: str) -> list[Block]:
    text = (TRANSCRIPTS / f"{name}.ami").read_bytes().decode()
    return [read_block(block) for block in text.split("\r\n\r\n") if block]


def _settings(name: str, recorded: list[Block]) -> SimulatorSettings:
    with_time = any(value(block, "Timestamp") for block in recorded)
    more = ("MIXMONITOR_FILENAME",) if with_time else ()
    return SimulatorSettings(
        users=(AmiUser(),) if name.endswith("crm_user") else (LAB,),
        timestampevents=with_time,
        system_name="pbx-baku" if with_time else "",
        channelvars=("CRM_REF", "DID", *more),
    )


async def _simulated(script: Script, recorded: list[Block]) -> list[Block]:
    async with Simulator(_settings(script.__name__, recorded)) as sim:
        for extension in sim.pbx.phones:
            sim.pbx.set_phone(extension, registered=False)
        async with AmiClient.logged_in(sim) as client:
            for block in recorded:
                if value(block, "PeerStatus") == "Reachable":
                    sim.pbx.set_phone(value(block, "Peer").removeprefix("PJSIP/"), registered=True)
            await script(sim, client)
            events = await client.catch_up()
        assert sim.pbx.channels == {}
        assert sim.pbx.calls == []
    return events


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
async def test_the_simulator_sends_what_asterisk_sent(script):
    recorded = _recorded(script.__name__)
    asterisk = Story(recorded)
    simulator = Story(await _simulated(script, recorded))

    assert simulator.names | {"DeviceStateChange"} == asterisk.names | {"DeviceStateChange"}
    for event, shapes in asterisk.shapes().items():
        assert simulator.shapes()[event] == shapes, event
    assert simulator.told_of_channels("Channel", "") == asterisk.told_of_channels("Channel", "")
    assert simulator.told_of_channels("DestChannel", "Dest") == asterisk.told_of_channels(
        "DestChannel", "Dest"
    )
    assert simulator.linked() == asterisk.linked()
    assert simulator.states().keys() >= asterisk.states().keys()
    for who, states in simulator.states().items():
        recorded_states = asterisk.states().get(who, states[-1:])
        assert _is_told_in(recorded_states, states), who
        assert recorded_states[-1] == states[-1], who


def _is_told_in(fewer: list[tuple[str, ...]], states: list[tuple[str, ...]]) -> bool:
    """Say whether `states` goes through all of `fewer` in the same order."""
    rest = iter(states)
    return all(state in rest for state in fewer)
