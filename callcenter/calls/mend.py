"""Mends a call record that a gap touched with a second account of the same call.

What was seen stays as it was seen. Inside the gap nobody saw anything: there the second account
counts, and with it everything that a snapshot could only conclude. It knows less (of older PBXs
no hold), so it is never taken whole. Mending twice is mending once.

Pure: two records and the span in, one record out.
"""

from typing import NamedTuple

from callcenter.calls.call import Call, begin
from callcenter.calls.leg import Leg, Visit
from callcenter.calls.retell import retell
from callcenter.calls.spans import Span, Spans, union, without
from callcenter.events import CallBegan, CallEvent

#: The edges of a gap are known no better: what was seen last may not have been stored any more.
BEFORE_S = 2.0
AFTER_S = 1.0
#: The same moment, told twice: a snapshot tells waits and ages in whole seconds.
SAME_S = 2.0
#: Talk that stops and goes on again at the edge of a gap never stopped.
JOIN_S = 0.25


class Gap(NamedTuple):
    from_at: float
    to_at: float

    @property
    def span(self) -> Span:
        return self.from_at - BEFORE_S, self.to_at + AFTER_S

    def holds(self, at: float | None) -> bool:
        first, last = self.span
        return at is not None and first <= at <= last

    def touches(self, from_at: float, to_at: float | None) -> bool:
        first, last = self.span
        return from_at <= last and (to_at is None or to_at >= first)


def refold(told: list[CallEvent]) -> Call:
    """Return the record of a call told by `retell`."""
    first = told[0]
    if not isinstance(first, CallBegan):
        raise TypeError(first)
    call = begin(first)
    for event in told[1:]:
        call.apply(event)
    return call


def mend(known: Call, second: Call, gap: Gap) -> Call:
    """Return `known` with what `second` says of the gap. Both are the same call, and over."""
    before = retell(known)
    call = refold(before)
    call.inferred |= known.inferred
    unseen = "CallBegan" in known.inferred
    _beginning(call, second, unseen=unseen)
    _visits(call, second, gap, unseen=unseen)
    for uid, leg in second.legs.items():
        if uid in call.legs:
            _leg(call, call.legs[uid], leg, gap)
        elif unseen or gap.touches(leg.ring_at, leg.end_at):
            call.legs[uid] = leg
    _transfers(call, second, gap)
    _end(call, second, gap)
    _close(call)
    after = retell(call)
    news = {_key(event) for event in after} ^ {_key(event) for event in before}
    call.inferred |= {kind for kind, *_ in news}
    return refold(retell(call))


def _key(event: CallEvent) -> tuple[str, str]:
    bare = {name: getattr(event, name) for name in event.__struct_fields__ if name != "inferred"}
    return type(event).__name__, repr(bare)


# ---------------------------------------------------------------- the call


def _beginning(call: Call, second: Call, *, unseen: bool) -> None:
    if unseen:
        call.ring_at, call.origin = second.ring_at, second.origin
    for name in ("direction", "caller", "caller_name", "did", "called", "trunk", "crm_ref"):
        fact = getattr(second, name)
        if fact is not None and (unseen or getattr(call, name) is None):
            setattr(call, name, fact)
    call.voicemail = call.voicemail or second.voicemail
    if len(second.ivr_digits or "") > len(call.ivr_digits or ""):
        call.ivr_digits = second.ivr_digits
    call.aliases += [alias for alias in second.aliases if alias not in call.aliases]


def _end(call: Call, second: Call, gap: Gap) -> None:
    if second.end_at is None:
        return
    unseen = "CallEnded" in call.inferred and gap.holds(call.end_at)
    if call.end_at is None or unseen:
        call.end_at, call.ended_by = second.end_at, second.ended_by
        call.cause, call.failure = second.cause, second.failure
    call.seen_at = max(call.seen_at, second.seen_at)


def _transfers(call: Call, second: Call, gap: Gap) -> None:
    for one in second.transfers:
        told = any(
            other.by_leg == one.by_leg and abs(other.at - one.at) <= SAME_S
            for other in call.transfers
        )
        if gap.holds(one.at) and not told:
            call.transfers.append(one)
    call.transfers.sort(key=lambda one: one.at)


# ---------------------------------------------------------------- queues


