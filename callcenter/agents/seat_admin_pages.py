"""Administration pages in which phones are declared as shared.

Template agents/seat.html: seat: Seat | None, values, errors, pbxs: [(id, name)].
"""

from aiohttp import web
from sqlalchemy import select

from callcenter.agents import seats
from callcenter.agents.models import Seat, pbx_table
from callcenter.entity import editing
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.events import DevicesChanged
from callcenter.server.actor import actor
from callcenter.server.body import number_in, read_form, seen_version
from callcenter.server.errors import refused, sentences
from callcenter.server.identity import require
from callcenter.server.keys import BUS, CLOCK, DATABASE
from callcenter.server.pages import redirect, render


async def new_seat(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    return await _form(request, None, {"active": "1"})


async def add_seat(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        async with request.app[DATABASE].write() as session:
            await seats.add(session, _read(values), at, actor(request))
    except BadInput as problem:
        return await _form(request, None, values, sentences(request, problem))
    return _declared(request)


async def show_seat(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    seat = await editing.found(request, Seat)
    names = ("name", "pbx_id", "endpoint", "extension", "version")
    values = {name: str(getattr(seat, name) or "") for name in names}
    return await _form(request, seat, values | ({"active": "1"} if seat.active else {}))


async def change_seat(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    seat = await editing.found(request, Seat)
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        async with request.app[DATABASE].write() as session:
            await seats.change(
                session, seat.id, _read(values), seen_version(values), at, actor(request)
            )
    except (BadInput, ChangedMeanwhile) as problem:
        return await _form(request, seat, values, *refused(request, problem))
    return _declared(request)


def _declared(request: web.Request) -> web.Response:
    request.app[BUS].publish(DevicesChanged(at=request.app[CLOCK]().timestamp()))
    return redirect(request, "/phones")


def _read(values: dict[str, str]) -> seats.SeatForm:
    return seats.SeatForm(
        name=values.get("name", ""),
        pbx_id=number_in(values, "pbx_id") or 0,
        endpoint=values.get("endpoint", ""),
        extension=values.get("extension") or None,
        active="active" in values,
    )


async def _form(
    request: web.Request,
    seat: Seat | None,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
    status: int = 422,
) -> web.Response:
    blank = dict.fromkeys((*seats.SeatForm.__struct_fields__, "version"), "")
    async with request.app[DATABASE].read() as session:
        pbxs = await session.execute(
            select(pbx_table.c.id, pbx_table.c.name).order_by(pbx_table.c.name)
        )
        names = [(row.id, row.name) for row in pbxs]
    return render(
        request, "agents/seat.html", status=status if errors else 200, seat=seat,
        values=blank | values, errors=errors or {}, pbxs=names,
    )  # fmt: skip


routes = [
    web.get("/admin/seats/new", new_seat),
    web.post("/admin/seats", add_seat),
    web.get("/admin/seats/{id}", show_seat),
    web.post("/admin/seats/{id}", change_seat),
]
