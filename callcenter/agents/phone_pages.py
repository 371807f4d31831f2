"""Giving phones to people and taking them, on the person's page."""

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents import devices, person_form
from callcenter.agents.person_form import pbx_table
from callcenter.events import DevicesChanged
from callcenter.server.actor import actor
from callcenter.server.body import MISFIT, MISSING, number_in, path_id, read_form
from callcenter.server.identity import require
from callcenter.server.keys import BUS, CLOCK, DATABASE
from callcenter.server.pages import redirect, translate


async def give_phone(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    person, values = await person_form.person_of(request), await read_form(request)
    async with request.app[DATABASE].write() as session:
        wrong = await _wrong(session, values)
        if not wrong:
            await devices.assign(
                session, user_id=person.id, pbx_id=number_in(values, "pbx_id") or 0,
                endpoint=values["endpoint"], extension=values.get("extension") or None,
                kind=values.get("kind", "desk"), at=request.app[CLOCK](), by=actor(request),
            )  # fmt: skip
    if wrong:
        errors = {name: translate(request, text) for name, text in wrong.items()}
        shown = person_form.values_of(person) | values
        return await person_form.show(request, person, shown, errors)
    return _phones_changed(request, person.id)


async def _wrong(session: AsyncSession, values: dict[str, str]) -> dict[str, str]:
    wrong = {}
    if number_in(values, "pbx_id") not in set(await session.scalars(select(pbx_table.c.id))):
        wrong["pbx_id"] = MISSING
    if not devices.is_endpoint(values.get("endpoint", "")):
        wrong["endpoint"] = devices.ENDPOINT_FORM
    if values.get("kind", "desk") not in devices.KINDS:
        wrong["kind"] = MISFIT
    return wrong


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
    web.post("/admin/phones/{id}/take", take_phone),
    web.post("/admin/phones/{id}/first", ring_phone_first),
]
