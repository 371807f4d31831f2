"""The search box: what it shows while one types, the page of all that was found, and REST.

Templates search/found.html (q, found: Found): the list under the box · search/page.html: the same
as a page, for Enter, and for browsers without scripts.
"""

from datetime import datetime
from typing import TypedDict

from aiohttp import web

from callcenter.crm.contacts.pages import regions
from callcenter.crm.finding.find import Found, Hit, find, without
from callcenter.entity.keys import ENTITIES
from callcenter.errors import BadInput
from callcenter.server.body import MISSING, answer
from callcenter.server.i18n import language_of
from callcenter.server.identity import Identity, identity
from callcenter.server.keys import CLOSED, DATABASE
from callcenter.server.openapi import Query, operation
from callcenter.server.pages import render

routes = web.RouteTableDef()

#: Longer than this, nobody types a search.
LONGEST = 200


class HitShape(TypedDict):
    """One thing that was found, and the page it opens on."""

    id: int
    title: str
    detail: str
    at: datetime | None
    href: str


class GroupShape(TypedDict):
    """What was found of one kind; `more`: not all of it is told."""

    entity: str
    more: bool
    hits: list[HitShape]


class FoundShape(TypedDict):
    """What was found; `number` is what was typed, if it can be dialled."""

    number: str | None
    groups: list[GroupShape]


@routes.get("/search")
async def page(request: web.Request) -> web.Response:
    found = await _found(request, identity(request))
    is_box = request.headers.get("HX-Target", "").endswith("search-found")
    template = "search/found.html" if is_box else "search/page.html"
    return render(request, template, q=_typed(request), found=found)


@routes.get("/api/v1/search")
@operation(
    answers=FoundShape,
    query={"q": Query(str, "A name, a number, an e-mail, a text.", required=True)},
)  # fmt: skip
async def search(request: web.Request) -> web.Response:
    """Find customers, texts and records by whatever `q` says, the likeliest of each kind first."""
    who = identity(request)
    if not _typed(request):
        raise BadInput({"q": MISSING})
    found = await _found(request, who)
    groups = [
        GroupShape(entity=group.name, more=group.more, hits=[_told(hit) for hit in group.hits])
        for group in found.groups
    ]
    return answer(FoundShape(number=found.number, groups=groups))


def _told(hit: Hit) -> HitShape:
    return HitShape(id=hit.id, title=hit.title, detail=hit.detail, at=hit.at, href=hit.href)


def _typed(request: web.Request) -> str:
    return request.query.get("q", "").strip()[:LONGEST].replace("\0", "")


async def _found(request: web.Request, who: Identity) -> Found:
    async with request.app[DATABASE].read() as session:
        found = await find(
            session, request.app[ENTITIES], who, _typed(request), regions(request),
            language_of(request),
        )  # fmt: skip
    return without(found, request.app[CLOSED])
