"""The calls in progress: one id each, each person at his phone, each change told once."""

import pytest

from callcenter.calls.board import LINGER_S, Board, LiveCall
from callcenter.events import CallBegan, CallEvent, CallFolded, LegAnswered, LegEnded, LegRang
from tests import recordings
from tests.calls.office import PBX, told, user_of

Change = tuple[LiveCall, CallEvent]


def played(name: str) -> tuple[Board, list[Change]]:
    board, changes = Board(user_of), []
    board.listen(lambda live, event: changes.append((live, event)))
    for event in told(name):
        board.apply(event)
    return board, changes


@pytest.mark.parametrize("name", recordings.TOLD)
def test_each_change_is_told_once_and_in_order(name: str):
    _, changes = played(name)

    own = [event for live, event in changes if event.call == live.call.id]
    assert own == list(told(name))
    folded = [event for live, event in changes if event.call != live.call.id]
    assert all(isinstance(event, CallFolded) for event in folded)


@pytest.mark.parametrize("name", recordings.TOLD)
def test_only_calls_with_a_customer_are_interactions(name: str):
    _, changes = played(name)

    for live in {live for live, _ in changes}:
        assert (live.interaction_id is None) == (live.call.direction in (None, "internal"))


@pytest.mark.parametrize("name", recordings.TOLD)
def test_at_the_end_nobody_is_left_on_a_call(name: str):
    board, changes = played(name)

    assert list(board) == []
    assert changes
    assert all(board.leg_of(live.id, None) is None for live, _ in changes)


def test_a_call_keeps_its_id_and_two_calls_never_share_one():
    _, changes = played("in_same_number_twice")

    by_call: dict[str, set[int]] = {}
    for live, event in changes:
        by_call.setdefault(event.call, set()).add(live.id)
    assert len(by_call) == 2
    assert all(len(ids) == 1 for ids in by_call.values())
    assert len(set.union(*by_call.values())) == 2


def ringing(board: Board) -> LiveCall:
    board.apply(CallBegan(pbx=PBX, at=1.0, call="a", origin="trunk", direction="inbound"))
    for leg, endpoint in (("l1", "PJSIP/1001"), ("l2", "PJSIP/1002")):
        board.apply(LegRang(pbx=PBX, at=2.0, call="a", leg=leg, party="agent", endpoint=endpoint))
    live = board.find(PBX, "a")
    assert live is not None
    return live


def test_a_leg_is_whoever_sat_at_the_phone_when_it_rang():
    seats = {"PJSIP/1001": 7}
    board = Board(lambda _pbx, endpoint: seats.get(endpoint))
    live = ringing(board)
    seats["PJSIP/1001"] = 8

    assert live.users == {"l1": 7}
    assert [leg.uniqueid for leg in live.legs_of(7)] == ["l1"]
    assert live.legs_of(8) == []


def test_a_call_is_found_by_its_id_and_its_legs_by_the_person():
    board = Board(user_of)
    live = ringing(board)
    board.apply(LegAnswered(pbx=PBX, at=3.0, call="a", leg="l2"))

    assert board.get(live.id) is live
    assert board.id_of(PBX, "a") == live.id
    assert board.id_of(PBX + 1, "a") is None
    assert board.leg_of(live.id, 1001) == (PBX, "l1")
    assert board.leg_of(live.id, None) == (PBX, "l2")
    assert board.leg_of(live.id, 1003) is None
    assert board.leg_of(live.id + 1, None) is None


def test_what_comes_late_still_finds_a_stored_call_and_later_it_is_gone():
    board = Board(user_of)
    live = ringing(board)
    board.is_stored(live)
    board.apply(LegEnded(pbx=PBX, at=2.0 + LINGER_S, call="a", leg="l1", result="noanswer"))
    assert board.get(live.id) is live

    board.apply(
        CallBegan(pbx=PBX, at=3.0 + 2 * LINGER_S, call="b", origin="trunk", direction="inbound")
    )
    assert board.get(live.id) is None
    assert board.find(PBX, "a") is None


def test_a_listener_that_fails_costs_the_others_nothing():
    board, heard = Board(user_of), []

    def fails(_live: LiveCall, _event: CallEvent) -> None:
        raise LookupError("not mine")

    board.listen(fails)
    board.listen(lambda _live, event: heard.append(type(event)))
    ringing(board)

    assert heard == [CallBegan, LegRang, LegRang]


def test_the_clock_of_one_pbx_ends_no_call_of_another():
    board = Board(user_of)
    live = ringing(board)
    board.is_stored(live)
    ahead = 1.0 + 3600

    board.apply(CallBegan(pbx=PBX + 1, at=ahead, call="b", origin="trunk", direction="inbound"))

    assert board.find(PBX, "a") is live
