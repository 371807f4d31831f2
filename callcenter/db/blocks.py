"""A block of new rows in a session's transaction, by one statement of the driver.

SQLAlchemy goes over each value of each row on its way to the driver, and PostgreSQL over each row as
if it were the only one: of rows with fifty columns that takes longer than storing them. Here each
column goes over as a whole, and one that is empty in all rows does not go at all.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Dialect, Table
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db.statements import Insert


async def insert_block(
    session: AsyncSession, table: Any, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, given by column; what a row does not name is as in any new row.

    The session does not get to know them.
    """
    if not rows:
        return
    dialect = session.get_bind().dialect
    columns = {
        column.name: values
        for column in table.columns
        if (values := _values(column, rows)) is not None
    }
    insert = _insert(table, tuple(columns))
    stored = [_stored(table.c[name], values, dialect) for name, values in columns.items()]
    connection = await session.connection()
    if dialect.name == "postgresql":
        await connection.exec_driver_sql(insert.postgresql, tuple(stored))
    else:
        await connection.exec_driver_sql(insert.sqlite, list(zip(*stored, strict=True)))


@lru_cache(maxsize=256)
def _insert(table: Table, columns: tuple[str, ...]) -> Insert:
    return Insert(table, columns)


def _values(column: Column[Any], rows: Sequence[Mapping[str, Any]]) -> list[Any] | None:
    """Return the column's value in each row; None if the database is to say what it holds."""
    name = column.name
    default: Any = column.default
    if default is None:
        values = [row.get(name) for row in rows]
    elif default.is_scalar:
        values = [row.get(name, default.arg) for row in rows]
    else:
        values = [row[name] if name in row else default.arg(None) for row in rows]
    return values if any(value is not None for value in values) else None


def _stored(column: Column[Any], values: list[Any], dialect: Dialect) -> list[Any]:
    kind = column.type.dialect_impl(dialect)
    process = kind.bind_processor(dialect)
    return values if process is None else [process(value) for value in values]
