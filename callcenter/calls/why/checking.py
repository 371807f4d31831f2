"""Checks a stored record against the one that the raw stream gives."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from callcenter.calls.call import Call
from callcenter.calls.leg import Leg

#: Stored times are whole milliseconds, and sums of them are off by as much.
CLOSE_S = 0.02

Field = Literal[
    "began", "answered", "ended", "wait", "talk", "hold", "result", "ended_by", "number", "parties",
    "queues", "rang", "consult",
]  # fmt: skip


class Difference(msgspec.Struct, frozen=True):
    """A field that differs; `leg` names the party's leg, if it is one party's."""

    field: Field
    stored: float | str | None
    derived: float | str | None
    leg: str | None = None


def differences(stored: Call, derived: Call) -> list[Difference]:
    return [
        one
        for one in (*_of_call(stored, derived), *_of_legs(stored, derived))
        if not _equal(one.stored, one.derived)
    ]


def _of_call(stored: Call, derived: Call) -> Iterator[Difference]:
    yield Difference("began", stored.ring_at, derived.ring_at)
    yield Difference("answered", stored.answer_at, derived.answer_at)
    yield Difference("ended", stored.end_at, derived.end_at)
    yield Difference("talk", stored.talk_s, derived.talk_s)
    yield Difference("hold", stored.hold_s, derived.hold_s)
    yield Difference("result", stored.result, derived.result)
    yield Difference("ended_by", stored.ended_by, derived.ended_by)
    yield Difference("number", stored.customer_number, derived.customer_number)
    yield Difference("queues", _queues(stored), _queues(derived))
    yield Difference("parties", _parties(stored), _parties(derived))


def _of_legs(stored: Call, derived: Call) -> Iterator[Difference]:
    for uniqueid, leg in stored.legs.items():
        again = derived.legs.get(uniqueid)
        if again is not None:
            yield Difference("rang", leg.ring_at, again.ring_at, uniqueid)
            yield Difference("answered", leg.answer_at, again.answer_at, uniqueid)
            yield Difference("ended", leg.end_at, again.end_at, uniqueid)
            yield Difference("result", leg.result, again.result, uniqueid)
            yield from _sums(leg, again)


def _sums(leg: Leg, again: Leg) -> Iterator[Difference]:
    yield Difference("talk", leg.talk_s, again.talk_s, leg.uniqueid)
    yield Difference("hold", leg.hold_s, again.hold_s, leg.uniqueid)
    yield Difference("consult", leg.consult_s, again.consult_s, leg.uniqueid)


def _queues(call: Call) -> str:
    return ", ".join(f"{visit.queue} ({visit.ended})" for visit in call.visits)


def _parties(call: Call) -> str:
    return ", ".join(sorted(leg.endpoint for leg in call.parties()))


def _equal(one: float | str | None, other: float | str | None) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= CLOSE_S
    return one == other
