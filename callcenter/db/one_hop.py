"""A connection to SQLite on a thread of its own: a statement with all its rows is one hop.

A hop to another thread and back takes longer than most questions. aiosqlite makes one for the
cursor, one for the statement, one for its rows and one to close, and the beginning of a transaction
costs three more. Here a transaction begins along with its first statement, and what never
came to one is neither begun nor ended. SQLAlchemy's own dialect drives it: this stands where a
connection of aiosqlite would (`create_async_engine(async_creator=…)`).

Even one hop takes ten times as long as finding a few rows by their key, most of it in the two
threads' handing the interpreter to each other. Such a question (`fetch`) is answered where it
is asked, as a look-up is, unless the thread is still at work for this connection.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Self

_Call = tuple[asyncio.Future[Any], Callable[..., Any], tuple[Any, ...]]


async def connect(path: Path, prepare: Callable[[sqlite3.Connection], None]) -> "Connection":
    """Open the file, and let `prepare` set the connection up on its thread."""
    connection = Connection()
    try:
        await connection.open(path, prepare)
    except BaseException:
        connection.stop()
        raise
    return connection


class Connection:
    """What SQLAlchemy expects of an asynchronous driver; statements go through its cursors."""

    def __init__(self) -> None:
        #: How the transaction begins that no statement has come to yet.
        self.begin_with = ""
        self._connection: sqlite3.Connection | None = None
        self._is_used = False
        self._is_stopped = False
        #: Of all rows that were ever changed, those before this transaction.
        self._changes_before = 0
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        #: How many calls the thread was given, and how many it is done with.
        self._given = self._done = 0
        Thread(target=self._work, name="database-session", daemon=True).start()

    async def open(self, path: Path, prepare: Callable[[sqlite3.Connection], None]) -> None:
        await self._hop(self._open, path, prepare)

    def cursor(self) -> "Cursor":
        return Cursor(self)

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call `function` on the thread, in the transaction that was to begin."""
        self._is_used = True
        return await self._hop(self._in_transaction, function, arguments)

    async def fetch(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        """Return the rows of a short question, found by a key: here and now if that can be."""
        rows: list[Any]
        if self._is_idle:
            self._is_used = True
            rows = self._in_transaction(self._fetch, (sql, parameters))
        else:
            rows = await self.run(self._fetch, sql, parameters)
        return rows

    async def commit(self) -> None:
        await self._end(sqlite3.Connection.commit)

    async def rollback(self) -> None:
        """Take back what was changed; who only read need not go to the thread for it."""
        if self._is_used and self._is_idle and self._has_changed_nothing:
            self.driver.rollback()
            self._is_used = False
        await self._end(sqlite3.Connection.rollback)

    async def create_function(self, *arguments: Any, **named: Any) -> None:
        await self._hop(lambda: self.driver.create_function(*arguments, **named))

    async def close(self) -> None:
        if not self._is_stopped:
            try:
                await self._hop(self._close)
            finally:
                self.stop()

    def stop(self) -> None:
        """Close when all that was asked for is done, without waiting for it."""
        self._is_stopped = True
        self._calls.put(None)

    async def _end(self, end: Callable[[sqlite3.Connection], None]) -> None:
        if self._is_used:
            await self._hop(lambda: end(self.driver))
        self.begin_with, self._is_used = "", False

    async def _hop(self, function: Callable[..., Any], *arguments: Any) -> Any:
        if self._is_stopped:
            raise _gone()
        done = asyncio.get_running_loop().create_future()
        self._given += 1
        self._calls.put((done, function, arguments))
        return await done

    @property
    def _is_idle(self) -> bool:
        """Nothing is asked of the thread, not even by somebody who no longer waits for it."""
        return self._given == self._done and not self._is_stopped

    @property
    def _has_changed_nothing(self) -> bool:
        return self.driver.total_changes == self._changes_before

    # ------------------------------------------------------------ on the thread, or while it is idle

    @property
    def driver(self) -> sqlite3.Connection:
        if self._connection is None:
            raise _gone()
        return self._connection

    def _open(self, path: Path, prepare: Callable[[sqlite3.Connection], None]) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        prepare(self._connection)

    def _in_transaction(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        if self.begin_with:
            self._changes_before = self.driver.total_changes
            self.driver.execute(self.begin_with)
            # Only now: what could not begin must not go on outside of a transaction.
            self.begin_with = ""
        return function(*arguments)

    def _fetch(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        with closing(self.driver.execute(sql, parameters)) as cursor:
            return cursor.fetchall()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            done, function, arguments = call
            tell, what = _outcome(done, function, arguments)
            self._done += 1
            _tell(done, tell, what)
            # What it brought is not kept until the next one comes.
            del call, done, function, arguments, tell, what
        self._close()


def _outcome(
    done: asyncio.Future[Any], function: Callable[..., Any], arguments: tuple[Any, ...]
) -> tuple[Callable[[Any], None], Any]:
    """Return how the one who waits is told, and what."""
    try:
        return done.set_result, function(*arguments)
    except BaseException as error:  # noqa: BLE001
        return done.set_exception, error


def _tell(done: asyncio.Future[Any], tell: Callable[[Any], None], what: Any) -> None:
    def told() -> None:
        # Whoever asked may have been cancelled meanwhile.
        if not done.done():
            tell(what)

    # Once the loop is closed nobody waits for it any more.
    with suppress(RuntimeError):
        done.get_loop().call_soon_threadsafe(told)


def _gone() -> ValueError:
    # By these words SQLAlchemy knows that the connection is of no use any more.
    return ValueError("no active connection")


class Cursor:
    """A statement and its rows. Its methods are coroutines, for that is what SQLAlchemy awaits."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        await self._connection.run(self._execute, sqlite3.Cursor.execute, sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        await self._connection.run(self._execute, sqlite3.Cursor.executemany, sql, parameters)

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    def _execute(self, execute: Callable[..., Any], sql: str, parameters: Any) -> None:
        """Run the statement on the connection's thread, to its last row."""
        with closing(self._connection.driver.cursor()) as cursor:
            execute(cursor, sql, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
