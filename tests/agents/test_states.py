"""No state may be wrong, whatever happens in whatever order."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.agents.states import Agent, LegChange, State
from callcenter.calls.board import Board, LiveCall
from callcenter.calls.phases import leg_changes
from callcenter.events import CallEvent
from tests import recordings
from tests.calls.office import PBX, told, user_of

WRAP_UP_S = 20.0
ANNA = 1


def leg(name: str, phase: Any, *, queued: bool = True, call_id: int = 7) -> LegChange:
    return LegChange(
        user_id=ANNA, pbx=PBX, leg=name, call_id=call_id, phase=phase, queued=queued, at=0.0
    )


def states(agent: Agent, *changes: LegChange) -> list[str]:
    shown = []
    for change in changes:
        agent.leg(change, 100.0, WRAP_UP_S)
        shown.append(agent.state.state)
    return shown


@pytest.mark.parametrize(
    ("wish", "after"), [("ready", "ready"), ("paused", "paused"), ("off", "off"), (None, "off")]
)
def test_a_queues_call_ends_in_wrap_up_and_then_in_what_was_wished(wish: Any, after: str):
    agent = Agent(ANNA, wish=wish)

    assert states(
        agent, leg("a", "ringing"), leg("a", "talking"), leg("a", "hold"), leg("a", "talking"),
        leg("a", "ended"),
    ) == ["ringing", "talking", "hold", "talking", "wrap-up"]  # fmt: skip
    assert agent.state == State(state="wrap-up", until=120.0, call_id=7)
    agent.end_wrap_up()
    assert agent.state.state == after


@pytest.mark.parametrize(
    ("changes", "last"),
    [
        # Not answered: no call, no wrap-up.
        ([leg("a", "ringing"), leg("a", "ended")], "ready"),
        # A direct call or one of the agent's own has none either.
        ([leg("a", "talking", queued=False), leg("a", "ended", queued=False)], "ready"),
        # An end nobody saw the beginning of.
        ([leg("a", "ended")], "ready"),
        # The other call goes on: wrap-up waits for its end.
        ([leg("a", "talking"), leg("b", "talking", queued=False), leg("a", "ended")], "talking"),
        ([leg("a", "talking"), leg("b", "talking", queued=False), leg("a", "ended"),
          leg("b", "ended", queued=False)], "wrap-up"),
        # A second phone that rings does not hide the talk.
        ([leg("a", "talking"), leg("b", "ringing")], "talking"),
        ([leg("a", "hold"), leg("b", "ringing")], "hold"),
        ([leg("a", "hold"), leg("b", "talking", queued=False)], "talking"),
    ],
)  # fmt: skip
def test_what_an_agent_does_is_what_his_legs_do(changes: list[LegChange], last: str):
    assert states(Agent(ANNA, wish="ready"), *changes)[-1] == last


def test_the_next_call_ends_the_wrap_up_and_a_missed_one_does_not():
    agent = Agent(ANNA, wish="ready")
    states(agent, leg("a", "talking"), leg("a", "ended"))

    assert states(agent, leg("b", "ringing"), leg("b", "ended")) == ["ringing", "wrap-up"]
    assert agent.state.until == 120.0
    assert states(agent, leg("c", "ringing"), leg("c", "talking", queued=False)) == [
        "ringing", "talking"
    ]  # fmt: skip
    assert states(agent, leg("c", "ended", queued=False)) == ["ready"]


def test_ready_ends_the_wrap_up_and_a_pause_waits_for_its_end():
    agent = Agent(ANNA, wish="ready")
    states(agent, leg("a", "talking"), leg("a", "ended"))
    agent.wishes("paused", "lunch")
    assert agent.state.state == "wrap-up"
    agent.end_wrap_up()
    assert agent.state == State(state="paused", reason="lunch")

    states(agent, leg("a", "talking"), leg("a", "ended"))
    agent.wishes("ready")
    assert agent.state == State(state="ready")


def test_no_wrap_up_where_none_is_set():
    agent = Agent(ANNA, wish="ready")
    agent.leg(leg("a", "talking"), 1.0, 0)
    agent.leg(leg("a", "ended"), 2.0, 0)

    assert agent.state.state == "ready"


def test_a_ready_agent_whom_no_call_would_find_does_not_respond():
    agent = Agent(ANNA, wish="ready", phones={(PBX, "PJSIP/1"): False, (PBX, "PJSIP/2"): True})
    assert agent.state.state == "ready"
    agent.phones[PBX, "PJSIP/2"] = False
    assert agent.state == State(state="not-responding", reason="phone")
    agent.phones.clear()
    agent.here = False
    assert agent.state == State(state="not-responding", reason="page")
    agent.wishes("paused", "break")
    assert agent.state == State(state="paused", reason="break")


@pytest.mark.parametrize(
    ("name", "user_id", "story"),
    [
        ("queue_answered", None, ["ringing", "talking", "wrap-up"]),
        ("in_direct_answered", 1001, ["ringing", "talking", "ready"]),
        ("in_direct_declined", 1004, ["ringing", "ready"]),
        ("queue_rna_second_answers", 1001, ["ringing", "ready"]),
        ("queue_rna_second_answers", 1002, ["ringing", "talking", "wrap-up"]),
        ("hold_inbound", 1001, ["ringing", "talking", "hold", "talking", "ready"]),
        ("out_answered", 1001, ["ringing", "talking", "ready"]),
        ("c2c_answered", 1001, ["ringing", "talking", "ready"]),
        ("internal_answered", 1001, ["ringing", "talking", "ready"]),
        ("internal_answered", 1002, ["ringing", "talking", "ready"]),
        # The consultation is talk with a colleague; the handed-over call was the queue's.
        ("att_to_agent", 1001, ["ringing", "talking", "hold", "talking", "wrap-up"]),
        ("att_to_agent", 1002, ["ringing", "talking", "ready"]),
    ],
)
def test_a_recorded_call_shows_as_it_was(name: str, user_id: int | None, story: list[str]):
    shown = played(name)

    assert shown[user_id or next(iter(shown))] == story


@pytest.mark.parametrize("name", recordings.TOLD)
def test_after_every_recorded_call_nobody_is_left_busy(name: str):
    assert {story[-1] for story in played(name).values()} <= {"ready", "wrap-up"}


def played(name: str) -> dict[int, list[str]]:
    """Return the states each agent went through in a recording, all being ready before."""
    agents: dict[int, Agent] = {}
    shown: dict[int, list[str]] = {}

    def changed(live: LiveCall, event: CallEvent) -> None:
        for change in leg_changes(live, event.at):
            agent = agents.setdefault(change.user_id, Agent(change.user_id, wish="ready"))
            if not agent.knows(change):
                agent.leg(change, change.at, WRAP_UP_S)
                story = shown.setdefault(change.user_id, [])
                if story[-1:] != [agent.state.state]:
                    story.append(agent.state.state)

    board = Board(user_of)
    board.listen(changed)
    for event in told(name):
        board.apply(event)
    return shown


THINGS = st.one_of(
    st.tuples(
        st.just("leg"), st.sampled_from("abc"),
        st.sampled_from(["ringing", "talking", "hold", "ended"]), st.booleans(),
    ),
    st.tuples(st.just("wish"), st.sampled_from(["ready", "paused", "off"])),
    st.tuples(st.just("done")),
    st.tuples(st.just("here"), st.sampled_from([True, False, None])),
    st.tuples(st.just("phone"), st.booleans()),
)  # fmt: skip


class Truth:
    """What has been said to an agent, kept apart from how he keeps it."""

    def __init__(self) -> None:
        self.legs: dict[str, str] = {}
        self.wish: str | None = None

    def happens(self, agent: Agent, kind: str, *what: Any) -> None:
        match kind:
            case "leg":
                name, phase, queued = what
                agent.leg(leg(name, phase, queued=queued), 100.0, WRAP_UP_S)
                self.legs.pop(name, None)
                if phase != "ended":
                    self.legs[name] = phase
            case "wish":
                [self.wish] = what
                agent.wishes(what[0], "lunch" if self.wish == "paused" else None)
            case "done":
                agent.end_wrap_up()
            case "here":
                [agent.here] = what
            case "phone":
                agent.phones[PBX, "PJSIP/1"] = what[0]

    @property
    def busy(self) -> str | None:
        order = ("talking", "hold", "ringing")
        return next((phase for phase in order if phase in self.legs.values()), None)


@settings(max_examples=500)
@given(st.lists(THINGS, max_size=30))
def test_the_state_follows_from_what_is_true_now(things: list[tuple[Any, ...]]):
    agent, truth = Agent(ANNA), Truth()
    for thing in things:
        truth.happens(agent, *thing)

        state = agent.state
        if truth.busy is not None or state.state in ("talking", "hold", "ringing"):
            assert state.state == truth.busy
        if state.state == "ready":
            assert (truth.wish, agent.here is False) == ("ready", False)
        if state.state == "paused":
            assert (truth.wish, state.reason) == ("paused", "lunch")
        assert state.until == (120.0 if state.state == "wrap-up" else None)
        assert agent.takes_calls == (truth.wish == "ready" and agent.wrap_up is None)
