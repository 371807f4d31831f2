"""Saying later who a participant is: a name that was only written down becomes a stored contact.

Template interactions/link.html: row, person, choices: [Choice], typed, place. Who has the number
or the address stands first, then who is called so. The past of the number is offered, and only
taken unasked where nobody else has it.
"""

from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm import linking
from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.lines import ContactLine, lines_of
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.crm.contacts.search import ids_of
from callcenter.crm.linking import Past
from callcenter.errors import NotFound
from callcenter.events import InteractionChanged
from callcenter.interactions import people
from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.pages import find
from callcenter.interactions.people import Person
from callcenter.server.actor import actor
from callcenter.server.body import number_in, path_id, read_form
from callcenter.server.identity import Identity, require
from callcenter.server.keys import BUS, CLOCK, DATABASE, REGIONS
from callcenter.server.pages import redirect, render

routes = web.RouteTableDef()

PLACE = r"/interactions/{id:\d+}/people/{role:[a-z]+}/{seq:\d{1,3}}"
OFFERED = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """A contact that the participant may be. `past` is of the participant's number, if it has one."""

    line: ContactLine
    has_point: bool
    past: Past | None


@routes.get(PLACE)
async def offer(request: web.Request) -> web.Response:
    who = require(request, "interaction", "edit")
    async with request.app[DATABASE].read() as session:
        row, person, point = await _participant(request, session, who)
        typed = request.query.get("q", "").strip() or (
            person.name if person.name != person.point else ""
        )
        choices = await _choices(request, session, who, point, typed)
    return render(
        request, "interactions/link.html", row=row, person=person, choices=choices, typed=typed,
        place=request.path,
    )  # fmt: skip


@routes.post(PLACE)
async def link(request: web.Request) -> web.Response:
    who, values = require(request, "interaction", "edit"), await read_form(request)
    at, contact_id = request.app[CLOCK](), number_in(values, "contact_id")
    if contact_id is None:
        raise NotFound
    async with request.app[DATABASE].write() as session:
        row, person, point = await _participant(request, session, who)
        contact = await linking.choose(
            session, who, row.id, contact_id, at, actor(request), (person.role, person.seq)
        )
        if values.get("past") and point:
            await linking.claim_point(session, contact, point)
    request.app[BUS].publish(InteractionChanged(at=at.timestamp(), interaction_id=row.id))
    return redirect(request, f"/interactions/{row.id}")


async def _participant(
    request: web.Request, session: AsyncSession, who: Identity
) -> tuple[Interaction, Person, str]:
    """Return the interaction, the participant as shown to `who`, and his number as it is stored."""
    row = await find(session, who, path_id(request), "edit")
    place = request.match_info["role"], int(request.match_info["seq"])
    for person in (await people.of(session, who, [row.id])).get(row.id, []):
        if (person.role, person.seq) == place and person.is_customer:
            stored = await session.get_one(Participant, (row.id, *place))
            return row, person, stored.point or ""
    raise NotFound


async def _choices(
    request: web.Request, session: AsyncSession, who: Identity, point: str, typed: str
) -> list[Choice]:
    owners = await session.scalars(
        select(Contact.id)
        .join(ContactPoint, ContactPoint.contact_id == Contact.id)
        .where(ContactPoint.norm == point, visible_to(who))
        .order_by(Contact.id)
        .limit(OFFERED)
    )
    having = list(dict.fromkeys(owners))
    called = await ids_of(session, who, typed, request.app[REGIONS]) if typed else []
    ids = list(dict.fromkeys([*having, *called]))[:OFFERED]
    return [
        Choice(
            line, line.id in having,
            await linking.past_of(session, line.id, point) if point else None,
        )
        for line in await lines_of(session, ids, who)
    ]  # fmt: skip
