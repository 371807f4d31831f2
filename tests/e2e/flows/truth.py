"""What really happened in a flow, told by its script from what the phones saw.

Nothing here comes from AMI: a leg's times are those of the SIP messages its phone sent and got.
The form is that of every truth file in `tests/transcripts` (see the README there).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.e2e.rig.call import Call

#: From when until when.
Span = tuple[float | None, float | None]

Result = Literal["answered", "noanswer", "cancelled", "busy", "declined", "forwarded", "unanswered"]


@dataclass
class Leg:
    """One phone's part: how it came out, and when it was connected with the customer."""

    name: str
    call: Call | None
    result: Result
    talk: list[Span]
    consult: list[Span]
    is_agent: bool = True

    @property
    def rang(self) -> bool:
        return self.call is None or self.call.incoming

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "agent": self.name,
            "ring_s": self._ring_s(),
            "result": self.result,
            "talk_s": seconds(self.talk) if self.talk else None,
        }
        if self.consult:
            told["consult_s"] = seconds(self.consult)
        return told

    def _ring_s(self) -> float | None:
        if self.call is None or not self.call.incoming or self.call.ringing_at is None:
            return None
        over = self.call.answered_at or self.call.ended_at or self.call.ringing_at
        return round(over - self.call.ringing_at, 3)


@dataclass
class Interaction:
    """One contact with a customer. `customer` is the carrier's call, if there was one."""

    direction: Literal["inbound", "outbound"]
    origin: Literal["trunk", "phone", "click-to-call"]
    customer: Call | None
    number: str | None
    did: str | None = None
    name: str | None = None
    queues: Sequence[str] = ()
    ivr_digits: str | None = None
    disposition: str = "answered"
    hangup_by: str = "customer"
    voicemail: bool = False
    crm_ref: str | None = None
    holds: Sequence[Span] = ()
    transfers: Sequence[dict[str, Any]] = ()
    legs: list[Leg] = field(default_factory=list)
    #: The leg on which the customer answered, if `customer` was a first try that failed.
    answered: Call | None = None

    def stranger(self, call: Call, *, talk: Span) -> None:
        """Tell of a phone that is nobody's: it talks, and is no agent."""
        self.legs.append(Leg(call.line, call, "answered", [talk], [], is_agent=False))

    def leg(
        self,
        call: Call | str,
        result: Result = "answered",
        *,
        talk: Span | Sequence[Span] = (),
        consult: Span | Sequence[Span] = (),
    ) -> None:
        """Tell of a phone; of an outside number by its number, `call` being its leg on the trunk."""
        if isinstance(call, str):
            name, phone = call, None
        else:
            external = call.line.startswith("trunk")
            name, phone = f"external:{call.called_number}" if external else call.line, call
        self.legs.append(Leg(name, phone, result, _spans(talk), _spans(consult)))

    def told(self) -> dict[str, Any]:
        talkers = sorted((leg for leg in self.legs if leg.talk), key=lambda leg: min(_known(leg)))
        agents = [leg for leg in talkers if leg.is_agent]
        last = max(agents, key=lambda leg: max(_known(leg)), default=None)
        told: dict[str, Any] = {
            "direction": self.direction,
            "origin": self.origin,
            "customer_number": self.number,
            "customer_e164": _e164(self.number),
            "customer_name": self.name,
            "did": self.did,
            "called": self.number if self.direction == "outbound" else None,
            "queues": list(self.queues),
            "ivr_digits": self.ivr_digits,
            "rang": _unique([leg.name for leg in self.legs if leg.rang and leg.is_agent]),
            "legs": [leg.told() for leg in self.legs],
            "first_answered_by": agents[0].name if agents else None,
            "last_agent": last.name if last is not None else None,
            "agents_talked": _unique([leg.name for leg in agents]),
            "wait_s": self._wait_s(talkers),
            "talk_s": seconds([span for leg in talkers for span in leg.talk]) if talkers else None,
            "hold_s": seconds(self.holds),
            "transfers": list(self.transfers),
            "disposition": self.disposition,
            "hangup_by": self.hangup_by,
            "voicemail": self.voicemail,
            "crm_ref": self.crm_ref,
        }
        if self.direction == "inbound" and self.customer is not None:
            told["t_start"] = self.customer.invited_at
        return told

    def _wait_s(self, talkers: list[Leg]) -> float | None:
        call = self.customer
        if call is None or call.invited_at is None:
            return None
        first = min(_known(talkers[0])) if talkers else None
        reached = self.answered or call
        over = reached.answered_at if self.direction == "outbound" else first
        until = over or call.ended_at
        return round(until - call.invited_at, 3) if until is not None else None


def seconds(spans: Sequence[Span]) -> float:
    """Return how long any of `spans` lasted, overlaps counted once."""
    total, until = 0.0, 0.0
    for begun, ended in sorted((a, b) for a, b in spans if a is not None and b is not None):
        total += max(0.0, ended - max(begun, until))
        until = max(until, ended)
    return round(total, 3)


def _spans(given: Span | Sequence[Span]) -> list[Span]:
    if given and not isinstance(given[0], tuple):
        return [given]  # type: ignore[list-item]
    return list(given)  # type: ignore[arg-type]


def _known(leg: Leg) -> list[float]:
    return [begun for begun, _ in leg.talk if begun is not None]


def _unique(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _e164(number: str | None) -> str | None:
    """Numbers of the example office: 0XXXXXXXXX is +994XXXXXXXXX, 00 is +."""
    if number is None:
        return None
    if number.startswith("00"):
        return f"+{number[2:]}"
    return f"+994{number[1:]}" if number.startswith("0") else number


def sip_row(call: Call) -> dict[str, Any]:
    """Return what a phone saw in one of its SIP dialogs."""
    return {
        "phone": call.line,
        "role": "uas" if call.incoming else "uac",
        "from": call.caller_number,
        "to": call.called_number,
        "t_invite": call.invited_at,
        "t_ringing": call.ringing_at,
        "t_answer": call.answered_at,
        "final": call.final,
        "t_end": call.ended_at,
        "ended_by": call.ended_by,
    }
