"""The agent's desk: today's calls at the left, the customer in the middle, the day at the right.

Template: desk/desk.html (tab "mine" or "missed", lines: [CallLine], missed, day: Day, and of
the customer contact, owner_name, time_zones, timeline as on the card, or contact None).
"""

from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents import tour
from callcenter.calls import day
from callcenter.calls.history import CallLine
from callcenter.crm.contacts import card
from callcenter.interactions.timeline import of_contact
from callcenter.server.body import number_in
from callcenter.server.identity import Identity, identity, may
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import render, zone_of

routes = web.RouteTableDef()


@routes.get("/desk")
async def desk(request: web.Request) -> web.Response:
    who = identity(request)
    since = day.midnight(request.app[CLOCK](), ZoneInfo(zone_of(request)))
    tab = "missed" if request.query.get("tab") == "missed" else "mine"
    async with request.app[DATABASE].read() as session:
        lines = await (day.missed if tab == "missed" else day.mine)(session, who, since)
        figures = await day.figures(session, who.user_id, since)
        chosen = number_in(request.query, "contact")
        if chosen is None:
            chosen = _last(lines)
        customer = await _customer(session, who, chosen)
    return render(
        request, "desk/desk.html", tab=tab, lines=lines, missed=figures.missed, day=figures,
        tour=tour.LESSONS, **customer,
    )  # fmt: skip


def _last(lines: list[CallLine]) -> int | None:
    """Return the contact of the newest call that has one."""
    return next((line.contact_id for line in lines if line.contact_id is not None), None)


async def _customer(session: AsyncSession, who: Identity, chosen: int | None) -> dict[str, Any]:
    """Return what the middle shows of the contact `chosen`."""
    nobody = {"contact": None, "owner_name": None, "time_zones": (), "timeline": None}
    if chosen is None or may(who, "contact", "read") == "none":
        return nobody
    found = await card.find(session, who, chosen)
    if found is None:
        return nobody
    return {
        "contact": found.contact,
        "owner_name": found.owner_name,
        "may_edit": found.may_edit,
        "time_zones": found.time_zones,
        "timeline": await of_contact(session, who, found.contact.id),
    }
