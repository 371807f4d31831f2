"""What must hold after every single event, whatever the PBX sends.

`Office` runs a tracker with everything that listens to it (the board, the pops) and looks at the
laws of the events as they are told; `check` looks at the records as they stand.
"""

from collections.abc import Iterable, Sequence

from callcenter.ami import resync
from callcenter.ami.messages import Message
from callcenter.ami.mirror import Mirror
from callcenter.ami.recording import Recorded
from callcenter.ami.resync import Snapshot
from callcenter.ami.tracker import Endpoints, News, Tracker
from callcenter.calls.board import Board, LiveCall
from callcenter.calls.call import Call
from callcenter.calls.leg import Leg
from callcenter.calls.retell import retell
from callcenter.events import (
    CallAliased,
    CallBegan,
    CallDescribed,
    CallEnded,
    CallEvent,
    CallFolded,
    Event,
    HoldBegan,
    HoldEnded,
    LegAnswered,
    LegEnded,
    LegEvent,
    LegRang,
    QueueJoined,
    QueueLeft,
    TalkBegan,
    TalkEnded,
)
from callcenter.screenpop.pop import Pops, Raise, Showing
from tests import recordings

#: What may still be told of a call that is over: how its parts ended, and what it was.
AFTERWARDS = (CallDescribed, CallAliased, LegEnded, TalkEnded, HoldEnded, QueueLeft)


class Events:
    """The laws of the stream of domain events."""

    def __init__(self) -> None:
        self._began: set[str] = set()
        self._ended: set[str] = set()
        self._folded: dict[str, str] = {}
        self._rang: set[tuple[str, str]] = set()
        self._legs_ended: set[tuple[str, str]] = set()
        self._answered: set[tuple[str, str]] = set()
        self._talks: dict[tuple[str, str], bool] = {}
        self._holds: set[tuple[str, str]] = set()
        self._visits: dict[str, list[bool]] = {}
        self._with_customer: set[str] = set()

    def hear(self, event: CallEvent) -> None:
        call = event.call
        if isinstance(event, CallBegan):
            assert call not in self._began, f"begins twice: {event}"
            self._began.add(call)
            self._visits[call] = []
            return
        assert call in self._began, f"before its call began: {event}"
        assert call not in self._folded, f"of a call that became part of another: {event}"
        late_consult = isinstance(event, TalkBegan) and event.consult
        if call in self._ended and not late_consult:
            assert isinstance(event, AFTERWARDS), f"after the end: {event}"
        if isinstance(event, CallEnded):
            self._ended.add(call)
        elif isinstance(event, CallFolded):
            self._fold(event)
        elif isinstance(event, QueueJoined):
            assert event.visit == len(self._visits[call]), f"miscounted: {event}"
            self._visits[call].append(True)
        elif isinstance(event, QueueLeft):
            assert self._visits[call][event.visit], f"left twice: {event}"
            self._visits[call][event.visit] = False
        elif isinstance(event, LegEvent):
            self._hear_leg(event, (call, event.leg))

    def _fold(self, event: CallFolded) -> None:
        call, other = event.call, event.other
        assert other in self._began, f"of an unknown call: {event}"
        assert other not in self._folded, f"twice: {event}"
        self._folded[other] = call
        self._visits[call] += self._visits[other]
        demoted = call in self._with_customer
        self._with_customer |= {call} if other in self._with_customer else set()
        # Of a party that both know, what the call that lives on knows counts.
        new = {leg for whose, leg in self._rang if whose == other and (call, leg) not in self._rang}
        for kept in (self._rang, self._legs_ended, self._answered, self._holds):
            kept |= {(call, leg) for whose, leg in kept if whose == other and leg in new}
        for (whose, leg), consult in tuple(self._talks.items()):
            if whose == other and leg in new:
                # A customer's talk becomes a consultation where there is another customer.
                self._talks[call, leg] = consult or demoted

    def _hear_leg(self, event: LegEvent, leg: tuple[str, str]) -> None:
        assert leg not in self._legs_ended, f"after the leg's end: {event}"
        if isinstance(event, LegRang):
            self._rang.add(leg)
            if event.party == "customer":
                self._with_customer.add(event.call)
            return
        assert leg in self._rang, f"before it rang: {event}"
        match event:
            case LegAnswered():
                assert leg not in self._answered, f"answers twice: {event}"
                self._answered.add(leg)
            case TalkBegan():
                assert leg not in self._talks, f"talks already: {event}"
                self._talks[leg] = event.consult
            case TalkEnded():
                assert self._talks.pop(leg, None) == event.consult, f"does not talk: {event}"
            case HoldBegan():
                assert leg in self._talks, f"holds nobody: {event}"
                assert leg not in self._holds, f"holds already: {event}"
                self._holds.add(leg)
            case HoldEnded():
                assert leg in self._holds, f"does not hold: {event}"
                self._holds.discard(leg)
            case LegEnded():
                assert leg not in self._talks, f"still talks: {event}"
                assert leg not in self._holds, f"still holds: {event}"
                self._legs_ended.add(leg)


