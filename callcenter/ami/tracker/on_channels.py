"""What single channels do: begin, ring, answer, hold, press digits, hang up."""

from callcenter.ami.messages import Message
from callcenter.ami.tracker import calls, legs, talk
from callcenter.ami.tracker.bridging import leave, listeners
from callcenter.ami.tracker.state import (
    BUSY,
    CALLING,
    PRE_RING,
    RINGING,
    UP,
    CallState,
    Channel,
    Leg,
)
from callcenter.ami.tracker.world import World, number
from callcenter.events import CallDescribed, EndedBy


def newchannel(world: World, message: Message, at: float) -> None:
    channel = calls.seen(world, message, at)
    if channel is None:
        return
    channel.state = number(message.get("channelstate"))
    channel.exten = message.get("exten")
    is_first = channel.uid == channel.linked == channel.call.id
    # Machinery calls nobody.
    if is_first and not channel.call.rooted and channel.kind != "hidden":
        calls.begin(world, channel, message, at)


def newstate(world: World, message: Message, at: float) -> None:
    channel = calls.seen(world, message, at)
    if channel is None:
        return
    channel.state = number(message.get("channelstate"))
    if _may_be_dialled(channel, message):
        if channel.state == RINGING and channel.rang is None:
            channel.rang = (message, at)
        world.undecided.append((channel, at))
        return
    calls.began(world, channel, called_in=channel.state == CALLING)
    call = channel.call
    if channel.state in (RINGING, UP) and channel.uid == call.id and call.rooted:
        # Older versions of Asterisk ring the phone of an Originate without a DialBegin.
        legs.ring(world, None, channel, message, at)
    leg = call.legs.get(channel.uid)
    if channel.state == UP and leg is not None and (leg.rings or leg.party == "customer"):
        legs.answer(world, leg, at)


def _may_be_dialled(channel: Channel, message: Message) -> bool:
    """Whether it is open if somebody dials `channel`.

    A far end that is quick is heard before the DialBegin. Early releases of 13 tell no Linkedid
    that would say whose call it is, and of an outside line nothing else says which number it is.
    """
    return (
        channel.opening is not None
        and (channel.kind == "trunk" or not message.get("linkedid"))
        and channel.state not in (CALLING, UP)
    )


def new_callerid(world: World, message: Message, at: float) -> None:
    """The number of an analogue line comes late. Any other change is the dialplan's, or a colleague."""
    channel = world.channels.get(message.get("uniqueid"))
    if channel is None or channel.state != PRE_RING or channel.call.customer is not channel:
        return
    call, caller = channel.call, message.get("calleridnum")
    if caller and call.caller is None:
        call.caller = caller
        name = message.get("calleridname") or None
        world.tell(CallDescribed, call, at, caller=caller, caller_name=name)


def hangup_request(world: World, message: Message, at: float) -> None:
    channel = calls.seen(world, message, at)
    if channel is None:
        return
    leg = channel.call.legs.get(channel.uid)
    if leg is None or leg.ended:
        return
    if leg.rings and not leg.answered and channel.state != UP:
        # A phone that is rung can only refuse. Whoever rang it goes on.
        channel.refusal = number(message.get("cause"))
        return
    # Before the answer it may be the far end's thanks for the PBX's own 486: no one's doing.
    own_doing = channel.state == UP or (
        channel.state != BUSY and message.get("techcause") in ("", "487")
    )
    if not own_doing:
        return
    channel.asked_to_hang_up = True
    for part in (leg, *(call.legs[channel.uid] for call in channel.visiting)):
        _note_who(world, part, channel, at)


def _note_who(world: World, leg: Leg, channel: Channel, at: float) -> None:
    call, by = leg.call, _hangs_up(leg, channel)
    if by is None:
        return
    if not call.ended:
        call.hung_by, call.hung_by_uid = by, channel.uid
    elif call.ended_by == "system":
        # The customer's channel was quicker to report its end than this one the cause of it.
        world.describe(call, at, ended_by=by)


def _hangs_up(leg: Leg, channel: Channel) -> EndedBy | None:
    """Who ends the call by hanging `leg` up; None if that does not end it."""
    call = leg.call
    if channel is call.customer:
        others_left = not any(other.hears == "customer" for other in call.legs.values())
        free = call.hung_by is None or others_left
        return "customer" if free and (leg.how_in == "dial" or leg.answered) else None
    if call.hung_by is not None and leg.hears != "customer":
        return None
    # In a conference the customer stays with the others.
    is_last = not any(o.hears == "customer" for o in call.legs.values() if o is not leg)
    meets = (leg.hears == "customer" and is_last) or (call.ended and leg.talked)
    calls_out = leg.how_in == "dial" or (leg.answered and call.direction == "outbound")
    if meets or (not call.connected and calls_out) or call.customer is None:
        return "external" if leg.party == "external" else "agent"
    return None


def hangup(world: World, message: Message, at: float) -> None:
    cause = number(message.get("cause"))
    if message.get("uniqueid") not in world.channels:
        world.remember_ended(message.get("uniqueid"), cause)
        return
    channel = calls.seen(world, message, at)
    if channel is not None:
        _gone(world, channel, cause, at)


def lose(world: World, channel: Channel, at: float) -> None:
    """A snapshot no longer lists `channel`."""
    for call in (channel.call, *channel.visiting):
        leg = call.legs.get(channel.uid)
        if leg is not None:
            leg.how_out = "lost"
    _gone(world, channel, None, at)


def _gone(world: World, channel: Channel, cause: int | None, at: float) -> None:
    calls.began(world, channel, called_in=False)
    channel.gone = True
    nearby = listeners(channel)
    leave(world, channel)
    for call in nearby:
        talk.relisten(world, call, at)
        _goes_on_without(call, channel)
    calls.channel_gone(world, channel, cause, at)


def _goes_on_without(call: CallState, channel: Channel) -> None:
    """Who leaves a talk of three ends his own part of it, not the call."""
    talks_on = any(leg.hears == "customer" for leg in call.legs.values() if not leg.channel.gone)
    if call.hung_by_uid == channel.uid and talks_on:
        call.hung_by, call.hung_by_uid = None, ""


def hold(world: World, message: Message, at: float) -> None:
    for leg in _legs_of(calls.seen(world, message, at)):
        talk.hold(world, leg, at)


def unhold(world: World, message: Message, at: float) -> None:
    for leg in _legs_of(calls.seen(world, message, at)):
        talk.unhold(world, leg, at)


def _legs_of(channel: Channel | None) -> list[Leg]:
    """The parts a channel has in calls, except as the customer: who waits does not hold."""
    if channel is None:
        return []
    found = [call.legs.get(channel.uid) for call in (channel.call, *channel.visiting)]
    return [leg for leg in found if leg is not None and leg.party != "customer"]


def dtmf_end(world: World, message: Message, at: float) -> None:
    """Digits a caller presses before anybody hears them are choices in a menu."""
    channel = calls.seen(world, message, at)
    if channel is None or channel.bridge is not None or message.get("direction") != "Received":
        return
    call = channel.call
    if channel is call.customer and call.direction == "inbound" and not call.connected:
        world.describe(call, at, ivr_digits=call.ivr_digits + message.get("digit"))


def message_waiting(world: World, message: Message, at: float) -> None:
    channel = world.channels.get(message.get("uniqueid"))
    if channel is not None and channel is channel.call.customer and message.get("waiting") == "1":
        world.describe(channel.call, at, voicemail=True)
