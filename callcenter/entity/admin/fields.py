"""The fields that administrators add to an entity: adding, changing, ordering, removing.

A field's values stand in the rows themselves, so nothing here changes a table. A removed field keeps
its values until it is emptied, and can be brought back until then; a field's type stays for ever.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, exists, func, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.db import Database, new_id
from callcenter.entity import editing
from callcenter.entity.admin import labels, ordering
from callcenter.entity.custom import described, list_of
from callcenter.entity.description import Entity
from callcenter.entity.models import TYPES, CustomField, Option
from callcenter.entity.registry import Registry
from callcenter.entity.saving import stored_as
from callcenter.errors import BadInput, NotFound
from callcenter.server.actor import Actor
from callcenter.server.body import MISFIT, MISSING


def _(message: str) -> str:
    return message


#: Values that can be told to be the same, and found by an index.
PLAIN = frozenset(TYPES) - {"long_text", "options"}
#: More would make forms that nobody fills in.
MOST = 200
GROUP_LIMIT = 80
#: Rows that are emptied of a field at a time.
BLOCK = 500

THERE_ALREADY = _("Another field has this name already.")
TOO_MANY = _("There are 200 fields of your own already. Remove one that is not needed first.")
TYPE_STAYS = _(
    "The type of a field stays, since values of another kind would be lost. Add a new field of that "
    "type, bring the values over by export and import, then remove this one."
)
NOT_PLAIN = _("Long texts and several options cannot be unique or have an index.")
NOT_UNIQUE = _("Several records have the same value, so it cannot be unique. Correct them first.")
TOO_LONG = _("This is too long. Shorten it.")
NOT_REMOVED = _("Remove the field first; its values are kept until then.")


class FieldForm(msgspec.Struct, frozen=True, kw_only=True):
    label: dict[str, str]
    type: str
    refers_to: str = ""
    required: bool = False
    unique: bool = False
    indexed: bool = False
    searchable: bool = False
    group: str = ""


async def add(
    session: AsyncSession,
    registry: Registry,
    entity: Entity,
    form: FieldForm,
    language: str,
    at: datetime,
    by: Actor,
) -> CustomField:
    """Add a field at the end. Raises BadInput."""
    known = list(
        await session.scalars(select(CustomField).where(CustomField.entity == entity.name))
    )
    there = [row for row in known if row.deleted_at is None]
    wrong = _wrong(registry, form, there, language)
    if len(there) >= MOST:
        wrong[""] = TOO_MANY
    if wrong:
        raise BadInput(wrong)
    row = CustomField(
        id=new_id(at.timestamp()), entity=entity.name,
        key=labels.key_of(form.label, {row.key for row in known}, "field"), label=form.label,
        type=form.type, refers_to=form.refers_to or None if form.type == "reference" else None,
        position=max((row.position for row in there), default=-1) + 1, version=1, created_at=at,
        updated_at=at, created_by=by["actor_id"], updated_by=by["actor_id"], **_switches(form),
    )  # fmt: skip
    session.add(row)
    audit.record(
        session, at, entity="custom_field", entity_id=row.id, action="create",
        diff={"entity": [None, entity.name], "key": [None, row.key], "type": [None, row.type]}, **by,
    )  # fmt: skip
    await session.flush()
    return row


async def change(
    session: AsyncSession,
    registry: Registry,
    field_id: int,
    form: FieldForm,
    language: str,
    seen: int | None,
    at: datetime,
    by: Actor,
) -> CustomField:
    """Save a form over a field. Raises NotFound, BadInput or ChangedMeanwhile."""
    row = await locked(session, field_id)
    others = await session.scalars(_there(row.entity).where(CustomField.id != row.id))
    wrong = _wrong(registry, form, list(others), language)
    if form.type != row.type or (form.refers_to or None) != row.refers_to:
        wrong["type"] = TYPE_STAYS
    if form.unique and not row.unique and not wrong:
        wrong |= await _twice(session, registry[row.entity], row)
    if wrong:
        raise BadInput(wrong)
    fields = {**labels.as_form(form.label), **_switches(form)}
    await editing.save(session, labels.face(row), "custom_field", fields, seen, at, by)
    return row


async def order(
    session: AsyncSession, entity: str, ids: Sequence[int], at: datetime, by: Actor
) -> None:
    """Put the fields of an entity in this order; those not named keep theirs, after them."""
    await ordering.put(session, _there(entity), ids, ("custom_field", entity), at, by)


async def remove(session: AsyncSession, field_id: int, at: datetime, by: Actor) -> CustomField:
    """Take a field out of forms, lists and programs; its values are kept."""
    row = await locked(session, field_id)
    row.deleted_at = at
    _note(session, row, "delete", at, by)
    return row


async def bring_back(session: AsyncSession, field_id: int, at: datetime, by: Actor) -> CustomField:
    row = await session.get(CustomField, field_id, with_for_update=True)
    if row is None or row.deleted_at is None:
        raise NotFound
    row.deleted_at = None
    _note(session, row, "restore", at, by)
    return row


async def empty(
    database: Database, registry: Registry, field_id: int, at: datetime, by: Actor
) -> int:
    """Take a removed field's values out of all rows, and forget it; return how many there were.

    Some hundred rows at a time, so that nobody else has to wait. Raises NotFound or BadInput.
    """
    async with database.read() as session:
        row = await session.get(CustomField, field_id)
    if row is None:
        raise NotFound
    if row.deleted_at is None:
        raise BadInput({"": NOT_REMOVED})
    emptied, last = 0, 0
    while True:
        async with database.write() as session:
            done, last = await _empty_block(session, registry[row.entity], row.key, last)
        emptied += done
        if done < BLOCK:
            break
    async with database.write() as session:
        await session.execute(delete(Option).where(Option.list == list_of(row.entity, row.key)))
        await session.execute(delete(CustomField).where(CustomField.id == row.id))
        audit.record(
            session, at, entity="custom_field", entity_id=row.id, action="erase",
            diff={"key": [row.key, None], "rows": [emptied, 0]}, **by,
        )  # fmt: skip
    return emptied


async def is_filled(session: AsyncSession, registry: Registry, row: CustomField) -> bool:
    """Tell whether any record has a value of the field, one that was set aside too."""
    model: Any = registry[row.entity].model
    return bool(await session.scalar(select(exists().where(_has(session, model, row.key)))))


async def locked(session: AsyncSession, field_id: int) -> CustomField:
    row = await session.get(CustomField, field_id, with_for_update=True)
    if row is None or row.deleted_at is not None:
        raise NotFound
    return row


def _there(entity: str) -> Any:
    there = select(CustomField).where(
        CustomField.entity == entity, CustomField.deleted_at.is_(None)
    )
    return there.order_by(CustomField.position, CustomField.id)


def _switches(form: FieldForm) -> dict[str, Any]:
    return {
        "required": form.required, "unique": form.unique, "indexed": form.indexed,
        "searchable": form.searchable, "group": form.group or None,
    }  # fmt: skip


def _wrong(
    registry: Registry, form: FieldForm, others: Sequence[CustomField], language: str
) -> dict[str, str]:
    wrong = labels.wrong(form.label, language)
    for code, text in form.label.items():
        if any(other.label.get(code, "").casefold() == text.casefold() for other in others):
            wrong[labels.FIELDS[code]] = THERE_ALREADY
    if form.type not in TYPES:
        wrong["type"] = MISFIT if form.type else MISSING
    if form.type == "reference" and form.refers_to not in registry:
        wrong["refers_to"] = MISFIT if form.refers_to else MISSING
    if form.type in TYPES and form.type not in PLAIN and (form.unique or form.indexed):
        wrong["unique" if form.unique else "indexed"] = NOT_PLAIN
    if len(form.group) > GROUP_LIMIT:
        wrong["group"] = TOO_LONG
    return wrong


async def _twice(session: AsyncSession, entity: Entity, row: CustomField) -> dict[str, str]:
    """Return what is wrong if live rows share a value of the field."""
    model: Any = entity.model
    held = stored_as(model, described(row))
    live = select(held).where(model.deleted_at.is_(None), held.is_not(None))
    twice = await session.execute(live.group_by(held).having(func.count() > 1).limit(1))
    return {"unique": NOT_UNIQUE} if twice.first() is not None else {}


def _note(session: AsyncSession, row: CustomField, action: str, at: datetime, by: Actor) -> None:
    row.updated_at, row.updated_by = at, by["actor_id"]
    row.version += 1
    audit.record(
        session, at, entity="custom_field", entity_id=row.id, action=action,
        diff={"key": [row.key, row.key]}, **by,
    )  # fmt: skip


async def _empty_block(
    session: AsyncSession, entity: Entity, key: str, last: int
) -> tuple[int, int]:
    """Empty the next rows after `last`; return how many, and the last of them."""
    model: Any = entity.model
    rows = select(model.id, model.custom).where(model.id > last, _has(session, model, key))
    found = await session.execute(rows.order_by(model.id).limit(BLOCK))
    holders = found.all()
    for row_id, custom in holders:
        rest = {name: value for name, value in custom.items() if name != key}
        await session.execute(update(model.__table__).where(model.id == row_id).values(custom=rest))
    return len(holders), holders[-1][0] if holders else last


def _has(session: AsyncSession, model: Any, key: str) -> Any:
    """Return the condition that a row's `custom` knows the key."""
    if session.get_bind().dialect.name == "postgresql":
        return type_coerce(model.custom, JSONB).has_key(key)
    return func.json_type(model.custom, f"$.{key}").is_not(None)
