"""Rows that are written once, however many try to.

A unique key decides, not a look beforehand: two processes that look at the same moment both
find nothing.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db.columns import Base


def insert_into(session: AsyncSession, model: type[Base]) -> "postgresql.Insert | sqlite.Insert":
    """Return an INSERT that knows what to do with a row that is there already."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(model)
    return sqlite.insert(model)


async def add_once(
    session: AsyncSession,
    model: type[Base],
    rows: Sequence[dict[str, Any]],
    key: Sequence[str],
    where: str = "",
) -> list[int]:
    """Add those of `rows` whose `key` is not there yet; return the ids of those that were added.

    `where` is the condition of the unique index, if it has one.
    """
    if not rows:
        return []
    condition: ColumnElement[bool] | None = text(where) if where else None  # type: ignore[assignment]
    statement = insert_into(session, model).values(list(rows))
    added = await session.scalars(
        statement.on_conflict_do_nothing(index_elements=key, index_where=condition).returning(
            model.__table__.c.id
        )
    )
    return list(added)
