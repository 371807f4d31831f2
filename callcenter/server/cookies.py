"""The cookies we set: the session, an anonymous visit, the language chosen before sign-in.

All are SameSite=Lax, and Secure behind TLS. Scripts can read none of them.
"""

from aiohttp import web

from callcenter.server.client import is_secure

SESSION = "callcenter_session"
#: Ties a form to the browser it was sent to while nobody is signed in.
VISIT = "callcenter_visit"
LOCALE = "callcenter_locale"

YEAR_S = 365 * 24 * 3600


def put(
    request: web.Request,
    response: web.StreamResponse,
    name: str,
    value: str,
    *,
    max_age_s: int | None = None,
) -> None:
    """Set a cookie; without `max_age_s` it ends with the browser."""
    response.set_cookie(
        name, value, path="/", httponly=True, samesite="Lax",
        secure=is_secure(request), max_age=max_age_s,
    )  # fmt: skip


def drop(request: web.Request, response: web.StreamResponse, name: str) -> None:
    response.del_cookie(name, path="/", httponly=True, samesite="Lax", secure=is_secure(request))
