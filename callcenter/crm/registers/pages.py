"""The button on the card: takes over from the register what is empty, and notes who is unreliable.

What a person wrote is never overwritten. The register's word on reliability is: it may change.
"""

from typing import Any, Final

from aiohttp import web
from sqlalchemy import select

from callcenter.crm.contacts.models import Contact
from callcenter.crm.contacts.pages import contact_in, show_card
from callcenter.crm.registers.entries import Entry
from callcenter.crm.registers.providers import RegisterAway
from callcenter.crm.registers.setup import REGISTERS
from callcenter.entity import editing, saving
from callcenter.entity.requests import deed_of, tell
from callcenter.entity.rights import visible_to
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput, NotFound
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

_FIELDS: Final = ("legal_name", "short_name", "registration_no", "country", "region", "city")
_ADDRESS: Final = ("country", "region", "city", "street", "postal_code")


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


async def take_over(deed: Deed, contact_id: int, found: Entry) -> Any:
    """Fill what is empty with what the register says. Raises NotFound."""
    row = await saving.locked(deed, contact_id, "edit")
    given: dict[str, Any] = {
        name: found.text(name)
        for name in _FIELDS
        if found.text(name) and getattr(row, name) is None
    }
    for part, items in (("addresses", _addresses(found)), ("points", _points(found))):
        described = deed.entity.part(part)
        assert described is not None  # noqa: S101
        if items and not (await described.load(deed.session, [contact_id])).get(contact_id):
            given[part] = described.read_json(items)
    try:
        async with deed.session.begin_nested():
            row = await saving.change(deed, contact_id, given, None)
    except BadInput as problem:
        # What the register itself has wrong does not cost the rest.
        wrong = {field.partition(".")[0] for field in problem.fields}
        right = {name: value for name, value in given.items() if name not in wrong}
        row = await saving.change(deed, contact_id, right, None)
    now = (deed.at if found.unreliable else None, found.text("unreliable_reason") or None)
    if (row.unreliable_at is not None) != found.unreliable:
        change = {
            "unreliable_at": [editing.plain(row.unreliable_at), editing.plain(now[0])],
            "unreliable_reason": [row.unreliable_reason, now[1]],
        }
        row.unreliable_at, row.unreliable_reason = now
        await editing.note(deed.session, row, "contact", change, deed.at, deed.by, row.id)
    return row


def _addresses(found: Entry) -> list[dict[str, Any]]:
    if not (found.text("street") or found.text("city")):
        return []
    return [{"kind": "legal", **{name: found.text(name) or None for name in _ADDRESS}}]


def _points(found: Entry) -> list[dict[str, Any]]:
    phones = [{"kind": "phone", "value": number, "label": "main"} for number in found.phones]
    return phones + [{"kind": "email", "value": address} for address in found.emails]


async def _say(request: web.Request, contact_id: int, sentence: str) -> web.Response:
    errors = {"": translate(request, sentence)}
    return await show_card(request, contact_id, part="register", errors=errors, status=422)
