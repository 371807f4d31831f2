"""Answers go out compressed where the browser takes it: a page of 125 kB becomes one of 20.

Whole answers only: files and streams are sent as they are, and the browser's own files lie compressed
on the disk (`assets`). What is secret in a page is another text in each answer (`csrf.token`): by the length of
compressed pages it could be guessed letter by letter otherwise (the BREACH attack).
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: Less fits into one packet anyway.
LEAST_BYTES: Final = 1_400
#: More is compressed on another thread: there the hop costs less than the loop would wait.
_BY_THE_WAY_BYTES: Final = 8_192
_TYPES: Final = frozenset(
    ("text/html", "application/json", "text/plain", "text/csv", "text/calendar", "text/javascript")
)
#: Half the time of zlib's own choice, for pages a twentieth longer.
_LEVEL: Final = 4
_GZIP: Final = 31


@web.middleware
async def compress(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    if not isinstance(response, web.Response) or response.content_type not in _TYPES:
        return response
    body = response.body
    if not isinstance(body, bytes) or len(body) < LEAST_BYTES:
        return response
    _vary(response)
    if "gzip" in request.headers.get("Accept-Encoding", "").lower() and not _is_coded(response):
        response.body = await _compressed(body)
        response.headers["Content-Encoding"] = "gzip"
    return response


def _is_coded(response: web.Response) -> bool:
    return "Content-Encoding" in response.headers


def _vary(response: web.Response) -> None:
    varies = response.headers.get("Vary")
    response.headers["Vary"] = f"{varies}, Accept-Encoding" if varies else "Accept-Encoding"


async def _compressed(body: bytes) -> bytes:
    if len(body) > _BY_THE_WAY_BYTES:
        return await asyncio.to_thread(zlib.compress, body, _LEVEL, _GZIP)
    return zlib.compress(body, _LEVEL, _GZIP)
