"""A covered number is shown to whoever may have it shown, and that is written down.

Template calls/number.html: the number of one call, that can be dialled.
"""

from typing import TypedDict

from aiohttp import web

from callcenter import audit
from callcenter.calls.history import number_of
from callcenter.entity.rights import masked
from callcenter.errors import NotAllowed, NotFound
from callcenter.interactions import covering
from callcenter.server.actor import actor
from callcenter.server.body import answer, path_id
from callcenter.server.identity import require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.openapi import operation
from callcenter.server.pages import render

routes = web.RouteTableDef()


class NumberShape(TypedDict):
    """A number in full."""

    number: str


@routes.post("/calls/{id}/number")
async def show(request: web.Request) -> web.Response:
    number = await _shown(request)
    return render(request, "calls/number.html", number=number, call_id=path_id(request))


@routes.post("/api/v1/calls/{id}/number")
@operation(needs="call:read", answers=NumberShape)
async def show_json(request: web.Request) -> web.Response:
    """Show a customer's number that is masked, where the role allows it; this is written down."""
    return answer(NumberShape(number=await _shown(request)))


async def _shown(request: web.Request) -> str:
    who, call_id = require(request, "call", "read"), path_id(request)
    if not covering.may_show(who):
        raise NotAllowed
    async with request.app[DATABASE].write() as session:
        number = await number_of(session, who, call_id)
        if number is None:
            raise NotFound
        audit.record(
            session, request.app[CLOCK](), entity="call", entity_id=call_id, action="unmask",
            diff={"shown": [None, masked(number)]}, **actor(request),
        )  # fmt: skip
    return number
