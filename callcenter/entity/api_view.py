"""The API's document as its page shows it: by what it is about, fields as rows.  [pure]"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from callcenter.server.openapi import Json

#: So deep are shapes within shapes told.
_DEEP = 3


class Row(NamedTuple):
    """A parameter or a field: `depth` is how far inside another it stands."""

    name: str
    kind: str
    needed: bool
    text: str
    depth: int = 0


class Deed(NamedTuple):
    """One method of one address."""

    key: str
    method: str
    path: str
    summary: str
    scope: str
    parameters: list[Row]
    takes: list[Row]
    example: str
    #: (status, what it says)
    answers: list[tuple[str, str]]
    gives: list[Row]


class Subject(NamedTuple):
    key: str
    name: str
    deeds: list[Deed]


def subjects(document: Json) -> list[Subject]:
    """Return the document's operations by their subject, in the order of their names."""
    by_name: dict[str, list[Deed]] = {}
    shapes = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            by_name.setdefault(told["tags"][0], []).append(_deed(method, path, told, shapes))
    return [
        Subject(f"of-{place}", name, deeds)
        for place, (name, deeds) in enumerate(
            sorted(by_name.items(), key=lambda one: one[0].lower())
        )
    ]


def _deed(method: str, path: str, told: Json, shapes: Mapping[str, Json]) -> Deed:
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    example = body.get("example")
    answered = next(iter(told["responses"].values())).get("content", {})
    content: Json = next(iter(answered.values()), {})
    return Deed(
        key=told["operationId"], method=method.upper(), path=path, summary=told["summary"].replace("`", ""),
        scope=_scope(told),
        parameters=[
            Row(each["name"], kind_of(each["schema"], shapes), each.get("required", False),
                each.get("description", "").replace("`", ""))
            for each in told["parameters"]
        ],
        takes=list(rows(body.get("schema", {}), shapes)),
        example=json.dumps(example, ensure_ascii=False, indent=2) if example is not None else "",
        answers=[(status, each["description"].replace("`", "")) for status, each in told["responses"].items()],
        gives=list(rows(content.get("schema", {}), shapes)),
    )  # fmt: skip


def _scope(told: Json) -> str:
    tokens = [each["token"] for each in told.get("security", ()) if "token" in each]
    return tokens[0][0] if tokens and tokens[0] else ""


def rows(schema: Json, shapes: Mapping[str, Json], depth: int = 0) -> Iterator[Row]:
    """Give the fields of a shape, and those inside them."""
    schema = _inside(schema, shapes)
    needed = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        text = field.get("description", "")
        yield Row(name, kind_of(field, shapes), name in needed, text, depth)
        if depth + 1 < _DEEP:
            yield from rows(_without_null(field), shapes, depth + 1)


def kind_of(schema: Json, shapes: Mapping[str, Json]) -> str:
    """Return the type of a value in a few words: "text", "whole number or nothing"."""
    if "$ref" in schema:
        return kind_of(shapes[schema["$ref"].rsplit("/", 1)[1]], shapes)
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(kind_of(each, shapes) for each in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(json.dumps(each, ensure_ascii=False) for each in schema["enum"])
    if schema.get("type") == "array":
        items = schema.get("prefixItems") or [schema.get("items") or {}]
        return f"[{', '.join(kind_of(each, shapes) for each in items)}]"
    kind: Any = schema.get("format") or schema.get("type") or "any"
    return " | ".join(kind) if isinstance(kind, list) else str(kind)


def _inside(schema: Json, shapes: Mapping[str, Json]) -> Json:
    """Return the shape itself: what a reference or a list stands for."""
    for _ in range(_DEEP):
        if "$ref" in schema:
            schema = shapes[schema["$ref"].rsplit("/", 1)[1]]
        elif schema.get("type") == "array":
            schema = schema.get("items") or {}
        else:
            break
    return schema


def _without_null(schema: Json) -> Json:
    """Return what a value is if it is something."""
    choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return choices[0] if len(choices) == 1 else schema
