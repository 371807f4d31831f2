"""What each column was doing from when to when: the bars of the picture.

A party does one thing at a time; where the facts overlap, the later one here wins: who asks a
colleague while the customer is on hold is asking.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from callcenter.calls.call import Call
from callcenter.calls.leg import Leg
from callcenter.calls.spans import Span, union, without
from callcenter.calls.why.columns import Column, Columns

#: "on": on the line, hearing nobody that matters.
State = Literal[
    "on", "menu", "wait", "dial", "ring", "parked", "message", "talk", "hold", "consult"
]


class Bar(msgspec.Struct, frozen=True):
    begin: float
    end: float
    state: State


def lanes(call: Call, columns: Columns, until: float) -> dict[str, list[Bar]]:
    """Return the bars of each column by its key; what goes on lasts until `until`."""
    return {column.key: _bars(call, column, until) for column in columns.all}


def state_at(bars: Iterable[Bar], at: float) -> State | None:
    return next((bar.state for bar in bars if bar.begin <= at < bar.end), None)


def spans_of(leg: Leg, until: float | None) -> dict[str, list[Span]]:
    """Return the leg's talk (without hold), hold and consultation: what its sums are made of."""
    talk, hold = leg.talk.until(until), leg.hold.until(until)
    alone = without(talk, hold)
    return {
        "talk": alone,
        "hold": without(talk, alone),
        "consult": union(leg.consult.until(until)),
    }


def _bars(call: Call, column: Column, until: float) -> list[Bar]:
    if column.kind == "customer":
        return _layered(_of_customer(call, until))
    if column.legs:
        own = [call.legs[leg] for leg in column.legs]
        return _layered(_of_party(own, _asked_from(call, own, until), until))
    return _layered(_of_station(call, column, until))


_Layers = dict[State, list[Span]]


def _layered(layers: _Layers) -> list[Bar]:
    """Return bars without overlaps: of two layers the later one is seen."""
    seen: list[Bar] = []
    covered: list[Span] = []
    for state in reversed(layers):
        spans = union(layers[state])
        seen += [Bar(begin, end, state) for begin, end in without(spans, covered)]
        covered = union([*covered, *spans])
    return sorted(seen, key=lambda bar: bar.begin)


def _asked_from(call: Call, own: list[Leg], until: float) -> list[Span]:
    """Return when somebody else was being asked by nobody's second line: by whoever held."""
    consulting = [leg for leg in call.legs.values() if leg.consult.first_began() is not None]
    if len(consulting) != 1 or consulting[0] in own:
        return []
    held = [span for leg in own for span in leg.hold.until(until)]
    return _within(consulting[0].consult.until(until), held)


def _of_party(legs: list[Leg], asking: list[Span], until: float) -> _Layers:
    layers: dict[State, list[Span]] = {
        "on": [], "dial": [], "ring": [], "talk": [], "hold": [],
        "consult": list(asking),
    }  # fmt: skip
    for leg in legs:
        end = leg.end_at if leg.end_at is not None else until
        heard = [
            at
            for at in (leg.answer_at, leg.talk.first_began(), leg.consult.first_began())
            if at is not None
        ]
        # Somebody who took the call over by a key was on the phone from the first moment.
        up = min(heard, default=end)
        layers["on"].append((leg.ring_at, end))
        layers["ring" if leg.rang else "dial"].append((leg.ring_at, min(up, end)))
        layers["talk"] += leg.talk.until(until)
        layers["hold"] += _within(leg.hold.until(until), leg.talk.until(until))
        layers["consult"] += leg.consult.until(until)
    return layers


def _within(spans: list[Span], others: list[Span]) -> list[Span]:
    return without(spans, without(spans, others))


def _of_customer(call: Call, until: float) -> _Layers:
    end = call.end_at if call.end_at is not None else until
    legs = call.legs.values()
    connected = union(span for leg in legs for span in leg.talk.until(until))
    talk = [span for leg in legs for span in without(leg.talk.until(until), leg.hold.until(until))]
    own = [leg for leg in legs if leg.party == "customer"]
    rung = [(leg.ring_at, min(leg.answer_at or leg.end_at or end, end)) for leg in own if leg.rang]
    # A caller is on the line from the first moment; a customer who is called, once the phone rings.
    on = [(leg.ring_at, leg.end_at or end) for leg in own] or (
        [(call.ring_at, end)] if call.direction == "inbound" else []
    )
    return {
        "on": on,
        "ring": rung,
        "menu": menu(call, end),
        "wait": [
            span for visit in call.visits for span in [_stay(visit.joined_at, visit.left_at, end)]
        ],
        "parked": parked(call, end),
        "message": message(call, end),
        "talk": talk,
        "hold": without(connected, talk),
    }


def _of_station(call: Call, column: Column, until: float) -> _Layers:
    end = call.end_at if call.end_at is not None else until
    if column.kind == "menu":
        return {"menu": menu(call, end)}
    if column.kind == "parking":
        return {"parked": parked(call, end)}
    if column.kind == "voicemail":
        return {"message": message(call, end)}
    return {
        "wait": [
            _stay(visit.joined_at, visit.left_at, end)
            for visit in call.visits
            if visit.queue == column.name
        ]
    }


def _stay(begin: float, end: float | None, until: float) -> Span:
    return begin, max(begin, end if end is not None else until)


def menu(call: Call, end: float) -> list[Span]:
    """Return how long the caller was in the menu: until a queue or a phone took over."""
    if call.ivr_digits is None:
        return []
    after = [visit.joined_at for visit in call.visits] + [leg.ring_at for leg in call.parties()]
    return [(call.ring_at, max(call.ring_at, min([end, *after])))]


def parked(call: Call, end: float) -> list[Span]:
    """Return how long the customer was parked: from the talk before to the talk after."""
    began = [
        leg.talk.closed[-1][1]
        for leg in call.legs.values()
        if leg.how_out == "park" and leg.talk.closed
    ]
    talks = sorted(span[0] for leg in call.legs.values() for span in leg.talk.until(end))
    return [(at, next((talk for talk in talks if talk >= at), end)) for at in began]


def message(call: Call, end: float) -> list[Span]:
    """Return how long the caller spoke to the voicemail: since nobody was tried any more."""
    if not call.voicemail:
        return []
    tried = [leg.end_at for leg in call.parties()] + [visit.left_at for visit in call.visits]
    since = max((at for at in tried if at is not None and at <= end), default=call.ring_at)
    return [(since, end)]
