"""Administration pages of the fields that administrators add to entities.

Templates: entity/fields.html (entities: [(Entity, how many)]) · entity/entity_fields.html (entity,
rows: [CustomField], removed: [CustomField], values, errors, saved, and what the form needs) ·
entity/field.html (entity, row, values, errors, and what the form needs). The form is
entity/field_form.html (types, entities: those that can be referred to).
"""

from typing import Any

from aiohttp import web
from sqlalchemy import select

from callcenter.entity.admin import fields, labels
from callcenter.entity.admin.told import moved, tell
from callcenter.entity.custom import list_of
from callcenter.entity.description import Entity
from callcenter.entity.keys import ENTITIES
from callcenter.entity.models import TYPES, CustomField
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.server.actor import actor
from callcenter.server.body import path_id, read_form, seen_version
from callcenter.server.errors import refused, sentences
from callcenter.server.i18n import language_of
from callcenter.server.identity import administrator
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render

Values = dict[str, str]
SWITCHES = ("required", "unique", "indexed", "searchable")


async def show_entities(request: web.Request) -> web.Response:
    administrator(request)
    registry = request.app[ENTITIES]
    counted = [
        (entity, sum(field.is_custom for field in registry.fields(entity.name).values()))
        for entity in registry
        if entity.has_custom_fields
    ]
    return render(request, "entity/fields.html", entities=counted)


async def show_fields(request: web.Request) -> web.Response:
    administrator(request)
    return await _fields_page(request, _entity(request), {})


async def add_field(request: web.Request) -> web.Response:
    administrator(request)
    entity, values, at = _entity(request), await read_form(request), request.app[CLOCK]()
    try:
        async with request.app[DATABASE].write() as session:
            row = await fields.add(
                session, request.app[ENTITIES], entity, _read(values), language_of(request), at,
                actor(request),
            )  # fmt: skip
    except BadInput as problem:
        return await _fields_page(request, entity, values, sentences(request, problem))
    await tell(request)
    if row.type in ("option", "options"):
        return redirect(request, f"/admin/lists/{list_of(row.entity, row.key)}")
    return redirect(request, f"/admin/fields/{entity.name}?saved=1")


async def order_fields(request: web.Request) -> web.Response:
    administrator(request)
    entity = _entity(request)
    async with request.app[DATABASE].write() as session:
        rows = await session.scalars(_rows(entity.name))
        ids = await moved(request, [row.id for row in rows if row.deleted_at is None])
        await fields.order(session, entity.name, ids, request.app[CLOCK](), actor(request))
    await tell(request)
    return redirect(request, f"/admin/fields/{entity.name}")


async def show_field(request: web.Request) -> web.Response:
    administrator(request)
    return await _field_page(request)


async def change_field(request: web.Request) -> web.Response:
    administrator(request)
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        async with request.app[DATABASE].write() as session:
            row = await fields.change(
                session, request.app[ENTITIES], path_id(request), _read(values),
                language_of(request), seen_version(values), at, actor(request),
            )  # fmt: skip
    except (BadInput, ChangedMeanwhile) as problem:
        return await _field_page(request, values, *refused(request, problem))
    await tell(request)
    return redirect(request, f"/admin/fields/{row.entity}?saved=1")


async def remove_field(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].write() as session:
        row = await fields.remove(session, path_id(request), request.app[CLOCK](), actor(request))
    await tell(request)
    return redirect(request, f"/admin/fields/{row.entity}?saved=1")


async def bring_field_back(request: web.Request) -> web.Response:
    administrator(request)
    field_id, at = path_id(request), request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        row = await fields.bring_back(session, field_id, at, actor(request))
    await tell(request)
    return redirect(request, f"/admin/fields/{row.entity}?saved=1")


async def empty_field(request: web.Request) -> web.Response:
    administrator(request)
    row, at = await _row(request), request.app[CLOCK]()
    registry, database = request.app[ENTITIES], request.app[DATABASE]
    try:
        await fields.empty(database, registry, row.id, at, actor(request))
    except BadInput as problem:
        return await _field_page(request, None, sentences(request, problem))
    await tell(request)
    return redirect(request, f"/admin/fields/{row.entity}?saved=1")


def _entity(request: web.Request) -> Entity:
    name, registry = request.match_info["entity"], request.app[ENTITIES]
    if name not in registry or not registry[name].has_custom_fields:
        raise NotFound
    return registry[name]


async def _row(request: web.Request) -> CustomField:
    async with request.app[DATABASE].read() as session:
        row = await session.get(CustomField, path_id(request))
    if row is None:
        raise NotFound
    return row


def _rows(entity: str) -> Any:
    of = select(CustomField).where(CustomField.entity == entity)
    return of.order_by(CustomField.position, CustomField.id)


def _read(values: Values) -> fields.FieldForm:
    kind = values.get("type", "")
    return fields.FieldForm(
        label=labels.read(values), type=kind, group=" ".join(values.get("group", "").split()),
        refers_to=values.get("refers_to", "") if kind == "reference" else "",
        **{name: name in values for name in SWITCHES},
    )  # fmt: skip


def _values(row: CustomField) -> Values:
    values = labels.as_values(row.label) | {
        "type": row.type, "refers_to": row.refers_to or "", "group": row.group or "",
        "version": str(row.version),
    }  # fmt: skip
    return values | {name: "1" for name in SWITCHES if getattr(row, name)}


def _form(request: web.Request, values: Values, errors: Values | None) -> dict[str, Any]:
    """Return what the form's template needs."""
    registry = request.app[ENTITIES]
    blank = dict.fromkeys((*labels.FIELDS.values(), *SWITCHES, "refers_to", "group", "version"), "")
    return {
        "values": blank | {"type": "text"} | values, "errors": errors or {}, "types": TYPES,
        "entities": [*registry], "saved": "saved" in request.query,
    }  # fmt: skip


async def _fields_page(
    request: web.Request, entity: Entity, values: Values, errors: Values | None = None
) -> web.Response:
    async with request.app[DATABASE].read() as session:
        rows = list(await session.scalars(_rows(entity.name)))
    return render(
        request, "entity/entity_fields.html", status=422 if errors else 200, entity=entity,
        rows=[row for row in rows if row.deleted_at is None],
        removed=[row for row in rows if row.deleted_at is not None],
        **_form(request, values, errors),
    )  # fmt: skip


async def _field_page(
    request: web.Request,
    values: Values | None = None,
    errors: Values | None = None,
    status: int = 422,
) -> web.Response:
    row = await _row(request)
    return render(
        request, "entity/field.html", status=status if errors else 200, row=row,
        entity=request.app[ENTITIES][row.entity], list_key=list_of(row.entity, row.key),
        **_form(request, _values(row) if values is None else values, errors),
    )  # fmt: skip


routes = [
    web.get("/admin/fields", show_entities),
    web.get("/admin/fields/{entity}", show_fields),
    web.post("/admin/fields/{entity}", add_field),
    web.post("/admin/fields/{entity}/order", order_fields),
    web.get("/admin/field/{id}", show_field),
    web.post("/admin/field/{id}", change_field),
    web.post("/admin/field/{id}/remove", remove_field),
    web.post("/admin/field/{id}/bring-back", bring_field_back),
    web.post("/admin/field/{id}/empty", empty_field),
]
