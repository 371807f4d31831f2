"""Carrying out the plans of a block, in one transaction with the batch's own account of it.

New rows go in by a statement for the whole block (`db.insert_block`): a session's bookkeeping for
each row would take longer than the database does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import time
from typing import Any

from callcenter.audit import Audit, wrote
from callcenter.db import Base, insert_block, new_id
from callcenter.entity import editing
from callcenter.entity.description import CUSTOM, put
from callcenter.entity.editing import Diff, plain
from callcenter.entity.importing.counterparts import Made
from callcenter.entity.importing.models import ImportRow
from callcenter.entity.importing.planning import Plan
from callcenter.entity.numbering import draw
from callcenter.entity.parts import QuickPart
from callcenter.entity.saving import Deed, contact_of, save_parts
from callcenter.errors import BadInput


@dataclass(frozen=True, slots=True)
class Added:
    """A new row: its columns by name, its lists, and how the log tells of both."""

    plan: Plan
    row: dict[str, Any]
    diff: Diff


async def write(deed: Deed, plans: Sequence[Plan], batch_id: int) -> None:
    """Add and change the rows as planned; a plan whose list is refused turns out wrong."""
    added = [_begun(deed, plan) for plan in plans if plan.did == "add"]
    lists = _lists(deed, added)
    added = [one for one in added if one.plan.did == "add"]
    await _number(deed, added)
    await _insert(deed, deed.entity.model, [one.row for one in added])
    for model, rows in lists.items():
        await _insert(deed, model, rows)
    await _insert(deed, Audit, [_line(deed, one) for one in added])
    wrote(deed.session)
    await _save_slow_parts(deed, added)
    await _follow(deed, added)
    changed = [plan for plan in plans if plan.did == "change"]
    for plan in changed:
        await _change(deed, plan)
    done = [plan for plan in plans if plan.did in ("add", "change")]
    await _insert(deed, ImportRow, [_account(plan, batch_id) for plan in done])
    made = [(plan, each) for plan in plans for each in plan.made]
    await _insert(deed, ImportRow, [_account_of_made(deed, *one, batch_id) for one in made])


async def _number(deed: Deed, added: Sequence[Added]) -> None:
    """Draw the numbers of new rows, if this entity has any."""
    entity = deed.entity
    if entity.number:
        for one in added:
            one.row["number"] = await draw(
                deed.session, entity.name, entity.number, deed.at, deed.registry.zone
            )


def _begun(deed: Deed, plan: Plan) -> Added:
    by, at = deed.by["actor_id"], deed.at
    plan.row_id = new_id(time())
    row: dict[str, Any] = {
        "id": plan.row_id, "version": 1, "created_at": at, "updated_at": at, "created_by": by,
        "updated_by": by,
    }  # fmt: skip
    if deed.entity.has_custom_fields:
        row["custom"] = {
            name.removeprefix(CUSTOM): value
            for name, value in plan.columns.items()
            if name.startswith(CUSTOM) and value is not None
        }
    row |= {name: value for name, value in plan.columns.items() if not name.startswith(CUSTOM)}
    told = plan.reading.given.keys() | ({"owner_id"} if deed.entity.is_owned else set())
    if deed.entity.counterpart is not None:
        told |= {deed.entity.counterpart.field}
    diff: Diff = {
        name: [None, plain(value)]
        for name, value in plan.columns.items()
        if value is not None and name in told
    }
    return Added(plan, row, diff)


def _lists(deed: Deed, added: Sequence[Added]) -> dict[type[Base], list[dict[str, Any]]]:
    """Return the rows of the new rows' lists, as far as they can be told without asking."""
    lists: dict[type[Base], list[dict[str, Any]]] = {}
    quick = _quick_parts(deed)
    for one in added:
        for name, forms in one.plan.forms.items():
            if (part := quick.get(name)) is None:
                continue
            try:
                rows = part.rows(one.row, part.read_json(forms), deed.at)
            except BadInput as problem:
                one.plan.did = "wrong"
                one.plan.wrong |= problem.fields
                break
            lists.setdefault(part.model, []).extend(rows)
            one.diff[name] = [[], part.told(rows)]
    return lists


