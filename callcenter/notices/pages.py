"""The bell: how many notices are new, and what they say.

Templates: notices/count.html (count, most) · notices/list.html (told: [Told]); whoever opens the
list has read it.
"""

from aiohttp import web

from callcenter.notices import notices
from callcenter.server.identity import identity
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import render

routes = web.RouteTableDef()


@routes.get("/notices/count")
async def count(request: web.Request) -> web.Response:
    who = identity(request)
    async with request.app[DATABASE].read() as session:
        unread = await notices.unread(session, who.user_id)
    return render(request, "notices/count.html", count=unread, most=notices.MOST)


@routes.get("/notices")
async def list_(request: web.Request) -> web.Response:
    who = identity(request)
    async with request.app[DATABASE].read() as session:
        told = await notices.of(session, who.user_id)
    if any(each.notice.read_at is None for each in told):
        async with request.app[DATABASE].write() as session:
            await notices.read_all(session, who.user_id, request.app[CLOCK]())
    return render(request, "notices/list.html", told=told)
