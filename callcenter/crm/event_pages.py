"""Only this customer's events, as a table to read while one talks: when, about what, with whom.

Template contacts/events.html: contact, timeline, only the rows with `after`: contacts/event_rows.html.
"""

from aiohttp import web

from callcenter.crm.contacts import card
from callcenter.errors import NotFound
from callcenter.interactions.timeline import of_contact
from callcenter.server.body import path_id
from callcenter.server.identity import require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import render

routes = web.RouteTableDef()


@routes.get(r"/contacts/{id:\d+}/events")
async def events(request: web.Request) -> web.Response:
    who, after = require(request, "contact", "read"), request.query.get("after")
    async with request.app[DATABASE].read() as session:
        found = await card.find(session, who, path_id(request))
        if found is None:
            raise NotFound
        kinds = request.query.getall("kind", ())
        page = await of_contact(session, who, found.contact.id, after, kinds, in_place=True)
    return render(
        request, "contacts/event_rows.html" if after else "contacts/events.html",
        contact=found.contact, timeline=page,
    )  # fmt: skip
