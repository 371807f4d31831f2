"""The page of the first steps.

Template: company/start.html (steps: [start.Step], progress: start.Progress, version, closed).
"""

import msgspec
from aiohttp import web

from callcenter.company import kept, start
from callcenter.company.sheets import save
from callcenter.errors import NotFound
from callcenter.server.body import read_form
from callcenter.server.identity import administrator
from callcenter.server.keys import DATABASE
from callcenter.server.pages import redirect, render


async def show(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].read() as session:
        sheet, version = await kept.versioned(session, start.KEY, start.Start)
        progress = await start.progress(session, sheet)
    return render(
        request, "company/start.html", steps=start.STEPS, progress=progress, version=version,
        closed=sheet.closed,
    )  # fmt: skip


async def skip(request: web.Request) -> web.Response:
    """Skip a step, or take a skipped one up again."""
    administrator(request)
    key, values = request.match_info["step"], await read_form(request)
    if key not in start.KEYS:
        raise NotFound
    sheet = await _sheet(request)
    skipped = [each for each in sheet.skipped if each != key]
    if "again" not in values:
        skipped.append(key)
    await save(request, start.KEY, msgspec.structs.replace(sheet, skipped=skipped), {})
    return redirect(request, "/admin/start")


async def close(request: web.Request) -> web.Response:
    """Hide the first steps, or show them again."""
    administrator(request)
    values = await read_form(request)
    sheet = msgspec.structs.replace(await _sheet(request), closed="again" not in values)
    await save(request, start.KEY, sheet, {})
    return redirect(request, "/admin/start" if "again" in values else "/admin", whole=True)


async def _sheet(request: web.Request) -> start.Start:
    async with request.app[DATABASE].read() as session:
        return await kept.read(session, start.KEY, start.Start)


routes = [
    web.get("/admin/start", show),
    web.post("/admin/start/close", close),
    web.post("/admin/start/{step}/skip", skip),
]
