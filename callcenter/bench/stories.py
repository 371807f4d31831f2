"""What happens in the generated calls, event by event.

Five stories, told as a real Asterisk tells them: a queue call that is answered (about 62
events, half of them about variables, dialplan steps and media, which no call record needs),
one that is abandoned, one that rings several phones, a call straight to an agent, and one that
an agent dials.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from callcenter.bench.wire import RING, RINGING, UP, Bridge, Channel, Event, device, member

QUEUE: Final = "support"
DID: Final = "0124042000"
TRUNK: Final = "PJSIP/trunk"

Story = Iterator[Event]


class Agent(NamedTuple):
    """Somebody with a phone."""

    extension: str
    name: str

    @property
    def endpoint(self) -> str:
        return f"PJSIP/{self.extension}"


class Plot(NamedTuple):
    """Who takes part in one call; `uid` is the first Uniqueid, `next_uid` draws the others."""

    uid: str
    number: str
    agents: tuple[Agent, ...]
    next_uid: Callable[[], str]


def queue_answered(plot: Plot) -> Story:
    caller = _caller(plot)
    yield from _arrive(caller)
    yield from _wait(caller)
    agent, phone = plot.agents[0], _phone(plot, plot.agents[0])
    yield from _call_agent(caller, phone, agent)
    yield from _pick_up(caller, phone, agent)
    yield from _leave_queue(caller, phone, agent)
    yield from _talk(caller, phone, caller.with_dest(
        "AgentComplete", phone, "agent",
        Queue=QUEUE, Interface=agent.endpoint, MemberName=agent.name, HoldTime=2, TalkTime=5,
        Reason="agent",
    ))  # fmt: skip
    yield from _rest(phone, agent)
    yield from _end(caller)


def queue_abandoned(plot: Plot) -> Story:
    caller = _caller(plot)
    yield from _arrive(caller)
    yield from _wait(caller)
    agent, phone = plot.agents[0], _phone(plot, plot.agents[0])
    yield from _call_agent(caller, phone, agent)
    yield caller.tells("HangupRequest")
    yield caller.with_dest("DialEnd", phone, DialStatus="CANCEL")
    yield from _rest(phone, agent, cause=26)
    yield caller.tells(
        "QueueCallerAbandon", "agent", Queue=QUEUE, Position=1, OriginalPosition=1, HoldTime=4
    )
    yield caller.tells("QueueCallerLeave", "agent", Queue=QUEUE, Position=1, Count=0)
    yield from _end(caller)


def queue_ringall(plot: Plot) -> Story:
    """All of `plot.agents` ring, the last of them picks up."""
    caller = _caller(plot)
    yield from _arrive(caller)
    yield from _wait(caller)
    phones = [(agent, _phone(plot, agent)) for agent in plot.agents]
    for agent, phone in phones:
        yield from _call_agent(caller, phone, agent)
    taker, taken = phones.pop()
    yield from _pick_up(caller, taken, taker)
    for agent, phone in phones:
        yield caller.with_dest("DialEnd", phone, DialStatus="CANCEL")
        yield from _rest(phone, agent, cause=26)
    yield from _leave_queue(caller, taken, taker)
    yield from _talk(caller, taken)
    yield from _rest(taken, taker)
    yield from _end(caller)


def direct_answered(plot: Plot) -> Story:
    agent, caller = plot.agents[0], _caller(plot)
    yield from _arrive(caller)
    phone = _phone(plot, agent)
    yield from _ring(caller, phone, agent)
    yield from _pick_up(caller, phone, agent)
    yield caller.moves(UP)
    yield from _talk(caller, phone)
    yield from _rest(phone, agent)
    yield from _end(caller)


def outbound_answered(plot: Plot) -> Story:
    agent = plot.agents[0]
    phone = Channel(
        f"{agent.endpoint}-{plot.uid[-8:]}", plot.uid, plot.uid, agent.extension, "from-agents",
        plot.number, person=agent.name, state=RING,
    )  # fmt: skip
    yield phone.tells("Newchannel")
    yield device(agent.endpoint, "INUSE")
    for step in ("NoOp", "Set", "Gosub", "Dial"):
        yield phone.runs(step, plot.number)
    uid = plot.next_uid()
    trunk = Channel(
        f"{TRUNK}-{uid[-8:]}", uid, plot.uid, plot.number, "from-trunk", plot.number,
        other_number=agent.extension,
    )  # fmt: skip
    yield trunk.tells("Newchannel")
    yield phone.sets("DIALEDPEERNUMBER", f"{plot.number}@trunk")
    yield phone.with_dest("DialBegin", trunk, DialString=f"{plot.number}@trunk")
    yield trunk.moves(RINGING)
    yield phone.with_dest("DialState", trunk, DialStatus="RINGING")
    yield trunk.moves(UP)
    yield phone.with_dest("DialEnd", trunk, DialStatus="ANSWER")
    yield phone.moves(UP)
    yield from _talk(trunk, phone)
    yield from _hang_up(phone)
    yield device(agent.endpoint, "NOT_INUSE")
    yield from _end(trunk)


# ---------------------------------------------------------------- the parts


def _caller(plot: Plot) -> Channel:
    return Channel(
        f"{TRUNK}-{plot.uid[-8:]}", plot.uid, plot.uid, plot.number, "from-trunk", DID, state=RING
    )


def _phone(plot: Plot, agent: Agent) -> Channel:
    uid = plot.next_uid()
    return Channel(
        f"{agent.endpoint}-{uid[-8:]}", uid, plot.uid, agent.extension, "from-agents",
        agent.extension, person=agent.name, other_number=plot.number, did=DID,
    )  # fmt: skip


def _arrive(caller: Channel) -> Story:
    yield caller.tells("Newchannel")
    yield caller.sets("SIPDOMAIN", "127.0.0.1")
    for step, data in (("NoOp", "inbound"), ("Set", f"__DID={DID}"), ("ExecIf", "0?Set()")):
        yield caller.runs(step, data)
    caller.did = DID
    yield caller.sets("__DID", DID)
    yield caller.runs("Answer")


def _wait(caller: Channel) -> Story:
    yield caller.moves(UP)
    yield caller.runs("Gosub", "record,s,1(queue-support)")
    yield caller.sets("LOCAL(ARG1)", "queue-support")
    yield caller.sets("RECFILE", f"20261122-073425-queue-support-{caller.number}.wav")
    yield caller.runs("Queue", f"{QUEUE},t,,,300")
    yield caller.sets("QUEUEWAIT")
    yield caller.tells("QueueCallerJoin", "agent", Queue=QUEUE, Position=1, Count=1)
    yield caller.tells("MusicOnHoldStart", Class="default")


def _call_agent(caller: Channel, phone: Channel, agent: Agent) -> Story:
    yield phone.tells("Newchannel")
    yield phone.tells("NewConnectedLine")
    yield phone.sets("__DID", DID)
    yield phone.sets("DIALEDPEERNUMBER", agent.extension)
    yield caller.with_dest(
        "AgentCalled", phone, "agent", Queue=QUEUE, Interface=agent.endpoint, MemberName=agent.name
    )
    yield caller.with_dest("DialBegin", phone, DialString=agent.endpoint)
    yield caller.tells("NewConnectedLine")
    yield phone.moves(RINGING)
    yield device(agent.endpoint, "RINGING")
    yield member(QUEUE, agent.endpoint, agent.name, 6)
    yield caller.with_dest("DialState", phone, DialStatus="RINGING")


def _ring(caller: Channel, phone: Channel, agent: Agent) -> Story:
    yield phone.tells("Newchannel")
    yield caller.runs("Dial", f"{agent.endpoint},20,tT")
    yield caller.with_dest("DialBegin", phone, DialString=agent.extension)
    yield phone.tells("NewConnectedLine")
    yield phone.moves(RINGING)
    yield device(agent.endpoint, "RINGING")
    yield caller.with_dest("DialState", phone, DialStatus="RINGING")


def _pick_up(caller: Channel, phone: Channel, agent: Agent) -> Story:
    caller.other_number, caller.other_person = agent.extension, agent.name
    yield phone.moves(UP)
    yield caller.with_dest("DialEnd", phone, DialStatus="ANSWER")
    yield device(agent.endpoint, "INUSE")
    yield member(QUEUE, agent.endpoint, agent.name, 2)


def _leave_queue(caller: Channel, phone: Channel, agent: Agent) -> Story:
    yield caller.tells("MusicOnHoldStop")
    yield caller.sets("MEMBERINTERFACE", agent.endpoint)
    yield caller.sets("MEMBERNAME", agent.name)
    yield phone.sets("MEMBERINTERFACE", agent.endpoint)
    yield caller.sets("QEHOLDTIME", "2")
    yield caller.tells("QueueCallerLeave", "agent", Queue=QUEUE, Position=1, Count=0)
    yield caller.with_dest(
        "AgentConnect", phone, "agent",
        Queue=QUEUE, Interface=agent.endpoint, MemberName=agent.name, HoldTime=2, RingTime=2,
    )  # fmt: skip


def _talk(caller: Channel, phone: Channel, complete: Event | None = None) -> Story:
    bridge = Bridge(f"d54123a1-0da5-4a80-b9a0-{caller.uid[-12:]:>012}")
    yield bridge.tells("BridgeCreate")
    yield bridge.takes(phone)
    yield bridge.takes(caller)
    yield phone.sets("BRIDGEPEER", caller.name)
    yield caller.sets("BRIDGEPEER", phone.name)
    for channel in (phone, caller):
        yield channel.media("RTCPSent")
        yield channel.media("RTCPReceived")
    yield phone.sets("RTPAUDIOQOS", "ssrc=473330657;themssrc=3390111744;lp=0;rxjitter=0.000000")
    yield caller.sets("RTPAUDIOQOSBRIDGED", "ssrc=473330657;themssrc=3390111744;lp=0")
    yield phone.tells("HangupRequest")
    yield phone.sets("BRIDGEPEER")
    yield bridge.loses(phone)
    if complete is not None:
        yield complete
    yield bridge.loses(caller)
    yield caller.sets("BRIDGEPEER")
    yield bridge.tells("BridgeDestroy")


def _rest(phone: Channel, agent: Agent, cause: int = 16) -> Story:
    yield from _hang_up(phone, cause)
    yield device(agent.endpoint, "NOT_INUSE")
    yield member(QUEUE, agent.endpoint, agent.name, 1)


def _end(channel: Channel) -> Story:
    yield channel.runs("Hangup")
    yield channel.sets("RTPAUDIOQOS", "ssrc=1278153988;themssrc=3390111744;lp=0;rxjitter=0.000000")
    yield from _hang_up(channel)


def _hang_up(channel: Channel, cause: int = 16) -> Story:
    text = {16: "Normal Clearing", 26: "Answered elsewhere"}[cause]
    yield channel.tells("Hangup", Cause=cause, **{"Cause-txt": text})
