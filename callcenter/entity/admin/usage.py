"""What refers to an option: columns of any table, and values of custom fields.

The columns are found by their foreign keys, so that those of rooms added later are covered too.
"""

from typing import Any

from sqlalchemy import Column, exists, func, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Base
from callcenter.entity import kept_filters
from callcenter.entity.description import Entity, Field
from callcenter.entity.kept_filters import in_place_of
from callcenter.entity.models import Option
from callcenter.entity.registry import Registry
from callcenter.entity.saving import stored_as

#: Rows of a field with several options that are rewritten at a time.
BLOCK = 500


def columns() -> list[Column[Any]]:
    """Return every column that refers to an option."""
    option: Any = Option.__table__
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.references(option) for key in column.foreign_keys)
    ]


async def is_used(session: AsyncSession, registry: Registry, option: Option) -> bool:
    """Tell whether any row refers to the option, one that was set aside too."""
    for column in columns():
        if await session.scalar(select(exists().where(column == option.id))):
            return True
    for entity, field in _custom(registry, option.list):
        model: Any = entity.model
        holder = select(model.id).where(_holds(session, entity, field, option.id))
        if await session.scalar(select(exists(holder))):
            return True
    return False


async def move(session: AsyncSession, registry: Registry, option: Option, to: Option) -> int:
    """Have everything that refers to `option` refer to `to`; return how many rows did."""
    moved = 0
    for column in columns():
        table: Any = column.table
        done = await session.execute(
            update(table).where(column == option.id).values({column.name: to.id})
        )
        moved += done.rowcount  # type: ignore[attr-defined]
    await kept_filters.move(session, _asking(registry, option), option.id, to.id)
    for entity, field in _custom(registry, option.list):
        moved += await _move_custom(session, entity, field, option.id, to.id)
    return moved


def _asking(registry: Registry, option: Option) -> dict[str, list[str]]:
    """Return the fields that hold options of this one's list, by entity."""
    fields = {
        entity.name: [
            field.name
            for field in registry.fields(entity.name).values()
            if field.options == option.list
        ]
        for entity in registry
    }
    return {entity: names for entity, names in fields.items() if names}


def _custom(registry: Registry, key: str) -> list[tuple[Entity, Field]]:
    return [
        (entity, field)
        for entity in registry
        if entity.has_custom_fields
        for field in registry.fields(entity.name).values()
        if field.is_custom and field.options == key
    ]


async def _move_custom(
    session: AsyncSession, entity: Entity, field: Field, old: int, new: int
) -> int:
    model: Any = entity.model
    moved, last = 0, 0
    while True:
        found = await session.execute(
            select(model.id, model.custom)
            .where(model.id > last, _holds(session, entity, field, old))
            .order_by(model.id)
            .limit(BLOCK)
        )
        holders = found.all()
        for row_id, custom in holders:
            values = {**custom, field.key: in_place_of(custom[field.key], old, new)}
            await session.execute(
                update(model.__table__).where(model.id == row_id).values(custom=values)
            )
            last = row_id
        moved += len(holders)
        if len(holders) < BLOCK:
            return moved


def _holds(session: AsyncSession, entity: Entity, field: Field, option_id: int) -> Any:
    """Return the condition that a row's custom field holds the option."""
    model: Any = entity.model
    if field.type == "option":
        return stored_as(model, field) == option_id
    if session.get_bind().dialect.name == "postgresql":
        return type_coerce(model.custom, JSONB)[field.key].contains([option_id])
    each = func.json_each(model.custom, f"$.{field.key}").table_valued("value")
    return exists(select(1).select_from(each).where(each.c.value == option_id))
