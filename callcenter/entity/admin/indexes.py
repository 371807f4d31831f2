"""Indexes on custom fields, made and dropped while everybody works.

What should be there follows from the fields; `Indexes.settle` makes what lacks and drops what is
left over, at the start and after each change of a field. On PostgreSQL that is done concurrently,
outside of any transaction; on SQLite writers wait for the seconds it takes, readers do not.
"""

import asyncio
from typing import Any

import structlog
from sqlalchemy import Dialect, literal_column, select, text
from sqlalchemy.dialects import postgresql, sqlite

from callcenter.db import Database
from callcenter.entity.held import Held
from callcenter.entity.models import CustomField
from callcenter.entity.registry import Registry

log = structlog.get_logger()

#: Before the names of the indexes that are kept here, and of no others.
PREFIX = "ix_custom_"
#: One node of several does it; another that finds it taken leaves it.
_LOCK = 0x63757374

_DIALECTS: dict[bool, Any] = {False: sqlite.dialect, True: postgresql.dialect}
_THERE = {
    False: "SELECT name FROM sqlite_schema WHERE type = 'index' AND name LIKE 'ix~_custom~_%' ESCAPE '~'",
    # One that failed half-way is of no use: it is dropped and made anew.
    True: (
        "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
        "WHERE relname LIKE 'ix~_custom~_%' ESCAPE '~' AND indisvalid = :valid "
        "AND pg_table_is_visible(pg_class.oid)"
    ),
}


class Indexes:
    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry
        self._turn = asyncio.Lock()

    async def settle(self) -> None:
        """Make the indexes that lack and drop those that no field asks for."""
        async with self._turn, self._database.at_schema() as connection:
            concurrently = ""
            if self._database.is_postgresql:
                concurrently = "CONCURRENTLY"
                free = text("SELECT pg_try_advisory_lock(:lock)")
                if not await connection.scalar(free, {"lock": _LOCK}):
                    return
            try:
                await self._settle(connection, concurrently)
            finally:
                if self._database.is_postgresql:
                    await connection.execute(text("SELECT pg_advisory_unlock_all()"))

    async def _settle(self, connection: Any, concurrently: str) -> None:
        wanted = await self._wanted()
        there = await self._names(connection, valid=True)
        broken = await self._names(connection, valid=False) if concurrently else set()
        for name in sorted((there - set(wanted)) | broken):
            await connection.execute(text(f'DROP INDEX {concurrently} IF EXISTS "{name}"'))
            log.info("an index of a custom field was dropped", index=name)
        for name in sorted(set(wanted) - there):
            await connection.execute(
                text(f'CREATE INDEX {concurrently} IF NOT EXISTS "{name}" ON {wanted[name]}')
            )
            log.info("an index of a custom field was made", index=name)

    async def _names(self, connection: Any, *, valid: bool) -> set[str]:
        query = text(_THERE[self._database.is_postgresql])
        values = {"valid": valid} if self._database.is_postgresql else {}
        return set(await connection.scalars(query, values))

    async def _wanted(self) -> dict[str, str]:
        """Return what each index that should be there stands on, by its name."""
        async with self._database.read() as session:
            fields = await session.scalars(
                select(CustomField).where(
                    CustomField.deleted_at.is_(None), CustomField.indexed | CustomField.unique
                )
            )
            return dict(self._on(field) for field in fields if field.entity in self._registry)

    def _on(self, field: CustomField) -> tuple[str, str]:
        model: Any = self._registry[field.entity].model
        dialect: Dialect = _DIALECTS[self._database.is_postgresql]()
        held = Held(literal_column("custom"), field.key, field.type).compile(dialect=dialect)
        # The id is in the name, and so a field that is made anew under the same key gets its own.
        name = f"{PREFIX}{field.id}"
        return name, f'"{model.__tablename__}" (({held}), id) WHERE deleted_at IS NULL'