def _quick_parts(deed: Deed) -> dict[str, QuickPart]:
    return {part.name: part for part in deed.entity.parts if isinstance(part, QuickPart)}


async def _save_slow_parts(deed: Deed, added: Sequence[Added]) -> None:
    """Save lists that only their part can, row by row."""
    quick = _quick_parts(deed)
    for one in added:
        for name, forms in one.plan.forms.items():
            part = deed.entity.part(name)
            if part is None or name in quick:
                continue
            row = await deed.session.get_one(deed.entity.model, one.plan.row_id)
            try:
                async with deed.session.begin_nested():
                    await save_parts(deed, row, {name: part.read_json(forms)})
            except BadInput as problem:
                # The row is in, without this list of it.
                one.plan.wrong |= _by_field(one.plan, name, problem)


def _by_field(plan: Plan, part: str, problem: BadInput) -> dict[str, str]:
    """Return what is wrong with a row's list under the field whose column brought it."""
    field = next((each.field for each in plan.reading.listed if each.part == part), part)
    return {field: next(iter(problem.fields.values()))}


async def _follow(deed: Deed, added: Sequence[Added]) -> None:
    """Let the entity do what follows from new rows."""
    entity = deed.entity
    if entity.many is not None and added:
        await entity.many.added(deed.session, [one.row for one in added], deed.at, deed.by)
    elif entity.saved is not None:
        for one in added:
            row = await deed.session.get_one(entity.model, one.plan.row_id)
            await entity.saved(deed.session, row, one.diff, deed.at, deed.by)


async def _change(deed: Deed, plan: Plan) -> None:
    """Change a row, all of it or nothing."""
    entity, row = deed.entity, plan.row
    diff: Diff = {name: pair for name, pair in plan.diff.items() if name in plan.columns}
    try:
        async with deed.session.begin_nested():
            for name, value in plan.columns.items():
                put(row, name, value)
            for name, forms in plan.forms.items():
                part = entity.part(name)
                if part is not None:
                    diff |= await save_parts(deed, row, {name: part.read_json(forms)})
            await editing.note(
                deed.session, row, entity.name, diff, deed.at, deed.by, contact_of(entity, row)
            )
    except BadInput as problem:
        plan.did = "wrong"
        plan.wrong |= problem.fields
        return
    plan.diff = diff
    if entity.saved is not None:
        await entity.saved(deed.session, row, diff, deed.at, deed.by)


# ---------------------------------------------------------------- rows for the database


async def _insert(deed: Deed, model: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    await insert_block(deed.session, model.__table__, rows)


def _line(deed: Deed, one: Added) -> dict[str, Any]:
    """Return the line of the log that says the row was added."""
    contact = one.plan.row_id if deed.entity.name == "contact" else one.row.get("contact_id")
    return {
        "id": new_id(time()), "at": deed.at, "entity": deed.entity.name,
        "entity_id": one.plan.row_id, "contact_id": contact, "action": "create",
        "diff": one.diff, "notable": True, **deed.by,
    }  # fmt: skip


def _account(plan: Plan, batch_id: int) -> dict[str, Any]:
    """Return what the batch remembers of a row, so that it can be taken back."""
    is_new = plan.did == "add"
    return {
        "batch_id": batch_id, "number": plan.reading.number, "entity_id": plan.row_id,
        "kind": None, "did": "added" if is_new else "changed", "diff": {} if is_new else plan.diff,
        "undone": False, "kept": {},
    }  # fmt: skip


def _account_of_made(deed: Deed, plan: Plan, made: Made, batch_id: int) -> dict[str, Any]:
    """Return the same of a row that was made since the plan's row needs it."""
    return {
        "batch_id": batch_id, "number": plan.reading.number, "entity_id": made.id,
        "kind": made.entity if made.entity != deed.entity.name else None, "did": "added",
        "diff": {}, "undone": False, "kept": {},
    }  # fmt: skip


def actor(user_id: int, batch_id: int) -> Any:
    """Return who did it, for the log: the import of a person."""
    return {
        "actor_kind": "import", "actor_id": user_id, "request_id": mark(batch_id), "ip": None,
    }  # fmt: skip


def mark(batch_id: int) -> str:
    """Return by what the lines of the log that a batch wrote are known."""
    return f"import:{batch_id}"
