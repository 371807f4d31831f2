"""REST of shared phones: which there are, and where one sits."""

from datetime import datetime

import msgspec
from aiohttp import web

from callcenter.agents import devices, seats
from callcenter.agents.desks import Desks
from callcenter.agents.models import Device
from callcenter.errors import NotFound, SeatTaken
from callcenter.events import DevicesChanged
from callcenter.server.actor import actor
from callcenter.server.body import Id, answer, read_json
from callcenter.server.identity import require
from callcenter.server.keys import BUS, CLOCK, DATABASE
from callcenter.server.openapi import operation

DESKS = web.AppKey("desks", Desks)


class SeatWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where one wants to sit; `take` says: though somebody else sits there."""

    seat_id: Id
    take: bool = False


class FirstPhone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of one's phones click-to-call rings."""

    device_id: Id


class SharedPhoneShape(msgspec.Struct, frozen=True, kw_only=True):
    """A shared phone; `user_id` null: it is free."""

    id: int
    name: str
    pbx_id: int
    endpoint: str
    extension: str | None
    user_id: int | None
    since: datetime | None


@operation(needs="state:read", answers=list[SharedPhoneShape])
async def list_seats(request: web.Request) -> web.Response:
    """GET /api/v1/seats: the shared phones, and who sits there."""
    require(request, "state", "read")
    async with request.app[DATABASE].read() as session:
        lines = await seats.lines(session)
    shapes = [
        SharedPhoneShape(
            id=one.seat.id, name=one.seat.name, pbx_id=one.seat.pbx_id, endpoint=one.seat.endpoint,
            extension=one.seat.extension, user_id=one.user_id, since=one.since,
        )
        for one in lines
    ]  # fmt: skip
    return answer(shapes)


@operation(needs="state:edit", body=SeatWish, status=204, refusals=(NotFound, SeatTaken))
async def sit(request: web.Request) -> web.Response:
    """PUT /api/v1/me/seat: I sit down at a shared phone."""
    who = require(request, "state", "edit")
    wish = await read_json(request, SeatWish)
    await request.app[DESKS].sit(wish.seat_id, who.user_id, actor(request), take=wish.take)
    return web.Response(status=204)


@operation(needs="state:edit", status=204)
async def leave(request: web.Request) -> web.Response:
    """DELETE /api/v1/me/seat: I get up; harmless if I sit nowhere."""
    who = require(request, "state", "edit")
    await request.app[DESKS].leave(who.user_id, actor(request))
    return web.Response(status=204)


@operation(needs="state:edit", body=FirstPhone, status=204, refusals=(NotFound,))
async def ring_first(request: web.Request) -> web.Response:
    """PUT /api/v1/me/phones/first: click-to-call rings this phone of mine from now on."""
    who = require(request, "state", "edit")
    wish = await read_json(request, FirstPhone)
    async with request.app[DATABASE].write() as session:
        device = await session.get(Device, wish.device_id)
        if device is None or device.user_id != who.user_id:
            raise NotFound
        await devices.ring_first(session, wish.device_id)
    request.app[BUS].publish(DevicesChanged(at=request.app[CLOCK]().timestamp()))
    return web.Response(status=204)


routes = [
    web.get("/api/v1/seats", list_seats),
    web.put("/api/v1/me/seat", sit),
    web.delete("/api/v1/me/seat", leave),
    web.put("/api/v1/me/phones/first", ring_first),
]
