"""The API's document: what every handler says of itself, and what follows from the descriptions.

Built from the routes that are there, so an address that is not in it has a handler that says
nothing, and a test finds it. Fields of administrators are in it as soon as they are made.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

import msgspec
from aiohttp import web

from callcenter import __version__
from callcenter.entity.api import MOST_ROWS, WAS, EntityApi, keys_of
from callcenter.entity.description import Entity, Field
from callcenter.entity.listing import MOST_COUNTED, PAGE_ROWS
from callcenter.entity.pages.exports import Exports
from callcenter.entity.parts import Part
from callcenter.entity.querying import MOST_ROWS as MOST_LISTED
from callcenter.entity.querying import SEARCHED
from callcenter.entity.registry import Registry, label_in
from callcenter.entity.telling import TEXTS
from callcenter.errors import ChangedMeanwhile, MergedInto, NotFound, Problem
from callcenter.server.openapi import (
    Id,
    Json,
    Operation,
    Query,
    Shape,
    document,
    said_of,
    sentence_of,
)

PREFIX: Final = "/api/v1/"
FIELDS = Query(str, "Only these fields, their names parted by commas.")
WORDS = Query(bool, "Also in words: labels of options, names of rows referred to.")

_TITLE: Final = "callcenter"
_REF: Final = "#/components/schemas/"
_ID: Final[Json] = {"type": "integer", "minimum": 0, "exclusiveMaximum": 1 << 53}
_OF_TYPE: Final[Mapping[str, Json]] = {
    "text": {"type": "string"},
    "long_text": {"type": "string"},
    "integer": {"type": "integer", "maximum": (1 << 53) - 1, "minimum": 1 - (1 << 53)},
    "number": {"type": "number"},
    "money": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "bool": {"type": "boolean"},
    "choice": {"type": "string"},
    "option": _ID,
    "options": {"type": "array", "items": _ID},
    "reference": _ID,
    "phone": {"type": "string"},
    "email": {"type": "string"},
    "url": {"type": "string"},
}


def api_document(app: web.Application, registry: Registry) -> Json:
    """Return the document of all routes under the API's prefix."""
    operations = [
        (method, path, said)
        for method, path, handler in api_routes(app)
        if (said := _said(handler, registry)) is not None
    ]
    return document(_TITLE, __version__, operations, _components(registry))


def api_routes(app: web.Application) -> Iterator[tuple[str, str, Any]]:
    """Give method, path and handler of every route under the API's prefix."""
    for route in app.router.routes():
        path = route.resource.canonical if route.resource is not None else ""
        # HEAD comes with each GET.
        if path.startswith(PREFIX) and route.method != "HEAD":
            yield route.method, path, route.handler


def _said(handler: Any, registry: Registry) -> Operation | None:
    owner = getattr(handler, "__self__", None)
    if isinstance(owner, EntityApi | Exports):
        return _OF_ENTITY[handler.__name__](owner.entity, registry)
    said = said_of(handler)
    return said and replace(said, summary=said.summary or sentence_of(handler))


def query_of(handler: Any, registry: Registry) -> tuple[str, ...]:
    """Return the parameters that a route's address takes."""
    said = _said(handler, registry)
    return tuple(said.query) if said is not None else ()


# ---------------------------------------------------------------- what is done to every entity


def _several(entity: Entity, _registry: Registry) -> Operation:
    return Operation(
        summary=f"List {entity.labels.lower()}, a page at a time; `after` leads to the next one.",
        needs=f"{entity.name}:read", query=_listed(entity), tag=entity.labels,
        answers=Shape(
            {
                "type": "object", "required": ["rows", "after"],
                "properties": {
                    "rows": {"type": "array", "items": _ref(entity).schema},
                    "after": {
                        "type": ["string", "null"], "description": "The cursor of the next page.",
                    },
                    "count": {
                        "type": "integer",
                        "description": f"How many there are, at most {MOST_COUNTED}.",
                    },
                    "more": {"type": "boolean", "description": "There are more than were counted."},
                },
            }
        ),
    )  # fmt: skip


def _listed(entity: Entity) -> dict[str, Query]:
    sorts = tuple(name for sort in entity.sorts for name in (sort.name, f"-{sort.name}"))
    limit = Annotated[int, msgspec.Meta(ge=1, le=MOST_LISTED)]
    return {
        "q": Query(str, f"A search; at most {SEARCHED}, the likeliest first."),
        "filter": Query(
            str,
            'Which rows, as JSON: {"all": [{"field": …, "op": …, "value": …}]}, or "any".',
        ),
        "f": Query(list[str], "The same in short, once for each condition: city~is~Baku."),
        "any": Query(bool, "One of the short conditions is enough."),
        "sort": Query(Literal[sorts] if sorts else str, "By what; - in front: the other way."),
        "after": Query(str, "The cursor of a page."),
        "limit": Query(limit, f"So many rows a page; {PAGE_ROWS} if it is not said."),
        "count": Query(bool, f"Also count the rows, up to {MOST_COUNTED}."),
        **_SHOWN,
    }


