"""Very many rows into empty tables of either engine: by the driver, and the indexes afterwards.

On PostgreSQL they go in by COPY. What refers to the tables is checked once, when all rows are in.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import asyncpg
import click
from sqlalchemy import make_url

from callcenter.db import Base, Row

#: What a bench brings in by itself has an id of another kind.
_FIRST_OTHER: Final = 1_000_000_000_000


class Part(NamedTuple):
    """Rows of one table; what they say nothing of and must not be empty is as in a new row."""

    model: type[Base]
    columns: Sequence[str]
    rows: Sequence[Row]


#: While the file is filled; nobody else has it open, and it is made anew if this fails. The rows are
#: as the tables want them, so looking at each again would be half the time.
_FILLING: Final = (
    "journal_mode = OFF", "synchronous = OFF", "cache_size = -262144", "threads = 2",
    "ignore_check_constraints = ON",
)  # fmt: skip

#: Called with how many rows of how many are in.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Filling:
    """What is to be there; the first of the models is the one that is counted."""

    models: Sequence[type[Base]]
    #: How many rows the first table has in the end.
    count: int
    blocks: Iterable[Sequence[Part]]
    #: The tables that get their indexes again: most of the time goes into these.
    indexed: Sequence[str]

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(model.__tablename__ for model in self.models)

    @property
    def counted(self) -> str:
        return f"SELECT count(*) FROM {self.tables[0]} WHERE id < {_FIRST_OTHER}"

    def is_there(self, count: int) -> bool:
        """Tell whether the rows are in already. Raises ClickException if others are."""
        if count and count != self.count:
            raise click.ClickException(
                f"The database holds {count:,} rows of {self.tables[0]} already. "
                "Ask for as many, or name another."
            )
        return bool(count)


def fill(url: str, filling: Filling, progress: Progress) -> None:
    """Have these rows in the database at `url`, unless they are there."""
    if make_url(url).get_backend_name() == "sqlite":
        _fill_sqlite(str(make_url(url).database), filling, progress)
    else:
        asyncio.run(_fill_postgresql(url, filling, progress))


# ---------------------------------------------------------------- SQLite


def _fill_sqlite(file: str, filling: Filling, progress: Progress) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        if filling.is_there(database.execute(filling.counted).fetchone()[0]):
            return
        for pragma in _FILLING:
            database.execute(f"PRAGMA {pragma}")
        places = ", ".join("?" for _ in filling.tables)
        indexes = database.execute(
            "SELECT name, sql, tbl_name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL "
            f"AND tbl_name IN ({places})",
            filling.tables,
        ).fetchall()
        for name, _, _ in indexes:
            database.execute(f'DROP INDEX "{name}"')
        for table in filling.tables:
            if table not in filling.indexed:
                _without_words(database, table)
        done = 0
        for block in filling.blocks:
            database.execute("BEGIN")
            for part in block:
                database.executemany(_insert(part), _whole(part))
            database.execute("COMMIT")
            done += len(block[0].rows)
            progress(done, filling.count)
        for _, sql, table in indexes:
            if table in filling.indexed:
                database.execute(sql)
        database.execute("ANALYZE")
        database.execute("PRAGMA journal_mode = WAL")


def _without_words(database: sqlite3.Connection, table: str) -> None:
    """Leave out a table's index of words, which takes longer than everything else.

    Where it is asked it grows with the rows, as in life: made in one go it is merged by those
    who write next, and a file comes in at a third of its speed.
    """
    triggers = database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?", (table,)
    ).fetchall()
    for (name,) in triggers:
        database.execute(f'DROP TRIGGER "{name}"')


def _insert(part: Part) -> str:
    names = _names(part)
    places = ", ".join("?" for _ in names)
    return f"INSERT INTO {part.model.__tablename__} ({', '.join(names)}) VALUES ({places})"


# ---------------------------------------------------------------- PostgreSQL


async def _fill_postgresql(url: str, filling: Filling, progress: Progress) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        if filling.is_there(await connection.fetchval(filling.counted)):
            return
        async with _without_indexes(connection, filling):
            done = 0
            for block in filling.blocks:
                for part in block:
                    await connection.copy_records_to_table(
                        part.model.__tablename__, records=_whole(part), columns=_names(part)
                    )
                done += len(block[0].rows)
                progress(done, filling.count)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


@asynccontextmanager
async def _without_indexes(connection: Any, filling: Filling) -> AsyncIterator[None]:
    """Leave all indexes but those of keys, and what the rows refer to, for the end."""
    tables = list(filling.tables)
    indexes = await connection.fetch(
        "SELECT indexname, indexdef, tablename FROM pg_indexes WHERE tablename = ANY($1::text[]) "
        "AND indexname NOT LIKE 'pk%'", tables,
    )  # fmt: skip
    links = await connection.fetch(
        "SELECT conrelid::regclass::text AS held_by, conname, pg_get_constraintdef(oid) AS said "
        "FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY($1::text[])",
        tables,
    )  # fmt: skip
    for link in links:
        await connection.execute(f"ALTER TABLE {link['held_by']} DROP CONSTRAINT {link['conname']}")
    for index in indexes:
        await connection.execute(f'DROP INDEX "{index["indexname"]}"')
    yield
    await connection.execute("SET maintenance_work_mem = '512MB'")
    for index in indexes:
        if index["tablename"] in filling.indexed:
            await connection.execute(index["indexdef"])
    for link in links:
        await connection.execute(
            f"ALTER TABLE {link['held_by']} ADD CONSTRAINT {link['conname']} {link['said']}"
        )


# ---------------------------------------------------------------- rows


def _names(part: Part) -> list[str]:
    return [*part.columns, *(name for name, _ in _blanks(part))]


def _whole(part: Part) -> list[Row]:
    blanks = tuple(value for _, value in _blanks(part))
    return [(*row, *blanks) for row in part.rows]


def _blanks(part: Part) -> list[tuple[str, Any]]:
    """Return the columns that must not be empty and of which nothing is said, with a value."""
    return [
        (column.name, _blank(column))
        for column in part.model.__table__.columns
        if not column.nullable and column.name not in part.columns
    ]


def _blank(column: Any) -> Any:
    default = column.default.arg if column.default is not None else None
    if callable(default):
        return "{}" if column.type.python_type is dict else "[]"
    return "" if default is None else default
