"""Fields that administrators added and that name a contact: they go along with a merge, and back.

Their values stand in the `custom` column of any entity's rows, where no foreign key tells of
them. Fields that were removed are among them, for they can be brought back with their values.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.merging.references import ENTITY
from callcenter.crm.merging.rows import chunks
from callcenter.entity.description import CUSTOM
from callcenter.entity.held import Held
from callcenter.entity.models import CustomField
from callcenter.entity.registry import Registry


async def naming_contacts(session: AsyncSession) -> Sequence[CustomField]:
    """Return the fields, of any entity, whose values are contacts."""
    query = select(CustomField).where(
        CustomField.type == "reference", CustomField.refers_to == ENTITY
    )
    return (await session.scalars(query.order_by(CustomField.id))).all()


def of_contacts(fields: Iterable[CustomField]) -> list[str]:
    """Return the names of those that are fields of contacts themselves."""
    return [CUSTOM + field.key for field in fields if field.entity == ENTITY]


def asking(registry: Registry, fields: Iterable[CustomField]) -> dict[str, list[str]]:
    """Return the names of all fields whose values are contacts, by entity; `fields` are added ones."""
    added = [(field.entity, CUSTOM + field.key) for field in fields]
    told = [
        (entity.name, field.name)
        for entity in registry
        for field in registry.fields(entity.name).values()
        if field.refers_to == ENTITY
    ]
    named: dict[str, list[str]] = {}
    for entity_name, name in {*added, *told}:
        named.setdefault(entity_name, []).append(name)
    return named


async def move(
    session: AsyncSession,
    registry: Registry,
    fields: Iterable[CustomField],
    loser_id: int,
    winner_id: int,
) -> list[dict[str, Any]]:
    """Have rows name the winner that named the loser; return which. Those of the two stay."""
    moved = []
    for field in fields:
        if field.entity in registry:
            model: Any = registry[field.entity].model
            query = select(model.id).where(_held(model, field.key) == loser_id)
            if field.entity == ENTITY:
                query = query.where(model.id.not_in((winner_id, loser_id)))
            ids = list(await session.scalars(query.order_by(model.id)))
            await _name(session, model, field.key, ids, winner_id)
            moved += [{"entity": field.entity, "key": field.key, "ids": ids}] if ids else []
    return moved


async def put_back(
    session: AsyncSession,
    registry: Registry,
    moved: Mapping[str, Any],
    winner_id: int,
    loser_id: int,
) -> int:
    """Have rows name the loser again that still name the winner; return how many do not."""
    model: Any = registry[moved["entity"]].model
    held = _held(model, moved["key"])
    still: list[int] = []
    for ids in chunks(moved["ids"]):
        query = select(model.id).where(model.id.in_(ids), held == winner_id)
        still.extend(await session.scalars(query))
    await _name(session, model, moved["key"], still, loser_id)
    return len(moved["ids"]) - len(still)


def _held(model: Any, key: str) -> Held:
    return Held(model.custom, key, "reference")


async def _name(
    session: AsyncSession, model: Any, key: str, ids: Sequence[int], contact_id: int
) -> None:
    for some in chunks(ids):
        rows = await session.execute(select(model.id, model.custom).where(model.id.in_(some)))
        for row in rows.all():
            changed = update(model.__table__).where(model.id == row.id)
            await session.execute(changed.values(custom={**row.custom, key: contact_id}))