def _read(entity: Entity, _registry: Registry) -> Operation:
    return Operation(
        summary=f"Read {_a(entity)}; the ETag is its version.",
        needs=f"{entity.name}:read", query=_SHOWN, answers=_ref(entity), gives_version=True,
        tag=entity.labels,
        also={308: "It was merged into another one: `Location` leads there."}
        if _merges(entity) else {},
    )  # fmt: skip


def _create(entity: Entity, registry: Registry) -> Operation:
    return Operation(
        summary=f"Add {_a(entity)}.",
        needs=f"{entity.name}:create", query=_SHOWN, body=_ref(entity, "New"), status=201,
        body_example=_example(entity, registry), answers=_ref(entity), gives_version=True,
        tag=entity.labels, refusals=(ChangedMeanwhile,),
    )  # fmt: skip


def _change(entity: Entity, _registry: Registry) -> Operation:
    return Operation(
        summary=f"Change the named fields of {_a(entity)}.",
        needs=f"{entity.name}:edit", query=_SHOWN, body=_ref(entity, "Change"),
        answers=_ref(entity), gives_version=True, takes_version=True, tag=entity.labels,
        refusals=(ChangedMeanwhile, *_merged(entity)),
    )  # fmt: skip


def _set_aside(entity: Entity, _registry: Registry) -> Operation:
    return Operation(
        summary=f"Put {_a(entity)} into the trash.",
        needs=f"{entity.name}:delete", status=204, tag=entity.labels, takes_version=True,
        refusals=(ChangedMeanwhile, *_merged(entity)),
    )  # fmt: skip


def _restore(entity: Entity, _registry: Registry) -> Operation:
    return Operation(
        summary=f"Bring {_a(entity)} back from the trash.",
        needs=f"{entity.name}:delete", query=_SHOWN, answers=_ref(entity), gives_version=True,
        tag=entity.labels,
        refusals=_merged(entity),
    )  # fmt: skip


def _upsert(entity: Entity, registry: Registry) -> Operation:
    keys = keys_of(entity, registry.fields(entity.name))
    example = {"key": keys[0], "rows": [_example(entity, registry)]} if keys else None
    return Operation(
        summary=f"Add or change many {entity.labels.lower()}, found by a key. Each row is answered "
        "by itself, in its order; one that is wrong costs no other.",
        needs=f"{entity.name}:create", tag=entity.labels, body_example=example,
        body=Shape(
            {
                "type": "object", "required": ["key", "rows"], "additionalProperties": False,
                "properties": {
                    "key": {"type": "string", "enum": keys} if keys else {"type": "string"},
                    "rows": {
                        "type": "array", "maxItems": MOST_ROWS, "items": _ref(entity, "New").schema,
                    },
                },
            }
        ),
        answers=_ANSWERED,
    )  # fmt: skip


def _export(entity: Entity, _registry: Registry) -> Operation:
    listed = _listed(entity)
    formats = ("csv", "xlsx", "vcf") if entity.cards is not None else ("csv", "xlsx")
    return Operation(
        summary=f"Take {entity.labels.lower()} out as a file.",
        needs=f"{entity.name}:export", tag=entity.labels, media="*/*", refusals=(NotFound,),
        answers=Shape({"type": "string", "contentEncoding": "binary"}),
        query={
            "format": Query(Literal[formats], "CSV, a workbook, or of people vCards."),
            "delimiter": Query(Literal["semicolon", "comma", "tab"], "Between the values of CSV."),
            "cols": Query(str, "Only these fields, their names parted by commas."),
            "ids": Query(str, "Only these rows, their ids parted by commas."),
            "view": Query(Id, "As this saved view has it."),
            **{name: listed[name] for name in ("q", "f", "any", "sort")},
        },
    )  # fmt: skip


_SHOWN: Final = {"fields": FIELDS, "words": WORDS}
_ANSWERED: Final = Shape(
    {
        "type": "object", "required": ["rows"],
        "properties": {"rows": {"type": "array", "items": {"$ref": "#/components/schemas/Saved"}}},
    }
)  # fmt: skip
_OF_ENTITY: Final[Mapping[str, Callable[[Entity, Registry], Operation]]] = {
    "several": _several, "read": _read, "create": _create, "change": _change, "set_aside": _set_aside,
    "restore": _restore, "upsert": _upsert, "export": _export,
}  # fmt: skip


# ---------------------------------------------------------------- shapes


def _components(registry: Registry) -> dict[str, Json]:
    shapes: dict[str, Json] = {"Saved": _SAVED}
    for entity in registry:
        if entity.has_pages:
            fields = registry.fields(entity.name)
            shapes[_name(entity)] = _row(entity, fields)
            shapes |= {_item(entity, part): _written_item(part) for part in entity.parts}
            shapes[_name(entity) + "New"] = _new(entity, fields)
            shapes[_name(entity) + "Change"] = _changed(entity, fields)
    return shapes


