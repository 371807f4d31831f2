"""A live call as rows: what the writer puts into each table.

Pure: from a `LiveCall` as it stands to tuples in the order of each table's columns
below, with values as the drivers store them (instants in milliseconds). Figures are
the fold's; this module only spells them.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Final

from callcenter.audit import Audit
from callcenter.calls import course
from callcenter.calls.board import LiveCall
from callcenter.calls.call import Call, Leg, Recording, Visit
from callcenter.calls.models import CallAlias, CallLeg, CallRecording, CallRow, QueueVisit
from callcenter.calls.models import Gap as GapRow
from callcenter.calls.retell import to_json
from callcenter.db import Row, Upsert, millis, new_id
from callcenter.events import GapNoted
from callcenter.interactions.models import Interaction, Participant
from callcenter.phone import Number

#: (pbx, number as the PBX wrote it) -> what it is.
Read = Callable[[int, str], Number]

INTERACTION: Final = Upsert(
    Interaction.__table__,
    (
        "id", "kind", "direction", "status", "start_at", "end_at", "owner_id", "custom", "version",
        "created_at", "updated_at", "revision",
    ),
    newer="revision",
    keep=("kind", "custom", "version", "created_at"),
)  # fmt: skip

CALL: Final = Upsert(
    CallRow.__table__,
    (
        "id", "interaction_id", "merged_into_id", "pbx_id", "first_uniqueid", "direction", "origin",
        "dialed_number", "trunk", "customer_number", "customer_norm", "customer_rev",
        "customer_name", "withheld", "owner_id", "ring_at", "answer_at", "end_at", "wait_ms",
        "talk_ms", "hold_ms", "result", "ended_by", "hangup_cause", "ivr_digits", "intent_id",
        "pbx_state", "told", "course", "inferred", "revision",
    ),
    key=("pbx_id", "first_uniqueid"),
    newer="revision",
    keep=("id",),
)  # fmt: skip

#: Who the customer is belongs to `crm.linking`, so a stored link stays.
PARTICIPANT: Final = Upsert(
    Participant.__table__,
    ("interaction_id", "role", "seq", "user_id", "text", "point", "at"),
)

_ALIAS: Final = ("pbx_id", "alias", "call_id")
#: Of a call on its own: what another call has taken over since stays that call's.
ALIAS: Final = Upsert(CallAlias.__table__, _ALIAS, keep=_ALIAS)
#: Of a call that took others in.
ALIAS_TAKEN: Final = Upsert(CallAlias.__table__, _ALIAS)

LEG: Final = Upsert(
    CallLeg.__table__,
    (
        "call_id", "seq", "uniqueid", "party", "user_id", "endpoint", "number", "visit", "ring_at",
        "answer_at", "end_at", "result", "talk_ms", "hold_ms", "consult_ms", "how_in", "how_out",
    ),
)  # fmt: skip

VISIT: Final = Upsert(
    QueueVisit.__table__,
    ("call_id", "seq", "queue", "joined_at", "left_at", "position", "ended"),
)

RECORDING: Final = Upsert(
    CallRecording.__table__,
    ("call_id", "seq", "source", "file", "began_at", "ended_at", "muted"),
)

_AUDIT: Final = (
    "id", "at", "actor_kind", "actor_id", "entity", "entity_id", "action", "diff", "notable", "once",
)  # fmt: skip
#: Two writers of one call tell its beginning and its end once.
AUDIT: Final = Upsert(Audit.__table__, _AUDIT, key=("once",), keep=_AUDIT)

GAP: Final = Upsert(
    GapRow.__table__,
    ("id", "pbx_id", "epoch", "from_at", "to_at", "reason", "recovered"),
)


def interaction(live: LiveCall) -> Row:
    call = live.call
    return (
        live.interaction_id, "call", "in" if call.direction == "inbound" else "out", status(call),
        millis(call.ring_at), _millis(call.end_at), live.owner_id, "{}", 1, millis(call.ring_at),
        millis(call.seen_at), live.revision,
    )  # fmt: skip


def status(call: Call) -> str:
    """Return what became of the contact itself: held if somebody talked or left a message."""
    if call.live:
        return "live"
    if call.result in ("answered", "voicemail"):
        return "held"
    return "cancelled" if call.result == "cancelled" else "missed"


def call_row(live: LiveCall, merged_into_id: int | None, read: Read) -> Row:
    call = live.call
    number = _customer(call, read)
    return (
        live.id, live.interaction_id, merged_into_id, call.pbx, _text(call.id, 150), call.direction,
        call.origin, _text(call.dialed_number), _text(call.trunk, 120), _text(call.customer_number),
        _text(number.norm or None), _text(number.rev), _text(call.customer_name, 200),
        call.withheld, live.owner_id, millis(call.ring_at), _millis(call.answer_at),
        _millis(call.end_at), _millis(call.wait_s), _millis(call.talk_s), millis(call.hold_s),
        call.result, call.ended_by, call.cause, _text(call.ivr_digits), _intent(call), _state(call),
        _told(live), course.to_json(call), json.dumps(sorted(call.inferred)), live.revision,
    )  # fmt: skip


def participants(live: LiveCall, read: Read) -> list[Row]:
    """Return the customer, and the agents who took the call or made it, in that order."""
    call, at = live.call, millis(live.call.ring_at)
    number = _customer(call, read)
    point = None if call.withheld else number.norm or call.customer_number
    role = "from" if call.direction == "inbound" else "to"
    text = _text(call.customer_name or call.customer_number, 200)
    customer = (live.interaction_id, role, 0, None, text, _text(point, 254), at)
    took_part = dict.fromkeys(
        live.users[leg.uniqueid]
        for leg in call.legs.values()
        if leg.uniqueid in live.users and (leg.answer_at is not None or leg.how_in == "dial")
    )
    return [
        customer,
        *(
            (live.interaction_id, "agent", seq, user_id, None, None, at)
            for seq, user_id in enumerate(took_part)
        ),
    ]


def aliases(live: LiveCall) -> list[Row]:
    call = live.call
    return [
        (call.pbx, _text(alias, 150), live.id) for alias in dict.fromkeys((call.id, *call.aliases))
    ]


def legs(live: LiveCall) -> list[Row]:
    return [_leg(live, seq, leg) for seq, leg in enumerate(live.call.legs.values())]


def visits(live: LiveCall) -> list[Row]:
    return [_visit(live.id, seq, visit) for seq, visit in enumerate(live.call.visits)]


def recordings(live: LiveCall) -> list[Row]:
    return [_recording(live.id, seq, one) for seq, one in enumerate(live.call.recordings)]


def audit(live: LiveCall, action: str, at: float) -> Row:
    call = live.call
    diff: dict[str, list[str | None]] = {"direction": [None, call.direction]}
    if action == "ended":
        diff = {"result": [None, call.result]}
    return (
        new_id(at),
        millis(at),
        "pbx",
        call.pbx,
        "call",
        live.id,
        action,
        json.dumps(diff),
        False,
        _once(call, action),
    )


def _once(call: Call, action: str) -> str:
    named = f"{call.pbx} {call.id} {action}"
    return hashlib.sha1(named.encode(), usedforsecurity=False).hexdigest()


def gap(gap_id: int, event: GapNoted) -> Row:
    return (
        gap_id, event.pbx, event.epoch, millis(event.from_at), millis(event.at),
        _text(event.reason, 200), json.dumps({"queue_calls": event.queue_calls}),
    )  # fmt: skip


def _leg(live: LiveCall, seq: int, leg: Leg) -> Row:
    return (
        live.id, seq, _text(leg.uniqueid, 150), leg.party, live.users.get(leg.uniqueid),
        _text(leg.endpoint, 120), _text(leg.number), leg.visit, millis(leg.ring_at),
        _millis(leg.answer_at), _millis(leg.end_at), leg.result, millis(leg.talk_s),
        millis(leg.hold_s), millis(leg.consult_s), leg.how_in, leg.how_out,
    )  # fmt: skip


def _visit(call_id: int, seq: int, visit: Visit) -> Row:
    return (
        call_id, seq, _text(visit.queue, 120), millis(visit.joined_at), _millis(visit.left_at),
        visit.position, visit.ended,
    )  # fmt: skip


def _recording(call_id: int, seq: int, recording: Recording) -> Row:
    muted = [(millis(begin), millis(end)) for begin, end in recording.muted.closed]
    open_ = [] if recording.muted.since is None else [(millis(recording.muted.since), None)]
    return (
        call_id, seq, _text(recording.source, 150), _text(recording.file, 500),
        millis(recording.began_at), _millis(recording.ended_at), json.dumps([*muted, *open_]),
    )  # fmt: skip


def _customer(call: Call, read: Read) -> Number:
    if call.withheld or not call.customer_number:
        return Number("withheld")
    return read(call.pbx, call.customer_number)


def _state(call: Call) -> str | None:
    """Return what is needed to go on with the call after a restart."""
    return None if call.done or call.folded_into is not None else to_json(call)


def _told(live: LiveCall) -> str | None:
    """Return what is needed to repair a call that is over, if a gap touched it."""
    call = live.call
    touched = live.gap_touched or bool(call.inferred)
    return to_json(call) if touched and call.done and call.folded_into is None else None


def _intent(call: Call) -> str | None:
    return _text(call.crm_ref, 64) if call.origin == "click-to-call" else None


def _millis(seconds: float | None) -> int | None:
    return None if seconds is None else millis(seconds)


def _text(text: str | None, limit: int = 80) -> str | None:
    """Return `text` as a column takes it: what a PBX sends may be longer, or no text at all."""
    if text is None:
        return None
    clean = text.encode("utf-8", "replace").decode().replace("\0", "")
    return clean[:limit]
