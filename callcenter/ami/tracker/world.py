"""One PBX as the tracker sees it, and the voice it tells events with."""

from typing import Any

from callcenter.ami.tracker.endpoints import Endpoints
from callcenter.ami.tracker.state import Bridge, CallState, Channel, Leg
from callcenter.events import CallDescribed, CallEvent, Event

#: Uniqueids of ended channels that are kept, so that late events do not open them again.
_ENDED_KEPT = 20_000


def number(text: str) -> int:
    """Return a number the PBX sent, 0 if it is none."""
    try:
        return int(text)
    except ValueError:
        return 0


class World:
    """Everything that lives, by Asterisk's own ids; `calls` also by every alias."""

    __slots__ = (
        "bridges",
        "calls",
        "channels",
        "ended",
        "endpoints",
        "inferring",
        "loose",
        "lost_at",
        "out",
        "pbx",
        "undecided",
    )

    def __init__(self, pbx: int, endpoints: Endpoints) -> None:
        self.pbx = pbx
        self.endpoints = endpoints
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, Bridge] = {}
        self.calls: dict[str, CallState] = {}
        #: Legs that left the customer's bridge and may be back in a moment.
        self.loose: list[Leg] = []
        #: Channels of which a DialBegin may still tell that somebody dials them, and since when.
        self.undecided: list[tuple[Channel, float]] = []
        #: Uniqueids of channels that have ended, with the cause.
        self.ended: dict[str, int] = {}
        self.out: list[Event] = []
        #: Nobody saw what is being told: it is concluded from a snapshot.
        self.inferring = False
        #: While it is: when the line was lost.
        self.lost_at: float | None = None

    def heard_until(self, at: float) -> float:
        """Return until when what is over at `at` was heard: in a gap, until the line was lost."""
        return at if self.lost_at is None else min(at, self.lost_at)

    def tell(self, what: type[CallEvent], call: CallState, at: float, **facts: Any) -> None:
        event = what(pbx=self.pbx, at=at, call=call.id, inferred=self.inferring, **facts)
        if call.rooted:
            self.out.append(event)
        else:
            call.pending.append(event)

    def describe(self, call: CallState, at: float, **facts: Any) -> None:
        """Tell those of `facts` that are new, and remember them on the call."""
        news = {name: fact for name, fact in facts.items() if getattr(call, name) != fact}
        if news:
            for name, fact in news.items():
                setattr(call, name, fact)
            self.tell(CallDescribed, call, at, **news)

    def remember_ended(self, uid: str, cause: int = 0) -> None:
        self.ended[uid] = cause
        if len(self.ended) > _ENDED_KEPT:
            del self.ended[next(iter(self.ended))]
