"""One line for each write, in the transaction of the write itself; read in an order that misses none."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from callcenter import audit
from callcenter.audit import Audit, Cursor
from callcenter.db import Database
from callcenter.migrations import migrate
from tests.fixtures.postgres import PostgresServer

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


async def lines(database: Database) -> list[Audit]:
    async with database.read() as session:
        return list(await session.scalars(select(Audit).order_by(Audit.id)))


async def test_a_line_says_who_did_what_to_what_when_and_how_it_was_before(
    database: Database,
) -> None:
    async with database.write() as session:
        audit.record(
            session, NOW, entity="contact", entity_id=7, contact_id=7, action="edit", actor_id=3,
            diff={"name": ["Zoe", "Zoë"]}, notable=True, request_id="7f3a", ip="192.0.2.1",
        )  # fmt: skip

    (line,) = await lines(database)
    assert (line.at, line.actor_kind, line.actor_id) == (NOW, "user", 3)
    assert (line.entity, line.entity_id, line.contact_id) == ("contact", 7, 7)
    assert (line.action, line.diff, line.notable) == ("edit", {"name": ["Zoe", "Zoë"]}, True)
    assert (line.request_id, line.ip) == ("7f3a", "192.0.2.1")


async def test_lines_stand_in_the_order_in_which_they_were_written(database: Database) -> None:
    async with database.write() as session:
        for place, step in enumerate(("create", "edit", "delete")):
            at = NOW + timedelta(milliseconds=place)
            audit.record(session, at, entity="team", action=step, actor_kind="system")

    assert [line.action for line in await lines(database)] == ["create", "edit", "delete"]


async def test_what_is_undone_leaves_no_line(database: Database) -> None:
    async def write_in_vain() -> None:
        async with database.write() as session:
            audit.record(session, NOW, entity="contact", action="create")
            raise LookupError

    with pytest.raises(LookupError):
        await write_in_vain()
    assert await lines(database) == []


async def test_an_actor_of_no_known_kind_is_refused(database: Database) -> None:
    async def write() -> None:
        async with database.write() as session:
            audit.record(session, NOW, entity="contact", action="edit", actor_kind="ghost")  # type: ignore[arg-type]

    with pytest.raises(StatementError, match="ghost"):
        await write()
    assert await lines(database) == []


async def written(database: Database, action: str, entity: str = "contact") -> None:
    async with database.write() as session:
        audit.record(session, NOW, entity=entity, action=action)


async def told(database: Database, after: Cursor, limit: int = 500) -> tuple[list[str], Cursor]:
    async with database.read() as session:
        stretch = await audit.read(session, after, limit)
    return [line.action for line in stretch.lines], stretch.after


async def test_a_reader_comes_forward_by_its_cursor_and_is_told_every_line_once(
    database: Database,
) -> None:
    for action in ("first", "second", "third"):
        await written(database, action)

    before, cursor = await told(database, Cursor(), limit=2)
    then, end = await told(database, cursor)

    assert (before, then) == (["first", "second"], ["third"])
    assert await told(database, end) == ([], end)


async def test_lines_of_one_transaction_stand_in_the_order_of_their_ids(database: Database) -> None:
    async with database.write() as session:
        for place, step in enumerate(("create", "edit", "delete")):
            at = NOW + timedelta(milliseconds=place)
            audit.record(session, at, entity="team", action=step)

    assert (await told(database, Cursor()))[0] == ["create", "edit", "delete"]


async def test_a_reader_of_little_comes_forward_over_what_it_does_not_want(
    database: Database,
) -> None:
    for entity in ("call", "call", "contact"):
        await written(database, "create", entity)

    async with database.read() as session:
        first = await audit.read(session, Cursor(), 2, entities=("contact",))
        second = await audit.read(session, first.after, 2, entities=("contact",))

    assert (first.lines, first.more) == ([], True)
    assert ([line.entity for line in second.lines], second.more) == (["contact"], False)


async def test_whoever_wants_only_what_is_new_begins_at_the_end(database: Database) -> None:
    async with database.read() as session:
        assert await audit.newest(session) == Cursor()
    await written(database, "old")
    async with database.read() as session:
        begin = await audit.newest(session)
    await written(database, "new")

    assert (await told(database, begin))[0] == ["new"]


async def test_who_began_first_and_ends_last_is_not_missed(
    postgres: PostgresServer,
) -> None:
    """On SQLite writers queue; on PostgreSQL the lower id may be committed after the higher."""
    async with postgres.database(migrate) as url, Database(url) as database:
        await written(database, "before")
        async with database.write() as slow:
            audit.record(slow, NOW, entity="contact", action="slow")
            await slow.flush()
            await written(database, "quick")
            meanwhile, cursor = await told(database, Cursor())
        after, _ = await told(database, cursor)

        ids = {line.action: line.id for line in await lines(database)}

    assert ids["slow"] < ids["quick"]
    assert (meanwhile, after) == (["before"], ["slow", "quick"])


async def test_no_reader_misses_a_line_while_many_write(postgres: PostgresServer) -> None:
    async with postgres.database(migrate) as url, Database(url) as database:
        reading: list[str] = []

        async def write(name: int) -> None:
            for step in range(8):
                async with database.write() as session:
                    audit.record(session, NOW, entity="contact", action=f"{name}.{step}")
                    await session.flush()
                    # Another's transaction may come and go before this one ends.
                    await session.execute(text("SELECT 1"))

        async def read() -> None:
            cursor = Cursor()
            while len(reading) < 64:
                some, cursor = await told(database, cursor, limit=5)
                reading.extend(some)

        async with asyncio.timeout(30):
            await asyncio.gather(read(), *(write(name) for name in range(8)))

    assert sorted(reading) == sorted(f"{name}.{step}" for name in range(8) for step in range(8))
    for name in range(8):
        mine = [action for action in reading if action.startswith(f"{name}.")]
        assert mine == [f"{name}.{step}" for step in range(8)]


async def test_after_a_backup_is_restored_elsewhere_new_lines_still_follow_the_old(
    postgres: PostgresServer,
) -> None:
    async with postgres.database(migrate) as url, Database(url) as database:
        await written(database, "old")
        async with database.write() as session:
            # As if the server that the backup comes from had done far more than this one.
            await session.execute(text("UPDATE audit SET seq = seq + 1000000"))
        async with database.write() as session:
            await audit.settle(session)
        old, cursor = await told(database, Cursor())
        await written(database, "new")

        assert old == ["old"]
        assert (await told(database, cursor))[0] == ["new"]


@pytest.mark.parametrize("written", ["", "7", "7.", "seven.8", "7.8.9", "٧.8", "7." + "8" * 40])
def test_what_is_no_cursor_is_not_taken_for_one(written: str) -> None:
    assert Cursor.read(written) is None


def test_a_cursor_is_read_as_it_was_written() -> None:
    assert Cursor.read(str(Cursor(7, 8))) == Cursor(7, 8)
