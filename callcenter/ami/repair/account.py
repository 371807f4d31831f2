"""What CEL says of calls, as the domain events that AMI would have led to.

Nobody saw them happen when they did, so all of them are `inferred`. Pure.
"""

from collections.abc import Collection, Iterable

import msgspec

from callcenter.ami.repair.rows import CelRow
from callcenter.ami.repair.translate import translate
from callcenter.ami.tracker import Endpoints, Tracker
from callcenter.events import CallEvent, Event

#: After the last row so much time passes that nothing is in the balance any more.
_SETTLED_S = 1.0


def account(
    rows: Iterable[CelRow],
    pbx: int,
    endpoints: Endpoints,
    *,
    living: Collection[str] | None = None,
    cut_at: float = 0.0,
) -> list[CallEvent]:
    """Return the story of all calls in `rows`, in order.

    A channel without an end that is not among the `living` (Uniqueids or Linkedids) was cut off: it ended at `cut_at`, or
    with its last row if that is later. With `living` None nobody knows, and it goes on.
    """
    tracker = Tracker(pbx, endpoints)
    told: list[Event] = []
    last: dict[str, float] = {}
    linked: dict[str, str] = {}
    at = 0.0
    for message in translate(rows):
        at = message.at or at
        if uid := message.get("uniqueid"):
            last[uid], linked[uid] = at, message.get("linkedid")
        told += tracker.feed(message, at)
    told += tracker.settle(at + _SETTLED_S)
    if living is not None:
        cut = [uid for uid in tracker.channels() if not {uid, linked.get(uid)} & set(living)]
        told += tracker.lost(cut, max([cut_at, *(last.get(uid, 0.0) for uid in cut)]))
    return [
        msgspec.structs.replace(event, inferred=True)
        for event in told
        if isinstance(event, CallEvent)
    ]
