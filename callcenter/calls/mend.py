"""Mends a call record that a gap touched with a second account of the same call.

What was seen before the gap stays as it was seen. From then on the second account counts: inside the
gap nobody saw anything, and what was seen after it was understood without knowing what it followed
from. Where the two agree, what was seen is kept, and so is what only the live events tell. Mending
twice is mending once.

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
#: The same visit or transfer, told twice: a snapshot tells waits and ages in whole seconds.
SAME_S = 2.0
#: The same moment, told twice.
AGREED_S = 0.1
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
    """Return `known` with what `second` says from the gap on. Both are the same call, and over."""
    before = retell(known)
    call = refold(before)
    call.inferred |= known.inferred
    # Its legs become the call's own, and are changed with it.
    second = refold(retell(second))
    unseen = gap.holds(call.ring_at)
    _beginning(call, second, unseen=unseen)
    _visits(call, second, gap, unseen=unseen)
    for uid, told in second.legs.items():
        leg = call.legs.get(uid)
        if leg is None:
            if unseen or gap.touches(told.ring_at, told.end_at):
                call.legs[uid] = told
                _leg(told, told, gap)
        elif leg.end_at is None or leg.end_at >= gap.span[0]:
            _leg(leg, told, gap)
    _transfers(call, second, gap)
    _end(call, second, gap)
    _close(call)
    after = retell(call)
    news = {_key(event) for event in after} ^ {_key(event) for event in before}
    call.inferred |= {kind for kind, *_ in news}
    return refold(retell(call))


def _agreed(seen: float | None, told: float | None) -> float | None:
    """Return what was seen if that is what is told, or if nothing is; else what is told."""
    if seen is not None and (told is None or abs(seen - told) <= AGREED_S):
        return seen
    return told


def _key(event: CallEvent) -> tuple[str, str]:
    bare = {name: getattr(event, name) for name in event.__struct_fields__ if name != "inferred"}
    return type(event).__name__, repr(bare)


# ---------------------------------------------------------------- the call


def _beginning(call: Call, second: Call, *, unseen: bool) -> None:
    if unseen:
        call.ring_at = _agreed(call.ring_at, second.ring_at) or second.ring_at
        call.origin, call.caller_name = second.origin, second.caller_name
    for name in ("direction", "caller", "caller_name", "did", "called", "trunk", "crm_ref"):
        fact = getattr(second, name)
        if fact is not None and (unseen or getattr(call, name) is None):
            setattr(call, name, fact)
    if call.direction == "internal" and second.direction == "outbound":
        # A colleague was called first; that a customer was asked in was missed.
        call.direction, call.called = second.direction, second.called or call.called
    call.voicemail = call.voicemail or second.voicemail
    if len(second.ivr_digits or "") > len(call.ivr_digits or ""):
        call.ivr_digits = second.ivr_digits
    call.aliases += [alias for alias in second.aliases if alias not in call.aliases]


def _end(call: Call, second: Call, gap: Gap) -> None:
    if second.end_at is None:
        return
    agreed = call.end_at is not None and abs(call.end_at - second.end_at) <= AGREED_S
    unseen = not agreed or gap.holds(call.end_at)
    call.ended_by = second.ended_by if unseen else call.ended_by or second.ended_by
    call.cause = second.cause if unseen else call.cause
    call.failure = second.failure
    # An end that fell into the gap was concluded, not seen, however near it is.
    call.end_at = second.end_at if unseen else call.end_at
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
        known = _same_visit(call, left, visit, gap)
        if known is not None:
            left.remove(known)
            merged = _visit(known, visit, gap)
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


def _same_visit(call: Call, left: list[Visit], visit: Visit, gap: Gap) -> Visit | None:
    of_queue = [one for one in left if one.queue == visit.queue]
    near = (one for one in of_queue if abs(one.joined_at - visit.joined_at) <= SAME_S)
    # Of who no longer waits a snapshot knows only that he is in the queue's hands.
    concluded = (
        one for one in of_queue if "QueueJoined" in call.inferred and gap.holds(one.left_at)
    )
    return next(near, next(concluded, None))


def _visit(known: Visit, told: Visit, gap: Gap) -> Visit:
    joined_at = known.joined_at
    if gap.holds(joined_at) or abs(joined_at - told.joined_at) > SAME_S:
        joined_at = _agreed(joined_at, told.joined_at) or joined_at
    merged = Visit(known.queue, joined_at, known.position, known.left_at, known.ended)
    seen = known.left_at is not None and known.ended != "unknown" and not gap.holds(known.left_at)
    if told.left_at is not None and not seen:
        merged.left_at = _agreed(known.left_at, told.left_at)
        merged.ended = told.ended
    return merged


# ---------------------------------------------------------------- legs


def _leg(leg: Leg, told: Leg, gap: Gap) -> None:
    first = gap.span[0]
    if leg.ring_at >= first:
        leg.ring_at = _agreed(leg.ring_at, told.ring_at) or leg.ring_at
        leg.how_in, leg.rang = told.how_in, told.rang
    leg.number = leg.number or told.number
    leg.visit = told.visit if leg.visit is None else leg.visit
    if leg.answer_at is None or leg.answer_at >= first:
        leg.answer_at = _agreed(leg.answer_at, told.answer_at)
    if told.end_at is not None:
        leg.end_at = _agreed(leg.end_at, told.end_at)
        leg.result, leg.how_out, leg.cause = told.result, told.how_out, told.cause
    if leg.hold.closed and not told.hold.closed:
        # A PBX before Asterisk 22 does not tell holds; what was seen of them is not taken back, nor
        # who was on the line meanwhile.
        last = gap.span[1]
    else:
        # What came after the gap was seen without knowing what it followed from.
        last = max(leg.end_at or 0.0, told.end_at or 0.0, gap.span[1])
        leg.hold = _spliced(leg.hold, told.hold, gap, last)
    leg.talk = _spliced(leg.talk, told.talk, gap, last)
    leg.consult = _spliced(leg.consult, told.consult, gap, last)


def _spliced(seen: Spans, told: Spans, gap: Gap, last: float) -> Spans:
    """Return what is told from the gap's beginning until `last`, with what was seen besides."""
    first = gap.span[0]
    outside = seen.until(first) if seen.since is None or seen.since < first else seen.closed
    inside = [
        (max(since, first), min(until, last))
        for since, until in told.until(last)
        if since < last and until > first
    ]
    spans = Spans()
    for since, until in union([*without(outside, [(first, last)]), *inside]):
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
