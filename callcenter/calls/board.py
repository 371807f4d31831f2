"""The calls in progress, under our own ids, with the people at their phones.

Domain events go in; whoever must know (the writer, the screens, the agents' states,
the figures) hears of each change once, in order. Whose phone a leg was is decided
when it rings: a phone that moves to another desk later takes no call with it.

A call leaves when it is over for everybody and stored, and nothing more was heard
of it for a while: what comes late still finds it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import structlog

from callcenter.calls.call import Call, Leg
from callcenter.calls.open_calls import OpenCalls
from callcenter.db import Row, Upsert, new_id
from callcenter.events import CallEvent, CallFolded, Event, LegRang

log = structlog.get_logger()

#: A call that is over and stored is kept so long, by the PBX's clock.
LINGER_S = 10.0


#: A row that hangs on a call's own, and the statement that writes it.
Part = tuple[Upsert, Row]


@dataclass(slots=True, eq=False)
class LiveCall:
    """A call under our id.

    `interaction_id` is None as long as no customer takes part; then it is the call's own id, so
    that whoever else writes the same call down means the same interaction.
    """

    call: Call
    id: int
    interaction_id: int | None = None
    #: Whose phone each agent leg was when it rang, by the leg's Uniqueid.
    users: dict[str, int] = field(default_factory=dict)
    #: Whose own outside number it came in from.
    caller_id: int | None = None
    #: What stands in the database.
    stored_revision: int = 0
    end_stored: bool = False
    stored_parts: frozenset[Part] = frozenset()
    #: It went on, or seemed to, while events were missing.
    gap_touched: bool = False

    @property
    def revision(self) -> int:
        return self.call.revision

    @property
    def owner_id(self) -> int | None:
        """The last agent who talked with the customer."""
        talked = [leg for leg in self.call.talkers() if leg.uniqueid in self.users]
        last = max(talked, key=lambda leg: leg.talk.last_began() or 0.0, default=None)
        return self.users[last.uniqueid] if last is not None else None

    @property
    def over(self) -> bool:
        """Nobody is on it any more, or it goes on as part of another call."""
        return self.call.done or self.call.folded_into is not None

    def legs_of(self, user_id: int) -> list[Leg]:
        """Return this person's legs that have not ended, in order of ring."""
        if self.over:
            return []
        return [
            leg
            for leg in self.call.legs.values()
            if leg.end_at is None and self.users.get(leg.uniqueid) == user_id
        ]


@dataclass(frozen=True, slots=True)
class Stored:
    """A call that was open when the service stopped, as it stands in the database."""

    id: int
    interaction_id: int | None
    revision: int
    #: The events that make its record.
    told: list[CallEvent]
    #: Whose phone each agent leg was, by the leg's Uniqueid.
    users: dict[str, int]
    ended: bool


#: Called with the call and what happened to it.
Listener = Callable[[LiveCall, CallEvent], None]
UserOf = Callable[[int, str], int | None]


