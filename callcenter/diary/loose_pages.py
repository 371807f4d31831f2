"""The list of what has no next action, and its count in the rail.

Template diary/loose.html: parts [(Finder, [Loose], count)], most · diary/loose_count.html: count, most.
"""

from collections.abc import Sequence

from aiohttp import web

from callcenter.diary import loose
from callcenter.diary.loose import FINDERS, MOST, OWN, Finder
from callcenter.entity import saving
from callcenter.entity.keys import ENTITIES
from callcenter.entity.requests import deed_of, tell
from callcenter.errors import NotFound
from callcenter.server.body import number_in, read_form
from callcenter.server.identity import require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render, translate

routes = web.RouteTableDef()


@routes.get("/next-actions")
async def show(request: web.Request) -> web.Response:
    who, now = require(request, "interaction", "read"), request.app[CLOCK]()
    parts = []
    async with request.app[DATABASE].read() as session:
        for finder in _finders(request):
            rows = await loose.found(session, who, now, finder)
            number = await loose.count_of(session, who, now, finder)
            parts.append((finder, rows, number))
    return render(request, "diary/loose.html", parts=parts, most=MOST)


@routes.get("/next-actions/count")
async def count(request: web.Request) -> web.Response:
    who, now = require(request, "interaction", "read"), request.app[CLOCK]()
    async with request.app[DATABASE].read() as session:
        number = await loose.count(session, who, now, _finders(request))
    return render(request, "diary/loose_count.html", count=number, most=MOST)


@routes.post("/next-actions/close")
async def close(request: web.Request) -> web.Response:
    """Take a row off the list without planning anything."""
    require(request, "interaction", "edit")
    values = await read_form(request)
    finder = next((one for one in _finders(request) if one.name == values.get("what")), None)
    row_id = number_in(values, "id")
    if finder is None or row_id is None:
        raise NotFound
    async with request.app[DATABASE].write() as session:
        closing = await finder.close(session, row_id, translate(request, finder.closes))
        if closing is None:
            raise NotFound
        name, changed_id, given = closing
        entity = request.app[ENTITIES][name]
        row = await saving.change(deed_of(request, session, entity), changed_id, given, None)
    tell(request, entity, row)
    return redirect(request, "/next-actions")


def _finders(request: web.Request) -> Sequence[Finder]:
    return request.app.get(FINDERS, OWN)
