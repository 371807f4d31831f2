"""The bell, and the page of notices: all or new ones, by kind; read, put off, followed.

Templates: notices/count.html (count, most) · notices/list.html and, for the rows that follow,
notices/rows.html (told: [Told], after, wanted, kinds, snoozes) · notices/news.html (one
of them, as open pages show it).
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from callcenter.entity.keys import ENTITIES
from callcenter.errors import BadInput, NotFound
from callcenter.notices import notices
from callcenter.notices.kinds import KINDS, address_of
from callcenter.notices.models import Notification
from callcenter.notices.notices import Told, Wanted
from callcenter.server.body import MISFIT, number_in, path_id, read_form
from callcenter.server.identity import identity
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render, safe_next, zone_of

routes = web.RouteTableDef()


def _(message: str) -> str:
    return message


#: For how long something is put off.
SNOOZES: Final = {
    "10": _("10 minutes"), "60": _("1 hour"), "180": _("3 hours"), "tomorrow": _("Until tomorrow"),
}  # fmt: skip
#: When tomorrow begins for somebody who puts something off.
MORNING: Final = time(9)


@routes.get("/notices/count")
async def count(request: web.Request) -> web.Response:
    who = identity(request)
    async with request.app[DATABASE].read() as session:
        unread = await notices.unread(session, who.user_id, request.app[CLOCK]())
    return render(request, "notices/count.html", count=unread, most=notices.MOST)


@routes.get("/notices")
async def list_(request: web.Request) -> web.Response:
    who, query = identity(request), request.query
    kind = query.get("kind", "")
    wanted = Wanted(
        unread=query.get("show") == "new", kind=kind if kind in KINDS else "",
        before=number_in(query, "before"),
    )  # fmt: skip
    async with request.app[DATABASE].read() as session:
        told, after = await notices.of(session, who.user_id, wanted)
    template = "notices/list.html" if wanted.before is None else "notices/rows.html"
    return _shown(request, template, told, after=after, wanted=wanted)


@routes.get(r"/notices/{id:\d+}/news")
async def news(request: web.Request) -> web.Response:
    """Say one of them at the foot of an open page."""
    async with request.app[DATABASE].read() as session:
        told = await notices.one(session, identity(request).user_id, path_id(request))
    if told is None:
        raise NotFound
    return _shown(request, "notices/news.html", [told], more=number_in(request.query, "more") or 0)


@routes.get(r"/notices/{id:\d+}")
async def follow(request: web.Request) -> web.Response:
    """Lead to what a notice is about; whoever goes there has read it."""
    who = identity(request)
    async with request.app[DATABASE].write() as session:
        told = await notices.one(session, who.user_id, path_id(request))
        if told is None:
            raise NotFound
        await notices.read(session, who.user_id, request.app[CLOCK](), told.notice.id)
    return redirect(request, _address(request, told.notice))


@routes.post("/notices/read")
async def read_all(request: web.Request) -> web.Response:
    return await _read(request, None)


@routes.post(r"/notices/{id:\d+}/read")
async def read_one(request: web.Request) -> web.Response:
    return await _read(request, path_id(request))


async def _read(request: web.Request, notice_id: int | None) -> web.Response:
    values = await read_form(request)
    async with request.app[DATABASE].write() as session:
        await notices.read(session, identity(request).user_id, request.app[CLOCK](), notice_id)
    return redirect(request, safe_next(values.get("next") or "/notices"))


@routes.post(r"/notices/{id:\d+}/snooze")
async def snooze(request: web.Request) -> web.Response:
    """Put it off: it comes again, by the same ways."""
    values = await read_form(request)
    until = later(values.get("for", ""), request.app[CLOCK](), ZoneInfo(zone_of(request)))
    async with request.app[DATABASE].write() as session:
        await notices.snooze(session, identity(request).user_id, path_id(request), until)
    return redirect(request, safe_next(values.get("next") or "/notices"))


def later(span: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return until when something is put off. Raises BadInput."""
    if span not in SNOOZES:
        raise BadInput({"for": MISFIT})
    if span != "tomorrow":
        return now + timedelta(minutes=int(span))
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), MORNING, zone)


def _shown(request: web.Request, template: str, told: Sequence[Told], **more: Any) -> web.Response:
    return render(request, template, told=told, kinds=KINDS, snoozes=SNOOZES, **more)


def _address(request: web.Request, notice: Notification) -> str:
    registry = request.app[ENTITIES]
    plural = registry[notice.entity].plural if notice.entity in registry else None
    return address_of(notice.kind, plural, notice.entity_id)
