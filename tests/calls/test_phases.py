"""What each agent does in a recorded call, from the ringing of his phone to its end."""

from collections.abc import Iterable

import pytest

from callcenter.agents.states import LegChange
from callcenter.calls.board import Board, LiveCall
from callcenter.calls.phases import leg_changes
from callcenter.events import CallBegan, CallEvent, LegAnswered, LegEnded, LegRang
from tests import recordings
from tests.calls.office import PBX, told, user_of


def changes(events: Iterable[CallEvent]) -> list[LegChange]:
    """Return every change of every agent's leg, as the keeper of states hears of it."""
    board = Board(user_of)
    heard: list[LegChange] = []

    def note(live: LiveCall, event: CallEvent) -> None:
        heard.extend(leg_changes(live, event.at))

    board.listen(note)
    for event in events:
        board.apply(event)
    return heard


def phases(heard: Iterable[LegChange]) -> dict[int, list[str]]:
    """Return {person: phases}, each phase once as long as it lasts."""
    found: dict[int, list[str]] = {}
    for change in heard:
        of_person = found.setdefault(change.user_id, [])
        if of_person[-1:] != [change.phase]:
            of_person.append(change.phase)
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("in_direct_answered", {1001: ["ringing", "talking", "ended"]}),
        ("in_direct_abandon", {1001: ["ringing", "ended"]}),
        ("hold_inbound", {1001: ["ringing", "talking", "hold", "talking", "ended"]}),
        # Who has clicked picks up first, and waits until the customer does.
        ("c2c_answered", {1001: ["ringing", "talking", "ended"]}),
        ("c2c_customer_busy", {1001: ["ringing", "ended"]}),
        ("c2c_agent_noanswer", {1002: ["ringing", "ended"]}),
        ("out_answered", {1001: ["ringing", "talking", "ended"]}),
        ("internal_answered", {1001: ["ringing", "talking", "ended"],
                               1002: ["ringing", "talking", "ended"]}),
    ],
)  # fmt: skip
def test_an_agent_goes_through_the_phases_of_the_call(
    name: str, expected: dict[int, list[str]]
) -> None:
    assert phases(changes(told(name))) == expected


@pytest.mark.parametrize("name", recordings.TOLD)
def test_every_leg_ends_and_nothing_comes_after_its_end(name: str) -> None:
    by_leg: dict[tuple[int, str], list[LegChange]] = {}
    for change in changes(told(name)):
        # On a line that stays open one leg is in the call of each customer.
        call = change.call_id if name == "own/agent_on_open_line" else 0
        by_leg.setdefault((call, change.leg), []).append(change)

    for leg, heard in by_leg.items():
        words = [change.phase for change in heard]
        assert words[-1] == "ended", leg
        assert "talking" not in words[words.index("ended") :], leg
        assert len({change.user_id for change in heard}) == 1, leg
        # The end is told as of the moment it was, whenever somebody hears of it again.
        assert len({change.at for change in heard if change.phase == "ended"}) == 1, leg


@pytest.mark.parametrize("name", recordings.TOLD)
def test_only_legs_that_a_queue_brought_are_queued(name: str) -> None:
    brought = {
        event.leg: event.visit is not None
        for event in told(name)
        if isinstance(event, LegRang) and event.party == "agent"
    }

    for change in changes(told(name)):
        assert change.queued == brought[change.leg]


def test_a_colleague_who_is_asked_talks_and_both_calls_are_one_in_the_end() -> None:
    heard = changes(told("att_to_agent"))

    assert all(words[0] == "ringing" and words[-1] == "ended" for words in phases(heard).values())
    assert len(phases(heard)) == 2
    last = {change.leg: change.call_id for change in heard}
    assert len(set(last.values())) < len({change.call_id for change in heard}), "they were folded"


def test_a_phone_nobody_sits_at_changes_nobodys_state() -> None:
    events = [
        CallBegan(pbx=PBX, at=1.0, call="a", origin="trunk", direction="inbound"),
        LegRang(pbx=PBX, at=2.0, call="a", leg="l", party="agent", endpoint="PJSIP/door"),
        LegAnswered(pbx=PBX, at=3.0, call="a", leg="l"),
        LegEnded(pbx=PBX, at=4.0, call="a", leg="l", result="answered"),
    ]

    assert changes(events) == []
