"""Somebody's browser: pages over HTTP, and tabs that are told what happens over the websocket.

The websocket is spoken with a library of its own, `websockets`: a second, strict implementation on
the other end.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import msgspec
import websockets
from aiohttp import ClientSession, CookieJar

from tests.fixtures.house import Browser, Page

TEST_LIMIT_S = 30

#: What a page is told, tagged by `type`.
Told = dict[str, Any]


class Tab:
    """One open page. It keeps all it was told, in `told`."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.told: list[Told] = []
        self._socket = socket
        self._asked = 0
        #: How far `next` has gone for each kind.
        self._taken: dict[str, int] = {}

    @property
    def seq(self) -> int:
        """The number of the last numbered message, as a page says it when it comes back."""
        return next(told["seq"] for told in reversed(self.told) if told.get("seq") is not None)

    async def ask(self, kind: str, **fields: Any) -> None:
        self._asked += 1
        request = {"type": kind, "id": self._asked, **fields}
        await self._socket.send(msgspec.json.encode(request), text=True)

    async def next(self, kind: str, where: Callable[[Told], bool] = lambda _: True) -> Told:
        """Return the next message of this kind, after the one that was last asked for, for which
        `where` holds."""
        place = self._taken.get(kind, 0)
        try:
            async with asyncio.timeout(TEST_LIMIT_S):
                while True:
                    while place == len(self.told):
                        await self._hear()
                    told, place = self.told[place], place + 1
                    if told["type"] == kind and where(told):
                        self._taken[kind] = place
                        return told
        except TimeoutError:
            raise AssertionError(f"was not told “{kind}”, only {self.told}") from None

    async def _hear(self) -> None:
        self.told.append(msgspec.json.decode(await self._socket.recv()))

    async def caught_up(self) -> list[Told]:
        """Return all that the page was told, once what was said until now has come."""
        await self.ask("ping")
        await self.next("pong")
        return self.told

    async def has_been_told(self, kind: str) -> list[Told]:
        return [told for told in await self.caught_up() if told["type"] == kind]

    async def closed(self) -> int | None:
        """Return the code with which the service closes, whatever it says before."""
        async with asyncio.timeout(TEST_LIMIT_S):
            with suppress(websockets.ConnectionClosed):
                while True:
                    await self._socket.recv()
        return self._socket.close_code

    async def cut(self) -> None:
        """Lose the line, as a laptop does that leaves the room: nobody says good-bye."""
        self._socket.transport.abort()
        await self._socket.wait_closed()


@dataclass
class Screen:
    """A person who is signed in, with one tab open; more can be opened beside it."""

    browser: Browser
    tab: Tab

    async def next(self, kind: str, where: Callable[[Told], bool] = lambda _: True) -> Told:
        return await self.tab.next(kind, where)

    async def caught_up(self) -> list[Told]:
        return await self.tab.caught_up()

    async def has_been_told(self, kind: str) -> list[Told]:
        return await self.tab.has_been_told(kind)

    async def open(self, path: str, **headers: str) -> Page:
        return await self.browser.open(path, **headers)

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Page:
        """Ask the API as a page's script does."""
        return await self.browser.call(method, f"/api/v1{path}", body, **headers)

    @asynccontextmanager
    async def another_tab(self, seq: int | None = None, **options: Any) -> AsyncIterator[Tab]:
        """Open one more tab, or the same again after it was lost: `seq` is what it had seen."""
        async with tab_of(self.browser, seq, **options) as tab:
            yield tab


@asynccontextmanager
async def signed_in(address: str, login: str, password: str) -> AsyncIterator[Screen]:
    async with ClientSession(address, cookie_jar=CookieJar(unsafe=True)) as client:
        browser = Browser(client, address)
        await browser.open("/sign-in")
        page = await browser.submit("/sign-in", {"login": login, "password": password})
        assert page.status == 303, page.text
        await browser.open("/account")
        async with tab_of(browser) as tab:
            await tab.next("snapshot")
            yield Screen(browser, tab)


@asynccontextmanager
async def tab_of(browser: Browser, seq: int | None = None, **options: Any) -> AsyncIterator[Tab]:
    cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in browser.client.cookie_jar)
    async with websockets.connect(
        f"{browser.origin.replace('http', 'ws', 1)}/live",
        origin=browser.origin,  # type: ignore[arg-type]
        additional_headers={"Cookie": cookies},
        **options,
    ) as socket:
        tab = Tab(socket)
        # Who is turned away may be so before he has said a word.
        with suppress(websockets.ConnectionClosed):
            await tab.ask("hello", seq=seq)
        yield tab
