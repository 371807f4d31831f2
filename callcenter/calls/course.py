"""The course of a call as it is stored: who talked, held and asked from when to when, who handed over.

The rows of the legs have only the sums. With the course, a call that ended years ago becomes a
`Call` again, and shows the same ladder as on the day itself. Pure.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from callcenter.calls.call import Call
from callcenter.calls.leg import Leg, Visit
from callcenter.calls.models import CallLeg, CallRow, QueueVisit
from callcenter.calls.spans import Span, Spans
from callcenter.events import CallTransferred

#: (from, to) in milliseconds since the epoch; None while it goes on.
_Stretch = tuple[int, int | None]


class _Of(msgspec.Struct, array_like=True, frozen=True):
    """One leg's stretches."""

    talk: list[_Stretch] = []
    hold: list[_Stretch] = []
    consult: list[_Stretch] = []


class _Handover(msgspec.Struct, frozen=True, omit_defaults=True):
    at: int
    kind: Literal["blind", "attended", "redirect"]
    by: str | None = None
    to: str | None = None


class _Course(msgspec.Struct, frozen=True, omit_defaults=True):
    #: By the leg's Uniqueid; legs that never talked are left out.
    legs: dict[str, _Of] = {}
    transfers: list[_Handover] = []


def to_json(call: Call) -> str:
    talked = {
        leg.uniqueid: _Of(_stretches(leg.talk), _stretches(leg.hold), _stretches(leg.consult))
        for leg in call.legs.values()
        if leg.talked or leg.consult.first_began() is not None
    }
    transfers = [
        _Handover(round(one.at * 1000), one.kind, one.by_leg, one.to) for one in call.transfers
    ]
    return msgspec.json.encode(_Course(talked, transfers)).decode()


def rebuild(
    row: CallRow, legs: Iterable[CallLeg], visits: Iterable[QueueVisit], aliases: Sequence[str] = ()
) -> Call:
    """Return the call that these rows were made from, as far as they tell."""
    course = _read(row.course)
    inbound = row.direction == "inbound"
    call = Call(
        row.pbx_id, row.first_uniqueid, row.ring_at.timestamp(), row.origin,
        direction=row.direction,
        caller=row.customer_number if inbound else None,
        caller_name=row.customer_name, did=row.dialed_number if inbound else None,
        called=None if inbound else row.customer_number or row.dialed_number, trunk=row.trunk,
        ivr_digits=row.ivr_digits, voicemail=row.result == "voicemail",
        end_at=_epoch(row.end_at), ended_by=row.ended_by,
        cause=row.hangup_cause, aliases=list(aliases), inferred=set(row.inferred),
    )  # fmt: skip
    if row.direction == "outbound" and row.result != "answered":
        call.failure = row.result
    for leg in legs:
        call.legs[leg.uniqueid] = _leg(leg, course, row)
    call.visits = [_visit(visit) for visit in visits]
    call.transfers = [
        CallTransferred(
            pbx=call.pbx, call=call.id, at=one.at / 1000, kind=one.kind, method="",
            by_leg=one.by, to=one.to,
        )
        for one in course.transfers
    ] if course else []  # fmt: skip
    call.seen_at = max([call.ring_at, *_moments(call)])
    return call


def _moments(call: Call) -> Iterable[float]:
    for leg in call.legs.values():
        for spans in (leg.talk, leg.hold, leg.consult):
            yield spans.last_began() or 0.0
        yield from (at for at in (leg.ring_at, leg.answer_at, leg.end_at) if at is not None)
    yield from (visit.left_at or visit.joined_at for visit in call.visits)
    yield call.end_at or 0.0


def _read(stored: dict[str, Any] | None) -> _Course | None:
    try:
        return msgspec.convert(stored, _Course)
    except msgspec.ValidationError:
        return None


def _leg(row: CallLeg, course: _Course | None, call: CallRow) -> Leg:
    leg = Leg(
        row.uniqueid, row.party, row.endpoint, row.how_in,
        (row.ring_at or call.ring_at).timestamp(), rang=row.how_in in ("ring", "transfer"),
        number=row.number, visit=row.visit, answer_at=_epoch(row.answer_at),
        end_at=_epoch(row.end_at), result=row.result, how_out=row.how_out,
    )  # fmt: skip
    if course is None:
        _guess(leg, row)
    elif (of := course.legs.get(row.uniqueid)) is not None:
        leg.talk = _spans(of.talk, leg.end_at)
        leg.hold = _spans(of.hold, leg.end_at)
        leg.consult = _spans(of.consult, leg.end_at)
    return leg


def _guess(leg: Leg, row: CallLeg) -> None:
    """Without a course: a talk that was never interrupted ended with the leg."""
    if row.talk_ms and not row.hold_ms and not row.consult_ms and leg.end_at is not None:
        leg.talk.closed.append((leg.end_at - row.talk_ms / 1000, leg.end_at))


def _spans(stretches: Iterable[_Stretch], end_at: float | None) -> Spans:
    spans = Spans()
    for begin, end in stretches:
        spans.begin(begin / 1000)
        # What was still going on when the call was stored for the last time ended with the leg.
        until = end / 1000 if end is not None else end_at
        if until is not None:
            spans.end(until)
    return spans


def _visit(row: QueueVisit) -> Visit:
    return Visit(
        row.queue, row.joined_at.timestamp(), row.position, _epoch(row.left_at),
        row.ended,
    )  # fmt: skip


def _stretches(spans: Spans) -> list[_Stretch]:
    closed: list[_Stretch] = [_millis(span) for span in spans.closed]
    return closed if spans.since is None else [*closed, (round(spans.since * 1000), None)]


def _millis(span: Span) -> _Stretch:
    return round(span[0] * 1000), round(span[1] * 1000)


def _epoch(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment is not None else None
