"""Pages of imports: the list with the upload, and one page that follows a batch from step to step.

Templates: imports/list.html (batches: [Shown], entities: [Entity], chosen) · imports/batch.html
(batch: Shown, and by step: preview, fields, headings, rules, errors). The page asks for itself
anew while a batch is being worked on. The upload itself goes to the REST interface: a
file of hundreds of megabytes fits into no form.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from callcenter.entity.description import Entity, Field
from callcenter.entity.facts import with_facts
from callcenter.entity.importing import sheets
from callcenter.entity.importing.batches import RULES, Counts, Options
from callcenter.entity.importing.desk import (
    Desk,
    columns_of,
    counts_of,
    layout_of,
    may_import,
    options_of,
    writable,
)
from callcenter.entity.importing.failures import NotATable
from callcenter.entity.importing.files import Choices
from callcenter.entity.importing.keys import IMPORTS
from callcenter.entity.importing.mapping import Column
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.importing.preview import preview
from callcenter.entity.importing.requests import REPORTS, batch_of, desk_of, report
from callcenter.entity.importing.table import Layout
from callcenter.entity.importing.working import AT_WORK
from callcenter.entity.keys import ENTITIES
from callcenter.entity.registry import label_in
from callcenter.entity.requests import context_of
from callcenter.entity.showing import Showing
from callcenter.errors import BadInput, NotAllowed, Problem
from callcenter.server.body import read_form
from callcenter.server.errors import sentence, sentences
from callcenter.server.i18n import language_of, translate_to
from callcenter.server.identity import may
from callcenter.server.pages import redirect, render

routes = web.RouteTableDef()

#: Cells that are shown of a column, so that one sees what is in it.
_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A batch as a page shows it."""

    row: ImportBatch
    entity: Entity
    layout: Layout
    options: Options
    counts: Counts
    #: The reports that there are.
    reports: tuple[str, ...]

    #: The fields of its entity that are days or moments.
    dates: frozenset[str]
    #: Whether who imports may have the counterparts of its rows made.
    may_make: bool

    def is_date(self, name: str) -> bool:
        return name in self.dates

    @property
    def is_at_work(self) -> bool:
        return self.row.status in AT_WORK

    @property
    def is_open(self) -> bool:
        """Return whether one can still choose."""
        return self.row.status in ("mapping", "checked")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A column of the file with what stands in it."""

    column: Column
    samples: list[str]


@routes.get("/imports")
async def batches(request: web.Request) -> web.Response:
    desk = desk_of(request)
    entities = [entity for entity in request.app[ENTITIES] if _is_open_to(desk, entity)]
    shown = [_shown(request, batch) for batch in await desk.batches()]
    return render(
        request, "imports/list.html", batches=shown, entities=entities,
        chosen=request.query.get("entity", ""),
    )  # fmt: skip


@routes.get(r"/imports/{id:\d+}")
async def batch(request: web.Request) -> web.Response:
    desk, found = await batch_of(request)
    return await _page(request, desk, found)


@routes.post(r"/imports/{id:\d+}")
async def choose(request: web.Request) -> web.Response:
    """Keep the choices, and go on as the pressed button says."""
    desk, found = await batch_of(request)
    values = await read_form(request)
    columns = [
        msgspec.structs.replace(
            column, field=values.get(f"field-{place}", column.field),
            order=_order(values.get(f"order-{place}", "")),
        )
        for place, column in enumerate(columns_of(found))
    ]  # fmt: skip
    form = await request.post()
    options = msgspec.structs.replace(
        options_of(found), rule=_rule(values.get("rule", "")), lenient="lenient" in values,
        make="make" in values,
        keys=[str(name) for name in form.getall("keys", [])],
    )  # fmt: skip
    try:
        found = await desk.choose(found, columns, options)
        if (step := values.get("go", "")) in ("checking", "importing"):
            await desk.go(found, step)
    except Problem as problem:
        return await _again(request, desk, found, columns, options, problem)
    return redirect(request, f"/imports/{found.id}")


@routes.post(r"/imports/{id:\d+}/reading")
async def read_anew(request: web.Request) -> web.Response:
    """Read the file in another encoding, by another delimiter, from another sheet."""
    desk, found = await batch_of(request)
    values = await read_form(request)
    mark = values.get("delimiter", "")
    choices = Choices(
        encoding=values.get("encoding", ""), sheet=values.get("sheet", ""),
        delimiter="\t" if mark == "tab" else mark,
    )  # fmt: skip
    try:
        found = await desk.read_anew(found, choices)
    except NotATable as problem:
        errors = {"encoding": sentence(request, problem)}
        return await _page(request, desk, found, errors=errors, status=422)
    return redirect(request, f"/imports/{found.id}")


@routes.post(r"/imports/{id:\d+}/{step:stop|undo|back|remove}")
async def go(request: web.Request) -> web.Response:
    desk, found = await batch_of(request)
    match request.match_info["step"]:
        case "undo":
            await desk.go(found, "undoing")
        case "remove":
            await desk.remove(found)
            return redirect(request, "/imports")
        case _:
            await desk.stop(found)
    return redirect(request, f"/imports/{found.id}")


@routes.get(rf"/imports/{{id:\d+}}/{{kind:{'|'.join(REPORTS)}}}.csv")
async def rows(request: web.Request) -> web.StreamResponse:
    return await report(request)


async def _again(
    request: web.Request,
    desk: Desk,
    found: ImportBatch,
    columns: list[Column],
    options: Options,
    problem: Problem,
) -> web.Response:
    """Show the page with what was chosen and what is wrong with it."""
    errors = (
        sentences(request, problem)
        if isinstance(problem, BadInput)
        else {"": sentence(request, problem)}
    )
    found.mapping = msgspec.to_builtins(columns)
    found.options = msgspec.to_builtins(options)
    return await _page(request, desk, found, errors=errors, status=problem.status)


async def _page(
    request: web.Request,
    desk: Desk,
    found: ImportBatch,
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    shown = _shown(request, found)
    more: dict[str, Any] = {
        "columns": [],
        "fields": {},
        "headings": {},
        "says": [],
        "preview": None,
    }
    if shown.is_open and desk.imports.store.table(found.id).exists():
        fields = writable(request.app[ENTITIES], shown.entity, desk.who)
        rows = await desk.first_rows(found.id, _SAMPLES)
        more = {
            "columns": list(_mapped(found, [row.cells for row in rows])),
            "fields": _labelled(desk, fields),
            "headings": _headings(desk, fields),
            "says": _says(request, shown, fields),
            "preview": await preview(desk, found, context_of(request)),
        }
    return render(
        request, "imports/batch.html", status=status, batch=shown, errors=errors or {},
        rules=RULES, encodings=sheets.ENCODINGS, delimiters=sheets.DELIMITERS, **more,
    )  # fmt: skip


def _says(request: web.Request, shown: Shown, fields: Mapping[str, Field]) -> list[tuple[str, str]]:
    """Return what every row of the file is, as its product says: (label, value)."""
    language = language_of(request)
    showing = Showing(request.app[ENTITIES], language)
    said = shown.options.says.items()
    return [
        (label_in(fields[name], language), showing.text(fields[name], value))
        for name, value in said
        if name in fields
    ]


def _headings(desk: Desk, fields: Mapping[str, Field]) -> dict[str, list[str]]:
    """Return the names under the headings they have in forms; of a list and its facts, under the list's."""
    headings: dict[str, list[str]] = {}
    lists = {field.of for field in fields.values()}
    for name, field in fields.items():
        heading = field.of or (field.label if field.label in lists else field.group)
        headings.setdefault(translate_to(desk.language, heading) if heading else "", []).append(
            name
        )
    return headings


