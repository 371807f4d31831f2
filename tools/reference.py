"""Writes the reference pages that are made from the code; a test keeps them so.

python tools/reference.py          write docs/reference/{settings,events,live,errors,api,jobs}.md
python tools/reference.py check    exit 1 and name the pages that are out of date
"""

import inspect
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeGuard, get_args, get_origin, get_type_hints

import msgspec
from aiohttp import web

from callcenter import errors, events, settings
from callcenter.app import site
from callcenter.app.entities import ENTITIES
from callcenter.app.work import WORK
from callcenter.entity.api_view import subjects
from callcenter.entity.openapi import api_document
from callcenter.entity.registry import Registry
from callcenter.jobs import leases, runner
from callcenter.live import protocol

FOLDER = Path(__file__).parent.parent / "docs" / "reference"


def pages() -> dict[str, Callable[[], str]]:
    return {
        "settings.md": settings_page,
        "events.md": events_page,
        "live.md": live_page,
        "errors.md": errors_page,
        "api.md": api_page,
        "jobs.md": jobs_page,
    }


def settings_page() -> str:
    rows = [
        f"| `{name}` | `CALLCENTER_{name.upper()}` | {_type(kind)} | {_default(default)} | {text} |"
        for name, (kind, default, text) in settings.fields().items()
    ]
    return _page(
        "Settings",
        "Read once, at start: the environment wins over `callcenter.toml` in the working folder, which wins over "
        "the default. An unknown setting stops the start, so that a slip of the pen is seen. What administrators "
        "change in the browser (people, phones, PBXs) is kept in the database instead.",
        [
            "| in `callcenter.toml` | in the environment | type | default | what it is |",
            "|---|---|---|---|---|",
            *rows,
        ],
    )


def jobs_page() -> str:
    rows = [
        f"| `{kind}` | {work.says} | {_period(work.every)} |" for kind, work in sorted(WORK.items())
    ]
    return _page(
        "Jobs",
        "What the installation does by itself, later or again and again. Jobs are rows of the database: no restart "
        "loses one, and of several nodes one does it. A node that dies in the middle of a job leaves it to the next "
        f"after {runner.LEASE_S:.0f} seconds. What fails is tried {leases.MOST_ATTEMPTS} times with growing pauses, "
        "together most of a day, and then kept under Administration → Jobs with the reason, until somebody has it "
        "done again or drops it. `callcenter doctor` counts those.",
        ["| kind | what it does | how often |", "|---|---|---|", *rows],
    )


def _period(every: timedelta | None) -> str:
    if every is None:
        return "when needed"
    minutes = int(every.total_seconds()) // 60
    return f"every {minutes // 60} h" if minutes % 60 == 0 else f"every {minutes} min"


def events_page() -> str:
    return _page(
        "Events",
        "Rooms of the product talk by these events and nothing else. " + _sentences(events.__doc__),
        list(_structs(events, (events.Event, events.OfficeEvent))),
    )


def live_page() -> str:
    return _page(
        "The websocket",
        "`GET /live` with the session's cookie. " + _sentences(protocol.__doc__),
        ["## From the server", "", *_structs(protocol, (protocol.Message,)), "## From the browser", "",
         *_structs(protocol, (protocol.Request,)), "## Parts", "", *_parts()],
    )  # fmt: skip


def errors_page() -> str:
    problems = sorted(
        (problem for problem in vars(errors).values() if _is_problem(problem)),
        key=lambda problem: problem.code,
    )
    rows = [f"| `{p.code}` | {p.status} | {p.sentence} |" for p in problems]
    return _page(
        "Errors",
        'The API answers an error as `{"error": {"code": …, "message": …}}`, the message in the reader\'s language; '
        "`fields` names each field that cannot be taken. The code is stable.",
        ["| code | status | sentence |", "|---|--:|---|", *rows],
    )


