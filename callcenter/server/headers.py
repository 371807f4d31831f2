"""The headers of every answer: what a browser may do with our pages.

No inline script or style, no frame around us, nothing from elsewhere. Pages
hold customers' data, so browsers keep none of them.
"""

from aiohttp import web

from callcenter.server.client import is_secure
from callcenter.server.tracking import REQUEST_ID

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

FIXED = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    # Not the versions of what we run on.
    "Server": "callcenter",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": that would make browsers hide the Origin of our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


#: Headers that stand for ours in one answer: a letter is shown in a frame, and nothing runs in it.
OWN: web.RequestKey[dict[str, str]] = web.RequestKey("own_headers", dict)


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers (an on_response_prepare signal, so no answer goes without)."""
    response.headers.update(FIXED | request.get(OWN, {}))
    response.headers.setdefault("Cache-Control", "no-store")
    if REQUEST_ID in request:
        response.headers["X-Request-Id"] = request[REQUEST_ID]
    if is_secure(request):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
