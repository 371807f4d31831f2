"""Keeps other sites from acting in a signed-in person's name.

A request that changes something must come from a page of ours, by its Origin
(or Sec-Fetch-Site), and carry the token of that page: the header X-CSRF-Token,
or the form field `csrf_token`. The token is drawn from the session's secret, or
from the visit's while nobody is signed in, so it needs no storage and ends with
them. API tokens need none: no browser sends them by itself.

Each answer writes the token otherwise, behind a mask that it carries along: pages are compressed,
and a text that is the same in all of them could be guessed by their length (the BREACH attack).
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web

from callcenter.errors import ForeignOrigin
from callcenter.server import cookies
from callcenter.server.body import sent_form
from callcenter.server.client import origin
from callcenter.server.identity import known

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")

#: The length of a token, and of its mask.
_BYTES = hashlib.sha256().digest_size

#: The secret of a visit that began with this request.
NEW_VISIT = web.RequestKey("new_visit", str)


def is_own_page(request: web.Request) -> bool:
    """Return whether a page of ours sent this; the websocket asks this too."""
    sent = request.headers.get("Origin")
    if sent is not None:
        return sent.lower() == origin(request)
    return request.headers.get("Sec-Fetch-Site") == "same-origin"


def token(request: web.Request) -> str:
    """Return the token for the page that answers this request, masked."""
    plain, mask = _token(_secret(request) or _new_visit(request)), secrets.token_bytes(_BYTES)
    return (mask + _xor(mask, plain)).hex()


async def check(request: web.Request) -> None:
    """Raise ForeignOrigin unless `request` is harmless or comes from a page of ours."""
    who = known(request)
    if request.method in SAFE_METHODS or (who is not None and who.via == "token"):
        return
    if not is_own_page(request) or not await _has_token(request):
        raise ForeignOrigin


@web.middleware
async def remember_visit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set the cookie of a visit that began with this request."""
    response = await handler(request)
    if (secret := request.get(NEW_VISIT)) is not None:
        cookies.put(request, response, cookies.VISIT, secret)
    return response


async def _has_token(request: web.Request) -> bool:
    sent = request.headers.get("X-CSRF-Token")
    # An upload whose token is among its headers is read by its handler, which takes more.
    is_upload = sent is not None and request.content_type == "multipart/form-data"
    if request.content_type in FORM_TYPES and not is_upload:
        form = await sent_form(request)
        sent = sent or str(form.get("csrf_token", ""))
    secret = _secret(request)
    return bool(sent and secret) and secrets.compare_digest(
        _unmasked(str(sent)), _token(str(secret))
    )


def _unmasked(sent: str) -> bytes:
    """Return the token behind its mask; nothing if it is none."""
    try:
        both = bytes.fromhex(sent)
    except ValueError:
        return b""
    mask, masked = both[:_BYTES], both[_BYTES:]
    return _xor(mask, masked) if len(both) == 2 * _BYTES else b""


def _xor(mask: bytes, text: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(mask, text, strict=True))


def _secret(request: web.Request) -> str | None:
    if known(request) is not None:
        return request.cookies.get(cookies.SESSION)
    return request.get(NEW_VISIT) or request.cookies.get(cookies.VISIT)


def _new_visit(request: web.Request) -> str:
    request[NEW_VISIT] = secret = secrets.token_urlsafe(24)
    return secret


def _token(secret: str) -> bytes:
    return hashlib.sha256(b"csrf:" + secret.encode()).digest()
