"""One pop for each ring of each phone, never two, never one without a call."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.ami.recording import read, shuffled
from callcenter.ami.tracker import Tracker
from callcenter.calls.board import Board, LiveCall
from callcenter.events import (
    CallBegan,
    CallEnded,
    CallEvent,
    CallFolded,
    HoldBegan,
    HoldEnded,
    LegAnswered,
    LegEnded,
    LegRang,
    QueueJoined,
    QueueLeft,
    TalkBegan,
    TalkEnded,
)
from callcenter.screenpop.pop import Pops, Raise, Withdraw
from tests import recordings
from tests.calls.office import PBX, told, user_of


class Watcher:
    """Follows a board and holds the promises after every single event."""

    def __init__(self) -> None:
        self.board = Board(user_of)
        self.board.listen(self._changed)
        self.pops = Pops()
        self.up: dict[str, Any] = {}
        self.story: list[tuple[Any, ...]] = []
        self.lives: set[LiveCall] = set()

    def play(self, events: Iterable[CallEvent]) -> "Watcher":
        for event in events:
            self.board.apply(event)
            self._holds()
        return self

    def _changed(self, live: LiveCall, event: CallEvent) -> None:
        self.lives.add(live)
        for step in self.pops.update(live):
            showing = step.showing
            match step:
                case Raise() if showing.id not in self.up:
                    assert showing.id not in {line[-1] for line in self.story}, "raised anew"
                    self.story.append(("raised", showing.user_id, showing.phase, showing.id))
                case Raise():
                    assert showing != self.up[showing.id], "nothing changed"
                    if showing.phase != self.up[showing.id].phase:
                        self.story.append(("changed", showing.user_id, showing.phase, showing.id))
                case Withdraw(_, reason, _, taker):
                    assert showing.id in self.up, "withdrawn without having been raised"
                    self.story.append(("withdrawn", showing.user_id, reason, taker, showing.id))
            self.up[showing.id] = showing
            if isinstance(step, Withdraw):
                del self.up[showing.id]

    def _holds(self) -> None:
        seats = [(showing.call_id, showing.user_id) for showing in self.up.values()]
        assert len(seats) == len(set(seats)), "two pops of one call at one person"
        customers = [
            (showing.interaction_id, showing.user_id)
            for showing in self.up.values()
            if showing.interaction_id is not None
        ]
        assert len(customers) == len(set(customers)), "two pops of one interaction at one person"
        by_id = {live.id: live for live in self.lives}
        for showing in self.up.values():
            assert by_id[showing.call_id].legs_of(showing.user_id), "a pop without a phone"
            assert showing in self.pops.of(showing.user_id)


def lines(name: str) -> list[tuple[Any, ...]]:
    return [line[:-1] for line in Watcher().play(told(name)).story]


@pytest.mark.parametrize(
    ("name", "story"),
    [
        ("in_direct_answered", [
            ("raised", 1001, "ringing"), ("changed", 1001, "talking"),
            ("withdrawn", 1001, "ended", None),
        ]),
        ("in_direct_abandon", [
            ("raised", 1001, "ringing"), ("withdrawn", 1001, "caller-gone", None),
        ]),
        ("in_direct_declined", [
            ("raised", 1004, "ringing"), ("withdrawn", 1004, "declined", None),
        ]),
        ("in_direct_noanswer_voicemail", [
            ("raised", 1003, "ringing"), ("withdrawn", 1003, "no-answer", None),
        ]),
        ("queue_ringall_phones", [
            ("raised", 1003, "ringing"), ("raised", 1002, "ringing"), ("raised", 1001, "ringing"),
            ("changed", 1003, "talking"), ("withdrawn", 1002, "answered-by", 1003),
            ("withdrawn", 1001, "answered-by", 1003), ("withdrawn", 1003, "ended", None),
        ]),
        ("queue_rna_second_answers", [
            ("raised", 1001, "ringing"), ("withdrawn", 1001, "no-answer", None),
            ("raised", 1002, "ringing"), ("changed", 1002, "talking"),
            ("withdrawn", 1002, "ended", None),
        ]),
        ("queue_abandon_ringing", [
            ("raised", 1002, "ringing"), ("withdrawn", 1002, "caller-gone", None),
        ]),
        # A colleague picks the call up from his own phone.
        ("pickup_group", [
            ("raised", 1001, "ringing"), ("raised", 1002, "ringing"),
            ("withdrawn", 1001, "answered-by", 1002), ("changed", 1002, "talking"),
            ("withdrawn", 1002, "ended", None),
        ]),
        # Dialled on the phone: the card opens when it is known whom the call is for.
        ("out_answered", [
            ("raised", 1001, "ringing"), ("changed", 1001, "talking"),
            ("withdrawn", 1001, "ended", None),
        ]),
        ("c2c_answered", [
            ("raised", 1001, "ringing"), ("changed", 1001, "talking"),
            ("withdrawn", 1001, "ended", None),
        ]),
        # The colleague sees who calls, the one who dialled sees nothing.
        ("internal_answered", [
            ("raised", 1002, "ringing"), ("changed", 1002, "talking"),
            ("withdrawn", 1002, "ended", None),
        ]),
        # The consultation's light pop gives way to the customer's once the customer is there.
        ("att_to_agent", [
            ("raised", 1001, "ringing"), ("changed", 1001, "talking"),
            ("raised", 1002, "ringing"), ("changed", 1002, "talking"),
            ("withdrawn", 1002, "elsewhere", None), ("raised", 1002, "talking"),
            ("withdrawn", 1001, "ended", None), ("withdrawn", 1002, "ended", None),
        ]),
        ("blind_to_agent", [
            ("raised", 1001, "ringing"), ("changed", 1001, "talking"),
            ("withdrawn", 1001, "ended", None), ("raised", 1004, "ringing"),
            ("changed", 1004, "talking"), ("withdrawn", 1004, "ended", None),
        ]),
    ],
)  # fmt: skip
def test_a_recorded_call_shows_on_the_right_screens(name: str, story: list[tuple[Any, ...]]):
    assert lines(name) == story


@pytest.mark.parametrize("name", recordings.TOLD)
def test_every_agent_whose_phone_rang_had_a_pop_and_in_the_end_none_has(name: str):
    watcher = Watcher().play(told(name))

    raised = {line[1] for line in watcher.story if line[0] == "raised"}
    rang = {
        int(agent)
        for interaction in recordings.truth(name)["interactions"]
        for agent in interaction["rang"]
        if agent.isdigit() and int(agent) < 3000
    }
    assert raised >= rang
    assert watcher.up == {}


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(recordings.TOLD), seed=st.integers(0, 1 << 32))
def test_the_promises_hold_whatever_the_order_of_the_channels(name: str, seed: int):
    tracker, at, watcher = Tracker(PBX, recordings.ENDPOINTS), 0.0, Watcher()
    for path in recordings.files(name):
        for recorded in shuffled(read(path), seed):
            at = at if recorded.at is None else recorded.at
            events = tracker.feed(recorded.message, at)
            watcher.play(event for event in events if isinstance(event, CallEvent))

    assert watcher.up == {}


CALLS = ("a", "b")
LEGS = ("l1", "l2", "l3", "l4")


def anything() -> st.SearchStrategy[CallEvent]:
    """Return any event about two calls and four phones of three people."""
    common = {"pbx": st.just(PBX), "at": st.floats(0, 100), "call": st.sampled_from(CALLS)}
    leg = common | {"leg": st.sampled_from(LEGS)}
    direction = st.sampled_from([None, "inbound", "outbound", "internal"])
    return st.one_of(
        st.builds(
            CallBegan, **common, origin=st.sampled_from(["trunk", "phone"]), direction=direction,
            called=st.sampled_from([None, "0501112233"]),
        ),
        st.builds(
            LegRang, **leg, party=st.sampled_from(["agent", "agent", "customer", "internal"]),
            endpoint=st.sampled_from(["PJSIP/1001", "PJSIP/1002", "PJSIP/1003"]),
            how_in=st.sampled_from(["ring", "dial", "pickup", "transfer"]),
            visit=st.sampled_from([None, 0, 7]),
        ),
        st.builds(LegAnswered, **leg),
        st.builds(TalkBegan, **leg, consult=st.booleans()),
        st.builds(TalkEnded, **leg, consult=st.booleans()),
        st.builds(HoldBegan, **leg),
        st.builds(HoldEnded, **leg),
        st.builds(
            LegEnded, **leg,
            result=st.sampled_from(
                ["answered", "noanswer", "cancelled", "busy", "declined", "forwarded", "unanswered"]
            ),
        ),
        st.builds(QueueJoined, **common, visit=st.just(0), queue=st.just("support")),
        st.builds(QueueLeft, **common, visit=st.just(0), ended=st.just("answered")),
        st.builds(CallEnded, **common),
        st.builds(CallFolded, **common, other=st.sampled_from(CALLS)),
    )  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(anything(), max_size=40))
def test_the_promises_hold_for_any_events_at_all(events: list[CallEvent]):
    Watcher().play(events)
