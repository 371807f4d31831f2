"""The first rows of a file as they will be."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from callcenter.entity.description import Field
from callcenter.entity.facts import list_of
from callcenter.entity.importing.desk import Desk, columns_of, options_of
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.importing.planning import Pending, Plan, Planner
from callcenter.entity.importing.reports import told
from callcenter.entity.importing.values import Reader
from callcenter.entity.reading import Context
from callcenter.entity.registry import label_in
from callcenter.entity.saving import Deed
from callcenter.entity.showing import Showing
from callcenter.server.i18n import translate_to

ROWS = 10


class Cell(NamedTuple):
    """What a field will hold; `wrong` and `was` say why it cannot, and what was repaired."""

    text: str
    wrong: str = ""
    was: str = ""


class Line(NamedTuple):
    number: int
    did: str
    cells: Sequence[Cell]
    #: What else is said of the row, in its reader's language: (label of a field or "", sentence).
    why: Sequence[tuple[str, str]]


class Preview(NamedTuple):
    fields: Sequence[Field]
    lines: Sequence[Line]


async def preview(desk: Desk, batch: ImportBatch, context: Context) -> Preview:
    """Return what becomes of the first rows, without doing it."""
    registry = desk.imports.registry
    reader = Reader.of(
        registry.fields(batch.entity), columns_of(batch), context, options_of(batch).says
    )
    fields = reader.fields
    # What is said of a value stands beside it.
    names = dict.fromkeys(list_of(column.field) or column.field for column in reader.columns)
    shown = [fields[name] for name in names if name]
    rows = await desk.first_rows(batch.id, ROWS)
    readings = await asyncio.to_thread(reader.read_all, rows)
    planner = Planner(fields, options_of(batch))
    async with desk.imports.database.read() as session:
        deed = Deed(session, registry, registry[batch.entity], desk.who, desk.at, desk.by)
        plans = await planner.plan(deed, readings, Pending(), dry=True)
    showing = Showing(registry, desk.language, context.zone)
    return Preview(shown, [_line(plan, shown, fields, showing) for plan in plans])


def _line(
    plan: Plan, shown: Sequence[Field], fields: Mapping[str, Field], showing: Showing
) -> Line:
    cells = [_cell(plan, field, fields, showing) for field in shown]
    names = {field.name for field in shown}
    rest = [
        (label_in(fields[name], showing.language) if name in fields else "", why)
        for name, why in plan.wrong.items()
        if name not in names
    ]
    said = [*([("", plan.why)] if plan.why else []), *rest]
    told = [(label, translate_to(showing.language, why)) for label, why in said]
    return Line(plan.reading.number, plan.did, cells, told)


def _cell(plan: Plan, field: Field, fields: Mapping[str, Field], showing: Showing) -> Cell:
    reading = plan.reading
    if field.name in reading.unread:
        text = reading.unread[field.name]
    elif field.name in reading.named:
        text = reading.named[field.name]
    elif field.virtual is not None:
        listed = [one for one in (*reading.listed, *reading.later) if one.field == field.name]
        text = " · ".join(told(one, fields, showing) for one in listed)
    else:
        text = showing.text(field, reading.given.get(field.name))
    wrong = translate_to(showing.language, plan.wrong.get(field.name, ""))
    return Cell(text, wrong, reading.repaired.get(field.name, ""))
