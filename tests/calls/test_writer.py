"""Calls are written down as they were, once, whatever happens meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from callcenter.bus.memory import MemoryBus
from callcenter.calls.board import Board
from callcenter.calls.models import CallRow
from callcenter.calls.writer import Writer
from callcenter.db import Database
from callcenter.events import CallEvent, CallStored, GapNoted
from tests import recordings
from tests.ami.laws import Office, lose_line
from tests.calls.office import NOW, PBX, move_in, read_number, told, user_of

TEST_LIMIT_S = 30

STORIES = [
    "in_direct_answered", "in_direct_abandon", "in_anonymous", "out_answered", "hold_inbound",
    "queue_answered", "queue_ringall_phones", "queue_abandon_ringing", "att_to_agent",
    "blind_to_queue", "internal_answered",
]  # fmt: skip

TABLES = (
    "interaction", "participant", "call", "call_alias", "call_leg", "queue_visit", "call_recording",
    "audit", "gap",
)  # fmt: skip


class Desk:
    """A board with its writer."""

    def __init__(self, database: Database, **options: Any) -> None:
        self.bus = MemoryBus()
        self.board = Board(user_of)
        options = {"flush_s": 0.002, "retry_s": (0.01, 0.01)} | options
        self.writer = Writer(database, self.bus, self.board, read_number, **options)
        self.stored: list[CallStored] = []
        self.bus.listen(self.stored.append, CallStored)

    async def play(self, events: Iterable[CallEvent], pause_every: int = 5) -> None:
        """Take the events in, with the writer at work in between."""
        for number, event in enumerate(events):
            self.board.apply(event)
            if number % pause_every == 0:
                await asyncio.sleep(0)
        async with asyncio.timeout(TEST_LIMIT_S):
            await self.writer.drain()


@asynccontextmanager
async def desk(database: Database, **options: Any) -> AsyncIterator[Desk]:
    opened = Desk(database, **options)
    running = asyncio.create_task(opened.writer.run())
    try:
        yield opened
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def rows(database: Database, table: str) -> list[dict[str, Any]]:
    async with database.read() as session:
        found = (await session.execute(text(f'SELECT * FROM "{table}"'))).mappings().all()
    return sorted((dict(row) for row in found), key=repr)


async def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {table: await rows(database, table) for table in TABLES}


#: Ids that other rows refer to.
NAMED = {("id", "call"), ("id", "interaction")}


def without_ids(stored: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows with each id replaced by what it refers to: ids are drawn at random.

    Where a line stands in the stream of changes (`seq`) is drawn by the database.
    """
    names: dict[int, str] = {}
    for call in stored["call"]:
        names[call["id"]] = f"call {call['first_uniqueid']}"
        names[call["interaction_id"]] = f"interaction of {call['first_uniqueid']}"
    return {
        table: sorted(
            (
                {
                    column: names.get(value, value) if column.endswith("id") else value
                    for column, value in row.items()
                    if column not in ("id", "seq") or (column, table) in NAMED
                }
                for row in found
            ),
            key=repr,
        )
        for table, found in stored.items()
    }


@pytest.mark.parametrize("name", STORIES)
async def test_the_stored_call_is_what_really_happened(database: Database, name: str):
    await move_in(database)
    async with desk(database) as office:
        await office.play(told(name))

    stored = await everything(database)
    truth = recordings.truth(name)["interactions"]
    with_customer = [c for c in stored["call"] if c["interaction_id"] and not c["merged_into_id"]]
    with_customer.sort(key=lambda call: call["ring_at"])
    assert len(with_customer) == len(truth) == len(stored["interaction"])
    for call, true in zip(with_customer, truth, strict=True):
        assert call["result"] == true["disposition"]
        assert call["customer_norm"] == true["customer_e164"]
        assert bool(call["withheld"]) == (true["customer_number"] is None)
        agents = [agent for agent in true["agents_talked"] if agent.isdigit()]
        assert call["owner_id"] == (int(agents[-1]) if agents else None)
        talk_s = ((call["talk_ms"] or 0) + call["hold_ms"]) / 1000
        assert talk_s == pytest.approx(true["talk_s"] or 0, abs=1.2)
        assert call["end_at"] is not None
        visits = [v for v in stored["queue_visit"] if v["call_id"] == call["id"]]
        assert {visit["queue"] for visit in visits} == set(true["queues"])
        legs = [leg for leg in stored["call_leg"] if leg["call_id"] == call["id"]]
        assert {str(leg["user_id"]) for leg in legs if leg["user_id"]} >= {
            agent for agent in true["rang"] if agent.isdigit()
        }