def _visits(call: Call, second: Call, gap: Gap, *, unseen: bool) -> None:
    left = list(call.visits)
    joined: list[tuple[float, Visit, Visit | None, Visit | None]] = []
    for visit in second.visits:
        known = _same_visit(call, left, visit)
        if known is not None:
            left.remove(known)
            merged = _visit(call, known, visit, gap)
            joined.append((merged.joined_at, merged, known, visit))
        elif unseen or gap.touches(visit.joined_at, visit.left_at):
            joined.append((visit.joined_at, visit, None, visit))
    joined += [(visit.joined_at, visit, visit, None) for visit in left]
    joined.sort(key=lambda one: one[0])
    was = {id(known): place for place, (_, _, known, _) in enumerate(joined) if known is not None}
    is_ = {id(told): place for place, (_, _, _, told) in enumerate(joined) if told is not None}
    _renumber(call, was)
    _renumber(second, is_)
    call.visits = [merged for _, merged, _, _ in joined]


def _renumber(call: Call, places: dict[int, int]) -> None:
    for leg in call.legs.values():
        if leg.visit is not None and leg.visit < len(call.visits):
            leg.visit = places.get(id(call.visits[leg.visit]))


def _same_visit(call: Call, left: list[Visit], visit: Visit) -> Visit | None:
    of_queue = [one for one in left if one.queue == visit.queue]
    near = (one for one in of_queue if abs(one.joined_at - visit.joined_at) <= SAME_S)
    concluded = of_queue if "QueueJoined" in call.inferred else []
    return next(near, next(iter(concluded), None))


def _visit(call: Call, known: Visit, told: Visit, gap: Gap) -> Visit:
    concluded = "QueueJoined" in call.inferred and gap.holds(known.joined_at)
    joined_at = told.joined_at if concluded else known.joined_at
    merged = Visit(known.queue, joined_at, known.position, known.left_at, known.ended)
    unseen = "QueueLeft" in call.inferred and gap.holds(known.left_at)
    if told.left_at is not None and (known.left_at is None or unseen):
        merged.left_at, merged.ended = told.left_at, told.ended
    return merged


# ---------------------------------------------------------------- legs


def _leg(call: Call, leg: Leg, told: Leg, gap: Gap) -> None:
    if "LegRang" in call.inferred and gap.holds(leg.ring_at):
        leg.ring_at, leg.how_in, leg.rang = told.ring_at, told.how_in, told.rang
    leg.number = leg.number or told.number
    leg.visit = told.visit if leg.visit is None else leg.visit
    concluded = "LegAnswered" in call.inferred and gap.holds(leg.answer_at)
    if leg.answer_at is None or concluded:
        leg.answer_at = told.answer_at or leg.answer_at
    lost = leg.how_out == "lost" or ("LegEnded" in call.inferred and gap.holds(leg.end_at))
    if told.end_at is not None and (leg.end_at is None or lost):
        leg.end_at, leg.result = told.end_at, told.result
        leg.how_out, leg.cause = told.how_out, told.cause
    elif leg.how_out is None:
        leg.how_out = told.how_out
    leg.talk = _spliced(leg.talk, told.talk, gap)
    leg.consult = _spliced(leg.consult, told.consult, gap)
    # A PBX before Asterisk 22 does not tell holds; what was seen of them is not taken back.
    leg.hold = _joined([*leg.hold.until(gap.from_at), *_within(told.hold, *gap.span)])


def _spliced(seen: Spans, told: Spans, gap: Gap) -> Spans:
    """Return what was seen outside the gap with what is told of it inside."""
    from_at, to_at = gap.span
    outside = seen.until(from_at) if seen.since is None or seen.since < from_at else seen.closed
    return _joined([*without(outside, [gap.span]), *_within(told, from_at, to_at)])


def _within(spans: Spans, from_at: float, to_at: float) -> list[Span]:
    return [
        (max(since, from_at), min(until, to_at))
        for since, until in spans.until(to_at)
        if since < to_at and until > from_at
    ]


def _joined(pieces: list[Span]) -> Spans:
    spans = Spans()
    for since, until in union(pieces):
        if spans.closed and since - spans.closed[-1][1] <= JOIN_S:
            spans.closed[-1] = (spans.closed[-1][0], until)
        else:
            spans.closed.append((since, until))
    return spans


def _close(call: Call) -> None:
    """Nobody holds, talks or rings beyond the end."""
    for leg in call.legs.values():
        over = leg.end_at if leg.end_at is not None else call.end_at
        if over is None:
            continue
        for spans in (leg.talk, leg.consult, leg.hold):
            spans.end(over)
        talked = leg.talk.closed
        leg.hold.closed = [
            (since, min(until, talked[-1][1] if talked else over))
            for since, until in leg.hold.closed
            if not talked or since < talked[-1][1]
        ]