def _labelled(desk: Desk, fields: Mapping[str, Field]) -> dict[str, str]:
    return {name: label_in(field, desk.language) for name, field in fields.items()}


def _mapped(found: ImportBatch, rows: list[list[str]]) -> Iterator[Mapped]:
    for place, column in enumerate(columns_of(found)):
        cells = [row[place] for row in rows if place < len(row) and row[place]]
        yield Mapped(column, cells)


def _shown(request: web.Request, batch: ImportBatch) -> Shown:
    store = request.app[IMPORTS].store
    return Shown(
        batch, request.app[ENTITIES][batch.entity], layout_of(batch), options_of(batch),
        counts_of(batch),
        tuple(kind for kind in REPORTS if store.report(batch.id, kind).exists()),
        frozenset(
            field.name
            for field in with_facts(request.app[ENTITIES].fields(batch.entity)).values()
            if field.type in ("date", "datetime")
        ),
        _may_make(request, batch),
    )  # fmt: skip


def _may_make(request: web.Request, batch: ImportBatch) -> bool:
    counterpart = request.app[ENTITIES][batch.entity].counterpart
    who = desk_of(request).who
    return counterpart is not None and may(who, counterpart.entity, "create") != "none"


def _is_open_to(desk: Desk, entity: Entity) -> bool:
    try:
        may_import(desk.who, entity)
    except NotAllowed:
        return False
    return entity.has_pages


def _order(word: str) -> Any:
    return word if word in ("dmy", "mdy", "ymd") else ""


def _rule(word: str) -> Any:
    return word if word in RULES else "skip"
