"""Pages of calls: the list with its filters, and one call with its path."""

from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import select

from callcenter.agents.models import User
from callcenter.calls.desk import EVIDENCE_OF
from callcenter.calls.filters import read_filter
from callcenter.calls.history import list_calls, queue_names
from callcenter.calls.models import RESULTS
from callcenter.calls.story import find_call
from callcenter.calls.why.asking import explain
from callcenter.calls.why.concluded import facts
from callcenter.calls.why.shown import Teller
from callcenter.calls.why.view import may_read_messages, picture
from callcenter.errors import NotFound
from callcenter.interactions import covering
from callcenter.server.body import path_id
from callcenter.server.i18n import language_of
from callcenter.server.identity import may, require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import render, zone_of

routes = web.RouteTableDef()


@routes.get("/calls")
async def calls(request: web.Request) -> web.Response:
    """`calls/list.html`: page (lines, after), query, people [(id, name)], queues, results.

    With `after`, only the rows that follow: `calls/rows.html`.
    """
    who = require(request, "call", "read")
    wanted = await read_filter(request, who)
    async with request.app[DATABASE].read() as session:
        page = await list_calls(session, wanted, who, ZoneInfo(zone_of(request)))
        people = (await session.execute(select(User.id, User.name).order_by(User.name))).all()
        queues = await queue_names(session)
    return render(
        request,
        "calls/rows.html" if wanted.after else "calls/list.html",
        page=page,
        query=dict(request.query),
        people=people if may(who, "call", "read") != "own" else [],
        queues=queues,
        results=RESULTS,
    )


@routes.get("/calls/{id}")
async def call(request: web.Request) -> web.Response:
    """`calls/call.html`: call (line, legs, visits, gaps, note...), explained, picture, used, concluded."""
    who = require(request, "call", "read")
    async with request.app[DATABASE].read() as session:
        found = await find_call(session, path_id(request), who)
    if found is None:
        raise NotFound
    explained = await explain(found, request.app.get(EVIDENCE_OF), request.app[CLOCK](), who)
    teller = Teller(language_of(request), found.region, who, found.call.did)
    shown = picture(explained, teller, raw=may_read_messages(who))
    return render(
        request,
        "calls/call.html",
        call=found,
        explained=explained,
        picture=shown,
        used={bar.state for head in shown.heads for bar in head.bars},
        can_show=found.line.is_covered and covering.may_show(who),
        concluded=facts(explained.ladder.call.inferred | set(found.line.inferred)),
    )
