"""The floor as it is at each moment of a recorded call, and one team's part of it."""

from collections.abc import Iterable
from typing import Any

import pytest

from callcenter.calls.board import Board
from callcenter.calls.call import Call
from callcenter.events import CallBegan, CallEvent, CallFolded, LegRang, QueueJoined, QueueLeft
from callcenter.stats.floor import STATES, AgentNow, Customer, Floor, Sources, picture
from callcenter.stats.formulas import Visit, by_queue
from tests import recordings
from tests.calls.office import PBX, read_number, told, user_of

#: Asterisk needs so long to tell all that one hanging up or picking up means.
A_MOMENT_S = 0.1


class Hall:
    """A floor at which a recording is played."""

    def __init__(self, agents: Iterable[AgentNow] = ()) -> None:
        self.board = Board(user_of)
        self.agents = list(agents)
        self.visits: list[Visit] = []
        self.customer: Customer | None = None
        self.sources = Sources(
            calls=lambda: ((live.id, live.call) for live in self.board),
            agents=lambda: self.agents,
            person_at=self._person_at,
            customer_of=self._customer_of,
            number_of=lambda pbx, raw: read_number(pbx, raw).norm or raw,
            queues=lambda: by_queue(self.visits),
        )

    def _person_at(self, pbx: int, endpoint: str) -> tuple[int, str] | None:
        user_id = user_of(pbx, endpoint)
        return None if user_id is None else (user_id, f"Agent {user_id}")

    def _customer_of(self, _call: Call) -> Customer | None:
        return self.customer

    def play(self, events: Iterable[CallEvent]) -> None:
        for event in events:
            self.board.apply(event)

    def floor(self, now: float = 0.0, **options: Any) -> Floor:
        return picture(self.sources, now, **options)


def phases(name: str) -> list[tuple[str, str]]:
    """Return (where it is shown, phase) of the only call, each time it changes."""
    hall = Hall()
    seen: list[tuple[str, str]] = []
    events = list(told(name))
    for place, event in enumerate(events):
        hall.play([event])
        if place + 1 < len(events) and events[place + 1].at - event.at < A_MOMENT_S:
            # Nobody sees what lasts no longer than that.
            continue
        floor = hall.floor(event.at)
        shown = [("calls", call.phase) for call in floor.calls]
        shown += [("waiting", call.phase) for call in floor.waiting]
        seen += [each for each in shown if seen[-1:] != [each]]
    assert hall.floor().calls == hall.floor().waiting == ()
    return seen


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("in_direct_answered", [("calls", "ringing"), ("calls", "talking")]),
        ("in_direct_abandon", [("calls", "ringing")]),
        (
            "hold_inbound",
            [
                ("calls", "ringing"),
                ("calls", "talking"),
                ("calls", "hold"),
                ("calls", "talking"),
            ],
        ),
        # The phones that ring meanwhile change nothing for the caller: he waits.
        ("queue_answered", [("waiting", "waiting"), ("calls", "talking")]),
        ("queue_abandon_ringing", [("waiting", "waiting")]),
        ("out_answered", [("calls", "ringing"), ("calls", "talking")]),
        ("c2c_answered", [("calls", "ringing"), ("calls", "talking")]),
        (
            "blind_to_agent",
            [
                ("waiting", "waiting"),
                ("calls", "talking"),
                ("calls", "ringing"),
                ("calls", "talking"),
            ],
        ),
    ],
)
def test_a_call_goes_through_its_phases(name: str, expected: list[tuple[str, str]]) -> None:
    assert phases(name) == expected


def test_colleagues_who_talk_are_not_on_the_board() -> None:
    hall = Hall()
    for event in told("internal_answered"):
        hall.play([event])
        shown = [call.direction for call in hall.floor().calls]
        # Until it is known where a call leads it may be anything.
        assert shown in ([], [None])


def test_before_any_phone_rings_a_caller_is_in_the_menu() -> None:
    hall = Hall()
    hall.play([CallBegan(pbx=PBX, at=5.0, call="a", origin="trunk", direction="inbound")])

    (call,) = hall.floor().calls
    assert (call.phase, call.since, call.began_at) == ("menu", 5.0, 5.0)


@pytest.mark.parametrize("name", recordings.TOLD)
def test_every_call_with_a_customer_is_shown_once_as_long_as_it_lasts(name: str) -> None:
    hall = Hall()
    for event in told(name):
        hall.play([event])
        floor = hall.floor(event.at)
        shown = [call.call_id for call in (*floor.calls, *floor.waiting)]
        going_on = {
            live.id for live in hall.board if live.call.live and live.call.direction != "internal"
        }
        assert len(shown) == len(set(shown))
        assert set(shown) == going_on
        # Asterisk stamps what happens to different channels at once in any order.
        assert all(call.since <= event.at + 0.01 for call in (*floor.calls, *floor.waiting))


