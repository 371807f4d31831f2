"""Adds, changes, sets aside and brings back rows of any entity.

The values given are those that `reading` returns, by field name; the forms of a part stand under
the part's name. Rights, checks, the version and the audit log are handled here, once for all
entities. A change names the version it was made from: what others changed since is joined field by
field, and a field that was changed by both is refused, naming who was first.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Boolean, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.audit import Audit
from callcenter.db import Versioned, alone, among, insert_block, new_id
from callcenter.entity import editing
from callcenter.entity.description import Entity, Field, put, value_of
from callcenter.entity.editing import Diff, plain
from callcenter.entity.held import Held
from callcenter.entity.numbering import draw
from callcenter.entity.parts import WholePart
from callcenter.entity.reading import NOT_AN_ID, NOT_OFFERED
from callcenter.entity.registry import Registry
from callcenter.entity.rights import access, in_trash, part_access, visible_to
from callcenter.errors import BadInput, NotFound, WorkedWithSince
from callcenter.server.actor import Actor
from callcenter.server.body import MISSING
from callcenter.server.identity import Identity, demand, demand_scope


def _(message: str) -> str:
    return message


READ_ONLY: Final = _("This field cannot be changed here.")
TAKEN: Final = _("Another record has this already.")
NOT_YOURS: Final = _("The record that has this already is not yours to change.")


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does something, when, to which kind of row."""

    session: AsyncSession
    registry: Registry
    entity: Entity
    who: Identity
    at: datetime
    by: Actor


async def create(deed: Deed, given: Mapping[str, Any], row_id: int | None = None) -> Any:
    """Add a row; its maker owns it if it names nobody. Raises NotAllowed, OutOfScope or BadInput."""
    entity, at, by = deed.entity, deed.at, deed.by
    demand(deed.who, entity.name, "create")
    given = _begun(deed, given)
    columns = await checked(deed, None, given)
    if entity.number:
        drawn = await draw(deed.session, entity.name, entity.number, at, deed.registry.zone)
        columns["number"] = drawn
    model: Any = entity.model
    row = model(
        id=row_id or new_id(at.timestamp()), version=1, created_at=at, updated_at=at,
        created_by=by["actor_id"], updated_by=by["actor_id"],
        **({"custom": {}} if entity.has_custom_fields else {}),
    )  # fmt: skip
    for name, value in columns.items():
        put(row, name, value)
    deed.session.add(row)
    diff: Diff = {
        name: [None, plain(value)]
        for name, value in columns.items()
        if value is not None and name in given
    }
    diff |= await save_parts(deed, row, given)
    audit.record(
        deed.session, at, entity=entity.name, entity_id=row.id, contact_id=contact_of(entity, row),
        action="create", diff=diff, notable=True, **by,
    )  # fmt: skip
    await deed.session.flush()
    if entity.saved is not None:
        await entity.saved(deed.session, row, diff, at, by)
    return row


async def change(
    deed: Deed,
    row_id: int,
    given: Mapping[str, Any],
    seen: int | None,
    was: Mapping[str, Any] = MappingProxyType({}),
    *,
    compared: int = 0,
) -> Any:
    """Save what is given. Raises NotFound, BadInput or ChangedMeanwhile.

    `seen` is the version the form was filled from; None overwrites whatever is there, but for
    fields of which `was` says what their writer saw. `compared` is the version up to which he was
    shown what others made of the same fields.
    """
    entity = deed.entity
    row = await locked(deed, row_id, "edit")
    columns = await checked(deed, row, given)
    await editing.expect(deed.session, row, entity.name, given, was)
    derived = {name: columns.pop(name) for name in list(columns) if name not in given}
    diff = await editing.join(deed.session, row, entity.name, columns, seen, compared)
    if diff:
        for name, value in derived.items():
            put(row, name, value)
    joined = await _joined_wholes(deed, row, given, seen)
    diff |= await save_parts(deed, row, {**given, **joined})
    await editing.note(
        deed.session, row, entity.name, diff, deed.at, deed.by, contact_of(entity, row)
    )
    if diff and entity.saved is not None:
        await entity.saved(deed.session, row, diff, deed.at, deed.by)
    return row


async def set_aside(deed: Deed, row_id: int, seen: int | None = None) -> Any:
    """Put a row into the trash; its history stays. Raises NotFound.

    `seen` is the version somebody looked at: what was edited since is not deleted unseen, but
    refused with ChangedMeanwhile.
    """
    row = await locked(deed, row_id, "delete")
    await editing.refuse_if_moved(deed.session, row, deed.entity.name, seen)
    return await lay_aside(deed, row)


