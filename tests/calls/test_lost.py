"""Calls that were open when the service stopped, and nobody follows, do not go on for ever."""

import json

import pytest

from callcenter.calls.board import Board
from callcenter.calls.lost import end_lost_calls
from callcenter.calls.resume import take_up_open_calls
from callcenter.db import Database
from callcenter.events import CallEnded, CallEvent, LegAnswered, LegRang, TalkBegan
from tests.calls.office import PBX, move_in, told, user_of
from tests.calls.plans import plan_of, scans
from tests.calls.test_writer import desk, everything, rows


def nobody(_call_id: int) -> bool:
    """Follow no call."""
    return False


async def cut_short(database: Database, name: str, after: type[CallEvent]) -> float:
    """Play a recording until the first event of that kind; return when that was."""
    await move_in(database)
    events = list(told(name))
    last = next(place for place, event in enumerate(events) if isinstance(event, after))
    begun = events[: last + 1]
    async with desk(database) as office:
        await office.play(begun)
    return begun[-1].at


async def test_open_calls_are_found_without_going_through_all(sqlite_database: Database):
    async def heard(_pbx: int) -> float:
        return 0.0

    for search in (
        end_lost_calls(sqlite_database, heard, nobody),
        take_up_open_calls(sqlite_database, Board(user_of), [PBX]),
    ):
        plan = await plan_of(sqlite_database, search)
        assert any("ix_call_unfinished" in step for step in plan)
        assert [step for step in scans(plan) if " ix_call_unfinished" not in step] == []


async def test_a_call_that_was_open_ends_when_the_pbx_was_last_heard(database: Database):
    at = await cut_short(database, "queue_answered", LegAnswered)

    async def heard(_pbx: int) -> float:
        return at + 5

    assert await end_lost_calls(database, heard, nobody) == 1
    [call] = await rows(database, "call")
    [interaction] = await rows(database, "interaction")
    assert call["end_at"] == interaction["end_at"] == round((at + 5) * 1000)
    assert "CallEnded" in call["inferred"]
    assert all(leg["end_at"] for leg in await rows(database, "call_leg"))
    assert all(visit["left_at"] for visit in await rows(database, "queue_visit"))
    assert interaction["status"] != "live"


@pytest.mark.parametrize(("after", "result"), [(LegRang, "failed"), (TalkBegan, "answered")])
async def test_its_result_is_what_is_known_of_it(
    sqlite_database: Database, after: type[CallEvent], result: str
):
    await cut_short(sqlite_database, "in_direct_answered", after)

    async def never(_pbx: int) -> None:
        return None

    await end_lost_calls(sqlite_database, never, nobody)
    [call] = await rows(sqlite_database, "call")
    assert call["result"] == result
    assert call["end_at"] >= call["ring_at"]


async def test_a_talk_that_went_on_counts_until_the_pbx_was_last_heard(
    sqlite_database: Database,
):
    at = await cut_short(sqlite_database, "in_direct_answered", TalkBegan)

    async def heard(_pbx: int) -> float:
        return at + 60

    await end_lost_calls(sqlite_database, heard, nobody)
    [call] = await rows(sqlite_database, "call")
    [agent] = [leg for leg in await rows(sqlite_database, "call_leg") if leg["party"] == "agent"]
    assert call["talk_ms"] == pytest.approx(60_000, abs=100)
    assert agent["talk_ms"] == pytest.approx(60_000, abs=100)
    assert {"CallEnded", "TalkEnded"} <= set(json.loads(call["inferred"]))


async def test_calls_that_have_ended_stay_as_they_are(sqlite_database: Database):
    await cut_short(sqlite_database, "in_direct_answered", CallEnded)
    before = await everything(sqlite_database)

    async def heard(_pbx: int) -> float:
        return 9e9

    assert await end_lost_calls(sqlite_database, heard, nobody) == 0
    assert await everything(sqlite_database) == before


async def test_a_call_that_somebody_follows_is_left_to_them(sqlite_database: Database):
    await cut_short(sqlite_database, "queue_answered", LegAnswered)
    before = await everything(sqlite_database)

    async def heard(_pbx: int) -> float:
        return 9e9

    assert await end_lost_calls(sqlite_database, heard, lambda _call_id: True) == 0
    assert await everything(sqlite_database) == before