def test_the_line_of_a_call_says_who_talks_with_whom_from_which_queue() -> None:
    anna = AgentNow(user_id=1001, name="Agent 1001", state="talking", since=1.0)
    hall = Hall([anna])
    hall.customer = Customer(contact_id=7, name="Zoë Müller")
    events = iter(told("queue_answered"))
    for event in events:
        hall.play([event])
        if [call.phase for call in hall.floor().calls] == ["talking"]:
            break

    floor = hall.floor()
    (call,) = floor.calls
    assert (call.customer, call.contact_id, call.queue) == ("Zoë Müller", 7, "support")
    assert call.agent_ids
    assert call.agents == tuple(f"Agent {user_id}" for user_id in call.agent_ids)
    (agent,) = floor.agents
    assert agent.with_ == ("Zoë Müller" if 1001 in call.agent_ids else None)


def test_a_withheld_number_is_not_shown() -> None:
    hall = Hall()
    for event in told("in_anonymous"):
        hall.play([event])
        for call in hall.floor().calls:
            assert (call.withheld, call.number) == (True, None)


# ---------------------------------------------------------------- teams, agents, queues


def agent(user_id: int, state: str, *, team_id: int | None = None, since: float = 0.0) -> AgentNow:
    return AgentNow(
        user_id=user_id, name=f"Agent {user_id}", team_id=team_id, state=state, since=since
    )


def ringing(call: str, endpoint: str) -> list[CallEvent]:
    return [
        CallBegan(pbx=PBX, at=1.0, call=call, origin="trunk", direction="inbound"),
        LegRang(pbx=PBX, at=2.0, call=call, leg=f"{call}.1", party="agent", endpoint=endpoint),
    ]


def test_a_team_sees_its_people_their_calls_and_those_that_are_nobodys_yet() -> None:
    hall = Hall([agent(1001, "ringing", team_id=7), agent(1002, "ringing", team_id=8)])
    hall.play(ringing("a", "PJSIP/1001"))
    hall.play(ringing("b", "PJSIP/1002"))
    hall.play([CallBegan(pbx=PBX, at=3.0, call="c", origin="trunk", direction="inbound")])

    ours, all_ = hall.floor(teams={7}), hall.floor()

    assert [each.user_id for each in ours.agents] == [1001]
    assert ours.states["ringing"] == 1
    assert [call.agent_ids for call in ours.calls] == [(1001,), ()]
    assert [call.agent_ids for call in all_.calls] == [(1001,), (1002,), ()]


def test_agents_stand_in_the_order_in_which_a_supervisor_looks_for_them() -> None:
    hall = Hall(
        [
            agent(1, "off"), agent(2, "paused"), agent(3, "talking", since=9.0),
            agent(4, "talking", since=5.0), agent(5, "ready"),
        ]
    )  # fmt: skip

    floor = hall.floor()

    assert [each.user_id for each in floor.agents] == [5, 4, 3, 2, 1]
    assert list(floor.states) == list(STATES)
    assert {state: n for state, n in floor.states.items() if n} == {
        "ready": 1, "talking": 2, "paused": 1, "off": 1,
    }  # fmt: skip


def test_each_queue_has_its_figures_and_the_total_is_all_of_them() -> None:
    hall = Hall()
    hall.visits = [
        Visit(queue="support", joined_at=100.0),
        Visit(queue="support", joined_at=90.0, left_at=95.0, ended="answered"),
        Visit(queue="billing", joined_at=80.0),
    ]

    floor = hall.floor(110.0)

    assert [(each.queue, each.waiting_since) for each in floor.queues] == [
        ("billing", 80.0),
        ("support", 100.0),
    ]
    assert [each.figures.offered.value for each in floor.queues] == [1, 2]
    assert (floor.total.offered.value, floor.waiting_since) == (3, 80.0)
    assert floor.total.longest_wait_s.value == 30


@pytest.mark.parametrize("name", recordings.TOLD)
def test_at_every_moment_each_offered_call_is_accounted_for(name: str) -> None:
    hall = Hall()
    visits: dict[tuple[str, int], Visit] = {}
    for event in told(name):
        if isinstance(event, QueueJoined):
            visits[event.call, event.visit] = Visit(queue=event.queue, joined_at=event.at)
        elif isinstance(event, QueueLeft):
            joined = visits[event.call, event.visit]
            visits[event.call, event.visit] = Visit(
                queue=joined.queue, joined_at=joined.joined_at, left_at=event.at, ended=event.ended
            )
        elif isinstance(event, CallFolded):
            own = sum(call == event.call for call, _ in visits)
            for place, key in enumerate(sorted(key for key in visits if key[0] == event.other)):
                visits[event.call, own + place] = visits.pop(key)
        hall.visits = list(visits.values())
        total = hall.floor(event.at).total
        assert total.offered.value == len(visits)
        assert total.offered.value == sum(
            figure.numerator
            for figure in (total.answered, total.abandoned, total.flowed_out, total.waiting)
        )
    assert hall.floor().total.waiting.value == 0