async def lay_aside(deed: Deed, row: Any) -> Any:
    """Put a locked row into the trash."""
    row.deleted_at = deed.at
    return await _moved(deed, row, "delete", [_title(deed.entity, row), None])


async def lay_all_aside(deed: Deed, rows: Sequence[Any]) -> None:
    """Put many locked rows into the trash, of each of which `id`, `title` and `contact_id` are known.

    What the entity does for each that goes is left out, and the session does not get to know of it.
    """
    model: Any = deed.entity.model
    table, by = model.__table__, deed.by
    await deed.session.execute(
        update(table)
        .where(among(table.c.id, "ids"))
        .values(
            deleted_at=deed.at, version=table.c.version + 1, updated_at=deed.at,
            updated_by=by["actor_id"],
        ),
        {"ids": [row.id for row in rows]},
    )  # fmt: skip
    lines = [
        {
            "id": new_id(deed.at.timestamp()), "at": deed.at, "entity": deed.entity.name,
            "entity_id": row.id, "contact_id": row.contact_id, "action": "delete",
            "diff": {deed.entity.title: [str(row.title), None]}, **by,
        }
        for row in rows
    ]  # fmt: skip
    await insert_block(deed.session, Audit.__table__, lines)
    audit.wrote(deed.session)


async def restore(deed: Deed, row_id: int, seen: int | None = None) -> Any:
    """Bring a row back from the trash. Raises NotFound, or WorkedWithSince.

    `seen` is the version with which it went, for whoever takes back what he has just done.
    """
    model: Any = deed.entity.model
    row = await deed.session.scalar(
        select(model)
        .where(model.id == row_id, in_trash(deed.entity, deed.who))
        .with_for_update(of=model)
    )
    if row is None:
        raise NotFound
    if seen is not None and row.version != seen:
        raise WorkedWithSince
    row.deleted_at = None
    return await _moved(deed, row, "restore", [None, _title(deed.entity, row)])


async def locked(deed: Deed, row_id: int, action: str) -> Any:
    """Return a row that `who` may do `action` to, for nobody else to change.

    Raises NotFound, or OutOfScope if the token that is shown may do it to none.
    """
    demand_scope(deed.who, deed.entity.name, action)
    model: Any = deed.entity.model
    row = await deed.session.scalar(
        select(model)
        .where(model.id == row_id, visible_to(deed.entity, deed.who, action))
        .with_for_update(of=model)
    )
    if row is None:
        raise NotFound
    return row


async def _moved(deed: Deed, row: Any, action: str, title: list[Any]) -> Any:
    row.version += 1
    row.updated_at, row.updated_by = deed.at, deed.by["actor_id"]
    audit.record(
        deed.session, deed.at, entity=deed.entity.name, entity_id=row.id, action=action,
        contact_id=contact_of(deed.entity, row), diff={deed.entity.title: title}, **deed.by,
    )  # fmt: skip
    await deed.session.flush()
    if deed.entity.saved is not None:
        await deed.entity.saved(deed.session, row, {"deleted_at": title}, deed.at, deed.by)
    return row


