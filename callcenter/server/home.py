"""Pages of no room: the front door, and the help with the keys."""

from aiohttp import web

from callcenter.server.identity import identity
from callcenter.server.keys import BRAND
from callcenter.server.pages import redirect, render


async def front_door(request: web.Request) -> web.Response:
    """GET /: the first page of a person's day; of an installation's first day its first steps."""
    who = identity(request)
    is_new = "settings" in who.flags and not request.app[BRAND]().begun
    return redirect(request, "/admin/start" if is_new else "/desk")


async def keys_help(request: web.Request) -> web.Response:
    """`help/keys.html` needs no context of its own."""
    return render(request, "help/keys.html")


routes = [web.get("/", front_door), web.get("/help/keys", keys_help)]
