"""The administration page on which modules are switched on and off.

Template: company/modules.html (modules: [modules.Module], off, version, errors, saved).
"""

from aiohttp import web

from callcenter.company import kept, modules
from callcenter.company.sheets import save
from callcenter.entity.keys import ENTITIES
from callcenter.errors import ChangedMeanwhile
from callcenter.server.body import read_form
from callcenter.server.errors import sentence
from callcenter.server.identity import administrator
from callcenter.server.keys import DATABASE
from callcenter.server.pages import redirect, render


async def show(request: web.Request) -> web.Response:
    administrator(request)
    return await _page(request)


async def switch(request: web.Request) -> web.Response:
    """Each module that is on is a field of the form."""
    administrator(request)
    values = await read_form(request)
    off = [
        module.key
        for module in modules.all_modules(request.app[ENTITIES])
        if module.key not in values
    ]
    try:
        await save(request, modules.KEY, modules.Switches(off=off), values)
    except ChangedMeanwhile as problem:
        return await _page(request, {"": sentence(request, problem)}, problem.status)
    return redirect(request, "/admin/modules?saved=1", whole=True)


async def _page(
    request: web.Request, errors: dict[str, str] | None = None, status: int = 200
) -> web.Response:
    async with request.app[DATABASE].read() as session:
        switches, version = await kept.versioned(session, modules.KEY, modules.Switches)
    return render(
        request, "company/modules.html", status=status, modules=modules.all_modules(request.app[ENTITIES]),
        off=switches.off, version=version, errors=errors or {}, saved="saved" in request.query,
    )  # fmt: skip


routes = [web.get("/admin/modules", show), web.post("/admin/modules", switch)]
