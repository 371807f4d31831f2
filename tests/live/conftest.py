"""A small house with only the live room in it, on a real socket."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
import pytest
import websockets
from aiohttp import web

from callcenter.live import websocket
from callcenter.live.hub import Dress, Hub, Limits
from callcenter.live.protocol import LinkView, Message, Snapshot, StateView
from callcenter.server.brand import Brand
from callcenter.server.identity import Identity
from callcenter.server.keys import AUTHENTICATE, BRAND, SETTINGS
from callcenter.settings import Settings

TEST_LIMIT_S = 30

#: What a page is told, tagged by `type`.
Told = dict[str, Any]


class Page:
    """One open tab: an independent, strict implementation on the other end."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.asked = 0

    async def ask(self, kind: str, **fields: Any) -> None:
        self.asked += 1
        await self.socket.send(
            msgspec.json.encode({"type": kind, "id": self.asked, **fields}), text=True
        )

    async def next(self, kind: str | None = None) -> Told:
        """Return the next message, or the next of `kind`."""
        async with asyncio.timeout(TEST_LIMIT_S):
            while True:
                told: Told = msgspec.json.decode(await self.socket.recv())
                if kind in (None, told["type"]):
                    return told

    async def closed(self) -> int | None:
        """Return the code with which the server closes, whatever it says before."""
        async with asyncio.timeout(TEST_LIMIT_S):
            try:
                while True:
                    await self.socket.recv()
            except websockets.ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None


class House:
    """Sign people in, open pages, say things."""

    def __init__(self, limits: Limits, feeds: dict[str, Any] | None = None) -> None:
        self.sessions: dict[str, Identity] = {}
        self.links: tuple[LinkView, ...] = ()
        self.comings: asyncio.Queue[tuple[int, bool]] = asyncio.Queue()
        self.seen: asyncio.Queue[tuple[int, str, float]] = asyncio.Queue()
        self.state: dict[int, str] = {}
        self.dress: Dress = lambda message, _who: message
        self.hub = Hub(
            self._picture,
            clock=time.time,
            dress=self._dress,
            feeds=feeds,
            on_presence=lambda user_id, here: self.comings.put_nowait((user_id, here)),
            on_seen=lambda who, pop_id, ms: self.seen.put_nowait((who.user_id, pop_id, ms)),
            limits=limits,
        )
        self.address = ""
        self.stop: Callable[[], Awaitable[None]]

    def sign_in(self, name: str, user_id: int, **more: Any) -> None:
        self.sessions[name] = Identity(
            user_id=user_id, name=name, login=name, role_key="agent", **more
        )

    async def authenticate(self, request: web.Request) -> Identity | None:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return self.sessions.get(bearer or request.cookies.get("session", ""))

    @asynccontextmanager
    async def page(
        self,
        name: str | None = None,
        *,
        seq: int | None = None,
        hello: bool = True,
        headers: dict[str, str] | None = None,
        origin: str | None = "own",
        **options: Any,
    ) -> AsyncIterator[Page]:
        headers = dict(headers or {})
        if name is not None:
            headers["Cookie"] = f"session={name}"
        own = self.address.replace("ws:", "http:")
        async with websockets.connect(
            f"{self.address}/live",
            origin=own if origin == "own" else origin,  # type: ignore[arg-type]
            additional_headers=headers,
            **options,
        ) as socket:
            page = Page(socket)
            # Whoever is not let in may be sent away before the first word.
            with suppress(websockets.ConnectionClosed):
                if hello:
                    await page.ask("hello", seq=seq)
            yield page

    async def came(self, user_id: int, here: bool) -> None:
        async with asyncio.timeout(TEST_LIMIT_S):
            while await self.comings.get() != (user_id, here):
                pass

    def _dress(self, message: Message, who: Identity) -> Message:
        return self.dress(message, who)

    def _picture(self, who: Identity, seq: int) -> Snapshot:
        state = StateView(state=self.state.get(who.user_id, "ready"), since=0)
        return Snapshot(seq=seq, now=time.time(), state=state, links=self.links)


@pytest.fixture
def limits() -> Limits:
    return Limits(leave_after_s=0.05, close_s=0.5)


@pytest.fixture
def feeds() -> dict[str, Any]:
    return {}


@pytest.fixture
async def house(limits: Limits, feeds: dict[str, Any]) -> AsyncIterator[House]:
    house = House(limits, feeds)
    house.sign_in("anna", 1)
    house.sign_in("boris", 2)
    app = web.Application()
    app[SETTINGS] = Settings()
    app[BRAND] = Brand
    app[AUTHENTICATE] = house.authenticate
    app[websocket.HUB] = house.hub
    app.add_routes(websocket.routes())

    async def close(_app: web.Application) -> None:
        house.hub.close()

    app.on_shutdown.append(close)
    runner = web.AppRunner(app, shutdown_timeout=TEST_LIMIT_S)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    house.address = f"ws://127.0.0.1:{runner.addresses[0][1]}"
    house.stop = runner.cleanup
    yield house
    await runner.cleanup()