@pytest.mark.parametrize("name", STORIES)
async def test_writing_it_all_again_changes_nothing(database: Database, name: str):
    await move_in(database)
    async with desk(database) as office:
        await office.play(told(name))
    once = await everything(database)
    async with desk(database) as office:
        await office.play(told(name), pause_every=3)

    assert await everything(database) == once


async def test_two_writers_of_the_same_calls_make_the_rows_of_one(database: Database):
    await move_in(database)
    for name in STORIES:
        async with desk(database) as one, desk(database) as other:
            await asyncio.gather(
                one.play(told(name), pause_every=2), other.play(told(name), pause_every=3)
            )
    by_two = without_ids(await everything(database))
    async with database.write() as session:
        for table in reversed(TABLES):
            await session.execute(text(f'DELETE FROM "{table}"'))
    for name in STORIES:
        async with desk(database) as alone:
            await alone.play(told(name))

    assert without_ids(await everything(database)) == by_two


async def test_two_ingesters_of_which_one_lost_the_line_make_the_rows_of_one(database: Database):
    await move_in(database)
    for name in STORIES:
        async with desk(database) as one, desk(database) as other:
            await asyncio.gather(
                one.play(told(name), pause_every=2), other.play(_with_a_lost_line(name))
            )
    by_two = without_ids(await everything(database))
    async with database.write() as session:
        for table in reversed(TABLES):
            await session.execute(text(f'DELETE FROM "{table}"'))
    for name in STORIES:
        async with desk(database) as alone:
            await alone.play(told(name))

    assert without_ids(await everything(database)) == by_two


def _with_a_lost_line(name: str) -> list[CallEvent]:
    messages = [one for one in recordings.messages(name) if one.snapshot is None]
    half = len(messages) // 2
    office = lose_line(Office().hear(messages[:half]), messages, half).hear(messages[half:])
    return [event for event in office.events if isinstance(event, CallEvent)]


async def test_two_writers_that_learn_of_the_customer_apart_mean_one_interaction(
    database: Database,
):
    await move_in(database)
    events = list(told("out_answered"))
    async with desk(database) as one, desk(database) as other:
        await one.play(events[:1])
        await other.play(events[:4])
        await one.play(events[1:])
        await other.play(events[4:])

    [interaction] = await rows(database, "interaction")
    [call] = await rows(database, "call")
    assert call["interaction_id"] == interaction["id"]


async def test_each_call_that_begins_and_ends_leaves_one_line_of_each_in_the_log(
    sqlite_database: Database,
):
    await move_in(sqlite_database)
    async with desk(sqlite_database) as office:
        await office.play(told("queue_two_waiting"))

    calls = [call["id"] for call in await rows(sqlite_database, "call")]
    lines = [(r["entity_id"], r["action"]) for r in await rows(sqlite_database, "audit")]
    assert sorted(lines) == sorted((c, action) for c in calls for action in ("began", "ended"))


async def test_whoever_listens_hears_of_each_stored_call_and_last_of_its_end(
    sqlite_database: Database,
):
    await move_in(sqlite_database)
    async with desk(sqlite_database) as office:
        await office.play(told("in_direct_answered"), pause_every=1)

    [call] = await rows(sqlite_database, "call")
    assert {(s.call_id, s.interaction_id) for s in office.stored} == {
        (call["id"], call["interaction_id"])
    }
    revisions = [stored.revision for stored in office.stored]
    assert revisions == sorted(set(revisions))
    assert revisions[-1] == call["revision"]
    assert office.stored[-1].ended


