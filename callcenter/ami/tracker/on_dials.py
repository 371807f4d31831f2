"""Somebody dials somebody."""

from callcenter.ami.messages import Message
from callcenter.ami.tracker import calls, legs
from callcenter.ami.tracker.state import CallState
from callcenter.ami.tracker.world import World, number
from callcenter.events import CallBegan, CallEnded, RequestFailed

#: Originate's reasons for a phone that was not even tried: not placed, congestion.
_NEVER_RANG = (0, 8)


def dial_begin(world: World, message: Message, at: float) -> None:
    source = calls.seen(world, message, at)
    rung = calls.seen(world, message, at, "dest") or calls.passed(world, message, "dest", at)
    if rung is None:
        return
    if source is not None:
        calls.began(world, source, called_in=True)
        if not message.get("destlinkedid"):
            # Early releases of 13 tell no Linkedid: then who is dialled belongs to who dials.
            calls.adopt(world, source.call, rung, at)
    # That it rang already is told by this, which knows more of it.
    rung.rang = None
    calls.began(world, rung, called_in=False)
    rung.dialled = True
    rung.dialled_by = source
    call = rung.call
    if source is None and call.ours and call.called is None:
        # Our own Originate shows the customer's number as the caller to the agent's phone. Over a
        # Local channel only its near half shows that: the phone behind it shows its own number.
        world.describe(call, at, called=legs.dialable(message.get("destcalleridnum")))
    legs.ring(world, source, rung, message, at)
    leg = rung.call.legs.get(rung.uid)
    if rung.gone and leg is not None:
        # It refused so fast that its own end was told before this.
        legs.hung_up(world, leg, world.ended[rung.uid], at)


def dial_end(world: World, message: Message, at: float) -> None:
    calls.seen(world, message, at)
    rung = calls.seen(world, message, at, "dest")
    status = message.get("dialstatus")
    # A cancelled phone of a queue is told two or three times; the first time counts.
    if rung is None or rung.dial_status or not status:
        return
    rung.dial_status = status
    leg = rung.call.legs.get(rung.uid)
    if leg is not None:
        legs.dial_ended(world, leg, status, message.get("forward"), at)


def originate_response(world: World, message: Message, at: float) -> None:
    """A call we asked for reached the agent's phone, or did not (not: the customer)."""
    uid = message.get("uniqueid")
    crm_ref = message.variable("CRM_REF") or None
    if not uid or uid == "<null>" or not calls.is_ours(uid, crm_ref):
        return
    call = world.calls.get(uid)
    exten = legs.dialable(message.get("exten"))
    if call is not None and call.customer is None and call.direction == "outbound" and exten:
        world.describe(call, at, called=exten)
    if message.get("response") == "Failure":
        reason = number(message.get("reason"))
        if call is None and uid not in world.ended and reason in _NEVER_RANG:
            _never_rang(world, CallState(uid, at, rooted=True), exten, crm_ref, at)
        world.out.append(RequestFailed(pbx=world.pbx, at=at, channel_id=uid, reason=reason))


def _never_rang(
    world: World, call: CallState, exten: str | None, crm_ref: str | None, at: float
) -> None:
    """The phone was not even reachable: there never was a channel, yet somebody wanted a call."""
    world.tell(
        CallBegan, call, at,
        direction="outbound", origin="click-to-call", called=exten, crm_ref=crm_ref,
    )  # fmt: skip
    world.tell(CallEnded, call, at, ended_by="system", failure="failed")
    world.remember_ended(call.id)
