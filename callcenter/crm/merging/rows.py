"""Moves rows from one contact to another, and records which.

A key or a check may reject a row that would exist twice, or a tie that would lead to itself. Such
a row is taken out and kept whole, so that an undo can restore it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import (
    Column,
    Select,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.merging.references import Reference
from callcenter.db import Instant

#: So many keys stand in one statement.
CHUNK: Final = 400

Key = Sequence[Any]
T = TypeVar("T")


@dataclass(slots=True)
class Moved:
    """What was moved of one column: the keys of the rows as they are now."""

    table: str
    column: str
    keys: list[list[Any]] = field(default_factory=list)
    #: Where a row stood among its contact's, by its key as text.
    places: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Dropped:
    """A row that could not be moved, whole."""

    table: str
    row: dict[str, Any]


async def move(
    session: AsyncSession, reference: Reference, loser_id: int, winner_id: int
) -> tuple[Moved, list[Dropped]]:
    """Give the winner all rows of the loser."""
    moved = Moved(reference.table.name, reference.column.name)
    if not reference.is_guarded:
        moved.keys = await _move_all(session, reference, loser_id, winner_id)
        return moved, []
    return moved, await _move_each(session, reference, loser_id, winner_id, moved)


async def _move_all(
    session: AsyncSession, reference: Reference, loser_id: int, winner_id: int
) -> list[list[Any]]:
    table, column = reference.table, reference.column
    query = update(table).where(column == loser_id).values({column: winner_id})
    if reference.condition is not None:
        query = query.where(reference.condition)
    rows = await session.execute(query.returning(*table.primary_key.columns))
    return sorted(list(row) for row in rows)


async def _move_each(
    session: AsyncSession, reference: Reference, loser_id: int, winner_id: int, moved: Moved
) -> list[Dropped]:
    table, column = reference.table, reference.column
    after = await _last_place(session, reference, winner_id)
    dropped = []
    for row in await _rows_of(session, reference, loser_id):
        key = [row[part.name] for part in table.primary_key.columns]
        values = {column.name: winner_id}
        if after is not None:
            values["position"] = row["position"] + after + 1
        leads_back = any(row[end.name] in (winner_id, loser_id) for end in reference.ends)
        if leads_back or not await _let_through(session, table, key, values):
            await session.execute(delete(table).where(_is(table, key)))
            dropped.append(Dropped(table.name, kept(row)))
            continue
        now = {**row, **values}
        key = [now[part.name] for part in table.primary_key.columns]
        moved.keys.append(key)
        if after is not None:
            moved.places[_text(key)] = row["position"]
    return dropped


async def _last_place(session: AsyncSession, reference: Reference, contact_id: int) -> int | None:
    """Return the last place among a contact's rows, where they have places: the others follow."""
    table = reference.table
    if "position" not in table.c:
        return None
    query = select(func.coalesce(func.max(table.c.position), -1))
    last: int = (await session.execute(_of(query, reference, contact_id))).scalar_one()
    return last


async def _rows_of(
    session: AsyncSession, reference: Reference, contact_id: int
) -> list[dict[str, Any]]:
    query = _of(select(reference.table), reference, contact_id)
    rows = await session.execute(query.order_by(*reference.table.primary_key.columns))
    return [dict(row) for row in rows.mappings()]


def _of(query: Select[Any], reference: Reference, contact_id: int) -> Select[Any]:
    """Return `query` for the rows that belong to a contact."""
    query = query.where(reference.column == contact_id)
    return query if reference.condition is None else query.where(reference.condition)


async def put_back(
    session: AsyncSession, table: Table, moved: Moved, winner_id: int, loser_id: int
) -> int:
    """Give the loser its rows that are still the winner's; return how many are not."""
    column = table.c[moved.column]
    still = await _still(session, table, column, moved.keys, winner_id)
    if not moved.places and column.name not in table.primary_key.columns:
        for keys in chunks(still):
            query = update(table).where(_among(table, keys), column == winner_id)
            await session.execute(query.values({column: loser_id}))
        return len(moved.keys) - len(still)
    back = 0
    for key in still:
        values = {column.name: loser_id}
        if (place := moved.places.get(_text(key))) is not None:
            values["position"] = place
        back += await _let_through(session, table, key, values)
    return len(moved.keys) - back


async def _still(
    session: AsyncSession,
    table: Table,
    column: Column[Any],
    keys: Sequence[Key],
    contact_id: int,
) -> list[list[Any]]:
    """Return the keys of the rows that still belong to a contact."""
    found: list[list[Any]] = []
    for some in chunks(keys):
        query = select(*table.primary_key.columns).where(_among(table, some), column == contact_id)
        found.extend(list(row) for row in await session.execute(query))
    return found


async def insert_again(session: AsyncSession, table: Table, row: Mapping[str, Any]) -> bool:
    """Put a row that was taken out where it was; return whether it was let through."""
    values = {name: given(table.c[name], value) for name, value in row.items() if name in table.c}
    try:
        async with session.begin_nested():
            await session.execute(insert(table).values(values))
    except IntegrityError:
        return False
    return True


async def _let_through(
    session: AsyncSession, table: Table, key: Key, values: Mapping[str, Any]
) -> bool:
    """Change a row; return whether its table's keys and checks let that through."""
    try:
        async with session.begin_nested():
            await session.execute(update(table).where(_is(table, key)).values(values))
    except IntegrityError:
        return False
    return True


def _is(table: Table, key: Key) -> Any:
    columns = table.primary_key.columns
    return and_(*(column == part for column, part in zip(columns, key, strict=True)))


def _among(table: Table, keys: Sequence[Key]) -> Any:
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return or_(tuple_(*columns).in_([tuple(key) for key in keys]))


def chunks(keys: Sequence[T]) -> Iterable[Sequence[T]]:
    """Return `keys` in stretches of which each fits into one statement."""
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))


def _text(key: Key) -> str:
    return " ".join(map(str, key))


def kept(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as JSON can say it."""
    told: dict[str, Any] = msgspec.to_builtins(dict(row))
    return told


def given(column: Column[Any], value: Any) -> Any:
    """Return what `kept` said of a column's value as the column takes it."""
    if value is None or not isinstance(value, str):
        return value
    if isinstance(column.type, Instant):
        return datetime.fromisoformat(value)
    if column.type.python_type is Decimal:
        return Decimal(value)
    return date.fromisoformat(value) if column.type.python_type is date else value
