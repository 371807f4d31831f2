"""The page on which a person's data are taken out or erased; for administrators only.

Template privacy/privacy.html: contact, errors, erased: Erased | None.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.crm.contacts.models import Contact
from callcenter.crm.names import fold
from callcenter.crm.privacy.dossier import collect, zipped
from callcenter.crm.privacy.erasing import Erased, erase
from callcenter.entity.files import Folder
from callcenter.entity.importing.keys import IMPORTS
from callcenter.errors import NotAllowed, NotFound
from callcenter.events import ContactChanged
from callcenter.server.actor import actor
from callcenter.server.body import MISSING, path_id, read_form
from callcenter.server.identity import require
from callcenter.server.keys import BUS, CLOCK, DATABASE, SETTINGS
from callcenter.server.pages import render, translate

routes = web.RouteTableDef()


def _(message: str) -> str:
    return message


NOT_THE_NAME = _("This is not the name above. Write it exactly so.")


@routes.get(r"/contacts/{id:\d+}/privacy")
async def show(request: web.Request) -> web.Response:
    _require(request, "export")
    return await _page(request)


@routes.post(r"/contacts/{id:\d+}/privacy/dossier")
async def take_out(request: web.Request) -> web.Response:
    """Give a zip with all that we hold of the person."""
    _require(request, "export")
    contact_id, at = path_id(request), request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        await _contact(session, contact_id)
        audit.record(
            session, at, entity="contact", entity_id=contact_id, contact_id=contact_id,
            action="export", diff={"all": [None, True]}, **actor(request),
        )  # fmt: skip
    async with request.app[DATABASE].read() as session:
        dossier = await collect(session, contact_id)
    packed = await asyncio.to_thread(zipped, dossier, _folder(request))
    return web.Response(
        body=packed, content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="person-{contact_id}.zip"'},
    )  # fmt: skip


@routes.post(r"/contacts/{id:\d+}/privacy/erase")
async def forget(request: web.Request) -> web.Response:
    """Erase the person, if the form names him and says that it is meant."""
    _require(request, "delete")
    values, contact_id, at = await read_form(request), path_id(request), request.app[CLOCK]()
    async with request.app[DATABASE].read() as session:
        contact = await _contact(session, contact_id)
    errors = {}
    if fold(values.get("name", "")) != fold(contact.name):
        errors["name"] = translate(request, NOT_THE_NAME)
    if "sure" not in values:
        errors["sure"] = translate(request, MISSING)
    if errors:
        return await _page(request, errors)
    async with request.app[DATABASE].write() as session:
        erased = await erase(session, contact_id, at, actor(request))
    folder, imports = _folder(request), request.app[IMPORTS].store
    await asyncio.to_thread(_delete, [folder.path(sha256) for sha256 in erased.files])
    for batch_id in erased.imports:
        await asyncio.to_thread(imports.forget, batch_id)
    request.app[BUS].publish(ContactChanged(at=at.timestamp(), contact_id=contact_id))
    return await _page(request, erased=erased)


def _folder(request: web.Request) -> Folder:
    return Folder(request.app[SETTINGS].data_path)


def _delete(files: Sequence[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def _require(request: web.Request, action: str) -> None:
    """It concerns every field, covered ones too: only who sees all and keeps the house may."""
    who = require(request, "contact", action, at_least="all")
    if "settings" not in who.flags or who.fields.get("contact"):
        raise NotAllowed


async def _contact(session: AsyncSession, contact_id: int) -> Contact:
    """Return the contact, also from the trash. Raises NotFound."""
    contact = await session.scalar(select(Contact).where(Contact.id == contact_id))
    if contact is None:
        raise NotFound
    return contact


async def _page(
    request: web.Request, errors: dict[str, str] | None = None, erased: Erased | None = None
) -> web.Response:
    contact_id = path_id(request)
    async with request.app[DATABASE].read() as session:
        contact = await _contact(session, contact_id)
    return render(
        request, "privacy/privacy.html", status=422 if errors else 200, contact=contact,
        errors=errors or {}, erased=erased,
    )  # fmt: skip