def api_page() -> str:
    app = web.Application()
    app.add_routes(site.routes(ENTITIES))
    lines: list[str] = []
    for subject in subjects(api_document(app, Registry(ENTITIES))):
        lines += [f"## {subject.name}", "", "| method | path | scope | |", "|---|---|---|---|"]
        lines += [
            f"| {deed.method} | `{deed.path}` | {deed.scope and f'`{deed.scope}`'} | {deed.summary} |"
            for deed in subject.deeds
        ]
        lines.append("")
    return _page("REST API", " ".join(API.split()), lines)


API = """
JSON under `/api/v1`, by the session's cookie or an API token (`Authorization: Bearer …`). The page `/api` of your
installation and its document `/api/v1/openapi.json` (OpenAPI 3.1) tell every parameter, body and answer, with the fields
that your administrators added; [how to integrate](../how-to/integrate.md) shows them at work. Lists page by key: `after`
in an answer is the cursor of the next page. What can be edited carries an `ETag`; send it back as `If-Match`: what others
changed since is joined, and the same field changed is refused with both values and who. [Errors](errors.md) have one
shape. Moments are ISO 8601 in UTC, spans are seconds, amounts of money whole units with decimals. A token may ask 600
times a minute (setting `api_per_minute`); who asks more often gets 429 and `Retry-After`.
"""


def _page(title: str, opening: str, lines: list[str]) -> str:
    body = "\n".join(lines).rstrip()
    return f"# {title}\n\n{opening}\n\n{body}\n"


def _structs(module: Any, bases: tuple[type[msgspec.Struct], ...]) -> Iterator[str]:
    for name, struct in vars(module).items():
        if not _is_struct(struct, bases):
            continue
        tag = struct.__struct_config__.tag
        if tag is None or struct.__subclasses__():
            continue
        yield f"### {tag if tag != name else name}"
        yield ""
        if struct.__doc__:
            yield _sentences(struct.__doc__)
            yield ""
        yield from _fields(struct)


def _is_struct(
    value: Any, bases: tuple[type[msgspec.Struct], ...]
) -> TypeGuard[type[msgspec.Struct]]:
    return inspect.isclass(value) and issubclass(value, bases) and value not in bases


def _parts() -> Iterator[str]:
    for name in ("Pop", "Candidate", "Line", "CallView", "LegView", "StateView", "LinkView"):
        struct = getattr(protocol, name)
        yield f"### {name}"
        yield ""
        yield _sentences(struct.__doc__)
        yield ""
        yield from _fields(struct)


def _fields(struct: type[msgspec.Struct]) -> Iterator[str]:
    hints = get_type_hints(struct)
    fields = msgspec.structs.fields(struct)
    if not fields:
        return
    yield "| field | type | |"
    yield "|---|---|---|"
    for field in fields:
        needed = "always" if field.required else ""
        yield f"| `{field.name}` | {_type(hints[field.name])} | {needed} |"
    yield ""


def _type(kind: Any) -> str:
    if isinstance(kind, type) and get_origin(kind) is None:
        return "nothing" if kind is type(None) else kind.__name__
    parts = [
        _type(part) if not isinstance(part, str) else f"`{part}`"
        for part in get_args(kind)
        if part is not ...
    ]
    match getattr(get_origin(kind), "__name__", ""):
        case "tuple" | "list":
            return f"list of {parts[0]}"
        case "dict":
            return f"{parts[0]} → {parts[1]}"
        case _:
            return ", ".join(parts) if parts else str(kind)


def _default(default: Any) -> str:
    return (
        "(empty)"
        if default == ""
        else f"`{str(default).lower() if isinstance(default, bool) else default}`"
    )


def _sentences(doc: str | None) -> str:
    return " ".join((doc or "").split())


def _is_problem(value: Any) -> bool:
    return (
        inspect.isclass(value) and issubclass(value, errors.Problem) and value is not errors.Problem
    )


def stale() -> list[str]:
    """Return the names of the pages that differ from what the code says."""
    return [
        name
        for name, make in pages().items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text("utf-8") != make()
    ]


def main() -> int:
    if sys.argv[1:] == ["check"]:
        for name in stale():
            print(f"docs/reference/{name} is out of date; run: python tools/reference.py")
        return bool(stale())
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in pages().items():
        (FOLDER / name).write_text(make(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
