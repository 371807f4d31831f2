"""The promises of the database, held on both engines."""

import asyncio
import itertools
import stat
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from callcenter.calls.models import CallRow, PbxRow
from callcenter.crm.contacts.models import Contact
from callcenter.db import (
    CannotOpen,
    Database,
    Refused,
    Setting,
    Upsert,
    insert_block,
    millis,
    new_id,
)
from callcenter.db.ids import Ids
from callcenter.db.statements import dollar

CONTACT = (
    "INSERT INTO contact (id, kind, name, fold, custom, version, created_at, updated_at) "
    "VALUES (?1, 'person', ?2, '', '{}', 1, ?3, ?3)"
)
PBX = (
    "INSERT INTO pbx (id, name, host, port, tls, username, secret_ref, trunks, region, time_zone, "
    "dial_context, dial_format, dial_prefix, active, version, created_at, updated_at) VALUES "
    "(?1, ?2, 'h', 1, ?3, 'u', 's', '[]', 'AZ', 'Asia/Baku', '', 'e164', '', ?3, 1, 0, 0)"
)
CALLS = Upsert(
    CallRow.__table__,
    ("id", "pbx_id", "first_uniqueid", "origin", "withheld", "ring_at", "inferred", "pbx_state",
     "revision", "trunk"),
    key=("pbx_id", "first_uniqueid"), newer="revision", keep=("id",),
)  # fmt: skip


async def test_a_write_is_seen_by_readers_and_by_look_ups_once_it_is_committed(
    database: Database,
) -> None:
    async with database.write() as session:
        session.add(contact(1, "Aygün"))
        await session.flush()
        async with database.read() as other:
            assert await other.get(Contact, 1) is None

    async with database.read() as session:
        assert (await session.get_one(Contact, 1)).name == "Aygün"
    assert [tuple(row) for row in await database.fetch("SELECT name FROM contact")] == [("Aygün",)]


async def test_a_reader_sees_one_state_whatever_is_written_meanwhile(database: Database) -> None:
    names = text("SELECT name FROM contact")
    async with database.read() as session:
        assert (await session.scalars(names)).all() == []
        async with database.write() as other:
            other.add(contact(1, "Aygün"))
        assert (await session.scalars(names)).all() == []

    async with database.read() as session:
        assert (await session.scalars(names)).all() == ["Aygün"]


async def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.write() as session:
            session.add(contact(1, "Aygün"))
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()

    assert await database.fetch("SELECT name FROM contact") == []


