"""What is believed of the other end of a request: its address and its scheme.

Behind a proxy these are what the proxy says in X-Forwarded-For and
X-Forwarded-Proto, but only if the operator has said that there is one
(`behind_proxy`): anybody else can write such a header.
"""

from aiohttp import web
from yarl import URL

from callcenter.server.keys import SETTINGS


def ip(request: web.Request) -> str:
    """Return the address of the person's machine."""
    if request.app[SETTINGS].behind_proxy:
        # The last entry is the one our own proxy wrote.
        forwarded = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
        if forwarded:
            return forwarded
    return request.remote or ""


def is_secure(request: web.Request) -> bool:
    """Return whether the browser reached us over TLS."""
    settings = request.app[SETTINGS]
    if settings.behind_proxy and (scheme := request.headers.get("X-Forwarded-Proto")):
        return scheme.strip().lower() == "https"
    return request.secure or settings.public_url.startswith("https://")


def origin(request: web.Request) -> str:
    """Return our own origin as browsers write it: scheme, host, and port unless it is usual."""
    public_url = request.app[SETTINGS].public_url
    if public_url:
        return str(URL(public_url).origin())
    return f"{'https' if is_secure(request) else 'http'}://{request.host.lower()}"


def is_on_this_machine(request: web.Request) -> bool:
    """Return whether the request comes from this very machine, through no proxy."""
    return request.remote in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
