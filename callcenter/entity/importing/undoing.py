"""Taking a batch back: what it added goes to the trash, what it changed is as it was before.

What somebody has worked with since stays, row by row and field by field, and is named with the
reason. Rows are taken back from the last one up, since a row of the file may have changed what
a row above it had added.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import bindparam, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.audit import Audit
from callcenter.db import Question, among
from callcenter.entity import editing, saving
from callcenter.entity.description import Entity, Field, put, value_of
from callcenter.entity.editing import Diff, plain
from callcenter.entity.importing.models import ImportRow
from callcenter.entity.importing.writing import mark
from callcenter.entity.parts import Part, Restated, Undoable
from callcenter.entity.saving import Deed, contact_of


def _(message: str) -> str:
    return message


EDITED_SINCE: Final = _("Somebody has changed the record since.")
FIELD_CHANGED: Final = _("Somebody has changed this since.")
GONE: Final = _("The record was deleted since.")
CANNOT: Final = _("What was here before can no longer be put back.")

#: Why rows cannot go, by id.
Needed = Callable[[AsyncSession, Sequence[int]], Awaitable[dict[int, str]]]

_rows: Any = ImportRow.__table__
#: By entity, since a question is said once.
_asked: dict[str, Question] = {}


@dataclass(slots=True)
class Taken:
    """A row of the batch that was taken back, but for what is `kept` (field or "": why)."""

    number: int
    entity: str
    entity_id: int
    did: str
    diff: Mapping[str, Any]
    kept: dict[str, str] = field(default_factory=dict)


async def take_back(deed: Deed, batch_id: int, limit: int, reached: int = 0) -> list[Taken]:
    """Take back the last `limit` rows that are not yet; return them.

    All below row `reached` of the file are; a batch has too many rows to look through those again.
    """
    rows = await _last_rows(deed, batch_id, limit, reached)
    own = [row for row in rows if row.entity == deed.entity.name]
    await _take_back_own(deed, batch_id, own)
    for name in {row.entity for row in rows} - {deed.entity.name}:
        made = [row for row in rows if row.entity == name]
        await _take_back_made(
            replace(deed, entity=deed.registry[name]), deed.entity, batch_id, made
        )
    await _tick_off(deed, batch_id, rows)
    return rows


async def _last_rows(deed: Deed, batch_id: int, limit: int, reached: int) -> list[Taken]:
    query = (
        select(ImportRow.number, ImportRow.kind, ImportRow.entity_id, ImportRow.did, ImportRow.diff)
        .where(ImportRow.batch_id == batch_id, ImportRow.undone.is_(False))
        # What was made for a row goes after it.
        .order_by(ImportRow.number.desc(), ImportRow.kind.is_not(None), ImportRow.entity_id.desc())
        .limit(limit)
    )
    if reached:
        query = query.where(ImportRow.number <= reached)
    return [
        Taken(row.number, row.kind or deed.entity.name, row.entity_id, row.did, row.diff)
        for row in await deed.session.execute(query)
    ]


async def _tick_off(deed: Deed, batch_id: int, rows: Sequence[Taken]) -> None:
    """Note that these rows, the last ones that were not, are taken back, and what of them is kept."""
    if not rows:
        return
    lowest = rows[-1].number
    await deed.session.execute(
        update(_rows)
        .where(_rows.c.batch_id == batch_id, _rows.c.number.between(lowest, rows[0].number))
        .where(
            or_(
                _rows.c.number > lowest,
                # Of this row there may be more than came in one go.
                _rows.c.entity_id.in_([row.entity_id for row in rows if row.number == lowest]),
            )
        )
        .values(undone=True)
    )
    for row in rows:
        if row.kept:
            await deed.session.execute(
                update(_rows)
                .where(_rows.c.batch_id == batch_id, _rows.c.number == row.number)
                .where(_rows.c.entity_id == row.entity_id)
                .values(kept=row.kept)
            )


async def _take_back_own(deed: Deed, batch_id: int, rows: Sequence[Taken]) -> None:
    changed = [row for row in rows if row.did == "changed"]
    held = await _held(deed, changed)
    for row in changed:
        now = held.get(row.entity_id)
        is_gone = now is None or now.deleted_at is not None
        row.kept = {"": GONE} if is_gone else await _put_back(deed, now, row.diff)
    # Only now: what was changed may have referred to what was added.
    counterpart = deed.entity.counterpart
    in_use = counterpart.in_use if counterpart is not None else None
    gone = await _let_go(deed, batch_id, rows, in_use)
    if counterpart is not None:
        await counterpart.taken_back(deed.session, gone, deed.at, deed.by)


async def _take_back_made(deed: Deed, batch: Entity, batch_id: int, rows: Sequence[Taken]) -> None:
    """Take back rows of another entity that were made for the batch's own; `deed` is of theirs."""
    needed = batch.counterpart.needed if batch.counterpart is not None else None
    await _let_go(deed, batch_id, rows, needed)


