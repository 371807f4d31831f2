"""What each domain event does to the record of its call.

A PBX's clock may be set back in mid-call. Nothing ends before it began then, and no stretch of time
reaches into the one before it: what can no longer be measured counts as nothing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from callcenter.calls.leg import Leg, Recording, Visit
from callcenter.events import (
    CallAliased,
    CallDescribed,
    CallEnded,
    CallEvent,
    CallTransferred,
    HoldBegan,
    HoldEnded,
    LegAnswered,
    LegEnded,
    LegRang,
    QueueJoined,
    QueueLeft,
    RecordingBegan,
    RecordingEnded,
    RecordingMuted,
    TalkBegan,
    TalkEnded,
)

if TYPE_CHECKING:
    from callcenter.calls.call import Call


def _described(call: "Call", event: CallDescribed) -> None:
    for name in event.__struct_fields__:
        if name not in _OF_EVENT and (fact := getattr(event, name)) is not None:
            setattr(call, name, fact)


def _aliased(call: "Call", event: CallAliased) -> None:
    if event.alias not in call.aliases:
        call.aliases.append(event.alias)


def _transferred(call: "Call", event: CallTransferred) -> None:
    call.transfers.append(event)


def _ended(call: "Call", event: CallEnded) -> None:
    call.end_at = max(event.at, call.ring_at)
    call.ended_by = event.ended_by
    call.cause = event.cause
    call.failure = event.failure
    for recording in call.recordings:
        recording.end(event.at)


def _rang(call: "Call", event: LegRang) -> None:
    leg = call.legs.get(event.leg)
    if leg is not None:
        leg.how_in = event.how_in
        return
    call.legs[event.leg] = Leg(
        event.leg, event.party, event.endpoint, event.how_in, event.at,
        rang=event.how_in in ("ring", "transfer"), number=event.number, visit=event.visit,
    )  # fmt: skip


def _answered(call: "Call", event: LegAnswered) -> None:
    leg = call.legs.get(event.leg)
    if leg is not None and leg.answer_at is None:
        leg.answer_at = max(event.at, leg.ring_at)


def _talk_began(call: "Call", event: TalkBegan) -> None:
    leg = call.legs.get(event.leg)
    if leg is not None:
        now, before = (leg.consult, leg.talk) if event.consult else (leg.talk, leg.consult)
        now.begin(max(event.at, leg.ring_at, before.last_ended() or 0.0))


def _talk_ended(call: "Call", event: TalkEnded) -> None:
    leg = call.legs.get(event.leg)
    if leg is not None:
        (leg.consult if event.consult else leg.talk).end(event.at)


def _hold_began(call: "Call", event: HoldBegan) -> None:
    leg = call.legs.get(event.leg)
    if leg is not None:
        leg.hold.begin(event.at)


def _hold_ended(call: "Call", event: HoldEnded) -> None:
    leg = call.legs.get(event.leg)
    if leg is not None:
        leg.hold.end(event.at)


def _leg_ended(call: "Call", event: LegEnded) -> None:
    leg = call.legs.get(event.leg)
    if leg is not None and leg.end_at is None:
        heard = (leg.talk.last_ended(), leg.consult.last_ended())
        leg.end_at = max(event.at, leg.ring_at, *(at for at in heard if at is not None))
        leg.result = event.result
        leg.how_out = event.how_out
        leg.cause = event.cause
    for recording in _open(call, event.leg):
        recording.end(event.at)


def _joined(call: "Call", event: QueueJoined) -> None:
    call.visits.append(Visit(event.queue, event.at, event.position))


def _left(call: "Call", event: QueueLeft) -> None:
    if event.visit < len(call.visits):
        visit = call.visits[event.visit]
        visit.left_at = max(event.at, visit.joined_at)
        visit.ended = event.ended


def _recorded(call: "Call", event: RecordingBegan) -> None:
    call.recordings.append(Recording(event.source, event.at, event.file))


def _muted(call: "Call", event: RecordingMuted) -> None:
    for recording in _open(call, event.source):
        recording.mute(event.sides, event.at, muted=event.muted)


def _recorded_no_more(call: "Call", event: RecordingEnded) -> None:
    # MixMonitor stops the one that began first, if there are several.
    for recording in _open(call, event.source)[:1]:
        recording.end(event.at)


def _open(call: "Call", source: str) -> list[Recording]:
    return [one for one in call.recordings if one.source == source and one.ended_at is None]


_OF_EVENT: Final = frozenset({"pbx", "at", "call", "inferred"})

FOLDS: Final[dict[type[CallEvent], Callable[["Call", Any], None]]] = {
    CallDescribed: _described,
    CallAliased: _aliased,
    CallTransferred: _transferred,
    CallEnded: _ended,
    LegRang: _rang,
    LegAnswered: _answered,
    TalkBegan: _talk_began,
    TalkEnded: _talk_ended,
    HoldBegan: _hold_began,
    HoldEnded: _hold_ended,
    LegEnded: _leg_ended,
    QueueJoined: _joined,
    QueueLeft: _left,
    RecordingBegan: _recorded,
    RecordingMuted: _muted,
    RecordingEnded: _recorded_no_more,
}
