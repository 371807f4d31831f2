"""What the API takes and answers: said beside each handler, told as one OpenAPI 3.1 document.

`operation` hangs a description on a handler; its shapes are the types that the handler reads and
answers with, so the document cannot say anything else. Its sentence is the handler's own. What
every request can meet (not signed in, too many requests) needs no saying.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, NamedTuple, TypedDict, TypeVar

import msgspec

from callcenter.errors import (
    BadInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    NotUnderstood,
    OutOfScope,
    Problem,
    TooLarge,
    TooManyRequests,
)

Handler = TypeVar("Handler", bound=Callable[..., Any])
#: JSON as OpenAPI wants it.
Json = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"
_ATTRIBUTE: Final = "operation"

Id = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]
Version = Annotated[str, msgspec.Meta(pattern=r'^"\d{1,15}"$')]


class Conflict(TypedDict):
    """What somebody else saved in the same field meanwhile."""

    field: str
    who: str
    theirs: Any
    mine: Any


class Refusal(msgspec.Struct, kw_only=True):
    """Why something was not done: a stable code, and a sentence in the reader's language."""

    code: str
    message: str
    #: What is wrong with each field.
    fields: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    conflict: Conflict | msgspec.UnsetType = msgspec.UNSET


class Error(TypedDict):
    """Every refusal has this shape."""

    error: Refusal


class Query(NamedTuple):
    """A parameter of the address: its type, and what it does."""

    kind: Any
    text: str
    required: bool = False


class Shape(NamedTuple):
    """A shape that follows from a description and not from a type of ours."""

    schema: Json


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What one method of one address takes and answers."""

    #: The scope that a token needs; nothing: any will do.
    needs: str = ""
    query: Mapping[str, Query] = field(default_factory=dict)
    #: Types of what stands in the path and is no id.
    path: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    body_example: Any = None
    body_media: str = "application/json"
    #: The type of the answer; None: it has no body.
    answers: Any = None
    example: Any = None
    status: int = 200
    media: str = "application/json"
    #: It is answered with a version, and takes one.
    gives_version: bool = False
    takes_version: bool = False
    #: What can be refused besides what every such request can meet.
    refusals: tuple[type[Problem], ...] = ()
    #: Other statuses that are no refusals: {206: "A part of it."}.
    also: Mapping[int, str] = field(default_factory=dict)
    summary: str = ""
    tag: str = ""


def operation(**facts: Any) -> Callable[[Handler], Handler]:
    """Say what a handler takes and answers; its docstring says what it is for."""

    def say(handler: Handler) -> Handler:
        said = Operation(**facts)
        setattr(handler, _ATTRIBUTE, said)
        return handler

    return say


def said_of(handler: Any) -> Operation | None:
    """Return what was said of a handler."""
    found: Operation | None = getattr(handler, _ATTRIBUTE, None)
    return found


def sentence_of(handler: Any) -> str:
    """Return a handler's own sentence."""
    return " ".join((inspect.getdoc(handler) or "").split("\n\n")[0].split())


def document(
    title: str,
    version: str,
    operations: Iterable[tuple[str, str, Operation]],
    components: Mapping[str, Json] | None = None,
) -> Json:
    """Return the document of (method, path, operation); `components` are shapes by name."""
    known = list(operations)
    shapes = _Shapes(known)
    paths: dict[str, Json] = {}
    for method, path, said in known:
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, said, shapes)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**shapes.components, **(components or {})},
            "securitySchemes": {
                "token": {
                    "type": "http", "scheme": "bearer",
                    "description": "An API token. It allows what its scopes name, and never more "
                    "than the person it belongs to may do.",
                },
                "session": {
                    "type": "apiKey", "in": "cookie", "name": "session",
                    "description": "A browser that is signed in. What changes something also "
                    "needs the header X-CSRF-Token of the page.",
                },
            },
        },
    }  # fmt: skip


class _Shapes:
    """JSON schemas of all the types that are spoken of, each told once."""

    def __init__(self, known: Iterable[tuple[str, str, Operation]]) -> None:
        kinds = [Error, Id, Version]
        for _method, _path, said in known:
            kinds += [
                *said.path.values(),
                said.body,
                said.answers,
                *(query.kind for query in said.query.values()),
            ]
        self._kinds = [kind for kind in kinds if kind is not None and not isinstance(kind, Shape)]
        schemas, self.components = msgspec.json.schema_components(self._kinds, ref_template=_REF)
        self._schemas = list(schemas)

    def of(self, kind: Any) -> Json:
        if isinstance(kind, Shape):
            return kind.schema
        return self._schemas[self._kinds.index(kind)]


def _operation(method: str, path: str, said: Operation, shapes: _Shapes) -> Json:
    told: Json = {
        "operationId": _name(method, path),
        "summary": said.summary,
        "tags": [said.tag or path.split("/")[3].capitalize()],
        "parameters": _parameters(path, said, shapes),
        "responses": _responses(path, said, shapes),
    }
    if said.body is not None:
        content: Json = {"schema": shapes.of(said.body)}
        if said.body_example is not None:
            content["example"] = said.body_example
        told["requestBody"] = {"required": True, "content": {said.body_media: content}}
    if said.needs:
        told["security"] = [{"token": [said.needs]}, {"session": []}]
    return told


def _name(method: str, path: str) -> str:
    words = [word for word in re.split(r"[^a-z0-9_]+", path.removeprefix("/api/v1/")) if word]
    return "_".join((method.lower(), *words))


def _parameters(path: str, said: Operation, shapes: _Shapes) -> list[Json]:
    found: list[Json] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": shapes.of(said.path.get(name, Id)),
        }
        for name in re.findall(r"{(\w+)}", path)
    ]
    found += [
        {
            "name": name, "in": "query", "description": query.text, "required": query.required,
            "schema": shapes.of(query.kind),
        }
        for name, query in said.query.items()
    ]  # fmt: skip
    if said.takes_version:
        found.append(
            {
                "name": "If-Match", "in": "header", "schema": shapes.of(Version),
                "description": "The ETag that was read. What others changed since is joined; the "
                "same field changed is refused, with both values, and so is deleting what was "
                "changed since.",
            }
        )  # fmt: skip
    return found


def _responses(path: str, said: Operation, shapes: _Shapes) -> Json:
    done: Json = {"description": "Done."}
    if said.answers is not None:
        content: Json = {"schema": shapes.of(said.answers)}
        if said.example is not None:
            content["example"] = said.example
        done["content"] = {said.media: content}
    if said.gives_version:
        done["headers"] = {
            "ETag": {"description": "The version of the row.", "schema": shapes.of(Version)}
        }
    responses = {str(said.status): done}
    for status, text in said.also.items():
        is_done = status < 300
        responses[str(status)] = {**(done if is_done else {}), "description": text}
    for status, problems in sorted(_refusals(path, said).items()):
        responses[str(status)] = {
            "description": " ".join(f"`{each.code}`: {each.sentence}" for each in problems),
            "content": {"application/json": {"schema": shapes.of(Error)}},
        }
    return responses


def _refusals(path: str, said: Operation) -> dict[int, list[type[Problem]]]:
    # Parameters that an address does not take are refused of every one.
    can: list[type[Problem]] = [
        NotUnderstood, NotSignedIn, NotAllowed, OutOfScope, TooManyRequests, BadInput,
    ]  # fmt: skip
    if "{" in path:
        can.append(NotFound)
    if said.body is not None:
        can.append(TooLarge)
    by_status: dict[int, list[type[Problem]]] = {}
    for problem in dict.fromkeys((*can, *said.refusals)):
        by_status.setdefault(problem.status, []).append(problem)
    return by_status