async def _let_go(
    deed: Deed, batch_id: int, rows: Sequence[Taken], needed: Needed | None
) -> Sequence[Any]:
    """Put what was added into the trash, unless there is a reason to stay; return what went."""
    added = {row.entity_id: row for row in rows if row.did == "added"}
    if not added:
        return []
    there = await (_held if deed.entity.many is None else _looked_at)(deed, list(added.values()))
    there = {id_: row for id_, row in there.items() if row.deleted_at is None}
    reasons = await _reasons_to_stay(deed, batch_id, there)
    if needed is not None:
        reasons = await needed(deed.session, list(there)) | reasons
    for row_id, why in reasons.items():
        added[row_id].kept = {"": why}
    gone = [row for row_id, row in there.items() if row_id not in reasons]
    await _set_aside(deed, gone)
    return gone


async def _held(deed: Deed, rows: Sequence[Taken]) -> dict[int, Any]:
    """Return the rows as they are, for nobody else to change."""
    model: Any = deed.entity.model
    ids = {row.entity_id for row in rows}
    if not ids:
        return {}
    found = await deed.session.scalars(
        select(model).where(model.id.in_(ids)).with_for_update(of=model)
    )
    return {row.id: row for row in found}


async def _looked_at(deed: Deed, rows: Sequence[Taken]) -> dict[int, Any]:
    """Return the same without all that a session does for each of them."""
    await deed.session.flush()
    found = await _there(deed).ask(deed.session, ids=sorted({row.entity_id for row in rows}))
    return {row.id: row for row in found}


def _there(deed: Deed) -> Question:
    entity = deed.entity
    if entity.name not in _asked:
        model: Any = entity.model
        title = getattr(model, entity.title).label("title")
        whose = model.id if entity.name == "contact" else getattr(model, "contact_id", null())
        asked = select(
            model.id, model.deleted_at, model.created_at, title, whose.label("contact_id")
        )
        _asked[entity.name] = Question(
            asked.where(among(model.id, "ids")).with_for_update(of=model)
        )
    return _asked[entity.name]


#: Whether people have worked with these rows, but for what `mark` says was done by the batch itself.
_TOUCHED: Final = Question(
    select(Audit.entity_id)
    .where(Audit.entity == bindparam("entity"), among(Audit.entity_id, "ids"))
    .where(or_(Audit.request_id.is_(None), Audit.request_id != bindparam("mark")))
    .distinct()
)


async def _reasons_to_stay(deed: Deed, batch_id: int, added: Mapping[int, Any]) -> dict[int, str]:
    """Return why rows that the batch added cannot go: people have worked with them."""
    ids = list(added)
    if not ids:
        return {}
    touched = await _TOUCHED.ask(
        deed.session, entity=deed.entity.name, ids=ids, mark=mark(batch_id)
    )
    reasons = {row_id: EDITED_SINCE for (row_id,) in touched}
    if deed.entity.many is not None:
        since = min(row.created_at for row in added.values())
        reasons = await deed.entity.many.in_use(deed.session, ids, since) | reasons
    return reasons


async def _set_aside(deed: Deed, rows: Sequence[Any]) -> None:
    """Put rows into the trash, and let go what followed from adding them."""
    many = deed.entity.many
    if many is None:
        for row in rows:
            await saving.lay_aside(deed, row)
    elif rows:
        await saving.lay_all_aside(deed, rows)
        await many.taken_back(deed.session, [row.id for row in rows], deed.at, deed.by)


async def _put_back(deed: Deed, row: Any, diff: Mapping[str, Any]) -> dict[str, str]:
    """Give each field the value it had, unless somebody changed it since; return what stayed."""
    fields = deed.registry.fields(deed.entity.name)
    kept: dict[str, str] = {}
    back: Diff = {}
    for name, (was, became) in diff.items():
        if (part := deed.entity.part(name)) is not None:
            listed, is_all = await _put_back_list(deed, row, part, was, became)
            back |= listed
            kept |= {} if is_all else {name: FIELD_CHANGED}
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
) -> tuple[Diff, bool]:
    """Take out of a row's list what the batch had added to it, and put back what it had changed.

    Return what changed, and whether that was all.
    """
    held = (await part.load(deed.session, [row.id])).get(row.id, [])
    if isinstance(part, Restated):
        forms, is_all = part.as_before(held, was, became)
    elif isinstance(part, Undoable):
        forms, is_all = part.without(held, [one for one in became if one not in was]), True
    else:
        return {}, True
    return await saving.save_parts(deed, row, {part.name: forms}), is_all


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
