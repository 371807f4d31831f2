"""The parts of a call record: a party's leg, a stay in a queue."""

from dataclasses import dataclass, field

from callcenter.calls.spans import Spans, seconds, without
from callcenter.events import HowIn, HowOut, LegResult, Party, VisitEnd


@dataclass(slots=True, eq=False)
class Leg:
    """One party's part. Seconds count what has ended; `talk.since` tells what goes on."""

    uniqueid: str
    party: Party
    endpoint: str
    how_in: HowIn
    ring_at: float
    #: The phone rang; else the party called, or took a call over by its own doing.
    rang: bool
    number: str | None = None
    visit: int | None = None
    answer_at: float | None = None
    end_at: float | None = None
    result: LegResult | None = None
    how_out: HowOut | None = None
    cause: int | None = None
    #: With the customer, hold included; of that on hold; with a colleague only.
    talk: Spans = field(default_factory=Spans)
    hold: Spans = field(default_factory=Spans)
    consult: Spans = field(default_factory=Spans)

    @property
    def talked(self) -> bool:
        return self.talk.first_began() is not None

    @property
    def talk_s(self) -> float:
        """Seconds with the customer, without hold."""
        return seconds(without(self.talk.closed, self.hold.closed))

    @property
    def hold_s(self) -> float:
        """Seconds for which this party kept the customer on hold."""
        return seconds(self.talk.closed) - self.talk_s

    @property
    def consult_s(self) -> float:
        return seconds(self.consult.closed)


@dataclass(slots=True, eq=False)
class Visit:
    """A stay in a queue."""

    queue: str
    joined_at: float
    position: int | None = None
    left_at: float | None = None
    ended: VisitEnd | None = None
