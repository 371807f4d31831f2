"""Pages: a whole one in the shell, or only the part that htmx puts into `<main>`.

A template extends `layout`, which is chosen here. What a template finds besides
its own context is listed in `names`.
"""

from typing import Any

from aiohttp import web

from callcenter.server import csrf, rail
from callcenter.server.administration import is_shown, open_to, page_of
from callcenter.server.i18n import LANGUAGES, language_of, translate
from callcenter.server.identity import Identity, identity, known, may
from callcenter.server.keys import ASSETS, BRAND, CLOCK, SETTINGS
from callcenter.server.templates import text as render_text
from callcenter.server.tracking import REQUEST_ID

__all__ = ["is_fragment", "redirect", "render", "render_text", "safe_next", "translate"]


def render(
    request: web.Request, template: str, *, status: int = 200, **context: Any
) -> web.Response:
    """Return the page, in the reader's language and time zone."""
    html = render_text(template, language_of(request), **names(request), **context)
    response = web.Response(text=html, status=status, content_type="text/html")
    response.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    if request.method != "GET" and "HX-Request" in request.headers:
        # The address of a form takes no GET: reload and Back lead to the page that it was sent from.
        response.headers["HX-Push-Url"] = "false"
    return response


def names(request: web.Request) -> dict[str, Any]:
    """Return what every page finds in its context."""
    who = known(request)
    return {
        "layout": _layout(request, who),
        "identity": who,
        "languages": LANGUAGES,
        "theme": who.theme if who else "auto",
        "time_zone": zone_of(request),
        "now": request.app[CLOCK](),
        "csrf_token": csrf.token(request),
        "path": request.path,
        "url": request.path_qs,
        "request_id": request.get(REQUEST_ID, ""),
        "asset": request.app[ASSETS].address,
        "brand": request.app[BRAND](),
        "administration": lambda: open_to(identity(request), request.app[BRAND]()),
        "admin_page": lambda groups: page_of(groups, request.path),
        "may": lambda entity, action: may(who, entity, action) if who else "none",
        "ways": lambda: rail.ways(identity(request), request.app[BRAND]()),
        "has_administration": lambda: who is not None and is_shown(who),
        "flag": lambda flag: who is not None and flag in who.flags,
    }


def zone_of(request: web.Request) -> str:
    """Return the IANA zone the reader sees times in."""
    who = known(request)
    return (who and who.time_zone) or request.app[SETTINGS].time_zone


def is_fragment(request: web.Request) -> bool:
    """Return whether htmx asks, and only for what goes into `<main>`."""
    headers = request.headers
    return "HX-Request" in headers and "HX-History-Restore-Request" not in headers


def redirect(request: web.Request, location: str, *, whole: bool = False) -> web.Response:
    """Return the way to `location`, after a form.

    `whole` makes htmx load the page anew, shell included: the person, the token of the forms or
    the language has changed.
    """
    if whole and "HX-Request" in request.headers:
        return web.Response(status=200, headers={"HX-Redirect": location})
    return web.Response(status=303, headers={"Location": location})


def safe_next(location: str) -> str:
    """Return `location` if it is a path of ours, else the first page."""
    is_path = location.startswith("/") and not location.startswith(("//", "/\\"))
    is_plain = not any(ord(character) < 0x20 for character in location)
    return location if is_path and is_plain else "/"


def _layout(request: web.Request, who: Identity | None) -> str:
    if is_fragment(request):
        return "layouts/fragment.html"
    if who is None or who.password_expired:
        return "layouts/door.html"
    return "layouts/shell.html"
