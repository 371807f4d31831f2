"""Whoever follows the log is woken by what is written to it, and goes on where his work ended."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from callcenter import audit
from callcenter.audit import Audit, following
from callcenter.audit.following import PASSED, Follower, Place
from callcenter.db import Database, Setting, Upsert

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_COLUMNS = ("id", "at", "actor_kind", "entity", "action", "diff", "notable", "once")
AUDIT = Upsert(Audit.__table__, _COLUMNS, key=("once",), keep=_COLUMNS)


async def write(database: Database, action: str = "edit") -> None:
    async with database.write() as session:
        audit.record(session, NOW, entity="contact", action=action)


async def stored(database: Database) -> object:
    async with database.read() as session:
        row = await session.get(Setting, "reader")
    return None if row is None else row.value["after"]


async def test_a_commit_is_told_whoever_wrote_it_and_what_is_undone_is_not(
    database: Database,
) -> None:
    heard: list[str] = []
    database.when("audit", lambda: heard.append("audit"))

    async with database.write() as session:
        session.add(Setting(key="other", value={}, updated_at=NOW))

    async def write_in_vain() -> None:
        async with database.write() as session:
            audit.record(session, NOW, entity="contact", action="edit")
            raise LookupError

    with pytest.raises(LookupError):
        await write_in_vain()
    assert heard == []

    async with database.write() as session:
        audit.record(session, NOW, entity="contact", action="edit")
        assert heard == []
    line = (7, 1_700_000_000_000, "pbx", "call", "create", "{}", False, "call.7")
    await database.apply([(AUDIT, [line])])

    assert heard == ["audit", "audit"]


async def test_a_follower_waits_for_no_clock(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would look again by itself in an hour; a line wakes it, and it reads all there is."""
    monkeypatch.setattr(following, "LOOK_S", 3600.0)
    place, read, news = Place("reader"), list[str](), asyncio.Event()

    async def step() -> bool:
        async with database.read() as session:
            state = await place.find(session) or {"after": "0.0"}
            cursor = audit.Cursor.read(state["after"]) or audit.Cursor()
            stretch = await audit.read(session, cursor, 2)
        read.extend(line.action for line in stretch.lines)
        await place.go_on(database, {"after": str(stretch.after)}, NOW)
        news.set()
        return stretch.more

    task = asyncio.create_task(Follower("reader", database, step).run())
    try:
        async with asyncio.timeout(20):
            await news.wait()
            for action in ("first", "second", "third"):
                await write(database, action)
            while len(read) < 3:
                news.clear()
                await news.wait()
    finally:
        task.cancel()
        await asyncio.wait([task])

    assert read == ["first", "second", "third"]


async def test_a_step_that_fails_is_tried_again(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_S", 0.01)
    tries, done = list[int](), asyncio.Event()

    async def step() -> bool:
        tries.append(len(tries))
        if len(tries) < 3:
            raise ValueError
        done.set()
        return False

    task = asyncio.create_task(Follower("reader", sqlite_database, step).run())
    try:
        async with asyncio.timeout(20):
            await done.wait()
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert tries[:3] == [0, 1, 2]


async def test_what_concerns_nobody_is_passed_without_a_write_and_kept_now_and_then(
    database: Database,
) -> None:
    place = Place("reader")
    await place.go_on(database, {"after": "1.1"}, NOW)
    assert await stored(database) == "1.1"

    await place.go_on(database, {"after": "2.2"}, NOW + timedelta(seconds=1))
    async with database.read() as session:
        assert await place.find(session) == {"after": "2.2"}
        # A node that begins anew reads it again.
        assert await Place("reader").find(session) == {"after": "1.1"}

    await place.go_on(database, {"after": "3.3"}, NOW + PASSED)
    assert await stored(database) == "3.3"


async def test_a_place_is_kept_only_if_the_work_is(database: Database) -> None:
    place = Place("reader")
    await place.go_on(database, {"after": "1.1"}, NOW)

    async def work_in_vain() -> None:
        async with database.write() as session:
            await place.keep(session, {"after": "2.2"}, NOW)
            raise LookupError

    with pytest.raises(LookupError):
        await work_in_vain()

    async with database.read() as session:
        assert await place.find(session) == {"after": "1.1"}


async def test_where_another_node_has_come_to_counts_more_than_what_was_passed_here(
    database: Database,
) -> None:
    here, there = Place("reader"), Place("reader")
    await here.go_on(database, {"after": "1.1"}, NOW)
    await here.go_on(database, {"after": "2.2"}, NOW)

    async with database.write() as session:
        await there.keep(session, {"after": "9.9"}, NOW)

    async with database.read() as session:
        assert await here.find(session) == {"after": "9.9"}
