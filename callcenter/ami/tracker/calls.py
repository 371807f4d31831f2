"""Calls begin, grow together, and end.

A call is the union of channels that share a Linkedid, were picked up, retrieved, transferred
into each other, or stand in one two-party bridge. Linkedid is only ever a hint to whom a channel
belongs: it changes in mid-call, and not always when it should.
"""

import re
from math import inf

import msgspec

from callcenter.ami.messages import Message
from callcenter.ami.tracker import legs, talk, visits
from callcenter.ami.tracker.endpoints import endpoint_of
from callcenter.ami.tracker.state import (
    DOWN,
    HIDDEN,
    CallState,
    Channel,
    ChannelKind,
    Leg,
)
from callcenter.ami.tracker.world import World, number
from callcenter.events import (
    CallAliased,
    CallBegan,
    CallEnded,
    CallFolded,
    EndedBy,
    LegRang,
    LegResult,
)

#: Uniqueids that Asterisk made itself, with or without a system name: "pbx-baku-1795318242.0".
_STAMP = re.compile(r"(?:.*-)?\d+\.\d+")

_FAILURES: dict[LegResult | None, str] = {
    "busy": "busy", "declined": "busy", "noanswer": "no-answer", "cancelled": "cancelled",
    # Who was rung first and picked up found nobody here.
    "answered": "abandoned",
}  # fmt: skip


def seen(world: World, message: Message, at: float, prefix: str = "") -> Channel | None:
    """Return the channel a message names, with its Linkedid followed; None if it has ended."""
    uid = message.raw(prefix + "uniqueid")
    linked = message.raw(prefix + "linkedid")
    channel = world.channels.get(uid)
    if channel is None:
        name = message.raw(prefix + "channel")
        if not uid or not name or uid in world.ended:
            return None
        channel = _add(world, uid, name, linked or uid, at)
    if linked and linked != channel.linked:
        channel.linked = linked
        other = world.calls.get(linked)
        if other is not None:
            join(world, other, channel.call, at)
    if message.variables is not None:
        _read_variables(world, channel.call, message, prefix + "chanvariable", at)
    return channel


def _read_variables(world: World, call: CallState, message: Message, of: str, at: float) -> None:
    """Take what the dialplan says by `channelvars`."""
    crm_ref = message.variable("CRM_REF", of)
    if crm_ref and crm_ref != call.crm_ref and call.rooted:
        world.describe(call, at, crm_ref=crm_ref)
    if message.variable("VMSTATUS", of) == "SUCCESS" and not call.voicemail:
        world.describe(call, at, voicemail=True)
    if call.direction == "inbound" and call.did is None and (did := message.variable("DID", of)):
        world.describe(call, at, did=did)


def passed(world: World, message: Message, prefix: str, at: float) -> Channel | None:
    """Return a stand-in for a channel that a message names after its end, if its call goes on."""
    uid = message.get(prefix + "uniqueid")
    call = world.calls.get(message.get(prefix + "linkedid"))
    if uid not in world.ended or call is None or uid in call.legs:
        return None
    name = message.get(prefix + "channel")
    endpoint = endpoint_of(name)
    kind = _kind(world, name, endpoint)
    return Channel(uid, name, endpoint, kind, call, call.id, joined_at=at, gone=True)


def _add(world: World, uid: str, name: str, linked: str, at: float) -> Channel:
    call = world.calls.get(linked)
    if call is None:
        call = world.calls[linked] = CallState(linked, at)
    endpoint = endpoint_of(name)
    channel = Channel(uid, name, endpoint, _kind(world, name, endpoint), call, linked)
    world.channels[uid] = call.channels[uid] = channel
    if channel.kind == "hop":
        _pair(channel)
    if uid != call.id:
        _alias(world, call, uid, at)
    return channel


def _kind(world: World, name: str, endpoint: str) -> ChannelKind:
    technology = name.partition("/")[0]
    if technology == "Local":
        return "hop"
    return "hidden" if technology in HIDDEN else world.endpoints.kind(endpoint)


def _pair(half: Channel) -> None:
    other_name = half.name[:-1] + ("2" if half.name.endswith("1") else "1")
    for other in half.call.channels.values():
        if other.name == other_name and not other.gone:
            pair(half, other)


def pair(one: Channel, two: Channel) -> None:
    one.peer, two.peer = two, one


def _alias(world: World, call: CallState, alias: str, at: float) -> None:
    world.calls[alias] = call
    call.aliases.add(alias)
    world.tell(CallAliased, call, at, alias=alias)


# ---------------------------------------------------------------- beginning


