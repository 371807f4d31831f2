"""Every way to the rows of an entity, read off the router: what is added is asked, too."""

import re
from collections.abc import Iterator
from typing import Any, Final

from aiohttp import web

from callcenter.entity.description import Entity

#: What stands in an address besides a number, where its pattern does not say it.
NAMED: Final = {"role": "from", "part": "points"}
#: Lists that are no entity's own: what a role's administration or one's account shows is no row,
#: the line of events stays open, and how somebody is let in is nothing that one reads.
NOT_LISTS: Final = re.compile(
    r"/(?:admin|account|static|f|live|sign-in|sign-out|password|health|brand|invitation|opt-out|api$|"
    r"api/v1/(?:openapi|me|gaps|imports)|calendar/feed|phones|imports|mail|notices/choices).*"
)


def lists_of(app: web.Application, entity: Entity) -> list[str]:
    """Return the pages that can tell of several rows: the entity's own, and those of all entities."""
    others = {each for each in _plurals(app) if each != entity.plural}
    return sorted(
        {
            path
            for method, path in _paths(app)
            if method == "GET" and "{" not in path and not NOT_LISTS.fullmatch(path)
            and not others & {path.split("/")[1], path.removeprefix("/api/v1/").split("/")[0]}
        }
    )  # fmt: skip


def ways_to(
    app: web.Application, entity: Entity, row_id: int, *methods: str
) -> list[tuple[str, str]]:
    """Return method and address of each request about one row, by these methods or any."""
    found = {}
    for method, path in _paths(app):
        path = path.replace("{plural}", entity.plural)
        begins = re.match(rf"(?:/api/v1)?/{entity.plural}/{{id}}(?=/|$)", path)
        if begins and (not methods or method in methods):
            way = re.sub(r"{(\w+)}", lambda name: NAMED.get(name[1], "1"), path[begins.end() :])
            found[method, f"{begins[0].replace('{id}', str(row_id))}{way}"] = True
    return sorted(found)


def _plurals(app: web.Application) -> Iterator[str]:
    for _method, path in _paths(app):
        if found := re.fullmatch(r"/api/v1/([a-z-]+)/{id}/restore", path):
            yield found[1]


def _paths(app: web.Application) -> Iterator[tuple[str, str]]:
    for route in app.router.routes():
        info: Any = route.resource.get_info() if route.resource is not None else {}
        path = info.get("path") or info.get("formatter")
        if path is not None and route.method != "HEAD":
            yield route.method, path
