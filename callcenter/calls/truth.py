"""A call in the form of the truth files: what `callcenter replay --json` prints."""

from typing import Any

from callcenter import phone
from callcenter.calls.call import Call, Leg
from callcenter.calls.leg import in_order
from callcenter.errors import NotAPhoneNumber


def to_truth(call: Call, region: str, *, timed: bool = True) -> dict[str, Any]:
    """Return the call field by field. Without a clock (`timed`) all durations are null."""
    talkers = [leg for leg in call.talkers() if _counts(leg)]
    last = call.last_talker
    told: dict[str, Any] = {
        "direction": call.direction,
        "origin": call.origin,
        "customer_number": call.customer_number,
        "customer_e164": _e164(call, region),
        "customer_name": call.customer_name,
        "did": call.did,
        "called": call.called if call.direction == "outbound" else None,
        "queues": _unique([visit.queue for visit in in_order(call.visits)]),
        "ivr_digits": call.ivr_digits,
        "rang": _unique([_name(leg) for leg in call.parties() if leg.rang and _counts(leg)]),
        "legs": [_leg(leg, timed=timed) for leg in call.parties() if not _only_asked(call, leg)],
        "first_answered_by": _name(talkers[0]) if talkers else None,
        "last_agent": _name(last) if last is not None else None,
        "agents_talked": _unique([_name(leg) for leg in talkers]),
        "wait_s": _seconds(call.wait_s, timed=timed),
        "queue_wait_s": _seconds(call.queue_wait_s, timed=timed),
        "talk_s": _seconds(call.connected_s, timed=timed),
        "hold_s": _seconds(call.hold_s, timed=timed),
        "transfers": [
            {"kind": one.kind, "method": one.method, "by": _by(call, one.by_leg), "to": one.to}
            for one in call.transfers
        ],
        "disposition": call.result,
        "hangup_by": call.ended_by,
        "voicemail": call.voicemail,
        "crm_ref": call.crm_ref,
        "t_start": _seconds(call.ring_at, timed=timed),
    }
    if call.live:
        told["incomplete"] = True
    return told


def _name(leg: Leg) -> str:
    if leg.party == "external":
        return f"external:{leg.number or ''}"
    return leg.endpoint.rpartition("/")[2]


def _counts(leg: Leg) -> bool:
    """Whether a phone is an agent's or an outside number's."""
    return leg.party in ("agent", "external")


def _only_asked(call: Call, leg: Leg) -> bool:
    """Whether this is the line on which an agent who was on the call already asked a colleague."""
    if leg.rang or leg.talked:
        return False
    on_the_call = (
        other.endpoint == leg.endpoint and other.ring_at < leg.ring_at
        for other in call.legs.values()
    )
    # The colleague may not even have answered.
    return leg.consult.first_began() is not None or any(on_the_call)


def _by(call: Call, uniqueid: str | None) -> str | None:
    leg = call.legs.get(uniqueid or "")
    return _name(leg) if leg is not None else None


def _e164(call: Call, region: str) -> str | None:
    raw = call.customer_number
    if not raw or phone.is_withheld(raw):
        return None
    try:
        return phone.to_e164(raw, [region])
    except NotAPhoneNumber:
        return None


def _leg(leg: Leg, *, timed: bool) -> dict[str, Any]:
    rang_until = leg.answer_at or leg.end_at
    ring_s = rang_until - leg.ring_at if leg.rang and rang_until is not None else None
    told: dict[str, Any] = {
        "agent": _name(leg),
        "ring_s": _seconds(ring_s, timed=timed),
        "result": leg.result,
        "talk_s": _seconds(leg.talk_s + leg.hold_s, timed=timed) if leg.talked else None,
    }
    if leg.consult.first_began() is not None:
        told["consult_s"] = _seconds(leg.consult_s, timed=timed)
    return told


def _seconds(value: float | None, *, timed: bool) -> float | None:
    return round(value, 3) if timed and value is not None else None


def _unique(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))