def begin(world: World, channel: Channel, message: Message, at: float) -> None:
    """The first channel of a call begins: somebody calls, or the PBX was asked to ring a phone."""
    # Only the latter begins Down; but with chan_sip so does who calls, and is Ring (4) a moment
    # later. The next message of the channel tells them apart. And of an outside line that rings
    # only its DialBegin tells which number was dialled: it may be an agent's.
    sure = channel.kind != "trunk" and is_ours(channel.uid, message.variable("CRM_REF"))
    if channel.state == DOWN and channel.kind != "hop" and not sure:
        channel.opening = (message, at)
    else:
        root(world, channel, message, at)


def began(world: World, channel: Channel, *, called_in: bool) -> None:
    """Now it is known who began the call of `channel`, if that was open."""
    opening, rang = channel.opening, channel.rang
    channel.opening = channel.rang = None
    # A snapshot may have told of it meanwhile.
    if opening is not None and not channel.call.rooted:
        message, at = opening
        root(world, channel, message, at, called_in=called_in)
        if rang is not None:
            legs.ring(world, None, channel, *rang)


def settle(world: World, at: float) -> None:
    """Do what time alone decides: who dropped out is gone, whom nobody dialled was asked for."""
    talk.settle(world, at)
    waiting, world.undecided = world.undecided, []
    for channel, since in waiting:
        if channel.opening is None:
            continue
        if at > since + talk.SETTLE_S:
            began(world, channel, called_in=False)
        else:
            world.undecided.append((channel, since))


def root(
    world: World, channel: Channel, message: Message, at: float, *, called_in: bool = False
) -> None:
    """The first channel of a call was seen to begin: now it can be told.

    If that is gone and unseen, `channel` is who is left of it.
    """
    call = channel.call
    call.began_at = at
    call.crm_ref = message.variable("CRM_REF") or None
    is_first = channel.uid == call.id
    asked_for = number(message.get("channelstate")) == DOWN and not called_in
    originated = is_first and (asked_for or channel.kind == "hop")
    call.caller = message.get("calleridnum") or None
    _know_agent(world, channel, call.caller, is_first=is_first)
    if originated:
        call.origin = "click-to-call"
        call.ours = is_ours(channel.uid, call.crm_ref)
    elif channel.kind == "trunk" and not is_first:
        # An outside line that began no call was dialled: its number is the one that was called.
        call.direction = "outbound"
        call.customer = channel
        call.called, call.caller = call.caller, None
    elif channel.kind == "trunk":
        call.origin = "trunk"
        call.direction = "inbound"
        _leave_outside(call)
        call.customer = channel
        call.did = legs.dialable(channel.exten) or message.variable("DID") or None
    if call.ours:
        call.direction = "outbound"
    call.rooted = True
    call.unsure_until = inf if world.inferring else 0.0
    world.out.append(
        CallBegan(
            pbx=world.pbx, at=at, call=call.id, direction=call.direction, origin=call.origin,
            caller=call.caller, caller_name=message.get("calleridname") or None, did=call.did,
            called=call.called, trunk=channel.endpoint if channel.kind == "trunk" else None,
            crm_ref=call.crm_ref, inferred=world.inferring,
        )
    )  # fmt: skip
    if channel.is_party and not originated:
        legs.dial_out(world, call, channel, at)
    waiting, call.pending = call.pending, []
    world.out.extend(waiting)


def _leave_outside(call: CallState) -> None:
    """Who was dialled outside, before the caller's own beginning was heard, is no customer."""
    for leg in call.legs.values():
        if leg.party == "customer":
            leg.party = "external"
    call.pending = [
        msgspec.structs.replace(one, party="external")
        if isinstance(one, LegRang) and one.party == "customer"
        else one
        for one in call.pending
    ]


def _know_agent(world: World, channel: Channel, number: str | None, *, is_first: bool) -> None:
    """An agent at an outside number calls in, or is all that is left of a call to him."""
    if channel.kind != "trunk":
        return
    endpoints = world.endpoints
    agent = endpoints.agent_calling(number) if is_first else endpoints.agent_dialled(number)
    if agent is not None:
        channel.kind, channel.endpoint = "agent", agent


def sit_down(world: World, channel: Channel, at: float) -> None:
    """An agent has dialled AgentLogin, and sits on a line that stays open.

    That call is over: customers come and go on the line, and in the call of each he is a guest.
    """
    call = channel.call
    leg = call.legs.get(channel.uid)
    if call.ended or call.customer is not None or leg is None or leg.how_in != "dial":
        return
    legs.hung_up(world, leg, None, at)
    end(world, call, None, at)


def is_ours(uid: str, crm_ref: str | None) -> bool:
    """Whether a channel was asked for by us: it has our ChannelId or our reference."""
    return bool(crm_ref) or not _STAMP.fullmatch(uid)


# ---------------------------------------------------------------- growing together


