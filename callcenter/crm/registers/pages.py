"""The button on the card: takes over from the register what is empty (`taking_over`)."""

from typing import Final

from aiohttp import web
from sqlalchemy import select

from callcenter.crm.contacts.models import Contact
from callcenter.crm.contacts.pages import contact_in, show_card
from callcenter.crm.registers.providers import RegisterAway
from callcenter.crm.registers.setup import REGISTERS
from callcenter.crm.registers.taking_over import take_over
from callcenter.entity.requests import deed_of, tell
from callcenter.entity.rights import visible_to
from callcenter.errors import NotFound
from callcenter.server.body import path_id
from callcenter.server.i18n import translate
from callcenter.server.identity import require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import redirect

routes = web.RouteTableDef()


def _(message: str) -> str:
    return message


UNKNOWN: Final = _("No register knows this tax id. Compare it with the document.")
AWAY: Final = _("The register does not answer now. Try again later; nothing was changed.")


@routes.post(r"/contacts/{id:\d+}/register")
async def fill(request: web.Request) -> web.Response:
    who, contact_id = require(request, "contact", "edit"), path_id(request)
    entity = contact_in(request)
    async with request.app[DATABASE].read() as session:
        contact = await session.scalar(
            select(Contact).where(Contact.id == contact_id, visible_to(entity, who, "edit"))
        )
    if contact is None or contact.tax_id is None:
        raise NotFound
    try:
        found = await request.app[REGISTERS].find(contact.tax_id, contact.tax_kind)
    except RegisterAway:
        return await _say(request, contact_id, AWAY)
    if found is None:
        return await _say(request, contact_id, UNKNOWN)
    async with request.app[DATABASE].write() as session:
        row = await take_over(deed_of(request, session, entity), contact_id, found)
    tell(request, entity, row)
    return redirect(request, f"/contacts/{contact_id}")


async def _say(request: web.Request, contact_id: int, sentence: str) -> web.Response:
    errors = {"": translate(request, sentence)}
    return await show_card(request, contact_id, part="register", errors=errors, status=422)
