"""Taking a batch back: what it added goes to the trash, what it changed is as it was before.

What somebody has worked with since stays, row by row and field by field, and is named with the
reason. Rows are taken back from the last one up, since a row of the file may have changed what
a row above it had added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import or_, select

from callcenter.audit import Audit
from callcenter.entity import editing, saving
from callcenter.entity.description import Entity, Field, put, value_of
from callcenter.entity.editing import Diff, plain
from callcenter.entity.importing.models import ImportRow
from callcenter.entity.importing.writing import mark
from callcenter.entity.parts import Part, Undoable
from callcenter.entity.saving import Deed, contact_of


def _(message: str) -> str:
    return message


EDITED_SINCE: Final = _("Somebody has changed the record since.")
FIELD_CHANGED: Final = _("Somebody has changed this since.")
GONE: Final = _("The record was deleted since.")
CANNOT: Final = _("What was here before can no longer be put back.")


class Taken(NamedTuple):
    """A row of the batch that was taken back, but for what is `kept` (field or "": why)."""

    number: int
    entity: str
    entity_id: int
    kept: dict[str, str]


async def take_back(deed: Deed, batch_id: int, limit: int) -> list[Taken]:
    """Take back the last `limit` rows that are not yet; return them."""
    rows: Sequence[ImportRow] = (
        await deed.session.scalars(
            select(ImportRow)
            .where(ImportRow.batch_id == batch_id, ImportRow.undone.is_(False))
            # What was made for a row goes after it.
            .order_by(
                ImportRow.number.desc(), ImportRow.kind.is_not(None), ImportRow.entity_id.desc()
            )
            .limit(limit)
        )
    ).all()
    own = [row for row in rows if row.kind is None]
    await _take_back_own(deed, batch_id, own)
    for name in {row.kind for row in rows if row.kind is not None}:
        made = [row for row in rows if row.kind == name]
        await _take_back_made(
            replace(deed, entity=deed.registry[name]), deed.entity, batch_id, made
        )
    return [
        Taken(row.number, row.kind or deed.entity.name, row.entity_id, row.kept) for row in rows
    ]


async def _take_back_own(deed: Deed, batch_id: int, rows: Sequence[ImportRow]) -> None:
    held = await _held(deed, rows)
    for row in rows:
        row.undone = True
        now = held.get(row.entity_id)
        if row.did == "changed":
            is_gone = now is None or now.deleted_at is not None
            row.kept = {"": GONE} if is_gone else await _put_back(deed, now, row.diff)
    # Only now: what was changed may have referred to what was added.
    added = _there(rows, held)
    reasons = await _reasons_to_stay(deed, batch_id, {id_: held[id_] for id_ in added})
    counterpart = deed.entity.counterpart
    if counterpart is not None:
        reasons = await counterpart.in_use(deed.session, list(added)) | reasons
    gone = await _let_go(deed, added, held, reasons)
    if counterpart is not None:
        await counterpart.taken_back(deed.session, gone, deed.at, deed.by)


async def _take_back_made(
    deed: Deed, batch: Entity, batch_id: int, rows: Sequence[ImportRow]
) -> None:
    """Take back rows of another entity that were made for the batch's own; `deed` is of theirs."""
    held = await _held(deed, rows)
    for row in rows:
        row.undone = True
    added = _there(rows, held)
    reasons = await _reasons_to_stay(deed, batch_id, {id_: held[id_] for id_ in added})
    if batch.counterpart is not None:
        reasons = await batch.counterpart.needed(deed.session, list(added)) | reasons
    await _let_go(deed, added, held, reasons)


def _there(rows: Sequence[ImportRow], held: Mapping[int, Any]) -> dict[int, ImportRow]:
    """Return what was added and is there."""
    return {
        row.entity_id: row
        for row in rows
        if row.did == "added" and row.entity_id in held and held[row.entity_id].deleted_at is None
    }


