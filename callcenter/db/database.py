"""One database, whichever engine holds it: sessions, look-ups, batches."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, Protocol, Self

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from callcenter.db.failures import CannotOpen
from callcenter.db.postgresql import Postgresql
from callcenter.db.sqlite import Sqlite
from callcenter.db.statements import Batch, Row, Upsert

#: Under which key a session keeps what it has announced.
_NEWS: Final = "news"


class Engine(Protocol):
    """What differs between the engines."""

    name: str
    reading: AsyncEngine
    writing: AsyncEngine

    async def open(self) -> None: ...
    async def close(self) -> None: ...
    def turn_to_write(self) -> AbstractAsyncContextManager[None]: ...
    async def fetch(self, sql: str, *parameters: Any) -> list[Row]: ...
    def stamp(self) -> int | None: ...
    async def apply(self, batch: Batch) -> None: ...


class Database:
    """Give `read()` and `write()` sessions, and driver access where microseconds count.

    Belongs to the event loop that opened it.
    """

    def __init__(self, url: str) -> None:
        self._engine = engine_of(url)
        self._hearers: dict[str, list[Callable[[], None]]] = {}

    @property
    def is_postgresql(self) -> bool:
        return self._engine.name == "postgresql"

    async def open(self) -> None:
        """Connect. Raises CannotOpen, in words for the operator."""
        await self._engine.open()

    async def close(self) -> None:
        await self._engine.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Give a session that sees one state of the database and changes nothing."""
        async with AsyncSession(
            self._engine.reading, expire_on_commit=False, autoflush=False
        ) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Give a session that commits at the end of the block, or rolls back if it raises.

        On SQLite there is one writer at a time: do not wait for anything slow inside.
        """
        async with (
            self._engine.turn_to_write(),
            AsyncSession(self._engine.writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session
        self._tell(session.info.get(_NEWS, ()))

    def when(self, news: str, tell: Callable[[], None]) -> None:
        """Have `tell` called after each commit, on this node, of what was announced as `news`.

        A batch announces the names of the tables that it writes.
        """
        self._hearers.setdefault(news, []).append(tell)

    def _tell(self, news: Collection[str]) -> None:
        for one in news:
            for tell in self._hearers.get(one, ()):
                tell()

    @asynccontextmanager
    async def at_schema(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection for indexes that are made and dropped while everybody works.

        On PostgreSQL each statement stands for itself: it makes no index concurrently in a transaction.
        """
        engine = self._engine.writing
        if self.is_postgresql:
            engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        async with self._engine.turn_to_write(), engine.begin() as connection:
            yield connection

    async def fetch(self, sql: str, *parameters: Any) -> list[Row]:
        """Return the rows of a hot look-up; parameters are written `?1`, `?2`.

        Values are as stored (instants in milliseconds). On SQLite this never suspends. Raises
        Unavailable if trying again later may help.
        """
        return await self._engine.fetch(sql, *parameters)

    def stamp(self) -> int | None:
        """Return a number that stays while nobody writes anything, None if that is not known.

        What was fetched with a stamp is still so while the stamp is the same: a memory that is
        never out of date, on SQLite, for two microseconds.
        """
        return self._engine.stamp()

    async def apply(self, batch: Batch) -> None:
        """Write `batch` in order, in one transaction: all of it or nothing.

        Raises Unavailable if trying again later may help, Refused if it never will.
        """
        await self._engine.apply(batch)
        self._tell({what.table.name for what, _rows in batch if isinstance(what, Upsert)})


def announce(session: AsyncSession, news: str) -> None:
    """Have those who wait for `news` (`Database.when`) told of it once the session has committed."""
    session.info.setdefault(_NEWS, set()).add(news)


async def alone(session: AsyncSession, what: str) -> None:
    """Wait until no other transaction is about `what`, and let none begin before this one ends.

    On SQLite writers stand in a queue, so a writing session is always alone.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")
        await session.execute(lock, {"what": what})


def engine_of(url: str) -> Engine:
    """Return the engine that `url` names, not yet connected."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        # The address itself stays out of the text: it may hold a password.
        raise CannotOpen(f"The database address cannot be read. {_FORMS}") from error
    return _engine(address)


def _engine(address: URL) -> Engine:
    match address.get_backend_name():
        case "sqlite":
            return Sqlite(address)
        case "postgresql" | "postgres":
            return Postgresql(address)
        case other:
            raise CannotOpen(f"Databases of the kind “{other}” are not supported. {_FORMS}")


_FORMS = "Give sqlite:///path/to/file.db or postgresql://user:password@host/name."