async def test_many_writers_at_once_all_get_their_turn(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.write() as session:
            count = len((await session.scalars(select(Contact.id))).all())
            session.add(contact(number, str(count)))

    async def apply(number: int) -> None:
        await database.apply([(CONTACT, [(number, "", 0)])])

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        for number in range(1, 21):
            tasks.create_task(write(number))
            tasks.create_task(apply(number + 100))

    assert len(await database.fetch("SELECT id FROM contact")) == 40


async def test_sqlite_writers_see_what_the_one_before_wrote(sqlite_database: Database) -> None:
    # A transaction that begins as a reader could not be raised to a writer once another wrote.
    async def write(number: int) -> None:
        async with sqlite_database.write() as session:
            count = len((await session.scalars(select(Contact.id))).all())
            session.add(contact(number, str(count)))

    async with asyncio.TaskGroup() as tasks:
        for number in range(1, 11):
            tasks.create_task(write(number))

    names = [name for (name,) in await sqlite_database.fetch("SELECT name FROM contact")]
    assert sorted(names, key=int) == [str(count) for count in range(10)]


async def test_a_look_up_on_sqlite_answers_without_leaving_the_loop(
    sqlite_database: Database,
) -> None:
    asking = sqlite_database.fetch("SELECT ?2, ?1", "one", 2)

    with pytest.raises(StopIteration) as answer:
        asking.send(None)

    assert answer.value.value == [(2, "one")]


async def test_a_look_up_on_sqlite_cannot_write(sqlite_database: Database) -> None:
    with pytest.raises(Exception, match="readonly"):
        await sqlite_database.fetch(CONTACT, 1, "Aygün", 0)


async def test_a_batch_is_written_as_a_whole_or_not_at_all(database: Database) -> None:
    with pytest.raises(Refused):
        await database.apply(
            [(CONTACT, [(1, "Aygün", 0), (2, "Orxan", 0)]), (CONTACT, [(2, "Leyla", 0)])]
        )
    assert await database.fetch("SELECT id FROM contact") == []

    await database.apply(
        [
            (CONTACT, [(1, "Aygün", 0), (2, "Orxan", 0)]),
            ("UPDATE contact SET name = ?2 WHERE id = ?1", [(2, "Leyla")]),
        ]
    )
    rows = await database.fetch("SELECT name FROM contact ORDER BY id")
    assert [row[0] for row in rows] == ["Aygün", "Leyla"]


async def test_an_upsert_takes_newer_rows_and_ignores_older_ones(database: Database) -> None:
    await database.apply([(PBX, [(5, "main", True)])])

    await database.apply([(CALLS, [call(1, "a", revision=3), call(2, "b", revision=1)])])
    await database.apply([(CALLS, [call(9, "a", revision=2), call(9, "b", revision=4)])])

    rows = await database.fetch("SELECT id, first_uniqueid, revision FROM call ORDER BY id")
    assert [tuple(row) for row in rows] == [(1, "a", 3), (2, "b", 4)]


async def test_the_last_of_several_rows_with_one_key_wins(database: Database) -> None:
    await database.apply([(PBX, [(5, "main", True)])])

    await database.apply([(CALLS, [call(1, "a", revision=1), call(1, "a", revision=2)])])

    rows = await database.fetch("SELECT revision FROM call")
    assert [tuple(row) for row in rows] == [(2,)]


async def test_what_a_batch_wrote_reads_back_as_python_values(database: Database) -> None:
    await database.apply([(PBX, [(5, "main", True)])])
    await database.apply([(CALLS, [call(1, "a", revision=1)])])

    async with database.read() as session:
        row = await session.get_one(CallRow, 1)
        pbx = await session.get_one(PbxRow, 5)

    assert (row.withheld, row.inferred, row.pbx_state, row.trunk) == (False, ["end"], None, None)
    assert millis(row.ring_at) == 1_700_000_000_123
    assert pbx.active is True


async def test_an_upsert_that_keeps_all_leaves_a_row_as_it_is(database: Database) -> None:
    await database.apply([(PBX, [(5, "main", True)])])
    names = ("key", "value", "updated_at")
    once = Upsert(Setting.__table__, names, keep=names)

    await database.apply([(once, [("theme", '{"a": 1}', 1)])])
    await database.apply([(once, [("theme", '{"a": 2}', 2)])])

    async with database.read() as session:
        assert (await session.get_one(Setting, "theme")).value == {"a": 1}


async def test_nothing_known_is_null_and_not_the_json_word(database: Database) -> None:
    await database.apply([(PBX, [(5, "main", True)])])
    async with database.write() as session:
        session.add(
            CallRow(
                id=1,
                pbx_id=5,
                first_uniqueid="a",
                origin="trunk",
                pbx_state=None,
                inferred=[],
                ring_at=contact(1, "").created_at,
            )
        )

    assert len(await database.fetch("SELECT id FROM call WHERE pbx_state IS NULL")) == 1


async def test_a_block_of_new_rows_reads_back_as_if_each_had_been_added(database: Database) -> None:
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    stamps = {"created_at": at, "updated_at": at}
    rows: list[dict[str, Any]] = [
        {"id": 1, "name": "Aygün", "birthday": date(1990, 5, 17), "custom": {"car": "Niva"}},
        {"id": 2, "name": "“Zəfər” MMC", "kind": "company", "is_supplier": True, "city": None},
    ]
    async with database.write() as session:
        await insert_block(session, Contact.__table__, [row | stamps for row in rows])
        await insert_block(session, Contact.__table__, [])
    async with database.write() as session:
        session.add_all(Contact(**row | stamps | {"id": row["id"] + 10}) for row in rows)

    async with database.read() as session:
        held = [
            {column.key: getattr(one, column.key) for column in Contact.__table__.columns}
            for one in await session.scalars(select(Contact).order_by(Contact.id))
        ]
    assert held[0]["custom"] == {"car": "Niva"}
    assert held[0]["birthday"] == date(1990, 5, 17)
    assert [one | {"id": one["id"] + 10} for one in held[:2]] == held[2:]


async def test_a_block_with_a_row_that_is_refused_leaves_none_of_it(database: Database) -> None:
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    rows = [{"id": n, "name": "A", "created_at": at, "updated_at": at} for n in (1, 2, 1)]

    with pytest.raises(DBAPIError):
        async with database.write() as session:
            await insert_block(session, Contact.__table__, rows)

    assert await database.fetch("SELECT id FROM contact") == []


async def test_a_text_that_is_too_long_is_kept_whole_or_refused_but_never_cut(
    database: Database,
) -> None:
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    row = {"id": 1, "name": "A" * 201, "created_at": at, "updated_at": at}

    async def blocked() -> None:
        async with database.write() as session:
            await insert_block(session, Contact.__table__, [row])

    async def upserted() -> None:
        await database.apply([(CALLS, [call(1, "a" * 151, revision=1)])])

    await database.apply([(PBX, [(5, "main", True)])])
    if database.is_postgresql:
        with pytest.raises(DBAPIError):
            await blocked()
        with pytest.raises(Refused):
            await upserted()
    else:
        # SQLite has texts of any length.
        await blocked()
        await upserted()

    lengths = "SELECT length(name) FROM contact UNION ALL SELECT length(first_uniqueid) FROM call"
    told = {length for (length,) in await database.fetch(lengths)}
    assert told == (set() if database.is_postgresql else {201, 151})


async def test_words_outside_a_closed_list_are_refused(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.write() as session:
            await session.execute(
                text(
                    "INSERT INTO contact (id, kind, name, fold, custom, version, created_at, "
                    "updated_at) VALUES (1, 'robot', '', '', '{}', 1, 0, 0)"
                )
            )


async def test_a_reference_to_nothing_is_refused(database: Database) -> None:
    with pytest.raises(Refused):
        await database.apply([(CALLS, [call(1, "a", revision=1)])])


async def test_a_cancelled_batch_keeps_its_turn_until_its_thread_is_done(
    sqlite_database: Database,
) -> None:
    rows = [(number, "x", 0) for number in range(1, 20_001)]
    long = asyncio.create_task(sqlite_database.apply([(CONTACT, rows)]))
    await asyncio.sleep(0)
    long.cancel()

    with pytest.raises(asyncio.CancelledError):
        await long

    assert [tuple(row) for row in await sqlite_database.fetch("SELECT count(*) FROM contact")] == [
        (20_000,)
    ]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://host/name", "kind “mysql” are not supported"),
        ("not an address", "cannot be read"),
        ("sqlite://", "in memory"),
        ("postgresql://nobody:hush@127.0.0.1:1/none", "Check that PostgreSQL runs"),
    ],
)
async def test_an_operator_reads_why_a_database_cannot_be_opened(url: str, said: str) -> None:
    with pytest.raises(CannotOpen, match=said) as refusal:
        async with Database(url):
            pass

    assert "hush" not in str(refusal.value)


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Dear customer, this is not a database. " * 100)

    with pytest.raises(CannotOpen, match=r"letter\.db cannot be opened: file is not a database"):
        async with Database(f"sqlite:///{file}"):
            pass


