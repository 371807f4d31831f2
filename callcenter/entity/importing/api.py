"""REST of imports: hand a file in, say where its columns go, check, begin, look, take back."""

from datetime import datetime
from typing import Any, Final, Literal, TypedDict

import msgspec
from aiohttp import web

from callcenter.db import new_id
from callcenter.entity.importing.batches import TOLD, Rule
from callcenter.entity.importing.desk import (
    Desk,
    columns_of,
    counts_of,
    layout_of,
    may_import,
    options_of,
)
from callcenter.entity.importing.failures import FileTooLarge, NoKeys, NotATable, NotNow
from callcenter.entity.importing.files import Choices
from callcenter.entity.importing.keys import IMPORTS
from callcenter.entity.importing.mapping import Column
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.importing.repairs import Order
from callcenter.entity.importing.requests import (
    REPORTS,
    batch_of,
    desk_of,
    entity_of,
    keep_upload,
    report,
)
from callcenter.entity.importing.table import Layout
from callcenter.errors import BadInput, NotFound
from callcenter.server.body import MISFIT, answer, read_json
from callcenter.server.openapi import Query, Shape, operation

routes = web.RouteTableDef()


class Goes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a column goes; without a field, nowhere. `order` is how it writes its dates."""

    field: str = ""
    order: Order = ""


class Chosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of a batch; what is left out stays as it is.

    Columns are named by their headings. Another encoding, delimiter or sheet makes the columns be
    guessed anew.
    """

    columns: dict[str, Goes] | None = None
    rule: Rule | None = None
    keys: list[str] | None = None
    lenient: bool | None = None
    make: bool | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


class ImportShape(TypedDict):
    """How an import stands."""

    id: int
    entity: str
    name: str
    status: str
    file: Layout
    columns: list[Column]
    rule: Rule
    keys: list[str]
    lenient: bool
    make: bool
    rows: int
    rows_done: int
    counts: dict[str, int]
    reports: list[str]
    started_at: datetime | None
    ended_at: datetime | None


class Imports(TypedDict):
    imports: list[ImportShape]


#: Types of what stands in the addresses besides ids.
STEP: Final = {"step": Literal["check", "start", "stop", "undo"]}
KIND: Final = {"kind": Literal["changes", "errors", "kept"]}


@routes.post("/api/v1/imports")
@operation(
    body=Shape({"type": "string", "contentEncoding": "binary"}), answers=ImportShape, status=201,
    body_media="application/octet-stream", refusals=(FileTooLarge, NotATable, NotFound),
    query={
        "entity": Query(str, "The entity's plural.", required=True),
        "name": Query(str, "The name of the file; its ending says what kind it is."),
    },
)  # fmt: skip
async def hand_in(request: web.Request) -> web.Response:
    """Hand a file in as the request's body: `entity` is the plural ("contacts"), `name` the file's name.

    The answer says what was found in it and which column goes where. Nothing is brought in yet.
    """
    desk, entity = desk_of(request), entity_of(request)
    may_import(desk.who, entity)
    batch_id = new_id(desk.at.timestamp())
    desk.imports.store.make()
    await keep_upload(request, desk.imports.store.upload(batch_id))
    name = request.query.get("name", "").strip() or "import"
    batch = await desk.receive(batch_id, entity, name)
    response = answer(_told(request, batch), status=201)
    response.headers["Location"] = f"/api/v1/imports/{batch.id}"
    return response


@routes.get("/api/v1/imports")
@operation(answers=Imports)
async def batches(request: web.Request) -> web.Response:
    """List the newest imports."""
    return answer({"imports": [_told(request, one) for one in await desk_of(request).batches()]})


@routes.get(r"/api/v1/imports/{id:\d+}")
@operation(answers=ImportShape)
async def batch(request: web.Request) -> web.Response:
    """Read how an import stands: `rows_done` of `rows`, and what became of them."""
    _desk, found = await batch_of(request)
    return answer(_told(request, found))


