"""Who hears whom.

Talk comes only from being heard: channels hear each other through bridges that do not merely
hold them, and through the two halves of a Local channel. Whoever is thus joined with the
customer talks with the customer; parties joined without one have a consultation.

Asterisk moves channels between bridges all the time (a Local channel is optimised away, a
transfer completes), and for an instant nobody hears anybody. So a leg that drops out is only
*loose*: its talk goes on if it is back within `SETTLE_S`, and else has ended when it dropped out.
A leg that put the customer on hold and went to consult somebody keeps the customer, on hold,
until the customer's channel moves or someone else takes over.
"""

from callcenter.ami.tracker.state import CallState, Channel, Hears, Leg
from callcenter.ami.tracker.world import World
from callcenter.events import HoldBegan, HoldEnded, LegRang, Party, TalkBegan, TalkEnded

#: Asterisk completes a move between bridges within milliseconds.
SETTLE_S = 0.1
#: Who leaves to ask a colleague may be found between two bridges even by a snapshot.
_ASKING_S = 3 * SETTLE_S


def all_heard(start: Channel) -> dict[str, Channel]:
    """Return every channel joined with `start`, itself included, by Uniqueid."""
    joined = {start.uid: start}
    todo = [start]
    while todo:
        channel = todo.pop()
        bridge = channel.bridge
        if bridge is not None and not bridge.holding:
            for uid, other in bridge.members.items():
                if uid not in joined:
                    joined[uid] = other
                    todo.append(other)
        peer = channel.peer
        if peer is not None and peer.uid not in joined:
            joined[peer.uid] = peer
            todo.append(peer)
    return joined


def relisten(world: World, call: CallState, at: float) -> None:
    """Compare what every leg of `call` hears now with what it heard, and tell the difference."""
    customer = call.customer
    near: dict[str, Channel] = {}
    if customer is not None and not customer.gone:
        near = all_heard(customer)
        _welcome_guests(world, call, near, at)
    for leg in list(call.legs.values()):
        if leg.ended or leg.channel is customer:
            continue
        hears = _hears(leg, near)
        if hears != leg.hears or leg.loose_at is not None or leg.left_in is not None:
            _change(world, leg, hears, at)


def _welcome_guests(world: World, call: CallState, near: dict[str, Channel], at: float) -> None:
    """In a conference of several customers an agent has a part in each of their calls.

    And two customers who were joined with each other each have a part in the other's.
    """
    for uid, channel in near.items():
        if channel.call is call or uid in call.legs:
            continue
        if channel.kind == "agent":
            _welcome(world, call, channel, "agent", at)
        elif _is_another_caller(call, channel):
            _welcome(world, call, channel, "external", at)


def _is_another_caller(call: CallState, channel: Channel) -> bool:
    """Whether two who called us were joined; in a conference they are not with each other."""
    inbound = call.direction == channel.call.direction == "inbound"
    in_conference = channel.bridge is not None and channel.bridge.conference
    return inbound and channel is channel.call.customer and not in_conference


def _welcome(world: World, call: CallState, channel: Channel, party: Party, at: float) -> None:
    call.legs[channel.uid] = Leg(call, channel, party, "conference", answered=True)
    channel.visiting.append(call)
    world.tell(
        LegRang, call, at,
        leg=channel.uid, party=party, endpoint=channel.endpoint, how_in="conference",
        number=channel.call.caller if party == "external" else None,
    )  # fmt: skip


def _hears(leg: Leg, near: dict[str, Channel]) -> Hears:
    channel = leg.channel
    if channel.gone or channel.spy:
        return ""
    if channel.uid in near:
        return "customer"
    joined = all_heard(channel).values()
    return "colleague" if any(other.is_party for other in joined if other is not channel) else ""


def _change(world: World, leg: Leg, hears: Hears, at: float) -> None:
    if hears == "customer":
        _meet_customer(world, leg, at)
    elif leg.hears == "customer":
        _part_from_customer(world, leg, hears, world.heard_until(at))
    else:
        stop(world, leg, at)
        _consult(world, leg, hears, at)


