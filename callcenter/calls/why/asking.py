"""Fetches what explains a call: the stored record, and the raw stream as far as it is kept."""

from datetime import datetime

import msgspec

from callcenter.calls.story import CallDetail
from callcenter.calls.why.checking import Difference, differences
from callcenter.calls.why.columns import Person
from callcenter.calls.why.ladder import Ladder, build
from callcenter.interactions import covering
from callcenter.pbx import EvidenceOf, Trace
from callcenter.server.identity import Identity


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """A call with its ladder. `trace` is None if nothing of the raw stream is kept."""

    detail: CallDetail
    ladder: Ladder
    trace: Trace | None
    #: Where the record differs from what the stream gives; None if it cannot be told.
    differs: list[Difference] | None


async def explain(
    detail: CallDetail, evidence_of: EvidenceOf | None, now: datetime, who: Identity
) -> Explained:
    stored = detail.call
    trace = None
    if evidence_of is not None:
        names = frozenset({stored.id, *stored.aliases})
        until = stored.end_at if stored.end_at is not None else now.timestamp()
        legs = [leg.end_at or 0.0 for leg in stored.legs.values()]
        trace = await evidence_of(stored.pbx, names, stored.ring_at, max([until, *legs]))
    if trace is not None and not trace.evidence:
        trace = None
    ladder = build(stored, trace, people_of(detail), now.timestamp(), detail.asked_by)
    checked = ladder.from_stream and stored.end_at is not None
    return Explained(
        detail=detail, ladder=ladder, trace=trace,
        differs=[
            _covered(one, who) for one in differences(stored, ladder.call)
        ] if checked else None,
    )  # fmt: skip


def _covered(one: Difference, who: Identity) -> Difference:
    """Return a difference without the numbers that `who` may not read."""
    if one.field not in ("number", "parties"):
        return one
    stored, derived = (
        covering.name(each, who) if isinstance(each, str) else each
        for each in (one.stored, one.derived)
    )
    return msgspec.structs.replace(one, stored=stored, derived=derived)


def people_of(detail: CallDetail) -> dict[str, Person]:
    """Return whose phone each leg was when it rang."""
    return {
        leg.uniqueid: Person(user_id=leg.user_id, name=leg.name)
        for leg in detail.legs
        if leg.user_id is not None and leg.name is not None
    }
