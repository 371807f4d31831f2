"""Lists over REST: which rows an address asks for, and the page of them.

`filter` is JSON as views keep it, `f` the short form of pages' addresses; `q` is a search, whose
rows come the likeliest first and fit on one page. What the address says wrong is named.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity import filters, listing
from callcenter.entity.description import Condition, Entity
from callcenter.entity.keys import ENTITIES
from callcenter.entity.listing import MOST_COUNTED, PAGE_ROWS
from callcenter.entity.nesting import Filter
from callcenter.entity.requests import asker_of, context_of
from callcenter.entity.telling import Wanted, lists_of, told
from callcenter.errors import BadInput
from callcenter.server.body import MISFIT, within
from callcenter.server.identity import identity
from callcenter.server.keys import DATABASE

MOST_ROWS: Final = 200
SEARCHED: Final = 50


class Asked(NamedTuple):
    """What the address says of the rows."""

    typed: str
    filter: Filter
    sort: str
    after: str | None
    limit: int
    counts: bool


async def rows_of(request: web.Request, entity: Entity, want: Wanted) -> dict[str, Any]:
    """Return the page that a request asks for. Raises BadInput."""
    asked, asker, registry = read(request, entity), asker_of(request), request.app[ENTITIES]
    columns = tuple(field.name for field in want.fields)
    async with request.app[DATABASE].read() as session:
        ids, chosen = await _found(session, request, entity, asked)
        rows = listing.Wanted(
            columns=columns,
            order=listing.order_of(entity, asker.who, asked.sort),
            filter=chosen,
            ids=None if ids is None else tuple(ids),
            named=False,
        )
        page = await listing.page(session, registry, entity, asker, rows, asked.after, asked.limit)
        lines = page.lines
        if ids is not None and not asked.sort:
            lines = sorted(lines, key=lambda line: ids.index(line.id))
        lists = await lists_of(session, want, [line.id for line in lines])
        answer: dict[str, Any] = {
            "rows": await told(session, entity, asker.who, lines, want, lists), "after": page.after,
        }  # fmt: skip
        if asked.counts:
            count = await listing.count(session, registry, entity, asker, rows)
            answer |= {"count": min(count, MOST_COUNTED), "more": count > MOST_COUNTED}
    return answer


def read(request: web.Request, entity: Entity) -> Asked:
    """Return what the address says. Raises BadInput, naming what does not fit."""
    query = request.query
    return Asked(
        typed=query.get("q", "").strip(),
        filter=_filter(request, entity),
        sort=query.get("sort", ""),
        after=query.get("after") or None,
        limit=within(query, "limit", PAGE_ROWS, MOST_ROWS),
        counts=is_said(request, "count"),
    )


def is_said(request: web.Request, name: str) -> bool:
    """Return whether a parameter says yes. Raises BadInput if it says neither yes nor no."""
    match request.query.get(name, "").lower():
        case "1" | "true":
            return True
        case "" | "0" | "false":
            return False
        case _:
            raise BadInput({name: MISFIT})


def _filter(request: web.Request, entity: Entity) -> Filter:
    query, context = request.query, context_of(request)
    fields = filters.filterable(context.registry, entity, identity(request))
    if "filter" not in query:
        lines = query.getall("f", [])
        return filters.read_query(lines, fields, context, is_any=is_said(request, "any"))
    try:
        written = msgspec.json.decode(query["filter"])
    except msgspec.DecodeError as error:
        raise BadInput({"filter": filters.NOT_A_FILTER}) from error
    return filters.read(written, fields, context)


async def _found(
    session: AsyncSession, request: web.Request, entity: Entity, asked: Asked
) -> tuple[Sequence[int] | None, Filter]:
    """Return the ids that a search finds, None if nothing is searched for; and what must hold."""
    if not asked.typed:
        return None, asked.filter
    if entity.search is not None:
        ids = await entity.search(session, identity(request), asked.typed, SEARCHED)
        return tuple(ids), asked.filter
    # No search of its own: what it is called holds these letters, besides all else that is asked.
    called = Condition(entity.title, "contains", asked.typed)
    return None, Filter((asked.filter, called) if asked.filter else (called,))
