"""REST of contacts: list and search, read, create, change, delete."""

from typing import Any

import msgspec
from aiohttp import web

from callcenter.crm.contacts import card, saving
from callcenter.crm.contacts.form import ContactForm
from callcenter.crm.contacts.listing import ContactLine, list_contacts
from callcenter.crm.contacts.models import Contact
from callcenter.crm.contacts.pages import regions
from callcenter.crm.contacts.search import search
from callcenter.errors import NotFound
from callcenter.events import ContactChanged
from callcenter.server.actor import actor
from callcenter.server.body import answer, if_match, path_id, read_json
from callcenter.server.identity import Identity, may, require
from callcenter.server.keys import BUS, CLOCK, DATABASE

routes = web.RouteTableDef()


@routes.get("/api/v1/contacts")
async def contacts(request: web.Request) -> web.Response:
    """List contacts by name, or search them by `q`; `after` is the cursor of the next page."""
    who = require(request, "contact", "read")
    typed = request.query.get("q", "").strip()
    async with request.app[DATABASE].read() as session:
        page = (
            await search(session, who, typed, regions(request))
            if typed
            else await list_contacts(session, who, request.query.get("after"))
        )
    lines = [_line(line) for line in page.lines]
    return answer({"contacts": lines, "after": page.after, "more": page.more})


@routes.get("/api/v1/contacts/{id}")
async def contact(request: web.Request) -> web.Response:
    """Read one contact; the ETag is its version."""
    who = require(request, "contact", "read")
    return await _answer(request, who, path_id(request))


@routes.post("/api/v1/contacts")
async def create(request: web.Request) -> web.Response:
    """Add a contact; past calls of its numbers become its own."""
    who, at = require(request, "contact", "create"), request.app[CLOCK]()
    form = _owned(await read_json(request, ContactForm), who)
    async with request.app[DATABASE].write() as session:
        made = await saving.create(session, form, regions(request), at, actor(request))
    _tell(request, made)
    return await _answer(request, who, made.id, status=201)


@routes.patch("/api/v1/contacts/{id}")
async def change(request: web.Request) -> web.Response:
    """Change what is named. With If-Match, 409 if somebody changed the same since that version."""
    who, at = require(request, "contact", "edit"), request.app[CLOCK]()
    form, seen = await read_json(request, ContactForm), if_match(request)
    async with request.app[DATABASE].write() as session:
        saved = await saving.change(
            session, who, path_id(request), form, seen, regions(request), at, actor(request)
        )
    _tell(request, saved)
    return await _answer(request, who, saved.id)


@routes.delete("/api/v1/contacts/{id}")
async def delete(request: web.Request) -> web.Response:
    """Set a contact aside: its history stays, its numbers match no more."""
    who, at = require(request, "contact", "delete"), request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        gone = await saving.delete(session, who, path_id(request), at, actor(request))
    _tell(request, gone)
    return web.Response(status=204)


async def _answer(
    request: web.Request, who: Identity, contact_id: int, *, status: int = 200
) -> web.Response:
    async with request.app[DATABASE].read() as session:
        found = await card.find(session, who, contact_id)
    if found is None:
        raise NotFound
    return answer(_told(found), status=status, version=found.contact.version)


def _owned(form: ContactForm, who: Identity) -> ContactForm:
    """Return `form` as its maker's own, unless it names an owner or all contacts may be read."""
    if form.owner_id or may(who, "contact", "read") == "all":
        return form
    return msgspec.structs.replace(form, owner_id=who.user_id)


def _line(line: ContactLine) -> dict[str, Any]:
    return {
        "id": line.id, "kind": line.kind, "name": line.name, "title": line.title,
        "company": line.company and line.company._asdict(), "city": line.city,
        "country": line.country, "owner": line.owner_name, "last_contact_at": line.last_contact_at,
        "points": [point._asdict() for point in line.points],
    }  # fmt: skip


def _told(found: card.Card) -> dict[str, Any]:
    contact = found.contact
    company = {"id": contact.company_id, "name": found.company_name}
    owner = {"id": contact.owner_id, "name": found.owner_name}
    return {
        "id": contact.id, "kind": contact.kind, "name": contact.name,
        "given_name": contact.given_name, "family_name": contact.family_name,
        "company": company if contact.company_id else None, "title": contact.title,
        "language": contact.language, "country": contact.country, "city": contact.city,
        "time_zone": contact.time_zone, "time_zones": found.time_zones,
        "description": contact.description, "owner": owner if contact.owner_id else None,
        "last_contact_at": contact.last_contact_at, "created_at": contact.created_at,
        "updated_at": contact.updated_at, "version": contact.version,
        "points": [
            {
                "id": point.id, "kind": point.kind, "value": point.value, "norm": point.norm,
                "ext": point.ext, "label": point.label, "country": point.country,
                "valid": point.valid,
            }
            for point in found.points
        ],
    }  # fmt: skip


def _tell(request: web.Request, contact: Contact) -> None:
    moment = request.app[CLOCK]().timestamp()
    request.app[BUS].publish(ContactChanged(at=moment, contact_id=contact.id))
