"""Taking a lead down during a call, a meeting, or from a contact's card; and a card's open leads.

Templates: leads/take.html (source, contact, values, errors, likes, inputs: words) · leads/of_contact.html
(leads: [OpenLead], contact_id): loaded into a contact's card.
"""

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts import card
from callcenter.crm.contacts.access import CONTACT
from callcenter.crm.contacts.pages import regions
from callcenter.crm.duplicates.check import Likeness
from callcenter.diary import worktime
from callcenter.entity.keys import ENTITIES
from callcenter.entity.requests import context_of, deed_of, tell
from callcenter.entity.rights import is_reached
from callcenter.errors import BadInput, NotFound
from callcenter.events import ContactChanged, InteractionChanged
from callcenter.interactions import pages as interaction_pages
from callcenter.interactions import people as interaction_people
from callcenter.interactions.description import INTERACTION, KINDS
from callcenter.interactions.form import STEPS
from callcenter.interactions.models import Interaction
from callcenter.leads import open_ones, people, taking
from callcenter.leads.card_pages import lead_in
from callcenter.leads.description import INTEREST_WORDS
from callcenter.server.body import number_in, path_id, read_form
from callcenter.server.errors import sentences
from callcenter.server.identity import Identity, may, require
from callcenter.server.keys import BUS, CLOCK, DATABASE, SETTINGS
from callcenter.server.pages import redirect, render, translate, zone_of

routes = web.RouteTableDef()


@routes.get("/leads/take")
async def begin(request: web.Request) -> web.Response:
    who, query = require(request, "lead", "create"), request.query
    async with request.app[DATABASE].read() as session:
        source = await _source(session, who, number_in(query, "from"))
        contact_id = number_in(query, "contact")
        asks: dict[str, str] = {}
        if source is not None:
            contact_id, asks = await _who_asks(session, who, source)
        zone = request.app[SETTINGS].time_zone
        work = await worktime.of_team(session, who.team_id, zone)
    values = {
        "from": str(source.id) if source else "", "contact_id": str(contact_id or ""), "make": "1",
        "subject": "" if source is None or source.kind == "call" else source.subject or "",
        "step_kind": "call", "step_start_at": taking.soon(request.app[CLOCK](), work, zone_of(request)),
        "interest": "unknown", **asks,
    }  # fmt: skip
    return await _page(request, values)


@routes.post("/leads/take")
async def take(request: web.Request) -> web.Response:
    who, values = require(request, "lead", "create"), await read_form(request)
    registry = request.app[ENTITIES]
    values["step_subject"] = values.get("step_subject", "")
    try:
        taken = taking.read(values, registry.fields("lead"), context_of(request))
        if not values.get("anyway") and taken.contact_id is None and taken.make_contact:
            async with request.app[DATABASE].read() as session:
                likes = await people.like(session, who, taken.lead, regions(request))
            if any(each.suggests for each in likes):
                return await _page(request, values, likes=likes, status=409)
        async with request.app[DATABASE].write() as session:
            source = await _source(session, who, number_in(values, "from"))
            row, step = await taking.take(
                deed_of(request, session, lead_in(request)), taken, source
            )
    except BadInput as problem:
        return await _page(request, values, errors=sentences(request, problem), status=422)
    tell(request, lead_in(request), row)
    if step is not None:
        tell(request, INTERACTION, step)
    _tell_of(request, row.contact_id, source)
    return redirect(request, f"/leads/{row.id}")


def _tell_of(request: web.Request, contact_id: int | None, source: Interaction | None) -> None:
    at = request.app[CLOCK]().timestamp()
    if contact_id is not None:
        request.app[BUS].publish(ContactChanged(at=at, contact_id=contact_id))
    if source is not None:
        request.app[BUS].publish(InteractionChanged(at=at, interaction_id=source.id))


async def _source(
    session: AsyncSession, who: Identity, interaction_id: int | None
) -> Interaction | None:
    if interaction_id is None:
        return None
    return await interaction_pages.find(session, who, interaction_id)


async def _who_asks(
    session: AsyncSession, who: Identity, source: Interaction
) -> tuple[int | None, dict[str, str]]:
    """Return the customer of an interaction: the contact, or what is known of him."""
    taking_part = (await interaction_people.of(session, who, [source.id])).get(source.id, [])
    customer = next((each for each in taking_part if each.is_customer), None)
    if customer is None or customer.contact_id is not None:
        return customer.contact_id if customer else None, {}
    point = customer.point or ""
    # Of a stranger on the phone, what stands for a name may be his number as he dialled from it.
    name = customer.name if any(letter.isalpha() for letter in customer.name) else ""
    return None, {"person": name, "email" if "@" in point else "phone": point}


async def _page(
    request: web.Request,
    values: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    likes: Sequence[Likeness] = (),
    status: int = 200,
) -> web.Response:
    who = require(request, "lead", "create")
    contact_id = number_in(values, "contact_id")
    async with request.app[DATABASE].read() as session:
        found = await card.find(session, who, contact_id) if contact_id is not None else None
    blank = dict.fromkeys((*taking.FIELDS, "from", "contact_id", "make", "step_kind"), "")
    return render(
        request, "leads/take.html", status=status, contact=found.contact if found else None,
        values=blank | {"step_start_at": ""} | values, errors=errors or {}, likes=likes,
        interests=[(key, translate(request, words)) for key, words in INTEREST_WORDS.items()],
        steps=[(kind, translate(request, KINDS[kind])) for kind in STEPS],
        may_add=may(who, "contact", "create") != "none",
    )  # fmt: skip


@routes.get(r"/contacts/{id:\d+}/leads")
async def of_contact(request: web.Request) -> web.Response:
    """The open leads of a contact, for its card."""
    who, contact_id = require(request, "contact", "read"), path_id(request)
    async with request.app[DATABASE].read() as session:
        if not await is_reached(session, CONTACT, who, "read", contact_id):
            raise NotFound
        leads = await open_ones.of_contact(session, request.app[ENTITIES], who, contact_id)
    return render(request, "leads/of_contact.html", leads=leads, contact_id=contact_id)
