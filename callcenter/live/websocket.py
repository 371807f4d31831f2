"""GET /live: how a browser comes in, is heard, and is sent away.

Two tasks a browser: the handler listens, one writer sends; nobody else touches the
socket. The same cookie as for pages lets it in, and only from a page of ours; an API
token does for programs. Refusals come as close codes (`protocol`), because browsers
do not show the status of a refused handshake to the page.
"""

import asyncio
from contextlib import suppress

import msgspec
import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from callcenter.errors import NotAllowed
from callcenter.live.hub import Browser, Hub
from callcenter.live.outbox import Outbox, TooSlow
from callcenter.live.protocol import (
    CLOSE_FOREIGN,
    CLOSE_NONSENSE,
    CLOSE_NOT_SIGNED_IN,
    CLOSE_RESTART,
    CLOSE_SESSION_ENDED,
    CLOSE_TOO_SLOW,
    AnyRequest,
    Hello,
    Ping,
    Pong,
    Result,
    Seen,
    Subscribe,
    Unsubscribe,
)
from callcenter.server.csrf import is_own_page
from callcenter.server.i18n import language_of
from callcenter.server.identity import IDENTITY, Identity, bare
from callcenter.server.keys import AUTHENTICATE
from callcenter.server.pages import zone_of

log = structlog.get_logger()

HUB = web.AppKey("hub", Hub)

#: No request is longer; what is longer is not one of ours.
REQUEST_BYTES = 4096

_requests: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)


class Nonsense(Exception):
    """The browser said what no page of ours says."""


@bare
async def live(request: web.Request) -> web.WebSocketResponse:
    hub = request.app[HUB]
    socket = web.WebSocketResponse(
        heartbeat=hub.limits.heartbeat_s,
        max_msg_size=REQUEST_BYTES,
        compress=False,
        # Wait for the browser after each message, not after the default of 256 KiB.
        writer_limit=0,
    )
    await socket.prepare(request)
    connection = Connection(hub, socket, request)
    try:
        code = await connection.serve()
        # A browser that reads nothing does not read our good-bye either.
        with suppress(TimeoutError):
            async with asyncio.timeout(hub.limits.close_s):
                await socket.close(code=code)
    finally:
        # What a browser never reads would otherwise be kept until its line dies.
        if request.transport is not None:
            request.transport.abort()
    return socket