class Board:
    def __init__(self, user_of: UserOf, caller_of: UserOf = lambda _pbx, _number: None) -> None:
        """`user_of(pbx, endpoint)` tells whose phone that is at this moment; `caller_of(pbx,
        number)` whose outside number."""
        self._user_of = user_of
        self._caller_of = caller_of
        self._calls = OpenCalls()
        self._live: dict[tuple[int, str], LiveCall] = {}
        self._by_id: dict[int, LiveCall] = {}
        self._over: dict[int, LiveCall] = {}
        self._listeners: list[Listener] = []

    def __iter__(self) -> Iterator[LiveCall]:
        """Give the calls that go on for anybody, in order of their beginning."""
        return (live for live in self._live.values() if not live.over)

    def kept(self) -> Iterable[LiveCall]:
        """Return every call that is remembered, over or not."""
        return self._live.values()

    def listen(self, listener: Listener) -> None:
        """Call `listener` with each change, after those who came before."""
        self._listeners.append(listener)

    def get(self, call_id: int) -> LiveCall | None:
        return self._by_id.get(call_id)

    def find(self, pbx: int, call: str) -> LiveCall | None:
        """Return the call of that first Uniqueid."""
        return self._live.get((pbx, call))

    def id_of(self, pbx: int, call: str) -> int | None:
        live = self.find(pbx, call)
        return live.id if live is not None else None

    def leg_of(self, call_id: int, user_id: int | None) -> tuple[int, str] | None:
        """Return (pbx, leg) of the person's phone in that call; None as person means any agent's."""
        live = self.get(call_id)
        if live is None:
            return None
        users = [user_id] if user_id is not None else list(dict.fromkeys(live.users.values()))
        legs = [leg for each in users for leg in live.legs_of(each)]
        # The one that talks, rather than another phone of the same person that still rings.
        best = max(legs, key=lambda leg: leg.answer_at is not None, default=None)
        return (live.call.pbx, best.uniqueid) if best is not None else None

    def apply(self, event: Event) -> None:
        """Take one event in; events that are not about a call change nothing."""
        call = self._calls.apply(event)
        if call is None or not isinstance(event, CallEvent):
            return
        live = self._live.get((call.pbx, call.id)) or self._add(call)
        if isinstance(event, LegRang):
            self._seat(live, event)
        elif isinstance(event, CallFolded) and (other := self.find(event.pbx, event.other)):
            live.users = {**other.users, **live.users}
            self._changed(other, event)
        self._changed(live, event)
        if self._over:
            self._let_go(event.pbx, event.at)

    def take_up(self, stored: Stored) -> None:
        """Go on with a call of before. Its events were heard then: only how it stands is news."""
        for event in stored.told:
            call = self._calls.apply(event)
        if call is None:
            return
        call.revision = stored.revision
        live = LiveCall(
            call, stored.id, stored.interaction_id, dict(stored.users),
            stored_revision=stored.revision, end_stored=stored.ended,
        )  # fmt: skip
        self._recognise(live)
        self._live[call.pbx, call.id] = self._by_id[live.id] = live
        self._changed(live, stored.told[-1])

    def rename(self, live: LiveCall, call_id: int) -> None:
        """Use the id under which somebody else has stored the same call."""
        self._by_id.pop(live.id, None)
        if live.interaction_id == live.id:
            live.interaction_id = call_id
        live.id = call_id
        self._by_id[call_id] = live

    def is_stored(self, live: LiveCall) -> None:
        """Hear that all there is to know of `live`, which is over, stands in the database."""
        self._over.pop(live.id, None)
        self._over[live.id] = live

    def _add(self, call: Call) -> LiveCall:
        live = LiveCall(call, new_id(call.ring_at))
        self._recognise(live)
        self._live[call.pbx, call.id] = self._by_id[live.id] = live
        return live

    def _recognise(self, live: LiveCall) -> None:
        call = live.call
        if call.direction == "inbound" and call.caller:
            live.caller_id = self._caller_of(call.pbx, call.caller)

    def _seat(self, live: LiveCall, event: LegRang) -> None:
        if event.party == "agent" and event.leg not in live.users:
            user_id = self._user_of(event.pbx, event.endpoint)
            if user_id is not None:
                live.users[event.leg] = user_id

    def _changed(self, live: LiveCall, event: CallEvent) -> None:
        if live.interaction_id is None and live.call.direction in ("inbound", "outbound"):
            live.interaction_id = live.id
        for listener in self._listeners:
            try:
                listener(live, event)
            except Exception:
                # As on the bus: it costs nobody else anything.
                log.exception("a listener to calls failed", event_kind=type(event).__name__)

    def _let_go(self, pbx: int, now: float) -> None:
        """Forget the calls of `pbx` that are long over; each PBX has a clock of its own."""
        gone = []
        for live in self._over.values():
            if live.call.pbx != pbx:
                continue
            if now - live.call.seen_at <= LINGER_S:
                break
            gone.append(live)
        for live in gone:
            del self._over[live.id]
            self._by_id.pop(live.id, None)
            self._live.pop((live.call.pbx, live.call.id), None)
            self._calls.forget(live.call)
