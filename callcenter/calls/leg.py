"""The parts of a call record: a party's leg, a stay in a queue, a recording."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from callcenter.calls.spans import Spans, seconds, without
from callcenter.events import HowIn, HowOut, LegResult, Party, Sides, VisitEnd


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


def in_order(visits: Iterable[Visit]) -> list[Visit]:
    """Return stays in the order in which they began.

    Of two that began at one time, the PBX may have told the later first: they are two channels'.
    """
    return sorted(visits, key=lambda visit: visit.joined_at)


@dataclass(slots=True, eq=False)
class Recording:
    """One file of what was heard. It may cover less than its span: only what was said in talk."""

    #: The leg it is of, or a way to one.
    source: str
    began_at: float
    #: Its path on the PBX, as the PBX told it.
    file: str | None = None
    ended_at: float | None = None
    #: When one side or both were not recorded.
    muted: Spans = field(default_factory=Spans)
    _silent: set[Sides] = field(default_factory=set)

    def mute(self, sides: Sides, at: float, *, muted: bool) -> None:
        either: set[Sides] = {"read", "write"} if sides == "both" else {sides}
        self._silent = self._silent | either if muted else self._silent - either
        if self._silent:
            self.muted.begin(at)
        else:
            self.muted.end(at)

    def end(self, at: float) -> None:
        if self.ended_at is None:
            self.ended_at = at
            self.muted.end(at)
