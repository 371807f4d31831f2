"""REST of one's own state: what I want, and that my wrap-up is done."""

from typing import Literal

import msgspec
from aiohttp import web

from callcenter.agents.keeper import Keeper
from callcenter.errors import BadInput
from callcenter.live.protocol import StateView
from callcenter.server.body import MISFIT, MISSING, answer, read_json
from callcenter.server.identity import require
from callcenter.server.openapi import operation

KEEPER = web.AppKey("keeper", Keeper)


class StateWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one wants to be; a pause needs its reason."""

    state: Literal["ready", "paused", "off"]
    reason: Literal["break", "lunch", "training", "meeting", "other"] | None = None


@operation(needs="state:read", answers=StateView)
async def read_state(request: web.Request) -> web.Response:
    """GET /api/v1/me/state: what I do at this moment."""
    who = require(request, "state", "read")
    return answer(request.app[KEEPER].view(who.user_id))


@operation(needs="state:edit", body=StateWish, answers=StateView)
async def change_state(request: web.Request) -> web.Response:
    """PUT /api/v1/me/state: ready, paused for a reason, or off duty."""
    who = require(request, "state", "edit")
    wish = await read_json(request, StateWish)
    if wish.state == "paused" and wish.reason is None:
        raise BadInput({"reason": MISSING})
    if wish.state != "paused" and wish.reason is not None:
        raise BadInput({"reason": MISFIT})
    return answer(request.app[KEEPER].wish(who.user_id, wish.state, wish.reason))


@operation(needs="state:edit", answers=StateView)
async def end_wrap_up(request: web.Request) -> web.Response:
    """DELETE /api/v1/me/wrap-up: I am done; harmless if there is none."""
    who = require(request, "state", "edit")
    return answer(request.app[KEEPER].end_wrap_up(who.user_id))


routes = [
    web.get("/api/v1/me/state", read_state),
    web.put("/api/v1/me/state", change_state),
    web.delete("/api/v1/me/wrap-up", end_wrap_up),
]
