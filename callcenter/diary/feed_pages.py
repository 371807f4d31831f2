"""One's calendar in other programs: the secret link that they read, and files that come from them.

Templates: diary/feed.html (link: CalendarLink | None, address: of a link made just now, or "", error,
files: [Brought]) · diary/import.html (lines: [Line], data: the file as text, name, new, changed).
"""

import base64
import binascii
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from callcenter.agents.keys import SIGN_IN
from callcenter.diary import brought, ics, links
from callcenter.diary.bringing import Line, compare
from callcenter.diary.entries import Wanted, of_interactions
from callcenter.diary.ics import Event, NotACalendar, uid_of
from callcenter.diary.layout import Entry
from callcenter.entity.requests import deed_of
from callcenter.errors import NotFound
from callcenter.interactions.description import INTERACTION
from callcenter.server.actor import actor
from callcenter.server.body import number_in, read_form
from callcenter.server.i18n import language_of
from callcenter.server.identity import identity, public, require
from callcenter.server.keys import CLOCK, DATABASE, SETTINGS
from callcenter.server.pages import redirect, render, translate, zone_of

routes = web.RouteTableDef()


def _(message: str) -> str:
    return message


NOT_A_CALENDAR: Final = _("This file is no calendar, or larger than 600 kB. Choose an .ics file.")


@routes.get("/calendar/feed.ics")
@public
async def feed(request: web.Request) -> web.Response:
    """Answer a program that follows a secret link, with what its maker may read, and no more."""
    now, database = request.app[CLOCK](), request.app[DATABASE]
    async with database.read() as session:
        link = await links.whose(session, request.query.get("key", ""))
    who = await request.app[SIGN_IN].identity_of(link.user_id) if link is not None else None
    if who is None or link is None:
        raise NotFound
    zone = ZoneInfo(who.time_zone or request.app[SETTINGS].time_zone)
    wanted = Wanted(who, (who.user_id,), now - ics.BACK, now + ics.AHEAD, zone)
    async with database.read() as session:
        entries = await of_interactions(session, wanted)
    base = f"{request.scheme}://{request.host}"
    events = [_event(entry, base) for entry in entries if not entry.is_covered]
    body = ics.written(sorted(events, key=lambda event: event.uid), who.name, zone, now)
    tag = f'"{ics.tag_of(body)}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=300"}
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type="text/calendar", charset="utf-8", headers=headers)


def _event(entry: Entry, base: str) -> Event:
    return Event(
        uid=uid_of(entry.id, entry.uid), title=entry.title, start_at=entry.start_at,
        end_at=entry.end_at, all_day=entry.all_day, place=entry.place, text=entry.with_whom, link=base + entry.link,
        status=entry.status, sequence=entry.version, changed_at=entry.changed_at,
    )  # fmt: skip


@routes.get("/calendar/feed")
async def show(request: web.Request) -> web.Response:
    require(request, "interaction", "read")
    return await _page(request)


@routes.post("/calendar/feed")
async def change(request: web.Request) -> web.Response:
    """Make a link, or withdraw the one there is."""
    who, at = require(request, "interaction", "read"), request.app[CLOCK]()
    values, secret = await read_form(request), ""
    async with request.app[DATABASE].write() as session:
        if values.get("deed") == "withdraw":
            await links.withdraw(session, who.user_id, at, actor(request))
        else:
            secret = await links.make(session, who.user_id, at, actor(request))
    return await _page(request, secret)


async def _page(
    request: web.Request, secret: str = "", error: str = "", status: int = 200
) -> web.Response:
    async with request.app[DATABASE].read() as session:
        link = await links.of(session, identity(request).user_id)
        files = await brought.of(session, identity(request).user_id)
    address = f"{request.scheme}://{request.host}/calendar/feed.ics?key={secret}" if secret else ""
    return render(
        request,
        "diary/feed.html",
        status=status,
        link=link,
        address=address,
        error=error,
        files=files,
    )


# ---------------------------------------------------------------- files of other programs


@routes.post("/calendar/import")
async def look(request: web.Request) -> web.Response:
    """Show what a file would bring, before anything is stored."""
    require(request, "interaction", "create")
    upload = (await request.post()).get("file")
    data = upload.file.read(ics.MOST_BYTES + 1) if isinstance(upload, web.FileField) else b""
    try:
        events = ics.read(data, ZoneInfo(zone_of(request)), request.app[CLOCK]())
    except NotACalendar:
        return await _page(request, error=translate(request, NOT_A_CALENDAR), status=422)
    async with request.app[DATABASE].read() as session:
        lines = await compare(session, identity(request).user_id, events)
    name = upload.filename if isinstance(upload, web.FileField) else ""
    return _preview(request, lines, base64.b64encode(data).decode(), name)


@routes.post("/calendar/import/now")
async def store(request: web.Request) -> web.Response:
    """Store it: what is there by its UID is changed, what is the same stays."""
    require(request, "interaction", "create")
    values = await read_form(request)
    try:
        data = base64.b64decode(values.get("data", ""), validate=True)
        events = ics.read(data, ZoneInfo(zone_of(request)), request.app[CLOCK]())
    except (NotACalendar, binascii.Error):
        return await _page(request, error=translate(request, NOT_A_CALENDAR), status=422)
    async with request.app[DATABASE].write() as session:
        deed = deed_of(request, session, INTERACTION)
        lines = await compare(session, deed.who.user_id, events)
        await brought.store(deed, values.get("name", ""), lines, language_of(request))
    return redirect(request, "/calendar")


@routes.post("/calendar/import/undo")
async def undo(request: web.Request) -> web.Response:
    """Take back what a file has brought, but for what somebody has worked with since."""
    require(request, "interaction", "create")
    batch_id = number_in(await read_form(request), "id") or 0
    async with request.app[DATABASE].write() as session:
        await brought.take_back(deed_of(request, session, INTERACTION), batch_id)
    return redirect(request, "/calendar/feed")


def _preview(request: web.Request, lines: list[Line], data: str, name: str) -> web.Response:
    return render(
        request, "diary/import.html", lines=lines, data=data, name=name,
        new=sum(line.state == "new" for line in lines),
        changed=sum(line.state == "changed" for line in lines),
    )  # fmt: skip