def join(world: World, call: CallState, other: CallState, at: float) -> None:
    """Make one call of two."""
    # Of a call whose beginning was not seen too little is known to call anything a part of it.
    if call is other or not (call.rooted and other.rooted) or call.ended or other.ended:
        return
    if _both_called_in(call, other):
        return
    kept, folded = sorted((call, other), key=_rank)
    for member in folded.channels.values():
        member.call = kept
    for uid, leg in folded.legs.items():
        leg.call = kept
        if kept.customer is not None:
            _demote(leg)
        if uid in kept.legs:
            # It came in before its own beginning was told: what the customer's call knows counts.
            leg.ended, leg.hears, leg.loose_at = True, "", None
    for alias in (folded.id, *folded.aliases):
        world.calls[alias] = kept
    kept.aliases |= {folded.id, *folded.aliases}
    kept.channels |= folded.channels
    kept.legs = {**kept.legs, **{u: leg for u, leg in folded.legs.items() if u not in kept.legs}}
    kept.visits += folded.visits
    if kept.customer is None:
        kept.customer, kept.connected = folded.customer, folded.connected
    world.tell(CallFolded, kept, at, other=folded.id)
    talk.relisten(world, kept, at)


def _both_called_in(call: CallState, other: CallState) -> bool:
    """Whether it is two customers who called us: joined with each other, they are two all the same."""
    return all(one.direction == "inbound" and one.customer is not None for one in (call, other))


def _demote(leg: Leg) -> None:
    """Whom a consultation was with is an outside number to the customer's call, and no customer."""
    if leg.party == "customer":
        leg.party = "external"
    if leg.hears == "customer":
        leg.hears, leg.left_in = "colleague", None


def adopt(world: World, call: CallState, channel: Channel, at: float) -> None:
    """Take in a channel that stood for a call of its own, of which nothing has been told."""
    other = channel.call
    if other.rooted or other is call or not call.rooted or len(other.channels) > 1:
        join(world, call, other, at)
        return
    del other.channels[channel.uid]
    channel.call, channel.linked = call, call.id
    channel.opening = channel.rang = None
    call.channels[channel.uid] = channel
    _alias(world, call, channel.uid, at)


def _rank(call: CallState) -> tuple[bool, float, str]:
    """The customer's call lives on; of two, the older."""
    return call.customer is None, call.began_at, call.id


# ---------------------------------------------------------------- ending


def channel_gone(world: World, channel: Channel, cause: int | None, at: float) -> None:
    """Take a channel that hung up out of its call, and end what ends with it."""
    call = channel.call
    for visited in (call, *channel.visiting):
        leg = visited.legs.get(channel.uid)
        if leg is not None and not leg.ended:
            legs.hung_up(world, leg, cause, at)
    visits.left_by_hangup(world, channel, at)
    if channel is call.customer:
        _customer_gone(world, call, channel, cause, at)
    del world.channels[channel.uid], call.channels[channel.uid]
    world.remember_ended(channel.uid, cause or 0)
    if not call.channels:
        finish(world, call, cause, at)


def _customer_gone(
    world: World, call: CallState, customer: Channel, cause: int | None, at: float
) -> None:
    leg = call.legs.get(customer.uid)
    if leg is not None:
        call.failure = leg.result
    # A number that was not reached by one trunk may be tried by the next.
    if call.direction == "inbound" or (leg is not None and leg.answered):
        end(world, call, cause, at)


def end(world: World, call: CallState, cause: int | None, at: float) -> None:
    if call.ended:
        return
    if call.direction is None:
        world.describe(call, at, direction="internal")
    call.ended = True
    nobody: EndedBy | None = None if at <= call.unsure_until else "system"
    call.ended_by = None if world.inferring else call.hung_by or nobody
    failure = None
    if call.direction == "outbound" and not call.connected:
        cancelled = call.hung_by == "agent" and call.failure in (None, "answered")
        failure = "cancelled" if cancelled else _FAILURES.get(call.failure, "failed")
    world.tell(CallEnded, call, at, ended_by=call.ended_by, cause=cause, failure=failure)


def finish(world: World, call: CallState, cause: int | None, at: float) -> None:
    if call.rooted:
        end(world, call, cause, at)
        _dismiss_guests(world, call, at)
        world.remember_ended(call.id)
    for alias in (call.id, *call.aliases):
        if world.calls.get(alias) is call:
            del world.calls[alias]


def _dismiss_guests(world: World, call: CallState, at: float) -> None:
    """Nobody of the call is left: who came into it from elsewhere goes on without it.

    Not who is in a conference, where he may talk on with another customer.
    """
    for leg in call.legs.values():
        goes = leg.party == "external" or leg.channel.call.ended
        if goes and call in leg.channel.visiting:
            leg.channel.visiting.remove(call)
            legs.hung_up(world, leg, None, at)
