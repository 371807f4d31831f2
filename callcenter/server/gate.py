"""The gate: finds out who asks, and lets in whom the handler is open to."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from callcenter.errors import ModuleOff, NotAllowed, NotUnderstood, PasswordExpired
from callcenter.server import csrf
from callcenter.server.identity import IDENTITY, access, identity
from callcenter.server.keys import AUTHENTICATE, CLOCK, CLOSED, TOKEN_LIMIT

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    # NUL is no text anybody types, and PostgreSQL compares none.
    if "%00" in request.raw_path:
        raise NotUnderstood
    level = access(request)
    if level == "bare":
        return await handler(request)
    if (known := await request.app[AUTHENTICATE](request)) is not None:
        request[IDENTITY] = known
    # An address that leads nowhere says so to everybody, and does nothing.
    if request.match_info.http_exception is None:
        if level != "public":
            who = identity(request)
            # Pages know no scopes: a token for reading contacts must not change its owner's e-mail.
            if who.via == "token" and not request.path.startswith("/api/"):
                raise NotAllowed
            if who.via == "token":
                moment = request.app[CLOCK]().timestamp()
                request.app[TOKEN_LIMIT].take(who.token_id, moment)
            # A program was let in by a token made for it; its person need never sign in.
            elif who.password_expired and level != "renewing":
                raise PasswordExpired
        await csrf.check(request)
        if request.app[CLOSED](request.path):
            raise ModuleOff
    return await handler(request)
