"""Filters stored under a name, in views and rules, when the rows they ask for move.

A column that holds such a filter is marked with `KEEPS_FILTER`, one that holds what a rule writes
into fields with `KEEPS_VALUES`. Each stands beside `entity`, which says whose rows are meant, so the
tables of every room are covered without being named here. What was changed is returned in full, so that it can be restored wherever nobody has changed it
since.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Column, Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Base

#: What a column that keeps a filter has as its `info`.
KEEPS_FILTER: Final = {"keeps": "filter"}
#: The same of one that keeps lines, some with a `field` and the `value` for it, as a form says it.
KEEPS_VALUES: Final = {"keeps": "values"}

#: The fields whose values are ids of what moves, by entity.
Asking = Mapping[str, Iterable[str]]


async def move(session: AsyncSession, asking: Asking, old: int, new: int) -> list[dict[str, Any]]:
    """Have kept filters ask for `new` where they asked for `old`; return which, before and after."""
    moved = []
    for column in columns():
        table = column.table
        query = select(table.c.id, table.c.entity, column).where(table.c.entity.in_(list(asking)))
        for row_id, entity, before in (await session.execute(query.order_by(table.c.id))).all():
            exchange = exchanged if column.info == KEEPS_FILTER else exchanged_in_lines
            after = exchange(before, set(asking[entity]), old, new)
            if after != before:
                await _write(session, column, row_id, after)
                line = {"table": table.name, "id": row_id, "before": before, "after": after}
                moved.append(line | {"column": column.name})
    return moved


async def put_back(session: AsyncSession, moved: Mapping[str, Any]) -> bool:
    """Have a filter say what it said before; return whether it was as `move` had left it."""
    column = Base.metadata.tables[moved["table"]].c[moved["column"]]
    query = select(column).where(column.table.c.id == moved["id"]).with_for_update()
    if await session.scalar(query) != moved["after"]:
        return False
    await _write(session, column, moved["id"], moved["before"])
    return True


def columns() -> Iterator[Column[Any]]:
    """Yield every column that keeps a filter, or values."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.info in (KEEPS_FILTER, KEEPS_VALUES):
                yield column


def exchanged(part: Any, fields: set[str], old: int, new: int) -> Any:
    """Return a part of a filter, as it is kept, with one id in the place of another."""
    if "field" not in part:
        return {
            key: [exchanged(each, fields, old, new) for each in parts]
            for key, parts in part.items()
        }
    if part["field"] not in fields or "value" not in part:
        return part
    return {**part, "value": in_place_of(part["value"], old, new)}


def exchanged_in_lines(lines: Any, fields: set[str], old: int, new: int) -> Any:
    """Return lines that say what is written into fields, with one id in the place of another."""
    return [
        {**line, "value": str(new)}
        if line.get("field") in fields and line.get("value") == str(old)
        else line
        for line in lines
    ]


def in_place_of(held: Any, old: int, new: int) -> Any:
    """Return a value, or a list of them, with `new` in the place of `old`, once."""
    if not isinstance(held, list):
        return new if held == old else held
    return list(dict.fromkeys(new if each == old else each for each in held))


async def _write(session: AsyncSession, column: Column[Any], row_id: int, said: Any) -> None:
    table: Table = column.table
    values = {column.name: said, "version": table.c.version + 1}
    await session.execute(update(table).where(table.c.id == row_id).values(values))
