"""How a phone's part, and the whole call, came to an end."""

from typing import Final

from callcenter.calls.why import says
from callcenter.calls.why.columns import Column
from callcenter.calls.why.says import Say
from callcenter.calls.why.scene import MOMENT_S, Row, Scene
from callcenter.events import CallEnded, CallTransferred, LegEnded, LegRang, TalkBegan


def leg_ended(scene: Scene, event: LegEnded) -> Row | None:
    column, leg = scene.column(event.leg), scene.leg(event.leg)
    if column is scene.customer or leg is None:
        return None
    if event.how_out == "lost":
        over = scene.is_ending(event.at)
        return None if over else scene.row(event, column, Say(says.LOST, {"who": column}), bad=True)
    if event.result in _REFUSED:
        say = Say(_REFUSED[event.result], {"who": column})
        return scene.row(event, column, say, bad=True)
    if event.result == "cancelled":
        return _cancelled(scene, event, column)
    if event.result != "answered" or not leg.talked or _is_told(scene, event):
        return None
    return scene.row(event, column, Say(says.LEAVES, {"who": column}))


def _is_told(scene: Scene, event: LegEnded) -> bool:
    """Whether the row of a transfer, of parking or of the call's end says that this party left."""
    return (
        event.how_out in ("transfer", "park")
        or scene.near(CallTransferred, event.at) is not None
        or scene.is_ending(event.at)
    )


def _cancelled(scene: Scene, event: LegEnded, column: Column) -> Row | None:
    if scene.is_ending(event.at) or scene.near(TalkBegan, event.at, consult=False):
        return None
    if scene.near(LegRang, event.at, how_in="pickup"):
        return None
    return scene.row(event, column, Say(says.STOPS_RINGING, {"who": column}))


def ended(scene: Scene, event: CallEnded) -> Row | None:
    if event.call != scene.call.id:
        return None
    say, column = _ending(scene, event)
    return scene.row(event, column, say, bad=scene.call.result not in ("answered", "voicemail"))


def _ending(scene: Scene, event: CallEnded) -> tuple[Say, Column]:
    call = scene.call
    reached = any(leg.answer_at for leg in call.legs.values() if leg.party == "customer")
    if call.direction == "outbound" and not reached and not call.talkers():
        return _not_reached(scene)
    if call.ended_by == "customer":
        return _customer_ends(scene, event), scene.customer
    if call.ended_by in ("agent", "external"):
        last = _last(scene, call.ended_by)
        if last is not None:
            return Say(says.ENDS_PARTY, {"who": last}), last
    text = says.ENDS_UNKNOWN if call.ended_by is None else says.ENDS_SYSTEM
    return Say(text), scene.customer


def _not_reached(scene: Scene) -> tuple[Say, Column]:
    last = _last(scene, "agent")
    if scene.call.failure == "cancelled" and last is not None:
        return Say(says.ENDS_GIVES_UP, {"who": last}), last
    text = _FAILED.get(scene.call.failure or "", says.ENDS_FAILED)
    return Say(text), scene.customer


def _customer_ends(scene: Scene, event: CallEnded) -> Say:
    for visit in scene.call.visits:
        if visit.ended == "abandoned" and abs((visit.left_at or 0.0) - event.at) <= MOMENT_S:
            return Say(
                says.ENDS_WAITING, {"queue": scene.columns.queue(visit.queue) or visit.queue}
            )
    if scene.call.talkers() or scene.call.voicemail:
        return Say(says.ENDS_CUSTOMER)
    return Say(says.ENDS_RINGING)


def _last(scene: Scene, party: str) -> Column | None:
    legs = [leg for leg in scene.call.legs.values() if leg.party == party]
    last = max(legs, key=lambda leg: leg.talk.last_began() or leg.ring_at, default=None)
    return scene.column(last.uniqueid) if last is not None else None


_REFUSED: Final = {
    "noanswer": says.NO_ANSWER,
    "busy": says.BUSY,
    "declined": says.DECLINES,
    "forwarded": says.FORWARDS,
    "unreachable": says.UNREACHABLE,
}

_FAILED: Final = {"busy": says.ENDS_BUSY, "no-answer": says.ENDS_NO_ANSWER}
