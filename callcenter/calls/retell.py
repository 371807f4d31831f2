"""Tells a call once more, in the fewest events that make the same record.

An open call is stored like that (`call.pbx_state`): after a restart of the service the board folds
the events to the record they were made from, and the PBX's room remembers by them what it knew.
Pure.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from callcenter.calls.call import Call
from callcenter.calls.leg import Leg, Recording, Visit
from callcenter.calls.spans import Spans
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
    LegRang,
    QueueJoined,
    QueueLeft,
    RecordingBegan,
    RecordingEnded,
    RecordingMuted,
    TalkBegan,
    TalkEnded,
)

_Told = (
    CallBegan
    | CallDescribed
    | CallAliased
    | CallTransferred
    | CallEnded
    | LegRang
    | LegAnswered
    | TalkBegan
    | TalkEnded
    | HoldBegan
    | HoldEnded
    | LegEnded
    | QueueJoined
    | QueueLeft
    | RecordingBegan
    | RecordingMuted
    | RecordingEnded
)


class _Stored(msgspec.Struct, frozen=True):
    """What stands in `call.pbx_state`. A later form gets another number."""

    told: list[_Told]
    form: int = 1


_FORM: Final = 1


def to_json(call: Call) -> str:
    return msgspec.json.encode({"form": _FORM, "told": retell(call)}).decode()


def from_stored(state: dict[str, Any] | None) -> list[CallEvent]:
    """Return what `to_json` told; nothing if that is no form this version knows."""
    try:
        stored = msgspec.convert(state, _Stored)
    except msgspec.ValidationError:
        return []
    return list(stored.told) if stored.form == _FORM else []


def retell(call: Call) -> list[CallEvent]:
    """Return the events in order of time, the beginning first."""
    told = [*_described(call), *call.transfers, *_visits(call)]
    timed = [(event.at, event) for event in told]
    for leg in call.legs.values():
        timed += _in_turn(_leg(call, leg))
    for recording in call.recordings:
        timed += _in_turn(_recording(call, recording))
    if call.end_at is not None:
        ended = _event(
            call, CallEnded, call.end_at,
            ended_by=call.ended_by, cause=call.cause, failure=call.failure,
        )  # fmt: skip
        timed.append((ended.at, ended))
    timed.sort(key=lambda one: one[0])
    return [_began(call), *(event for _, event in timed)]


def _in_turn(events: Iterator[CallEvent]) -> Iterator[tuple[float, CallEvent]]:
    """Give each event of one party a place in time that is not before the one it follows."""
    place = 0.0
    for event in events:
        place = max(place, event.at)
        yield place, event


def _event(call: Call, kind: type[CallEvent], at: float, **facts: Any) -> CallEvent:
    inferred = kind.__name__ in call.inferred
    return kind(pbx=call.pbx, at=at, call=call.id, inferred=inferred, **facts)


def _began(call: Call) -> CallEvent:
    return _event(
        call, CallBegan, call.ring_at, direction=call.direction, origin=call.origin,
        caller=call.caller, caller_name=call.caller_name, did=call.did, called=call.called,
        trunk=call.trunk, crm_ref=call.crm_ref,
    )  # fmt: skip


def _described(call: Call) -> Iterator[CallEvent]:
    if call.ivr_digits is not None or call.voicemail:
        yield _event(
            call, CallDescribed, call.ring_at,
            ivr_digits=call.ivr_digits, voicemail=call.voicemail or None,
        )  # fmt: skip
    for alias in call.aliases:
        yield _event(call, CallAliased, call.ring_at, alias=alias)


def _visits(call: Call) -> Iterator[CallEvent]:
    for number, visit in enumerate(call.visits):
        yield _event(
            call, QueueJoined, visit.joined_at,
            visit=number, queue=visit.queue, position=visit.position,
        )  # fmt: skip
        if visit.left_at is not None:
            yield _left(call, number, visit, visit.left_at)


def _left(call: Call, number: int, visit: Visit, at: float) -> CallEvent:
    return _event(call, QueueLeft, at, visit=number, ended=visit.ended or "unknown")


def _leg(call: Call, leg: Leg) -> Iterator[CallEvent]:
    name = {"leg": leg.uniqueid}
    yield _event(
        call, LegRang, leg.ring_at, **name, party=leg.party, endpoint=leg.endpoint,
        how_in=leg.how_in, number=leg.number, visit=leg.visit,
    )  # fmt: skip
    if leg.answer_at is not None:
        yield _event(call, LegAnswered, leg.answer_at, **name)
    yield from _heard(call, leg)
    if leg.end_at is not None:
        yield _event(
            call, LegEnded, leg.end_at, **name,
            result=leg.result or "answered", how_out=leg.how_out, cause=leg.cause,
        )  # fmt: skip


def _recording(call: Call, recording: Recording) -> Iterator[CallEvent]:
    name = {"source": recording.source}
    yield _event(call, RecordingBegan, recording.began_at, **name, file=recording.file)
    for begin, end in recording.muted.closed:
        yield _event(call, RecordingMuted, begin, **name, muted=True)
        yield _event(call, RecordingMuted, end, **name, muted=False)
    if recording.muted.since is not None:
        yield _event(call, RecordingMuted, recording.muted.since, **name, muted=True)
    if recording.ended_at is not None:
        yield _event(call, RecordingEnded, recording.ended_at, **name)


def _heard(call: Call, leg: Leg) -> Iterator[CallEvent]:
    """Tell talk and consultation in turn, each with the holds in it: a leg hears one at a time."""
    name = {"leg": leg.uniqueid}
    talks = [(begin, end, False) for begin, end in _stretches(leg.talk)]
    talks += [(begin, end, True) for begin, end in _stretches(leg.consult)]
    talks.sort(key=lambda one: (one[0], one[1] is None, one[1] or 0.0))
    holds = _stretches(leg.hold)
    for place, (begin, end, consult) in enumerate(talks):
        yield _event(call, TalkBegan, begin, **name, consult=consult)
        until = talks[place + 1][0] if place + 1 < len(talks) else None
        while holds and (until is None or holds[0][0] < until):
            held, taken_back = holds.pop(0)
            yield _event(call, HoldBegan, held, **name)
            if taken_back is not None:
                yield _event(call, HoldEnded, taken_back, **name)
        if end is not None:
            yield _event(call, TalkEnded, end, **name, consult=consult)


def _stretches(spans: Spans) -> list[tuple[float, float | None]]:
    open_since = [] if spans.since is None else [(spans.since, None)]
    return [*spans.closed, *open_since]
