"""Giving phones to people and taking them, on the person's page."""

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import phone
from callcenter.agents import devices, person_form, seats
from callcenter.agents.models import pbx_table
from callcenter.errors import BadInput
from callcenter.events import DevicesChanged
from callcenter.server.actor import actor
from callcenter.server.body import MISFIT, MISSING, number_in, path_id, read_form
from callcenter.server.errors import sentences
from callcenter.server.identity import require
from callcenter.server.keys import BUS, CLOCK, DATABASE, REGIONS
from callcenter.server.pages import redirect, translate


def _(message: str) -> str:
    return message


NO_NUMBER = _("Write the outside number as you would dial it: +994 50 123 45 67.")


async def give_phone(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    person, values = await person_form.person_of(request), await read_form(request)
    async with request.app[DATABASE].write() as session:
        wrong = await _wrong(request, session, values)
        if not wrong:
            await devices.assign(
                session, user_id=person.id, pbx_id=number_in(values, "pbx_id") or 0,
                endpoint=await _endpoint(request, session, values),
                extension=values.get("extension") or None, kind=values.get("kind", "desk"),
                own_calls="own_calls" in values, at=request.app[CLOCK](), by=actor(request),
            )  # fmt: skip
    if wrong:
        errors = {name: translate(request, text) for name, text in wrong.items()}
        shown = person_form.values_of(person) | values
        return await person_form.show(request, person, shown, errors)
    return _phones_changed(request, person.id)


async def _wrong(
    request: web.Request, session: AsyncSession, values: dict[str, str]
) -> dict[str, str]:
    wrong = {}
    if number_in(values, "pbx_id") not in set(await session.scalars(select(pbx_table.c.id))):
        wrong["pbx_id"] = MISSING
    if values.get("kind") == devices.EXTERNAL:
        if not await _endpoint(request, session, values):
            wrong["endpoint"] = NO_NUMBER
    elif not devices.is_endpoint(values.get("endpoint", "")):
        wrong["endpoint"] = devices.ENDPOINT_FORM
    if values.get("kind", "desk") not in devices.KINDS:
        wrong["kind"] = MISFIT
    return wrong


async def _endpoint(request: web.Request, session: AsyncSession, values: dict[str, str]) -> str:
    """Return the endpoint that is meant; of an outside number "", if what is typed is none."""
    typed = values.get("endpoint", "")
    if values.get("kind") != devices.EXTERNAL:
        return typed
    of_pbx = select(pbx_table.c.region).where(pbx_table.c.id == number_in(values, "pbx_id"))
    regions = [await session.scalar(of_pbx), *request.app[REGIONS]]
    number = phone.read(typed, [region for region in regions if region])
    return devices.outside(number.norm) if number.kind == "e164" else ""


async def give_code(request: web.Request) -> web.Response:
    """Say what the person dials at a shared phone to sit down there."""
    require(request, "user", "edit", at_least="all")
    person, values = await person_form.person_of(request), await read_form(request)
    try:
        async with request.app[DATABASE].write() as session:
            code = values.get("desk_code") or None
            await seats.give_code(session, person.id, code, request.app[CLOCK](), actor(request))
    except BadInput as problem:
        shown = person_form.values_of(person) | values
        return await person_form.show(request, person, shown, sentences(request, problem))
    return redirect(request, f"/admin/people/{person.id}?saved=1")


async def take_phone(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    async with request.app[DATABASE].write() as session:
        device = await devices.release(
            session, path_id(request), request.app[CLOCK](), actor(request)
        )
    return _phones_changed(request, device.user_id)


async def ring_phone_first(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    async with request.app[DATABASE].write() as session:
        device = await devices.ring_first(session, path_id(request))
    return _phones_changed(request, device.user_id)


def _phones_changed(request: web.Request, user_id: int) -> web.Response:
    request.app[BUS].publish(DevicesChanged(at=request.app[CLOCK]().timestamp()))
    return redirect(request, f"/admin/people/{user_id}")


routes = [
    web.post("/admin/people/{id}/phones", give_phone),
    web.post("/admin/people/{id}/desk-code", give_code),
    web.post("/admin/phones/{id}/take", take_phone),
    web.post("/admin/phones/{id}/first", ring_phone_first),
]