_SAVED: Final[Json] = {
    "description": "What became of one row.",
    "type": "object", "required": ["status"],
    "properties": {
        "status": {"enum": ["created", "changed", "same", "failed"]},
        "id": _ID, "version": {"type": "integer"},
        "error": {"$ref": "#/components/schemas/Refusal"},
    },
}  # fmt: skip


def _row(entity: Entity, fields: Mapping[str, Field]) -> Json:
    told = {name: {**_told(field), "readOnly": True} if not _is_written(field) else _told(field)
            for name, field in fields.items()}  # fmt: skip
    return {
        "description": "What is hidden from the reader is absent; `masked` names what is covered.",
        "type": "object", "required": ["id", "version"],
        "properties": {
            "id": _ID, "version": {"type": "integer"}, **told,
            **{part.name: _list(part, {"type": "object"}) for part in entity.parts},
            "masked": {"type": "array", "items": {"type": "string"}},
            "words": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    }  # fmt: skip


def _new(entity: Entity, fields: Mapping[str, Field]) -> Json:
    return {
        "type": "object", "additionalProperties": False,
        "required": [name for name, field in fields.items() if field.required],
        "properties": _given(entity, fields),
    }  # fmt: skip


def _changed(entity: Entity, fields: Mapping[str, Field]) -> Json:
    was = {
        "description": "What the writer saw in the fields he changes, where no version says it.",
        "type": "object",
    }
    return {
        "type": "object", "additionalProperties": False,
        "properties": {**_given(entity, fields), WAS: was},
    }  # fmt: skip


def _given(entity: Entity, fields: Mapping[str, Field]) -> Json:
    written = {name: _written(field) for name, field in fields.items() if _is_written(field)}
    items = {part.name: {"$ref": _REF + _item(entity, part)} for part in entity.parts}
    return written | {part.name: _list(part, items[part.name]) for part in entity.parts}


def _item(entity: Entity, part: Part) -> str:
    return f"{_name(entity)}{part.name.title().replace('_', '')}Item"


def _written_item(part: Part) -> Json:
    """Return what may be written of an item of a list that belongs to a row."""
    (_told_of,), shapes = msgspec.json.schema_components([part.shape], ref_template=_REF + "{name}")
    (shape,) = shapes.values()
    return {key: value for key, value in shape.items() if key != "title"}


def _is_written(field: Field) -> bool:
    return field.writable and field.virtual is None


def _told(field: Field) -> Json:
    if field.virtual is not None:
        return {"description": label_in(field, "en")}
    return _nullable({**_OF_TYPE[field.type], **_values(field)}, field)


def _written(field: Field) -> Json:
    shape = {**_OF_TYPE[field.type], **_values(field)}
    if field.type in TEXTS:
        shape["maxLength"] = field.limit
    if field.type == "option":
        shape = {"anyOf": [_ID, {"type": "string"}]}
    told = _nullable(shape, field)
    return told if not field.required else {**shape, "description": told["description"]}


def _values(field: Field) -> Json:
    return {"enum": list(field.choices)} if field.type == "choice" else {}


def _nullable(shape: Json, field: Field) -> Json:
    return {"anyOf": [shape, {"type": "null"}], "description": _about(field)}


def _about(field: Field) -> str:
    """Return what a field is, in English: its label, and what it points to."""
    about = label_in(field, "en")
    if field.refers_to:
        return f"{about}: the id of a {field.refers_to}."
    if field.options:
        return f"{about}: an option of the list {field.options}."
    return f"{about}."


def _list(part: Part, items: Json) -> Json:
    return {"type": "array", "items": items, "description": f"{part.label}."}


def _merges(entity: Entity) -> bool:
    return hasattr(entity.model, "merged_into_id")


def _merged(entity: Entity) -> tuple[type[Problem], ...]:
    """Return what is refused of a row that is part of another one now."""
    return (MergedInto,) if _merges(entity) else ()


def _a(entity: Entity) -> str:
    label = entity.label.lower()
    return f"{'an' if label[0] in 'aeiou' else 'a'} {label}"


def _ref(entity: Entity, kind: str = "") -> Shape:
    return Shape({"$ref": f"{_REF}{_name(entity)}{kind}"})


def _name(entity: Entity) -> str:
    return entity.name.title().replace("_", "")


def _example(entity: Entity, registry: Registry) -> Json:
    """Return the least that a new row needs."""
    return {
        field.name: next(iter(field.choices), None) or _EXAMPLES.get(field.type, field.label)
        for field in registry.fields(entity.name).values()
        if field.required and _is_written(field)
    }


_EXAMPLES: Final[Mapping[str, Any]] = {
    "integer": 3, "number": 2.5, "money": 49.9, "date": "2026-11-22", "bool": True,
    "datetime": "2026-11-22T09:30:00Z", "phone": "+994501234567", "email": "leyla@example.az",
    "url": "https://example.az",
}  # fmt: skip