class Office:
    """One PBX from its messages to the screens; the line can be lost, and the memory."""

    def __init__(self, endpoints: Endpoints = recordings.ENDPOINTS) -> None:
        self.tracker = Tracker(1, endpoints)
        self.board = Board(_user_of)
        self.events: list[Event] = []
        self.at = 0.0
        self._endpoints = endpoints
        self._laws = Events()
        self._pops = Pops()
        self._up: dict[tuple[int, int], Showing] = {}
        self._changes: list[LiveCall] = []
        self.board.listen(lambda live, _event: self._changes.append(live))

    def hear(self, recorded: Iterable[Recorded]) -> "Office":
        for one in recorded:
            if one.snapshot is None:
                self.say(one.message, one.at)
        return self

    def say(self, message: Message, at: float | None = None) -> None:
        self.at = self.at if at is None else at
        self.take(self.tracker.feed(message, self.at))

    def settle(self, seconds: float = 10.0) -> "Office":
        self.at += seconds
        self.take(self.tracker.settle(self.at))
        return self

    def resync(self, snapshot: Snapshot, *, lost_at: float, news: News | None = None) -> "Office":
        told = resync.apply(
            snapshot, self.tracker, self.at, news=news or News(), lost_at=lost_at, restarted=False
        )
        self.take(told)
        return self

    def take(self, told: Iterable[Event]) -> None:
        for event in told:
            self.events.append(event)
            if isinstance(event, CallEvent):
                self._laws.hear(event)
            self.board.apply(event)
            for live in self._changes:
                self._show(live)
            self._changes.clear()

    def restarted(self) -> "Office":
        """Return the office after a restart of the service: only what was stored is known."""
        again = Office(self._endpoints)
        again.at = self.at
        for call in self.calls():
            if call.folded_into is None and not call.done:
                told = retell(call)
                again.tracker.recall(told)
                again.take(told)
        return again

    def calls(self) -> list[Call]:
        return [live.call for live in self.board._live.values()]

    def interactions(self) -> list[Call]:
        found = [
            call for call in self.calls()
            if call.direction in ("inbound", "outbound") and call.folded_into is None
        ]  # fmt: skip
        return sorted(found, key=lambda call: call.ring_at)

    def check(self, *, over: bool = False) -> "Office":
        """Look at every record; `over`: the stream is, and so must all calls be."""
        for call in self.calls():
            _check_record(call)
            if over and call.folded_into is None:
                assert call.done, f"still open: {call.id}"
                for leg in call.legs.values():
                    assert leg.talk.since is None, f"still talks: {leg}"
                    assert leg.hold.since is None, f"still holds: {leg}"
                    assert leg.consult.since is None, f"still asks: {leg}"
                assert all(visit.left_at is not None for visit in call.visits), "still waits"
        if over:
            assert not self._up, f"still on a screen: {self._up}"
        return self

    def _show(self, live: LiveCall) -> None:
        for step in self._pops.update(live):
            key = step.showing.call_id, step.showing.user_id
            if isinstance(step, Raise):
                assert self._up.get(key, step.showing).id == step.showing.id, "two pops of one call"
                self._up[key] = step.showing
            else:
                assert self._up.pop(key, None) is not None, f"was not up: {step}"
        for call_id, user_id in self._up:
            shown = self.board.get(call_id)
            assert shown is not None, "a pop of no call"
            assert shown.legs_of(user_id), "a pop without a phone that rings or talks"


def listed(messages: Sequence[Recorded], until: int) -> tuple[Snapshot, float]:
    """Return what the PBX lists after so many messages, and when that is."""
    mirror = Mirror()
    mirror.hear(messages[:until])
    at = (messages[until - 1].at if until else messages[0].at) or 0.0
    return mirror.lists(at), at


def lose_line(office: Office, messages: Sequence[Recorded], cut: int, gap: int = 0) -> Office:
    """Lose the line after `cut` messages; it is back, and a snapshot taken, `gap` messages later."""
    lost_at = office.at
    snapshot, office.at = listed(messages, cut + gap)
    return office.resync(snapshot, lost_at=min(lost_at or office.at, office.at)).check()


def _user_of(_pbx: int, endpoint: str) -> int | None:
    extension = endpoint.rpartition("/")[2]
    return int(extension) if extension.isdecimal() else None


def _check_record(call: Call) -> None:
    for name in ("connected_s", "talk_s", "hold_s", "wait_s", "queue_wait_s"):
        assert (getattr(call, name) or 0.0) >= 0.0, f"{name} of {call.id} is negative"
    if call.end_at is not None:
        assert call.end_at >= call.ring_at, f"{call.id} ends before it begins"
    for visit in call.visits:
        assert (visit.left_at is None) == (visit.ended is None)
        assert visit.left_at is None or visit.left_at >= visit.joined_at
    for leg in call.legs.values():
        _check_leg(leg)


def _check_leg(leg: Leg) -> None:
    until = leg.end_at
    for spans in (leg.talk, leg.consult):
        last = leg.ring_at
        for begin, end in spans.closed:
            assert last <= begin <= end, f"{begin} to {end} is no stretch of {leg}"
            assert until is None or end <= until, f"talks longer than it lives: {leg}"
            last = end
    assert until is None or until >= leg.ring_at
    assert min(leg.talk_s, leg.hold_s, leg.consult_s) >= 0.0
    if until is not None:
        assert leg.talk_s + leg.hold_s + leg.consult_s <= until - leg.ring_at + 1e-6
