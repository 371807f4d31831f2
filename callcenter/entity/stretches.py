"""The first rows of a stretch of a list, way by way in which its reader reaches them.

Whoever sees everything reads along the order's own index. Of somebody who sees his own rows, his
team's and what was shared with him, the first few of each are read along the index of that owner
and that order, and the first of all these are the page: nobody passes rows that are not his.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, literal, select, true, tuple_, union
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.rights import Way


@dataclass(frozen=True, slots=True)
class There:
    """Rows that are there, and the ways in which they are reached; no ways: they all are."""

    model: Any
    condition: ColumnElement[bool]
    ways: Sequence[Way] = ()

    def also(self, condition: ColumnElement[bool]) -> "There":
        return replace(self, condition=self.condition & condition)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which order a stretch begins."""

    by: tuple[Any, ...]
    descending: bool
    #: The key of the row after which it begins.
    last: Sequence[Any] | None = None
    #: A column in which all these rows are the same, and that the index has before `by`.
    known: Any = None

    def order(self, query: Select[Any]) -> Select[Any]:
        by = self.by if self.known is None else (self.known, *self.by)
        return query.order_by(*(column.desc() if self.descending else column for column in by))

    def follow(self, query: Select[Any]) -> Select[Any]:
        if not self.last:
            return query
        place = tuple_(*self.by)
        held = zip(self.last, self.by, strict=True)
        key = tuple_(*(literal(value, column.type) for value, column in held))
        return query.where(place < key if self.descending else place > key)


async def first(
    session: AsyncSession, columns: Sequence[Any], there: There, place: Place, limit: int
) -> Sequence[Any]:
    """Return the first rows of a stretch."""
    if not there.ways:
        query = place.follow(select(*columns).where(there.condition))
    else:
        lateral = session.get_bind().dialect.name == "postgresql"
        found = union(
            *(
                _of_way(there, way, place, limit, lateral=lateral).subquery().select()
                for way in there.ways
            )
        ).subquery()
        query = select(*columns).join(found, found.c.id == there.model.id)
    rows: Sequence[Any] = (await session.execute(place.order(query).limit(limit))).all()
    return rows


def _of_way(there: There, way: Way, place: Place, limit: int, *, lateral: bool) -> Select[Any]:
    """Return the ids of the first rows of one way; of several owners, of each the first."""
    model = there.model
    rows = place.order(place.follow(select(model.id).where(there.condition))).limit(limit)
    if way.owners is None:
        return rows.where(way.condition)
    owner = way.owners.subquery()
    his = rows.where(way.column == owner.c.id).correlate(owner)
    if lateral:
        each = his.lateral()
        return select(each.c.id).select_from(owner.join(each, true()))
    # SQLite has no lateral join, and does the same with a list for each owner.
    return select(model.id).join_from(owner, model, model.id.in_(his))


async def count_of(session: AsyncSession, there: There, most: int) -> int:
    """Return how many rows there are, at most `most`."""
    return int(await session.scalar(select(func.count()).select_from(_some(there, most))) or 0)


async def sums_of(
    session: AsyncSession, there: There, amount: Any, currency: Any, most: int
) -> list[tuple[str, int]]:
    """Return what the rows are worth by currency, the largest first; at most `most` are added up."""
    some, code = _some(there.also(amount.is_not(None)), most), func.coalesce(currency, "")
    query = select(code, func.sum(amount)).join(some, some.c.id == there.model.id).group_by(code)
    rows = await session.execute(query.order_by(func.sum(amount).desc(), code))
    return [(str(each), int(total)) for each, total in rows]


def _some(there: There, most: int) -> Subquery:
    """Return the ids of at most `most` of the rows."""
    rows = select(there.model.id).where(there.condition)
    if there.ways:
        each = (rows.where(way.condition).limit(most).subquery().select() for way in there.ways)
        rows = select(union(*each).subquery().c.id)
    return rows.limit(most).subquery()
