"""A masked number or address is shown to whoever may have it shown, and that is written down.

Template contacts/point.html: contact_id, point: the number that can be dialled, or the address.
"""

from typing import TypedDict

from aiohttp import web
from sqlalchemy import select

from callcenter import audit
from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.entity.rights import masked
from callcenter.errors import NotAllowed, NotFound
from callcenter.interactions import covering
from callcenter.server.actor import actor
from callcenter.server.body import answer, path_id
from callcenter.server.identity import require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.openapi import operation
from callcenter.server.pages import render

routes = web.RouteTableDef()


class PointShape(TypedDict):
    """A number or an address in full."""

    value: str
    norm: str


@routes.post(r"/contacts/{id:\d+}/points/{point:\d+}/show")
async def show(request: web.Request) -> web.Response:
    point = await _shown(request)
    return render(request, "contacts/point.html", point=point, contact_id=point.contact_id)


@routes.post(r"/api/v1/contacts/{id:\d+}/points/{point:\d+}/show")
@operation(needs="contact:read", answers=PointShape)
async def show_json(request: web.Request) -> web.Response:
    """Show a masked number or address, where the role allows it; this is written down."""
    point = await _shown(request)
    return answer(PointShape(value=point.value, norm=point.norm))


async def _shown(request: web.Request) -> ContactPoint:
    """Return the point, once it is written down who has it shown. Raises NotFound or NotAllowed."""
    who, contact_id = require(request, "contact", "read"), path_id(request)
    async with request.app[DATABASE].write() as session:
        point = await session.scalar(
            select(ContactPoint)
            .join(Contact, Contact.id == ContactPoint.contact_id)
            .where(
                ContactPoint.id == path_id(request, "point"),
                Contact.id == contact_id,
                visible_to(who),
            )
        )
        if point is None or covering.level_of(point.kind, who) == "hidden":
            raise NotFound
        if not covering.may_show(who, point.kind):
            raise NotAllowed
        audit.record(
            session, request.app[CLOCK](), entity="contact", entity_id=contact_id,
            contact_id=contact_id, action="unmask",
            diff={"point_id": [None, point.id], "shown": [None, masked(point.value)]},
            **actor(request),
        )  # fmt: skip
    return point