class Connection:
    """One browser's socket, from the handshake to the good-bye."""

    def __init__(self, hub: Hub, socket: web.WebSocketResponse, request: web.Request) -> None:
        self._hub = hub
        self._socket = socket
        self._request = request
        self._end: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def serve(self) -> int:
        """Serve the browser until it goes; return the close code it is to be told."""
        who = await self._sign_in()
        if isinstance(who, int):
            return who
        outbox = Outbox(self._hub.limits.held_bytes, self._unsent_bytes)
        browser = Browser(who, outbox, self._finish)
        tasks = (
            asyncio.create_task(self._read(browser), name="live reader"),
            asyncio.create_task(self._write(browser), name="live writer"),
            asyncio.create_task(self._watch_session(browser), name="live session"),
        )
        try:
            await asyncio.wait((*tasks, self._end), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        code = self._code(*tasks)
        if code == CLOSE_TOO_SLOW:
            log.warning("a browser does not read what it is told and is let go", user=who.login)
        return code

    def _code(
        self,
        reader: "asyncio.Task[None]",
        writer: "asyncio.Task[None]",
        session: "asyncio.Task[None]",
    ) -> int:
        """Return the close code for how it came to an end."""
        if self._end.done():
            return self._end.result()
        if not session.cancelled() and session.exception() is None:
            return CLOSE_SESSION_ENDED
        for task in (reader, writer, session):
            match None if task.cancelled() else task.exception():
                case Nonsense() as error:
                    log.info("a browser spoke nonsense", said=str(error), task=task.get_name())
                    return CLOSE_NONSENSE
                case TooSlow():
                    return CLOSE_TOO_SLOW
                case None | ConnectionError():
                    pass
                case error:
                    log.error("a live connection failed", task=task.get_name(), exc_info=error)
                    return WSCloseCode.INTERNAL_ERROR
        return WSCloseCode.OK

    async def _sign_in(self) -> Identity | int:
        """Return who it is, or the code with which to send them away."""
        by_token = "Authorization" in self._request.headers
        if not by_token and not is_own_page(self._request):
            return CLOSE_FOREIGN
        who = await self._request.app[AUTHENTICATE](self._request)
        if who is None or not _may_watch(who):
            return CLOSE_NOT_SIGNED_IN
        self._request[IDENTITY] = who
        return msgspec.structs.replace(
            who, locale=language_of(self._request), time_zone=zone_of(self._request)
        )

    async def _read(self, browser: Browser) -> None:
        """Hear the browser until it goes."""
        try:
            hello = await asyncio.wait_for(self._hear(), self._hub.limits.hello_s)
        except TimeoutError as error:
            raise Nonsense("no hello in time") from error
        if hello is None:
            return
        if not isinstance(hello, Hello):
            raise Nonsense(f"{type(hello).__name__} before hello")
        self._answer(browser, Result(id=hello.id, ok=True))
        self._hub.enter(browser, hello.seq)
        try:
            while (request := await self._hear()) is not None:
                self._obey(browser, request)
        finally:
            self._hub.leave(browser)

    async def _hear(self) -> AnyRequest | None:
        """Return the next request; None when the browser has gone."""
        message = await self._socket.receive()
        if message.type is WSMsgType.TEXT:
            try:
                return _requests.decode(message.data)
            except msgspec.DecodeError as error:
                raise Nonsense(str(error)) from error
        if message.type is WSMsgType.BINARY:
            raise Nonsense("binary")
        return None

    def _obey(self, browser: Browser, request: AnyRequest) -> None:
        match request:
            case Ping():
                self._answer(browser, Pong(now=self._hub.clock()))
            case Seen(pop_id=pop_id, ms=ms):
                self._hub.on_seen(browser.who, pop_id, ms)
            case Subscribe(id=id_, topic=topic):
                allowed = self._hub.subscribe(browser, topic)
                error = None if allowed else {"code": NotAllowed.code}
                self._answer(browser, Result(id=id_, ok=allowed, error=error))
            case Unsubscribe(id=id_, topic=topic):
                browser.topics.pop(topic, None)
                self._answer(browser, Result(id=id_, ok=True))
            case Hello():
                raise Nonsense("hello twice")

    def _answer(self, browser: Browser, message: Pong | Result) -> None:
        browser.outbox.put(msgspec.json.encode(message))

    async def _write(self, browser: Browser) -> None:
        while True:
            payload = await browser.outbox.take()
            await self._socket.send_frame(payload, WSMsgType.TEXT)

    async def _watch_session(self, browser: Browser) -> None:
        """Return when the session that let the browser in has ended."""
        authenticate = self._request.app[AUTHENTICATE]
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._hub.limits.session_check_s):
                    await browser.doubt.wait()
            browser.doubt.clear()
            who = await authenticate(self._request)
            if who is None or not _may_watch(who):
                return
            if _rights(who) != _rights(browser.who):
                # The page comes back at once, as who the person is now.
                browser.end(CLOSE_RESTART)

    def _unsent_bytes(self) -> int:
        transport = self._request.transport
        return 0 if transport is None else transport.get_write_buffer_size()

    def _finish(self, code: int) -> None:
        if not self._end.done():
            self._end.set_result(code)


def _may_watch(who: Identity) -> bool:
    """A token needs the scope `live:read`; whoever must change the password does that first."""
    if who.via == "token":
        return bool(who.scopes & {"*", "live:*", "live:read"})
    return not who.password_expired


def _rights(who: Identity) -> tuple[object, ...]:
    return who.grants, who.fields, who.flags, who.scopes, who.teams


def routes() -> list[web.RouteDef]:
    return [web.get("/live", live)]