async def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    async with Database(f"sqlite+aiosqlite:///{tmp_path}/a/b/c.db"):
        assert (tmp_path / "a/b/c.db").exists()
        assert stat.S_IMODE((tmp_path / "a/b").stat().st_mode) == 0o700


@given(
    begin=st.integers(0, 2**14),
    draws=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9_000)), min_size=1, max_size=4),
)
@settings(max_examples=20, deadline=None)
def test_ids_rise_with_time_and_within_a_moment_and_fit_javascript(
    begin: int, draws: list[tuple[int, int]]
) -> None:
    ids, at, drawn = Ids(begin), 1_700_000_000_000, []
    for later, times in draws:
        at += later
        drawn += [ids.draw(at / 1000) for _ in range(times)]
    assert all(one < next_ for one, next_ in itertools.pairwise(drawn))
    assert drawn[-1] < 2**53


def test_what_came_to_be_before_has_a_lower_id() -> None:
    now = time.time()
    today, yesterday = new_id(now), new_id(now - 86_400)
    assert yesterday < today


@given(begin=st.integers(0, 2**14), earlier=st.lists(st.integers(0, 9), min_size=1))
@settings(max_examples=20, deadline=None)
def test_ids_of_moments_that_take_turns_differ(begin: int, earlier: list[int]) -> None:
    ids, turns = Ids(begin), itertools.cycle(earlier)
    drawn = {ids.draw(1_700_000_000 - next(turns) / 1000) for _ in range(4_096)}
    assert len(drawn) == 4_096


def test_parameters_are_said_as_each_engine_writes_them() -> None:
    assert dollar("a = ?2 AND b = ?12 AND c = ?2") == "a = $2 AND b = $12 AND c = $2"


def contact(number: int, name: str) -> Contact:
    now = datetime.now(UTC)
    return Contact(id=number, name=name, fold=name, created_at=now, updated_at=now)


def call(number: int, uniqueid: str, *, revision: int) -> tuple[object, ...]:
    return (
        number, 5, uniqueid, "trunk", False, 1_700_000_000_123, '["end"]', None, revision, None,
    )  # fmt: skip
