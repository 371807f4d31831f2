"""How a caller comes in: the beginning, the menu, the queues."""

from typing import Final

from callcenter.calls.why import says
from callcenter.calls.why.columns import Column
from callcenter.calls.why.says import Say
from callcenter.calls.why.scene import Row, Scene
from callcenter.events import CallBegan, CallDescribed, CallEnded, QueueJoined, QueueLeft


def began(scene: Scene, event: CallBegan) -> Row | None:
    call = scene.call
    if event.call != call.id:
        return None
    first = next((scene.column(leg.uniqueid) for leg in call.parties()), None)
    if call.direction == "inbound":
        number = {"number": call.did} if call.did else {}
        text = says.CALLS_NUMBER if number else says.CALLS
        return scene.row(event, scene.customer, Say(text, dict(number)))
    column = first or scene.customer
    caller = scene.asked_by or column
    if not call.called or caller is scene.customer:
        return scene.row(event, column, Say(says.CALL_BEGINS, {"who": caller}))
    text = says.CLICKS if call.origin == "click-to-call" else says.DIALS
    return scene.row(event, column, Say(text, {"who": caller, "number": call.called}))


def described(scene: Scene, event: CallDescribed) -> Row | None:
    if event.ivr_digits and event.ivr_digits != scene.keys:
        fresh = event.ivr_digits.removeprefix(scene.keys)
        scene.keys = event.ivr_digits
        return scene.row(event, scene.customer, Say(says.PRESSES, {"keys": fresh}), to="menu")
    if event.voicemail:
        return scene.row(event, scene.customer, Say(says.LEAVES_MESSAGE), to="voicemail")
    return None


def joined(scene: Scene, event: QueueJoined) -> Row:
    names: dict[str, Column | str] = {"queue": _queue(scene, event.queue)}
    text = says.WAITS
    if event.position and event.position > 1:
        text, names["place"] = says.WAITS_PLACE, str(event.position)
    return scene.row(event, scene.customer, Say(text, names), to=f"queue {event.queue}")


def left(scene: Scene, event: QueueLeft) -> Row | None:
    if event.ended == "answered" or event.visit >= len(scene.call.visits):
        return None
    if event.ended == "abandoned" and scene.near(CallEnded, event.at, call=scene.call.id):
        return None
    queue = _queue(scene, scene.call.visits[event.visit].queue)
    return scene.row(event, scene.customer, Say(_LEFT[event.ended], {"queue": queue}), bad=True)


def _queue(scene: Scene, name: str) -> Column | str:
    return scene.columns.queue(name) or name


_LEFT: Final = {
    "abandoned": says.QUEUE_ABANDONED,
    "timeout": says.QUEUE_TIMEOUT,
    "key": says.QUEUE_KEY,
    "empty": says.QUEUE_EMPTY,
    "full": says.QUEUE_FULL,
    "transferred": says.QUEUE_TAKEN,
    "unknown": says.QUEUE_UNKNOWN,
}
