"""Pages of no room: the front door, and the help with the keys."""

from aiohttp import web

from callcenter.server.pages import redirect, render


async def front_door(request: web.Request) -> web.Response:
    """GET /: the first page of a person's day."""
    return redirect(request, "/desk")


async def keys_help(request: web.Request) -> web.Response:
    """`help/keys.html` needs no context of its own."""
    return render(request, "help/keys.html")


routes = [web.get("/", front_door), web.get("/help/keys", keys_help)]
