"""PostgreSQL: a pool for sessions, and one of bare connections for the hot paths.

asyncpg prepares each statement once a connection and keeps it, so a look-up is one
round trip; a batch is one statement a table, its rows sent as columns (`unnest`).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import create_async_engine

from callcenter.db.failures import CannotOpen, Refused, Unavailable
from callcenter.db.statements import Batch, Row, dollar

HOT_CONNECTIONS = 4
CONNECT_TIMEOUT_S = 10

# Compiling a look-up of one row takes longer than doing it.
_SERVER = {"application_name": "callcenter", "jit": "off"}
_AWAY = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    # The database takes no connections for now, for instance during a restore.
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
)


class Postgresql:
    name = "postgresql"

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql")
        engine = create_async_engine(
            url.set(drivername="postgresql+asyncpg"),
            pool_size=10,
            max_overflow=10,
            pool_pre_ping=True,
            connect_args={"server_settings": _SERVER, "timeout": CONNECT_TIMEOUT_S},
        )
        # As on SQLite: what is read in several questions is one state.
        self.reading = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self.writing = engine
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def open(self) -> None:
        try:
            self._pool = await asyncpg.create_pool(
                self._url.render_as_string(hide_password=False),
                min_size=1,
                max_size=HOT_CONNECTIONS,
                timeout=CONNECT_TIMEOUT_S,
                server_settings=_SERVER,
            )
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            await self.close()
            raise CannotOpen(
                f"The database {self._url.render_as_string()} cannot be opened: {error}. "
                "Check that PostgreSQL runs, and its address, user and password."
            ) from error

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None
        await self.writing.dispose()

    def stamp(self) -> int | None:
        """Return None: only asking tells whether somebody has written."""
        return None

    async def fetch(self, sql: str, *parameters: Any) -> list[Row]:
        try:
            rows: Sequence[Any] = await self._hot.fetch(dollar(sql), *parameters)
        except _AWAY as error:
            raise Unavailable(f"{type(error).__name__}: {error}") from error
        return list(rows)

    @asynccontextmanager
    async def turn_to_write(self) -> AsyncIterator[None]:
        yield

    async def apply(self, batch: Batch) -> None:
        try:
            async with self._hot.acquire() as connection, connection.transaction():
                for statement, rows in batch:
                    if isinstance(statement, str):
                        await connection.executemany(dollar(statement), rows)
                    elif rows:
                        columns = zip(*statement.last_of_each(rows), strict=True)
                        await connection.execute(statement.postgresql, *map(list, columns))
        except _AWAY as error:
            raise Unavailable(f"{type(error).__name__}: {error}") from error
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
            raise Refused(str(error)) from error

    @property
    def _hot(self) -> "asyncpg.Pool[asyncpg.Record]":
        if self._pool is None:
            raise RuntimeError("the database is not open")
        return self._pool
