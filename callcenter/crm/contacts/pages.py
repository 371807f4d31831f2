"""Pages of contacts: the card with its timeline. The list is that of every entity (`entity.pages`).

Templates: contacts/contact.html (contact with points and company, owner_name, time_zones, people: [ContactLine],
timeline: Timeline) · contacts/timeline.html (contact, timeline): the page that follows
`after`. The form is in `edit_pages`.
"""

from aiohttp import web

from callcenter.crm.contacts import card
from callcenter.entity import saving
from callcenter.entity.description import Entity
from callcenter.entity.keys import ENTITIES
from callcenter.entity.requests import deed_of, tell
from callcenter.errors import NotFound
from callcenter.interactions.timeline import of_contact
from callcenter.server.body import path_id
from callcenter.server.identity import require
from callcenter.server.keys import DATABASE, SETTINGS
from callcenter.server.pages import redirect, render

routes = web.RouteTableDef()


def regions(request: web.Request) -> list[str]:
    """Return the countries of numbers without a country code, in the order they are tried."""
    return request.app[SETTINGS].region_list


def contact_in(request: web.Request) -> Entity:
    """Return the description of contacts."""
    return request.app[ENTITIES]["contact"]


@routes.get(r"/contacts/{id:\d+}")
async def contact(request: web.Request) -> web.Response:
    who = require(request, "contact", "read")
    async with request.app[DATABASE].read() as session:
        found = await card.find(session, who, path_id(request))
        if found is None:
            raise NotFound
        timeline = await of_contact(session, who, found.contact.id)
    return render(
        request, "contacts/contact.html", contact=found.contact, owner_name=found.owner_name,
        time_zones=found.time_zones, people=found.people, timeline=timeline,
    )  # fmt: skip


@routes.get(r"/contacts/{id:\d+}/timeline")
async def timeline(request: web.Request) -> web.Response:
    who = require(request, "contact", "read")
    async with request.app[DATABASE].read() as session:
        found = await card.find(session, who, path_id(request))
        if found is None:
            raise NotFound
        page = await of_contact(
            session, who, found.contact.id, request.query.get("after"),
            request.query.getall("kind", ()),
        )  # fmt: skip
    whole = "list" in request.query
    template = "contacts/timeline_list.html" if whole else "contacts/timeline.html"
    return render(request, template, contact=found.contact, timeline=page)


@routes.post(r"/contacts/{id:\d+}/delete")
async def delete(request: web.Request) -> web.Response:
    require(request, "contact", "delete")
    async with request.app[DATABASE].write() as session:
        gone = await saving.set_aside(
            deed_of(request, session, contact_in(request)), path_id(request)
        )
    tell(request, contact_in(request), gone)
    return redirect(request, "/contacts")
