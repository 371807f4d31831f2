"""The live board: its page, and the same as JSON."""

from aiohttp import web

from callcenter.server.body import answer
from callcenter.server.identity import require
from callcenter.server.openapi import operation
from callcenter.server.pages import render
from callcenter.stats.feed import FloorFeed
from callcenter.stats.floor import Floor

FLOOR = web.AppKey("floor", FloorFeed)

routes = web.RouteTableDef()


@routes.get("/board")
async def board(request: web.Request) -> web.Response:
    """`stats/board.html`: floor (calls, waiting, queues, agents, states, total)."""
    who = require(request, "board", "read")
    return render(request, "stats/board.html", floor=request.app[FLOOR].floor(who))


@routes.get("/api/v1/board")
@operation(needs="board:read", answers=Floor)
async def board_json(request: web.Request) -> web.Response:
    """Return the floor with every figure's definition, numerator and denominator."""
    who = require(request, "board", "read")
    return answer(request.app[FLOOR].floor(who))
