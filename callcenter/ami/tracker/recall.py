"""Takes calls up again that were open when the service stopped, from what was told of them.

What comes out is what the tracker knew, as far as events tell it. Bridges they do not tell: the
first snapshot does, and also which of the channels are still there.
"""

from collections.abc import Iterable
from math import inf

from callcenter.ami.tracker import calls
from callcenter.ami.tracker.state import UP, CallState, Channel, Leg, Visit
from callcenter.ami.tracker.world import World
from callcenter.events import (
    CallAliased,
    CallBegan,
    CallDescribed,
    CallEnded,
    CallEvent,
    CallTransferred,
    HoldBegan,
    HoldEnded,
    LegAnswered,
    LegEnded,
    LegEvent,
    LegRang,
    QueueJoined,
    QueueLeft,
    TalkBegan,
    TalkEnded,
)


def recall(world: World, told: Iterable[CallEvent]) -> None:
    """Remember calls as `told` in order, each from its `CallBegan` on."""
    known: dict[str, CallState] = {}
    for event in told:
        if isinstance(event, CallBegan):
            known[event.call] = world.calls[event.call] = _begun(event)
            continue
        call = known.get(event.call)
        if call is None:
            continue
        if isinstance(event, LegRang):
            _rang(world, call, event)
        elif isinstance(event, LegEvent):
            leg = call.legs.get(event.leg)
            if leg is not None:
                _leg_changed(world, leg, event)
        else:
            _call_changed(world, call, event)


def _begun(event: CallBegan) -> CallState:
    return CallState(
        event.call, event.at, rooted=True, unsure_until=inf, direction=event.direction, origin=event.origin,
        caller=event.caller, did=event.did, called=event.called, crm_ref=event.crm_ref,
        ours=event.origin == "click-to-call" and calls.is_ours(event.call, event.crm_ref),
    )  # fmt: skip


def _call_changed(world: World, call: CallState, event: CallEvent) -> None:
    match event:
        case CallDescribed():
            call.ivr_digits = event.ivr_digits or call.ivr_digits
            call.voicemail = event.voicemail or call.voicemail
        case CallAliased():
            call.aliases.add(event.alias)
            world.calls.setdefault(event.alias, call)
        case CallTransferred():
            call.handed_over = event.kind == "blind"
        case CallEnded():
            call.ended, call.ended_by = True, event.ended_by
        case QueueJoined():
            waits = call.customer.uid if call.customer is not None else call.id
            call.visits.append(Visit(event.queue, waits))
        case QueueLeft() if event.visit < len(call.visits):
            call.visits[event.visit].open = False


def _rang(world: World, call: CallState, event: LegRang) -> None:
    channel = world.channels.get(event.leg)
    if channel is None:
        kind = world.endpoints.kind(event.endpoint)
        channel = Channel(event.leg, event.endpoint, event.endpoint, kind, call, call.id)
        world.channels[event.leg] = call.channels[event.leg] = channel
    elif channel.call is not call:
        _visits(channel, call, is_guest=event.how_in == "conference")
    call.legs[event.leg] = Leg(call, channel, event.party, event.how_in)
    if event.party == "customer":
        call.customer = channel


def _visits(channel: Channel, call: CallState, *, is_guest: bool) -> None:
    """Who is in a conference, or joined with another caller, is in calls that are not his own."""
    if is_guest:
        channel.visiting.append(call)
        return
    # At home he is here: the call he was recalled with is the other's.
    channel.visiting.append(channel.call)
    del channel.call.channels[channel.uid]
    channel.call, channel.linked = call, call.id
    call.channels[channel.uid] = channel


def _leg_changed(world: World, leg: Leg, event: LegEvent) -> None:
    call, channel = leg.call, leg.channel
    match event:
        case LegAnswered():
            leg.answered = True
            channel.state = UP
        case TalkBegan():
            leg.hears = "colleague" if event.consult else "customer"
            leg.talked = True
            channel.state = UP
            if not event.consult:
                call.connected, call.handed_over = True, False
        case TalkEnded():
            leg.hears = ""
        case HoldBegan() | HoldEnded():
            leg.holding = isinstance(event, HoldBegan)
        case LegEnded():
            _leg_ended(world, leg, event)


def _leg_ended(world: World, leg: Leg, event: LegEnded) -> None:
    call, channel = leg.call, leg.channel
    leg.ended, leg.result, leg.how_out = True, event.result, event.how_out
    channel.gone = True
    world.channels.pop(channel.uid, None)
    call.channels.pop(channel.uid, None)
    world.remember_ended(channel.uid, event.cause or 0)
    if channel is call.customer:
        call.failure = event.result
