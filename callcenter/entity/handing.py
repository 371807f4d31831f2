"""Hands everything that somebody looks after to others: customers, and work that is still open.

Work that is finished keeps its owner. Several heirs take turns. Rows are handed over in blocks,
each in a transaction of its own, and each row's history records it. To undo it, hand back whatever
came from that person.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, column, func, select, table, true
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.audit import Audit
from callcenter.db import Database
from callcenter.entity.description import Entity
from callcenter.entity.registry import Registry
from callcenter.entity.saving import contact_of
from callcenter.server.actor import Actor

BLOCK: Final = 500

_user = table("user", column("id"), column("team_id"))


class Heap(NamedTuple):
    """How many rows of a kind somebody looks after."""

    entity: Entity
    rows: int


class Heir(NamedTuple):
    """Who takes over, and the team the rows then belong to."""

    user_id: int
    team_id: int | None


@dataclass(frozen=True, slots=True)
class HandOver:
    """What is handed over: all that is `from_id`'s, or only what once came to him from `came_from`."""

    from_id: int
    heirs: Sequence[Heir]
    came_from: int | None = None


async def heaps(session: AsyncSession, registry: Registry, user_id: int) -> list[Heap]:
    """Return how much there is to hand over."""
    found = []
    for entity in _owned(registry):
        model: Any = entity.model
        query = select(func.count(model.id)).where(_still_his(entity, user_id))
        found.append(Heap(entity, await session.scalar(query) or 0))
    return found


async def heirs(session: AsyncSession, user_ids: Iterable[int]) -> list[Heir]:
    rows = await session.execute(
        select(_user.c.id, _user.c.team_id)
        .where(_user.c.id.in_(set(user_ids)))
        .order_by(_user.c.id)
    )
    return [Heir(*row) for row in rows]


async def hand_over(
    database: Database, registry: Registry, wish: HandOver, at: datetime, by: Actor
) -> list[Heap]:
    """Do it; return how many rows of each kind went to others."""
    turns = cycle(wish.heirs)
    moved = [
        Heap(entity, await _entity(database, entity, wish, turns, at, by))
        for entity in _owned(registry)
    ]
    async with database.write() as session:
        audit.record(
            session, at, entity="user", entity_id=wish.from_id, action="hand-over",
            diff={
                "to": [None, [heir.user_id for heir in wish.heirs]],
                **{heap.entity.plural: [heap.rows, 0] for heap in moved},
            },
            **by,
        )  # fmt: skip
    return moved


def _owned(registry: Registry) -> Iterable[Entity]:
    return (entity for entity in registry if entity.is_owned and entity.has_pages)


def _still_his(entity: Entity, user_id: int) -> ColumnElement[bool]:
    model: Any = entity.model
    to_do = entity.to_do() if entity.to_do is not None else true()
    return and_(model.owner_id == user_id, model.deleted_at.is_(None), to_do)


async def _entity(
    database: Database, entity: Entity, wish: HandOver, turns: Iterator[Heir], at: datetime, by: Actor
) -> int:  # fmt: skip
    moved, last = 0, 0
    model: Any = entity.model
    while True:
        async with database.write() as session:
            rows = list(
                await session.scalars(
                    select(model)
                    .where(_still_his(entity, wish.from_id), model.id > last)
                    .order_by(model.id)
                    .limit(BLOCK)
                    .with_for_update(of=model)
                )
            )
            if not rows:
                return moved
            last = rows[-1].id
            if wish.came_from is not None:
                rows = await _that_came_from(session, entity, rows, wish.came_from)
            for row in rows:
                _give(session, entity, row, next(turns), at, by)
            moved += len(rows)


def _give(
    session: AsyncSession, entity: Entity, row: Any, heir: Heir, at: datetime, by: Actor
) -> None:
    diff = {
        "owner_id": [row.owner_id, heir.user_id], "team_id": [row.team_id, heir.team_id],
        "version": [row.version, row.version + 1],
    }  # fmt: skip
    if row.team_id == heir.team_id:
        del diff["team_id"]
    row.owner_id, row.team_id = heir.user_id, heir.team_id
    row.version += 1
    row.updated_at, row.updated_by = at, by["actor_id"]
    audit.record(
        session, at, entity=entity.name, entity_id=row.id, contact_id=contact_of(entity, row),
        action="edit", diff=diff, **by,
    )  # fmt: skip


async def _that_came_from(
    session: AsyncSession, entity: Entity, rows: Sequence[Any], came_from: int
) -> list[Any]:
    """Return the rows whose owner before the present one was `came_from`."""
    edits = await session.execute(
        select(Audit.entity_id, Audit.diff)
        .where(
            Audit.entity == entity.name, Audit.entity_id.in_([row.id for row in rows]),
            Audit.action == "edit",
        )
        .order_by(Audit.id)
    )  # fmt: skip
    before = {row_id: diff["owner_id"][0] for row_id, diff in edits if "owner_id" in diff}
    return [row for row in rows if before.get(row.id) == came_from]
