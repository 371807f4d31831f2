"""What names other rows of the file, such as whom a contact is tied to: made when all rows are in.

Whoever is named may stand further down, so these values are kept beside the table while rows come
in. One that cannot be made costs nothing else of its row, and is told as rows with errors are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from callcenter.entity import editing
from callcenter.entity.description import Field
from callcenter.entity.editing import Diff
from callcenter.entity.importing.models import ImportRow
from callcenter.entity.importing.planning import NOBODY_CALLED, SEVERAL_CALLED, Plan, Planner
from callcenter.entity.importing.table import Row
from callcenter.entity.importing.values import Listed
from callcenter.entity.saving import Deed, contact_of, save_parts
from callcenter.errors import BadInput


class Later(msgspec.Struct, frozen=True):
    """A row that is in, with what of it is still to be made."""

    number: int
    row_id: int
    cells: list[str]
    values: list[Listed]


class Made(msgspec.Struct, kw_only=True):
    """What came of a block: rows that are changed now, and what is wrong with others, by field."""

    changed: int = 0
    wrong: list[tuple[Later, dict[str, str]]] = []


_line = msgspec.json.Decoder(Later)


def kept(plans: Sequence[Plan], block: Sequence[Row]) -> bytes:
    """Return what rows of a block leave for later, a line each."""
    left = [
        Later(row.number, plan.row_id, row.cells, plan.reading.later)
        for plan, row in zip(plans, block, strict=False)
        if plan.reading.later and plan.did in ("add", "change", "same")
    ]
    return msgspec.json.Encoder().encode_lines(left)


def read(lines: Sequence[bytes]) -> list[Later]:
    return list(map(_line.decode, lines))


async def make(deed: Deed, batch_id: int, planner: Planner, block: Sequence[Later]) -> Made:
    """Make what a block left for later."""
    made = Made()
    for later in block:
        row = await deed.session.get(deed.entity.model, later.row_id)
        if row is None or getattr(row, "deleted_at", None) is not None:
            continue
        diff, wrong = await _made(deed, planner, row, later.values)
        if wrong:
            made.wrong.append((later, wrong))
        if not diff:
            continue
        await editing.note(
            deed.session, row, deed.entity.name, diff, deed.at, deed.by,
            contact_of(deed.entity, row),
        )  # fmt: skip
        if deed.entity.saved is not None:
            await deed.entity.saved(deed.session, row, diff, deed.at, deed.by)
        made.changed += await _account(deed, batch_id, later, diff)
    return made


async def _made(
    deed: Deed, planner: Planner, row: Any, values: Sequence[Listed]
) -> tuple[Diff, dict[str, str]]:
    """Add each value to its list; return what changed, and what is wrong by field."""
    diff: Diff = {}
    wrong: dict[str, str] = {}
    for value in values:
        described = deed.registry.fields(deed.entity.name)[value.field]
        ids = await planner.ids_called(deed, described, value.norm)
        if len(ids) != 1:
            wrong[value.field] = SEVERAL_CALLED if ids else NOBODY_CALLED
            continue
        try:
            async with deed.session.begin_nested():
                added = await _add(deed, row, described, value, ids[0])
        except BadInput as problem:
            wrong[value.field] = next(iter(problem.fields.values()))
            continue
        for part, (was, became) in added.items():
            diff[part] = [diff.get(part, [was])[0], became]
    return diff, wrong


async def _add(deed: Deed, row: Any, described: Field, value: Listed, other: int) -> Diff:
    part, virtual = deed.entity.part(value.part), described.virtual
    if part is None or virtual is None or virtual.tied is None:
        return {}
    form: Mapping[str, Any] = virtual.tied(value.form, other)
    return await save_parts(deed, row, {part.name: part.read_json([form])})


async def _account(deed: Deed, batch_id: int, later: Later, diff: Diff) -> int:
    """Remember the change for taking it back; return how many rows are changed by it alone."""
    known = await deed.session.get(ImportRow, (batch_id, later.number, later.row_id))
    if known is None:
        deed.session.add(
            ImportRow(
                batch_id=batch_id, number=later.number, entity_id=later.row_id, kind=None,
                did="changed", diff=diff, undone=False, kept={},
            )
        )  # fmt: skip
        await deed.session.flush()
        return 1
    if known.did == "changed":
        known.diff = known.diff | diff
    return 0
