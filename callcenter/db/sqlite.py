"""SQLite: many readers, one writer at a time, look-ups on the loop's own thread.

A look-up takes 10 microseconds and a hop to another thread 200, so the hot path reads
here and now through a connection of its own, which can only read. Batches go to one
writer thread, one hop a transaction. A lock in front of everything that writes lets
writers of this process queue instead of colliding; `BEGIN IMMEDIATE` and the busy
time-out do the same between processes.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from callcenter.db import one_hop
from callcenter.db.failures import CannotOpen, Refused, Unavailable
from callcenter.db.plain import FUNCTION, letters_of
from callcenter.db.statements import Batch, Row, Upsert

BUSY_TIMEOUT_MS = 5_000
PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
)
#: The file is not mapped into memory: SQLite maps it anew whenever another connection has written,
#: and in an office at work that is between any two look-ups. So it took twice as long.
HOT_CACHE_KIB = 32_768

_AWAY = {
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR",
    "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PROTOCOL",
}  # fmt: skip


class Sqlite:
    name = "sqlite"

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:":
            raise CannotOpen(
                "SQLite in memory cannot be shared between connections. "
                "Give a file, such as sqlite:///var/callcenter.db."
            )
        self._path = Path(url.database)
        self.reading = _engine(url, self._path, "BEGIN", connections=4)
        self.writing = _engine(url, self._path, "BEGIN IMMEDIATE", connections=1)
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database-writer")
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None

    async def open(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            await self._on_thread(self._open_writer)
            # Only now: a connection that may not write cannot make the file either.
            self._reader = _hot_reader(self._path)
        except (OSError, sqlite3.Error) as error:
            await self.close()
            raise CannotOpen(
                f"The database file {self._path} cannot be opened: {error}. "
                "Check that the folder exists, is writable and has room."
            ) from error

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        await self.reading.dispose()
        await self.writing.dispose()
        await self._on_thread(self._close_writer)
        self._thread.shutdown()

    async def fetch(self, sql: str, *parameters: Any) -> list[Row]:
        """Return the rows; never suspends, so nothing can happen in between."""
        if self._reader is None:
            raise RuntimeError("the database is not open")
        try:
            return self._reader.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise _failure(error) from error

    def stamp(self) -> int | None:
        """Return a number that is another one as soon as anybody has written, in any process."""
        if self._reader is None:
            raise RuntimeError("the database is not open")
        stamp: int = self._reader.execute("PRAGMA data_version").fetchone()[0]
        return stamp

    @asynccontextmanager
    async def turn_to_write(self) -> AsyncIterator[None]:
        async with self._turn:
            yield

    async def apply(self, batch: Batch) -> None:
        async with self._turn:
            await self._on_thread(self._apply, batch)

    async def _on_thread(self, function: Any, *arguments: Any) -> None:
        done = asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)
        try:
            await asyncio.shield(done)
        except asyncio.CancelledError:
            # The thread cannot be stopped half-way: the next writer waits for it all the same.
            await asyncio.wait([done])
            raise

    def _open_writer(self) -> None:
        self._writer = sqlite3.connect(self._path, isolation_level=None)
        for pragma in PRAGMAS:
            self._writer.execute(pragma)

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _apply(self, batch: Batch) -> None:
        writer = self._writer
        if writer is None:
            raise RuntimeError("the database is not open")
        try:
            writer.execute("BEGIN IMMEDIATE")
            for statement, rows in batch:
                sql = statement.sqlite if isinstance(statement, Upsert) else statement
                writer.executemany(sql, rows)
            writer.execute("COMMIT")
        except sqlite3.Error as error:
            raise _failure(error) from error
        finally:
            if writer.in_transaction:
                writer.execute("ROLLBACK")


def _engine(url: URL, path: Path, begin: str, *, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"), pool_size=connections, max_overflow=0,
        async_creator=partial(one_hop.connect, path, _prepare),
    )  # fmt: skip

    # Nobody else begins transactions: the driver would when it likes, and not for reads and DDL.
    @event.listens_for(engine.sync_engine, "begin")
    def will_begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.begin_with = begin

    return engine


def _prepare(connection: sqlite3.Connection) -> None:
    for pragma in PRAGMAS:
        connection.execute(pragma)
    connection.create_function(FUNCTION, 1, letters_of, deterministic=True)


def _hot_reader(path: Path) -> sqlite3.Connection:
    reader = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, cached_statements=256
    )
    reader.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    reader.execute(f"PRAGMA cache_size = -{HOT_CACHE_KIB}")
    with closing(reader.execute("SELECT count(*) FROM sqlite_schema")) as cursor:
        cursor.fetchall()
    return reader


def _failure(error: sqlite3.Error) -> Exception:
    if isinstance(error, sqlite3.IntegrityError | sqlite3.DataError):
        return Refused(str(error))
    name = getattr(error, "sqlite_errorname", "")
    if any(name.startswith(away) for away in _AWAY):
        return Unavailable(f"{error} ({name})")
    return error