async def _let_go(
    deed: Deed,
    added: Mapping[int, ImportRow],
    held: Mapping[int, Any],
    reasons: Mapping[int, str],
) -> list[Any]:
    """Put rows into the trash for which there is no reason to stay; return them."""
    for row_id, why in reasons.items():
        added[row_id].kept = {"": why}
    gone = [held[row_id] for row_id in added if row_id not in reasons]
    await _set_aside(deed, gone)
    await deed.session.flush()
    return gone


async def _held(deed: Deed, rows: Sequence[ImportRow]) -> dict[int, Any]:
    model: Any = deed.entity.model
    ids = {row.entity_id for row in rows}
    found = await deed.session.scalars(
        select(model).where(model.id.in_(ids)).with_for_update(of=model)
    )
    return {row.id: row for row in found}


async def _reasons_to_stay(deed: Deed, batch_id: int, added: Mapping[int, Any]) -> dict[int, str]:
    """Return why rows that the batch added cannot go: people have worked with them."""
    ids = list(added)
    if not ids:
        return {}
    edited = await deed.session.scalars(
        select(Audit.entity_id)
        .where(Audit.entity == deed.entity.name, Audit.entity_id.in_(ids))
        .where(or_(Audit.request_id.is_(None), Audit.request_id != mark(batch_id)))
        .distinct()
    )
    reasons = {row_id: EDITED_SINCE for row_id in edited if row_id is not None}
    if deed.entity.many is not None:
        since = min(row.created_at for row in added.values())
        reasons = await deed.entity.many.in_use(deed.session, ids, since) | reasons
    return reasons


async def _set_aside(deed: Deed, rows: Sequence[Any]) -> None:
    """Put rows into the trash, and let go what followed from adding them."""
    entity = deed.entity
    for row in rows:
        await saving.lay_aside(deed, row, follow=entity.many is None)
    if rows and entity.many is not None:
        await entity.many.taken_back(deed.session, [row.id for row in rows], deed.at, deed.by)


async def _put_back(deed: Deed, row: Any, diff: Mapping[str, Any]) -> dict[str, str]:
    """Give each field the value it had, unless somebody changed it since; return what stayed."""
    fields = deed.registry.fields(deed.entity.name)
    kept: dict[str, str] = {}
    back: Diff = {}
    for name, (was, became) in diff.items():
        if (part := deed.entity.part(name)) is not None:
            back |= await _put_back_list(deed, row, part, was, became)
        elif name not in fields:
            kept[name] = CANNOT
        elif plain(value_of(row, name)) != became:
            kept[name] = FIELD_CHANGED
        else:
            back[name] = [became, was]
            put(row, name, _as_held(fields[name], was))
    if back and deed.entity.derive is not None:
        given = {name: value_of(row, name) for name in back if deed.entity.part(name) is None}
        for name, value in deed.entity.derive(row, given).items():
            put(row, name, value)
    await editing.note(
        deed.session, row, deed.entity.name, back, deed.at, deed.by, contact_of(deed.entity, row)
    )
    if back and deed.entity.saved is not None:
        await deed.entity.saved(deed.session, row, back, deed.at, deed.by)
    return kept


async def _put_back_list(
    deed: Deed, row: Any, part: Part, was: list[Any], became: list[Any]
) -> Diff:
    """Take out of a row's list what the batch had added to it."""
    if not isinstance(part, Undoable):
        return {}
    held = (await part.load(deed.session, [row.id])).get(row.id, [])
    added = [one for one in became if one not in was]
    return await saving.save_parts(deed, row, {part.name: part.without(held, added)})


def _as_held(field: Field, value: Any) -> Any:
    """Return a value that the log kept as its column holds it."""
    if value is None or field.is_custom:
        return value
    match field.type:
        case "date":
            return date.fromisoformat(value)
        case "datetime":
            return datetime.fromisoformat(value)
        case "number":
            return Decimal(value)
        case _:
            return value