async def test_a_note_and_a_link_made_during_the_call_survive_it(sqlite_database: Database):
    await move_in(sqlite_database)
    events = list(told("in_direct_answered"))
    half = len(events) // 2
    async with desk(sqlite_database) as office:
        await office.play(events[:half])
        async with sqlite_database.write() as session:
            await session.execute(
                text("UPDATE interaction SET body = 'asked for a price', version = 2")
            )
            await session.execute(text("UPDATE participant SET certainty = 'known' WHERE seq = 0"))
        await office.play(events[half:])

    [interaction] = await rows(sqlite_database, "interaction")
    assert (interaction["body"], interaction["version"]) == ("asked for a price", 2)
    assert interaction["status"] == "held"
    customer = [p for p in await rows(sqlite_database, "participant") if p["role"] == "from"]
    assert [each["certainty"] for each in customer] == ["known"]


async def test_a_call_that_cannot_be_stored_costs_no_other_call(database: Database):
    await move_in(database)
    async with desk(database, flush_s=0.2) as office:
        good = list(told("in_direct_answered"))
        bad = [msgspec.structs.replace(e, call="bad", pbx=99) for e in good]
        await office.play(pair for both in zip(bad, good, strict=True) for pair in both)

    assert [call["first_uniqueid"] for call in await rows(database, "call")] == [good[0].call]


async def test_a_call_whose_id_somebody_else_has_drawn_is_stored_under_another(database: Database):
    await move_in(database)
    first, *rest = told("in_direct_answered")
    async with desk(database, flush_s=0.2) as office:
        office.board.apply(first)
        [live] = office.board
        drawn = live.id
        async with database.write() as session:
            session.add(
                CallRow(id=drawn, pbx_id=PBX, first_uniqueid="x", origin="trunk", ring_at=NOW)
            )
        await office.play(rest)

    stored = {call["first_uniqueid"]: call for call in await rows(database, "call")}
    assert stored["x"]["id"] == drawn
    assert stored[first.call]["id"] == stored[first.call]["interaction_id"] == live.id != drawn
    assert stored[first.call]["result"] == "answered"


async def test_what_a_pbx_sends_is_cut_to_what_a_column_takes(database: Database):
    await move_in(database)
    async with desk(database) as office:
        events = told("in_direct_answered")
        begun = msgspec.structs.replace(
            next(events), caller_name="Zoë\0 \udcff" + "x" * 400, trunk="t" * 400
        )
        await office.play([begun, *events])

    [call] = await rows(database, "call")
    assert call["customer_name"].startswith("Zoë ?x")
    assert len(call["customer_name"]) == 200
    assert len(call["trunk"]) == 120


async def test_a_gap_in_what_the_pbx_told_is_stored(database: Database):
    await move_in(database)
    async with desk(database) as office:
        office.bus.publish(GapNoted(pbx=PBX, at=20.0, epoch=2, from_at=10.0, reason="link lost"))
        await office.play([])

    [gap] = await rows(database, "gap")
    assert (gap["from_at"], gap["to_at"], gap["reason"]) == (10_000, 20_000, "link lost")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_calls_wait_for_a_database_that_is_away(postgres: Any, database_url: str):
    name = database_url.rpartition("/")[2]
    async with Database(database_url) as database, desk(database) as office:
        await move_in(database)
        events = list(told("queue_answered"))
        await office.play(events[:8])
        await postgres._admin(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await postgres._admin(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        away = asyncio.create_task(office.play(events[8:]))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(away), 0.2)
        await postgres._admin(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await away

        [call] = await rows(database, "call")
        assert (call["result"], call["end_at"] is not None) == ("answered", True)
        assert len(await rows(database, "audit")) == 2


@pytest.mark.parametrize("name", ["in_direct_answered", "att_to_agent", "pickup_group"])
async def test_a_call_that_is_over_and_stored_leaves_the_board(
    sqlite_database: Database, name: str
):
    await move_in(sqlite_database)
    async with desk(sqlite_database) as office:
        await office.play(told(name))
        calls = await rows(sqlite_database, "call")
        assert all(office.board.get(call["id"]) for call in calls)

        later = calls[-1]["end_at"] / 1000 + 60
        await office.play([msgspec.structs.replace(next(told("out_busy")), at=later)])
        assert not any(office.board.get(call["id"]) for call in calls)
