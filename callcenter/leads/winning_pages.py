"""Making a customer of a lead: who it is, which leads are won with it, what is next.

Template leads/win.html: lead, title, contact, asks, others, kinds, values, errors.
"""

from aiohttp import web

from callcenter.crm.contacts import card
from callcenter.diary import worktime
from callcenter.entity.pages.cards import tell_of
from callcenter.entity.pages.clashes import refused
from callcenter.entity.requests import context_of, deed_of, tell
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.interactions.description import KINDS
from callcenter.interactions.form import STEPS, read_step
from callcenter.leads import binding, conversion, naming
from callcenter.leads.card_pages import asks_of, is_told, lead_in
from callcenter.leads.keys import PIPELINES
from callcenter.leads.taking import soon
from callcenter.server.body import path_id, read_form, seen_version, whole_number
from callcenter.server.identity import require
from callcenter.server.keys import CLOCK, DATABASE, SETTINGS
from callcenter.server.pages import redirect, render, zone_of

routes = web.RouteTableDef()


@routes.get(r"/leads/{id:\d+}/win")
async def begin(request: web.Request) -> web.Response:
    return await _page(request, {"step_kind": "call"}, {})


@routes.post(r"/leads/{id:\d+}/win")
async def win(request: web.Request) -> web.Response:
    require(request, "lead", "edit")
    values = await read_form(request)
    together = [whole_number(str(each)) for each in (await request.post()).getall("with", [])]
    try:
        step = read_step(values, context_of(request))
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, lead_in(request))
            ids = [path_id(request), *(each for each in together if each is not None)]
            won = await conversion.win(
                deed, request.app[PIPELINES], ids, seen_version(values), step
            )
    except (BadInput, ChangedMeanwhile) as problem:
        errors, status = await refused(request, lead_in(request), problem)
        return await _page(request, values, {"": next(iter(errors.values()))} | errors, status)
    for row in won:
        tell(request, lead_in(request), row)
    return redirect(request, f"/leads/{won[0].id}")


async def _page(
    request: web.Request, values: dict[str, str], errors: dict[str, str], status: int = 200
) -> web.Response:
    who = require(request, "lead", "edit")
    zone = zone_of(request)
    async with request.app[DATABASE].read() as session:
        told = await tell_of(request, session, lead_in(request), who, path_id(request))
        row = told.row
        contact_id = row.contact_id or await binding.whose(session, row.phone, row.email)
        found = await card.find(session, who, contact_id) if contact_id else None
        others = await conversion.others(session, told.showing.registry, who, row)
        work = await worktime.of_team(session, row.team_id, request.app[SETTINGS].time_zone)
    begun = {
        "version": str(row.version), "step_subject": row.subject if is_told(request, who, "subject") else "", "step_kind": "",
        "step_start_at": soon(request.app[CLOCK](), work, zone),
    }  # fmt: skip
    return render(
        request, "leads/win.html", status=status, lead=row, title=told.title,
        others=[(one.id, naming.whole_name(lead_in(request), who, one)) for one in others],
        contact=found.contact if found else None, kinds=KINDS, steps=STEPS, values=begun | values,
        asks=list(filter(None, asks_of(request, who, row).values())), errors=errors,
    )  # fmt: skip