def _begun(deed: Deed, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given, as its maker's own unless it names an owner."""
    owned = deed.entity.is_owned and given.get("owner_id") is None
    # Nobody of ours: a form on a site, a rule.
    maker = deed.who.user_id or None
    return {**given, **({"owner_id": maker} if owned else {})}


def _title(entity: Entity, row: Any) -> str:
    return str(value_of(row, entity.title))


def contact_of(entity: Entity, row: Any) -> int | None:
    """Return the contact in whose history the change belongs."""
    contact: int | None = row.id if entity.name == "contact" else getattr(row, "contact_id", None)
    return contact


async def _joined_wholes(
    deed: Deed, row: Any, given: Mapping[str, Any], seen: int | None
) -> dict[str, Any]:
    """Return the lists that are given as a whole and that others changed too, with their changes."""
    wholes = [
        part for part in deed.entity.parts if isinstance(part, WholePart) and part.name in given
    ]
    if not wholes or seen is None or seen >= row.version:
        return {}
    others = await editing.since(deed.session, deed.entity.name, row.id, seen)
    return {
        part.name: await part.joined(deed.session, row, given[part.name], others[part.name].before)
        for part in wholes
        if part.name in others
    }


async def save_parts(deed: Deed, row: Any, given: Mapping[str, Any]) -> Diff:
    diff: Diff = {}
    for part in deed.entity.parts:
        if part.name in given:
            diff |= await part.save(deed.session, row, given[part.name], deed.at, deed.by)
    return diff


# ---------------------------------------------------------------- what is wrong with it


async def checked(
    deed: Deed, row: Any, given: Mapping[str, Any], sure: Collection[str] = ()
) -> dict[str, Any]:
    """Return the columns to set: what is given, and what follows. Raises BadInput.

    `sure` names references that were looked up already.
    """
    entity = deed.entity
    fields = deed.registry.fields(entity.name)
    parts = {part.name for part in entity.parts}
    columns = {
        name: _settled(deed, name, value) for name, value in given.items() if name not in parts
    }
    wrong = {
        name: problem
        for name, value in columns.items()
        if (problem := _refused(deed, row, fields.get(name), value)) is not None
    }
    wrong |= {
        part.name: READ_ONLY
        for part in entity.parts
        if part.name in given and part_access(entity, part, deed.who) != "write"
    }
    if entity.derive is not None:
        columns = {**columns, **entity.derive(row, columns)}
    wrong |= _missing(fields, row, columns)
    if any(fields[name].unique for name in columns if name in fields):
        # Two who save the same at the same moment would not see each other.
        await alone(deed.session, f"unique {entity.name}")
    for name, value in columns.items():
        known = name in sure or name in wrong or name not in fields
        if not known and _is_new(row, name, value):
            wrong |= await _misfit(deed, row, fields[name], value)
    if entity.check is not None:
        wrong = await entity.check(deed.session, row, columns, deed.who, deed.at) | wrong
    if wrong:
        raise BadInput(wrong)
    return columns


def _settled(deed: Deed, name: str, value: Any) -> Any:
    """Return what a column holds for a value: of yes or no, nothing is no where nothing cannot be."""
    model: Any = deed.entity.model
    column = model.__table__.columns.get(name)
    is_yes_or_no = column is not None and isinstance(column.type, Boolean) and not column.nullable
    return False if value is None and is_yes_or_no else value


def _refused(deed: Deed, row: Any, field: Field | None, value: Any) -> str | None:
    if field is None or field.virtual is not None:
        return READ_ONLY
    if access(deed.entity, field, deed.who) == "write":
        return None
    # A row begins as its maker's own, whether he may give it away or not.
    is_own = row is None and field.name == "owner_id" and value == deed.who.user_id
    # Whether a covered value is "the same" would tell what it is.
    is_read = access(deed.entity, field, deed.who) == "read"
    is_same = is_read and row is not None and value_of(row, field.name) == value
    return None if is_own or is_same else READ_ONLY


def _is_new(row: Any, name: str, value: Any) -> bool:
    return value is not None and (row is None or value_of(row, name) != value)


def _missing(fields: Mapping[str, Field], row: Any, columns: Mapping[str, Any]) -> dict[str, str]:
    return {
        field.name: MISSING
        for field in fields.values()
        if field.required
        and field.virtual is None
        and (row is None or field.name in columns)
        and columns.get(field.name) is None
    }


async def _misfit(deed: Deed, row: Any, field: Field, value: Any) -> dict[str, str]:
    """Return what is wrong with a value that points to something, or must be alone."""
    if field.type == "reference" and not await _is_there(deed, field.refers_to, value):
        return {field.name: NOT_AN_ID}
    if field.type in ("option", "options"):
        known = {choice.id for choice in deed.registry.list(field.options)}
        if not known.issuperset(value if isinstance(value, list) else [value]):
            return {field.name: NOT_OFFERED}
    if field.unique and await _is_taken(deed, row, field, value):
        return {field.name: TAKEN}
    return {}


async def _is_there(deed: Deed, name: str, row_id: int) -> bool:
    """Tell whether a row may be referred to; people and teams may by everybody."""
    entity = deed.registry[name]
    model: Any = entity.model
    query = select(model.id).where(model.id == row_id)
    seen = visible_to(entity, deed.who) if entity.has_pages else model.deleted_at.is_(None)
    return await deed.session.scalar(query.where(seen)) is not None


async def _is_taken(deed: Deed, row: Any, field: Field, value: Any) -> bool:
    model: Any = deed.entity.model
    query = select(model.id).where(stored_as(model, field) == value, model.deleted_at.is_(None))
    if row is not None:
        query = query.where(model.id != row.id)
    return bool(await deed.session.scalar(select(exists(query))))


def stored_as(model: type[Versioned], field: Field) -> Any:
    """Return the SQL expression that holds a field; of a custom one, out of the `custom` column."""
    if not field.is_custom:
        return getattr(model, field.name)
    custom: Any = model.custom  # type: ignore[attr-defined]
    return Held(custom, field.key, field.type)
