"""The thread behind a connection to SQLite: transactions, cancelling, closing."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from callcenter.db.one_hop import Connection, connect

#: Counts for long enough to be cancelled meanwhile.
SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT max(i) FROM n"


def impatient(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA busy_timeout = 0")
    connection.execute("CREATE TABLE IF NOT EXISTS name (word TEXT)")


async def rows(connection: Connection, sql: str) -> list[tuple[object, ...]]:
    cursor = connection.cursor()
    await cursor.execute(sql)
    return await cursor.fetchall()


async def test_a_transaction_begins_with_its_first_statement_and_ends_as_it_is_told(
    tmp_path: Path,
) -> None:
    one = await connect(tmp_path / "a.db", impatient)
    other = await connect(tmp_path / "a.db", impatient)

    one.begin_with = "BEGIN IMMEDIATE"
    other.begin_with = "BEGIN IMMEDIATE"
    # Nothing was done yet, so nobody is in anybody's way.
    await rows(other, "INSERT INTO name VALUES ('Aygün')")
    await other.commit()
    await rows(one, "INSERT INTO name VALUES ('Elçin')")
    await one.rollback()

    assert await rows(one, "SELECT word FROM name") == [("Aygün",)]
    await asyncio.gather(one.close(), other.close())


async def test_what_could_not_begin_is_never_done_outside_of_a_transaction(tmp_path: Path) -> None:
    one = await connect(tmp_path / "a.db", impatient)
    other = await connect(tmp_path / "a.db", impatient)
    one.begin_with = other.begin_with = "BEGIN IMMEDIATE"
    await rows(one, "SELECT word FROM name")

    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            await rows(other, "SELECT word FROM name")
    await one.commit()
    await rows(other, "INSERT INTO name VALUES ('Aygün')")
    await other.rollback()

    assert await rows(one, "SELECT word FROM name") == []
    await asyncio.gather(one.close(), other.close())


async def test_a_transaction_without_a_statement_costs_nothing(tmp_path: Path) -> None:
    connection = await connect(tmp_path / "a.db", impatient)
    connection.begin_with = "no statement at all"

    await connection.commit()

    assert await rows(connection, "SELECT 1") == [(1,)]
    await connection.close()


async def test_whoever_asks_next_gets_his_own_rows_though_the_one_before_went_away(
    tmp_path: Path,
) -> None:
    connection = await connect(tmp_path / "a.db", impatient)
    impatiently = asyncio.create_task(rows(connection, SLOW))
    await asyncio.sleep(0)

    impatiently.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatiently

    assert await rows(connection, "SELECT 'mine'") == [("mine",)]
    await connection.close()


async def test_a_short_question_is_answered_where_it_is_asked_unless_the_thread_is_at_work(
    tmp_path: Path,
) -> None:
    connection = await connect(tmp_path / "a.db", impatient)
    await connection.create_function("asked_by", 0, threading.get_ident)
    here, on_the_thread = threading.get_ident(), (await rows(connection, "SELECT asked_by()"))[0][0]

    assert await connection.fetch("SELECT asked_by()", ()) == [(here,)]
    impatiently = asyncio.create_task(rows(connection, SLOW))
    await asyncio.sleep(0)
    impatiently.cancel()
    assert await connection.fetch("SELECT asked_by()", ()) == [(on_the_thread,)]
    assert await connection.fetch("SELECT asked_by()", ()) == [(here,)]
    assert on_the_thread != here
    await connection.close()


async def test_short_questions_belong_to_the_transaction_they_are_asked_in(tmp_path: Path) -> None:
    one = await connect(tmp_path / "a.db", impatient)
    other = await connect(tmp_path / "a.db", impatient)
    names = "SELECT word FROM name"
    # As in the product: who reads is not in the way of who writes.
    await one.fetch("PRAGMA journal_mode = WAL", ())

    one.begin_with, other.begin_with = "BEGIN", "BEGIN IMMEDIATE"
    assert await one.fetch(names, ()) == []
    await rows(other, "INSERT INTO name VALUES ('Aygün')")
    assert await other.fetch(names, ()) == [("Aygün",)]
    await other.commit()
    assert await one.fetch(names, ()) == []
    await one.rollback()
    assert await one.fetch(names, ()) == [("Aygün",)]

    other.begin_with = "BEGIN IMMEDIATE"
    await rows(other, "DELETE FROM name")
    assert await other.fetch(names, ()) == []
    await other.rollback()
    assert await other.fetch(names, ()) == [("Aygün",)]
    await asyncio.gather(one.close(), other.close())


async def test_a_statement_tells_how_many_rows_it_touched(tmp_path: Path) -> None:
    connection = await connect(tmp_path / "a.db", impatient)
    cursor = connection.cursor()

    await cursor.executemany("INSERT INTO name VALUES (?)", [("Aygün",), ("Elçin",)])
    assert cursor.rowcount == 2
    await cursor.execute("UPDATE name SET word = 'X' RETURNING word")
    assert (cursor.rowcount, await cursor.fetchall()) == (2, [("X",), ("X",)])
    await connection.close()


async def test_a_connection_that_is_closed_says_so_and_leaves_no_thread(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    connection = await connect(tmp_path / "a.db", impatient)
    (thread,) = set(threading.enumerate()) - before

    await connection.close()
    await connection.close()

    await asyncio.to_thread(thread.join, 10)
    assert not thread.is_alive()
    with pytest.raises(ValueError, match="no active connection"):
        await rows(connection, "SELECT 1")


async def test_a_file_that_is_no_database_leaves_no_thread_either(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear customer, this is not a database. " * 100)
    before = set(threading.enumerate())

    with pytest.raises(sqlite3.DatabaseError):
        await connect(tmp_path / "letter.db", impatient)

    for thread in set(threading.enumerate()) - before:
        await asyncio.to_thread(thread.join, 10)
        assert not thread.is_alive()
