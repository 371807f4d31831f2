"""A customer changes hands: transfers, pickups, parking; and supervisors who only listen."""

from callcenter.ami.messages import Message
from callcenter.ami.tracker import bridging, calls, legs, talk, visits
from callcenter.ami.tracker.state import Channel, Leg
from callcenter.ami.tracker.world import World
from callcenter.events import CallTransferred, HowIn, HowOut


def blind_transfer(world: World, message: Message, at: float) -> None:
    by = calls.seen(world, message, at, "transferer")
    calls.seen(world, message, at, "transferee")
    if by is None or by.call.ended or message.get("result") not in ("Success", ""):
        return
    _hands_over(by, "transfer")
    by.call.handed_over = True
    world.tell(
        CallTransferred, by.call, at,
        kind="blind", method="REFER", by_leg=by.uid, to=message.get("extension") or None,
    )  # fmt: skip


def attended_transfer(world: World, message: Message, at: float) -> None:
    by = calls.seen(world, message, at, "origtransferer")
    second = calls.seen(world, message, at, "secondtransferer")
    target = calls.seen(world, message, at, "transfertarget")
    transferee = calls.seen(world, message, at, "transferee")
    if by is None or message.get("result") not in ("Success", ""):
        return
    for other in (second, transferee, target):
        if other is not None:
            calls.join(world, by.call, other.call, at)
    if second is not None and transferee is not None and message.get("desttype") == "App":
        # Whoever is handed over goes on with what the second line was doing: waits in its queue,
        # is in its conference. In 16 nothing else tells of that.
        visits.take_over(transferee, second)
        bridging.take_place(world, transferee, second, at)
    if by.call.ended:
        return
    for transferer in (by, second):
        if transferer is not None:
            _hands_over(transferer, "transfer")
            talk.stay(world, _leg(transferer), at)
    world.tell(
        CallTransferred, by.call, at,
        kind="attended", method="core" if second is by else "REFER", by_leg=by.uid,
        to=_name_of(target) or (second.exten if second is not None else None) or None,
    )  # fmt: skip


def _name_of(target: Channel | None) -> str | None:
    return target.endpoint.rpartition("/")[2].partition("@")[0] if target is not None else None


def _hands_over(channel: Channel, how_out: HowOut) -> None:
    leg = _leg(channel)
    if leg is not None:
        leg.how_out = how_out


def _leg(channel: Channel) -> Leg | None:
    return channel.call.legs.get(channel.uid)


def pickup(world: World, message: Message, at: float) -> None:
    _take(world, message, at, "", "target", "pickup")


def parked(world: World, message: Message, at: float) -> None:
    """Whoever talked with the customer last parked them; nobody's talk goes on in a car park."""
    parkee = calls.seen(world, message, at, "parkee")
    if parkee is None:
        return
    for leg in parkee.call.legs.values():
        if leg.hears == "customer":
            leg.how_out = "park"


def unparked(world: World, message: Message, at: float) -> None:
    _take(world, message, at, "retriever", "parkee", "unpark")


def _take(
    world: World, message: Message, at: float, taker_key: str, taken_key: str, how_in: HowIn
) -> None:
    taker = calls.seen(world, message, at, taker_key)
    taken = calls.seen(world, message, at, taken_key)
    if taker is None or taken is None or taker.call is taken.call:
        return
    calls.join(world, taken.call, taker.call, at)
    if taker.call is taken.call:
        legs.take_over(world, taker, how_in, at)


def spy_start(world: World, message: Message, at: float) -> None:
    spy = calls.seen(world, message, at, "spyer")
    if spy is not None:
        spy.spy = True