def _meet_customer(world: World, leg: Leg, at: float) -> None:
    leg.left_in = leg.loose_at = None
    if leg.hears == "customer":
        return
    stop(world, leg, at)
    call, customer = leg.call, leg.call.customer
    _relieve(world, call, at)
    leg.hears = "customer"
    leg.talked = call.connected = True
    call.handed_over = False
    call.hung_by = None
    since = max(at, leg.channel.joined_at, customer.joined_at if customer else at)
    world.tell(TalkBegan, call, since, leg=leg.channel.uid)


def _relieve(world: World, call: CallState, at: float) -> None:
    """Somebody takes over: who had left the customer on hold, or is gone, no longer talks."""
    for leg in call.legs.values():
        if leg.hears == "customer" and (leg.left_in or leg.loose_at is not None):
            stop(world, leg, at)


def _part_from_customer(world: World, leg: Leg, hears: Hears, at: float) -> None:
    customer = leg.call.customer
    if leg.channel.gone or customer is None or customer.gone:
        stop(world, leg, at)
        return
    if leg.holding:
        leg.left_in = leg.left_in or customer.bridge
        if leg.left_in is not None and customer.bridge is leg.left_in:
            _ask(world, leg, at)
            return
        unhold(world, leg, at)
    if leg.loose_at is None:
        leg.loose_at = at
        world.loose.append(leg)
    if hears == "colleague":
        stop(world, leg, at)
        _consult(world, leg, hears, at)


def _ask(world: World, leg: Leg, at: float) -> None:
    """The customer is on hold while this party asks somebody: for as long as it is anywhere.

    A transfer by the core that is completed while the colleague's phone still rings takes the
    transferring channel out of all bridges, and hangs it up only when that phone is answered.
    """
    if leg.channel.bridge is not None:
        leg.loose_at = None
    elif leg.loose_at is None:
        leg.loose_at = at
        world.loose.append(leg)


def _consult(world: World, leg: Leg, hears: Hears, at: float) -> None:
    if hears == "colleague":
        leg.hears = hears
        leg.talked = True
        world.tell(
            TalkBegan, leg.call, max(at, leg.channel.joined_at), leg=leg.channel.uid, consult=True
        )


def stop(world: World, leg: Leg, at: float) -> None:
    """End whatever talk this leg has: at `at`, or when it dropped out."""
    if not leg.hears:
        return
    ended_at = at if leg.loose_at is None else min(at, leg.loose_at)
    unhold(world, leg, ended_at)
    consult = leg.hears == "colleague"
    leg.hears = ""
    leg.loose_at = leg.left_in = None
    world.tell(TalkEnded, leg.call, ended_at, leg=leg.channel.uid, consult=consult)


def hold(world: World, leg: Leg, at: float) -> None:
    # Every attended transfer by the core leaves a Hold without Unhold; every REFER the reverse.
    if leg.hears and not (leg.holding or leg.call.ended):
        leg.holding = True
        world.tell(HoldBegan, leg.call, at, leg=leg.channel.uid)


def unhold(world: World, leg: Leg, at: float) -> None:
    if leg.holding:
        leg.holding = False
        leg.left_in = None
        world.tell(HoldEnded, leg.call, at, leg=leg.channel.uid)


def stay(world: World, leg: Leg | None, at: float) -> None:
    """A transfer is done and the transferring party is still there: it is a talk of three.

    The core tells the Hold that began the transfer, and no Unhold.
    """
    if leg is not None and leg.left_in is None:
        unhold(world, leg, at)


def settle(world: World, at: float) -> None:
    """End the talk of legs that dropped out and did not come back in time."""
    waiting, world.loose = world.loose, []
    for leg in waiting:
        if leg.loose_at is None:
            continue
        patience_s = SETTLE_S if leg.left_in is None else _ASKING_S
        if at > leg.loose_at + patience_s:
            stop(world, leg, at)
            relisten(world, leg.call, at)
        else:
            world.loose.append(leg)
