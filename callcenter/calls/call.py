"""The call record, folded from domain events.

The one fold that `replay`, the writer and the board share: a `Call` is what its events say and
nothing else, so the same events always give the same record. Figures are derived, never stored.

`OpenCalls` routes events to their calls; `truth` prints a call for `callcenter replay`.
"""

from copy import deepcopy
from dataclasses import dataclass, field

from callcenter import phone
from callcenter.calls.fold import FOLDS
from callcenter.calls.leg import Leg, Recording, Visit
from callcenter.calls.spans import Span, Spans, seconds, union, without
from callcenter.events import (
    CallBegan,
    CallEvent,
    CallTransferred,
    Direction,
    EndedBy,
    Origin,
)

#: Who leaves within this time of another leaves with him: the call ended for both.
_AT_ONCE_S = 0.5

__all__ = ["Call", "Leg", "Recording", "Visit", "begin"]


@dataclass(slots=True, eq=False)
class Call:
    """One call. `id` is its first Uniqueid, unique within `pbx`; times are epoch seconds."""

    pbx: int
    id: str
    ring_at: float
    origin: Origin
    direction: Direction | None = None
    #: The number that called, as the carrier wrote it, and its name.
    caller: str | None = None
    caller_name: str | None = None
    #: Our own number that was called (inbound); the number that was dialled.
    did: str | None = None
    called: str | None = None
    trunk: str | None = None
    crm_ref: str | None = None
    ivr_digits: str | None = None
    voicemail: bool = False
    end_at: float | None = None
    ended_by: EndedBy | None = None
    cause: int | None = None
    failure: str | None = None
    #: By Uniqueid, in order of first ring.
    legs: dict[str, Leg] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    #: Calls that turned out to be part of this one; the call this one is part of.
    folded: list[str] = field(default_factory=list)
    folded_into: str | None = None
    transfers: list[CallTransferred] = field(default_factory=list)
    #: Kinds of events that nobody saw happen.
    inferred: set[str] = field(default_factory=set)
    #: Rises with every event.
    revision: int = 0
    #: The time of the latest event.
    seen_at: float = 0.0

    def apply(self, event: CallEvent) -> None:
        """Take one event of this call in; `CallFolded` is `fold`'s, for it needs the other."""
        self.revision += 1
        self.seen_at = max(self.seen_at, event.at)
        if event.inferred:
            self.inferred.add(type(event).__name__)
        folding = FOLDS.get(type(event))
        if folding is not None:
            folding(self, event)

    def fold(self, other: "Call") -> None:
        """Make `other` a part of this call: its talk was a consultation, seen from here."""
        self.folded += [other.id, *other.folded]
        self.aliases += [alias for alias in (other.id, *other.aliases) if alias not in self.aliases]
        has_customer = any(leg.party == "customer" for leg in self.legs.values())
        # Copies: what becomes of them here is no part of the other's record, which stands as it is,
        # whenever it is written down.
        for leg in deepcopy(list(other.legs.values())):
            if leg.visit is not None:
                leg.visit += len(self.visits)
            if has_customer:
                _demote(leg)
            self.legs.setdefault(leg.uniqueid, leg)
        self.visits += deepcopy(other.visits)
        self.recordings += deepcopy(other.recordings)
        self.transfers += other.transfers
        self.seen_at = max(self.seen_at, other.seen_at)
        other.folded_into = self.id
        other.revision += 1
        other.end_at = other.end_at or other.seen_at

    # ------------------------------------------------------------ what it is

    @property
    def live(self) -> bool:
        return self.end_at is None

    @property
    def done(self) -> bool:
        """It has ended for everybody: nothing more will be heard of it."""
        return not self.live and all(leg.end_at is not None for leg in self.legs.values())

    @property
    def customer_number(self) -> str | None:
        """The customer's number as the carrier wrote it."""
        return self.called if self.direction == "outbound" else self.caller

    @property
    def customer_name(self) -> str | None:
        known = self.direction == "inbound" and not phone.is_withheld(self.caller_name or "")
        return self.caller_name if known else None

    @property
    def withheld(self) -> bool:
        return self.direction == "inbound" and phone.is_withheld(self.caller or "")

    @property
    def dialed_number(self) -> str | None:
        return self.did if self.direction == "inbound" else self.called

    # ------------------------------------------------------------ who took part

    def parties(self) -> list[Leg]:
        """Return everybody but the customer, in order of first ring."""
        return sorted(
            (leg for leg in self.legs.values() if leg.party != "customer"),
            key=lambda leg: leg.ring_at,
        )

    def talkers(self) -> list[Leg]:
        """Return who talked with the customer, in the order in which they first did."""
        talked = [leg for leg in self.legs.values() if leg.talked]
        # Asked many times for each row of a call, and mostly of a call with one.
        if len(talked) > 1:
            talked.sort(key=lambda leg: leg.talk.first_began() or 0.0)
        return talked

    @property
    def last_talker(self) -> Leg | None:
        """Who talked with the customer last, at an agent's phone or outside.

        Of those who stayed until the end, who came last.
        """
        talkers = [leg for leg in self.talkers() if leg.party != "internal"]
        until = {leg.uniqueid: leg.talk.until(self.seen_at)[-1][1] for leg in talkers}
        end = max(until.values(), default=0.0)
        stayed = [leg for leg in talkers if until[leg.uniqueid] > end - _AT_ONCE_S]
        return max(stayed, key=lambda leg: leg.talk.first_began() or 0.0, default=None)

    # ------------------------------------------------------------ figures

    @property
    def answer_at(self) -> float | None:
        """When the customer first talked with somebody."""
        first = next(iter(self.talkers()), None)
        return first.talk.first_began() if first is not None else None

    @property
    def connected_s(self) -> float | None:
        """Seconds the customer was connected with somebody, hold included; None if never."""
        return seconds(self._connected()) if self.talkers() else None

    @property
    def talk_s(self) -> float | None:
        """Seconds of talk, without hold; None if there was none."""
        if not self.talkers():
            return None
        until = self.seen_at
        return seconds(
            span
            for leg in self.legs.values()
            for span in without(leg.talk.until(until), leg.hold.until(until))
        )

    @property
    def hold_s(self) -> float:
        """Seconds in which everybody who was connected kept the customer on hold."""
        return max(0.0, (self.connected_s or 0.0) - (self.talk_s or 0.0))

    def _connected(self) -> list[Span]:
        return union(span for leg in self.legs.values() for span in leg.talk.until(self.seen_at))

    @property
    def wait_s(self) -> float | None:
        """Seconds until the first answer, or to the end; None while open, or if nobody was there to wait for.

        Inbound that is the caller's wait, until voicemail takes over; outbound, the time the
        customer's phone rang.
        """
        if self.direction == "outbound":
            return self._ringing_s()
        if self.answer_at is not None:
            return max(0.0, self.answer_at - self.ring_at)
        if self.end_at is None or self.result == "failed":
            return None
        tried = [leg.end_at for leg in self.parties()] + [visit.left_at for visit in self.visits]
        given_up = max((at for at in tried if at is not None), default=self.end_at)
        return max(0.0, (given_up if self.voicemail else self.end_at) - self.ring_at)

    def _ringing_s(self) -> float | None:
        rung = [leg for leg in self.legs.values() if leg.party == "customer"]
        if not rung:
            return None
        answered = [leg.answer_at for leg in rung if leg.answer_at is not None]
        over = min(answered) if answered else rung[-1].end_at
        return max(0.0, over - rung[0].ring_at) if over is not None else None

    @property
    def queue_wait_s(self) -> float | None:
        """Seconds in the last queue; None if there was none."""
        if not self.visits:
            return None
        last = self.visits[-1]
        return max(0.0, (last.left_at or self.seen_at) - last.joined_at)

    @property
    def result(self) -> str | None:
        """The disposition; None while it is open."""
        if self.talkers():
            return "answered"
        if self.voicemail:
            return "voicemail"
        if self.live:
            return None
        if self.direction == "outbound":
            return self.failure or "failed"
        return self._refusal()

    def _refusal(self) -> str:
        """Why a call that came in was not answered."""
        if self.ended_by == "customer":
            return "abandoned"
        rung = self.parties()
        # A queue whose members are busy does not say so to the caller.
        if rung and rung[-1].result == "busy" and rung[-1].visit is None:
            return "busy"
        if self.ended_by is None:
            return "abandoned"
        if rung:
            return "no-answer"
        served = any(leg.answer_at is not None for leg in self.legs.values())
        return "no-answer" if served else "failed"


def _demote(leg: Leg) -> None:
    """The customer of a call that became part of another is an outside number there."""
    if leg.party == "customer":
        leg.party = "external"
    leg.consult.closed += leg.talk.closed
    if leg.talk.since is not None:
        leg.consult.since = leg.talk.since
    leg.talk = Spans()
    leg.hold = Spans()


def begin(event: CallBegan) -> Call:
    """Return the call that `event` says has begun."""
    return Call(
        event.pbx, event.call, event.at, event.origin, direction=event.direction,
        caller=event.caller, caller_name=event.caller_name, did=event.did, called=event.called,
        trunk=event.trunk, crm_ref=event.crm_ref, revision=1, seen_at=event.at,
        inferred={"CallBegan"} if event.inferred else set(),
    )  # fmt: skip
