"""The first rows of a stretch of a list, read apart for each way in which its reader reaches rows.

Whoever sees everything reads along the index of the order itself. For a reader who sees their own
rows, their team's and those shared with them, the first few of each are read along the index of
that owner and order, and the first of all these make the page. So nobody has to skip over rows of
others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    false,
    func,
    literal,
    not_,
    select,
    true,
    tuple_,
    union,
    union_all,
)
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


async def totals_of(
    session: AsyncSession, there: There, amounts: Mapping[str, Any], currency: Any, most: int
) -> tuple[int, dict[str, dict[str, int]]]:
    """Return how many rows there are, and what they are worth: {amount: {currency: sum}}.

    At most `most` rows are counted and added up, all of it in one go along one index.
    """
    named = {f"amount_{place}": name for place, name in enumerate(amounts)}
    columns = [amounts[name].label(label) for label, name in named.items()]
    some = _some(there, most, func.coalesce(currency, "").label("code"), *columns)
    sums = (func.sum(some.c[label]).label(label) for label in named)
    rows = await session.execute(
        select(some.c.code, func.count().label("rows"), *sums).group_by(some.c.code)
    )
    count, worth = 0, {name: dict[str, int]() for name in amounts}
    for row in rows:
        count += row.rows
        for label, name in named.items():
            if (total := getattr(row, label)) is not None:
                worth[name][row.code] = int(total)
    return count, worth


def _some(there: There, most: int, *columns: Any) -> Subquery:
    """Return the ids, and these columns, of at most `most` of the rows."""
    rows = select(there.model.id, *columns).where(there.condition)
    if there.ways:
        each = (
            rows.where(way.condition, *_not_before(there.ways[:place])).limit(most)
            for place, way in enumerate(there.ways)
        )
        rows = union_all(*(way.subquery().select() for way in each)).subquery().select()
    return rows.limit(most).subquery()


def _not_before(ways: Sequence[Way]) -> Iterator[ColumnElement[bool]]:
    """Return that a row is reached by none of these ways.

    So each row is met once, and the search ends as soon as enough are found: a UNION would find
    all rows of all ways first.
    """
    return (not_(func.coalesce(way.condition, false())) for way in ways)
