"""REST of contacts: list and search, read, create, change, delete."""

from typing import Any

from aiohttp import web

from callcenter.crm.contacts import card
from callcenter.crm.contacts.description import FIELDS
from callcenter.crm.contacts.listing import ContactLine, list_contacts
from callcenter.crm.contacts.pages import contact_in, regions
from callcenter.crm.contacts.points_part import told
from callcenter.crm.contacts.search import search
from callcenter.entity import reading as reader
from callcenter.entity import saving
from callcenter.entity.requests import context_of, deed_of, tell
from callcenter.errors import BadInput, NotFound
from callcenter.server.body import MISFIT, answer, if_match, path_id, read_json
from callcenter.server.identity import Identity, require
from callcenter.server.keys import DATABASE

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
    who = require(request, "contact", "create")
    given = await _given(request)
    async with request.app[DATABASE].write() as session:
        made = await saving.create(deed_of(request, session, contact_in(request)), given)
    tell(request, contact_in(request), made)
    return await _answer(request, who, made.id, status=201)


@routes.patch("/api/v1/contacts/{id}")
async def change(request: web.Request) -> web.Response:
    """Change what is named. With If-Match, 409 if somebody changed the same since that version."""
    who = require(request, "contact", "edit")
    given, seen = await _given(request), if_match(request)
    async with request.app[DATABASE].write() as session:
        saved = await saving.change(
            deed_of(request, session, contact_in(request)), path_id(request), given, seen
        )
    tell(request, contact_in(request), saved)
    return await _answer(request, who, saved.id)


@routes.delete("/api/v1/contacts/{id}")
async def delete(request: web.Request) -> web.Response:
    """Set a contact aside: its history stays, its numbers match no more."""
    require(request, "contact", "delete")
    async with request.app[DATABASE].write() as session:
        gone = await saving.set_aside(
            deed_of(request, session, contact_in(request)), path_id(request)
        )
    tell(request, contact_in(request), gone)
    return web.Response(status=204)


async def _given(request: web.Request) -> dict[str, Any]:
    """Return what the body says, by field and part. Raises BadInput."""
    body = await read_json(request, dict[str, Any])
    context, contact = context_of(request), contact_in(request)
    fields = context.registry.fields("contact")
    given: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in body.items():
        try:
            if (part := contact.part(name)) is not None:
                given[name] = part.read_json(value)
            elif name in fields:
                given[name] = reader.read_json(fields[name], value, context)
            else:
                wrong[name] = MISFIT
        except reader.Unreadable as error:
            wrong[name] = error.sentence
        except BadInput as error:
            wrong |= error.fields
    if wrong:
        raise BadInput(wrong)
    return given


async def _answer(
    request: web.Request, who: Identity, contact_id: int, *, status: int = 200
) -> web.Response:
    async with request.app[DATABASE].read() as session:
        found = await card.find(session, who, contact_id)
    if found is None:
        raise NotFound
    return answer(_told(found), status=status, version=found.contact.version)


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
    fields = {field.name: getattr(contact, field.name) for field in FIELDS if field.virtual is None}
    return fields | {
        "id": contact.id, "version": contact.version, "custom": contact.custom,
        "company": company if contact.company_id else None, "time_zones": found.time_zones,
        "owner": owner if contact.owner_id else None, "points": list(map(told, found.points)),
    }  # fmt: skip