@routes.patch(r"/api/v1/imports/{id:\d+}")
@operation(body=Chosen, answers=ImportShape, refusals=(NotNow, NotATable))
async def choose(request: web.Request) -> web.Response:
    """Say where the columns go and what happens to records that are there already."""
    desk, found = await batch_of(request)
    said = await read_json(request, Chosen)
    if any(value is not None for value in (said.encoding, said.delimiter, said.sheet)):
        known = options_of(found)
        choices = Choices(
            encoding=_either(said.encoding, known.encoding),
            delimiter=_either(said.delimiter, known.delimiter),
            sheet=_either(said.sheet, known.sheet),
        )
        found = await desk.read_anew(found, choices)
    return answer(_told(request, await _choose(desk, found, said)))


@routes.post(r"/api/v1/imports/{id:\d+}/{step:check|start|stop|undo}")
@operation(path=STEP, answers=ImportShape, status=202, refusals=(NotNow, NoKeys, BadInput))
async def go(request: web.Request) -> web.Response:
    """Name each change without making it; begin; leave the rest out; or take everything back."""
    desk, found = await batch_of(request)
    match request.match_info["step"]:
        case "stop":
            found = await desk.stop(found)
        case step:
            found = await desk.go(found, _STEPS[step])
    return answer(_told(request, found), status=202)


@routes.delete(r"/api/v1/imports/{id:\d+}")
@operation(status=204, refusals=(NotNow,))
async def remove(request: web.Request) -> web.Response:
    """Forget an import that brought nothing in, or that was taken back."""
    desk, found = await batch_of(request)
    await desk.remove(found)
    return web.Response(status=204)


@routes.get(rf"/api/v1/imports/{{id:\d+}}/{{kind:{'|'.join(REPORTS)}}}")
@operation(path=KIND, answers=Shape({"type": "string"}), media="text/csv")
async def rows(request: web.Request) -> web.StreamResponse:
    """Read a report as CSV: rows with errors, changes of the check, or what could not be taken back."""
    return await report(request)


_STEPS = {"check": "checking", "start": "importing", "undo": "undoing"}


async def _choose(desk: Desk, batch: ImportBatch, said: Chosen) -> ImportBatch:
    known, columns = options_of(batch), columns_of(batch)
    if said.columns is not None:
        headings = {column.heading for column in columns}
        if unknown := [name for name in said.columns if name not in headings]:
            raise BadInput({f"columns.{name}": MISFIT for name in unknown})
        columns = [
            msgspec.structs.replace(column, field=goes.field, order=goes.order)
            if (goes := said.columns.get(column.heading)) is not None
            else column
            for column in columns
        ]
    options = msgspec.structs.replace(
        known, rule=said.rule or known.rule, lenient=_either(said.lenient, known.lenient),
        keys=_either(said.keys, known.keys), make=_either(said.make, known.make),
    )  # fmt: skip
    return await desk.choose(batch, columns, options)


def _either(said: Any, known: Any) -> Any:
    return known if said is None else said


def _told(request: web.Request, batch: ImportBatch) -> ImportShape:
    layout: Layout = layout_of(batch)
    options, store = options_of(batch), request.app[IMPORTS].store
    counts = msgspec.to_builtins(counts_of(batch))
    return {
        "id": batch.id, "entity": batch.entity, "name": batch.name, "status": batch.status,
        "file": layout, "columns": columns_of(batch), "rule": options.rule, "keys": options.keys,
        "lenient": options.lenient, "make": options.make, "rows": layout.rows, "rows_done": batch.rows_done,
        "counts": {name: n for name, n in counts.items() if name in TOLD},
        "reports": [kind for kind in REPORTS if store.report(batch.id, kind).exists()],
        "started_at": batch.started_at, "ended_at": batch.ended_at,
    }  # fmt: skip
