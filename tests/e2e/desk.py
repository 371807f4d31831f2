"""Somebody's seat: a real browser at the service, signed in, and all that its socket was told."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from playwright.async_api import ConsoleMessage, Locator, Page, WebSocket, expect

from tests.service.office import PASSWORD, Person

TIMEOUT_MS = 10_000


class Desk:
    """One page of one person."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        #: Every message of the live connection, in order, of this page and its reloads.
        self.told: list[dict[str, Any]] = []
        #: How often the page has connected.
        self.connections = 0
        #: What the browser had to complain about.
        self.complaints: list[str] = []
        page.on("websocket", self._listen)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def pops(self) -> Locator:
        """What stands among the calls on my phone."""
        return self.page.locator("#pops .pop")

    @property
    def banner(self) -> Locator:
        return self.page.locator("#link-banner")

    async def wish(self, state: str, reason: str | None = None) -> None:
        """Choose a state in the menu."""
        await self.page.locator("#state summary").click()
        choice = f"[data-state-wish={state}]" + (f"[data-reason={reason}]" if reason else "")
        await self.page.locator(choice).click()

    def kinds_told(self) -> set[str]:
        return {message["type"] for message in self.told}

    async def sign_in(self, login: str, password: str = PASSWORD) -> None:
        await self.page.goto(f"{self.address}/sign-in")
        await self.page.fill("[name=login]", login)
        await self.page.fill("[name=password]", password)
        await self.page.locator("form:has([name=password]) button").last.click()
        await self.live()

    async def live(self) -> None:
        """Wait until the page has its first picture over the socket."""
        await expect(self.page.locator("#state .state")).to_be_visible(timeout=TIMEOUT_MS)

    async def go(self, path: str) -> None:
        """Load a page anew, as the address bar does."""
        await self.page.goto(f"{self.address}{path}")
        await self.live()

    async def newest_event(self, contact_id: int) -> "Event":
        """Return the first line of a customer's timeline, as it is shown."""
        await self.go(f"/contacts/{contact_id}")
        line = self.page.locator(".timeline .event").first
        return Event(
            await line.locator(".event__title").inner_text(),
            await line.locator(".event__facts span").all_inner_texts(),
        )

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _listen(self, socket: WebSocket) -> None:
        self.connections += 1
        socket.on("framereceived", lambda data: self.told.append(msgspec.json.decode(data)))


class Event:
    """A line of a timeline: its title and its facts in words."""

    def __init__(self, title: str, facts: list[str]) -> None:
        self.title = title
        self.facts = facts

    @property
    def talk_s(self) -> int:
        return next(_seconds(fact) for fact in self.facts if re.fullmatch(r"[\d:]+", fact))

    @property
    def wait_s(self) -> int:
        waited = (re.fullmatch(r"waited ([\d:]+)", fact) for fact in self.facts)
        return next(_seconds(found[1]) for found in waited if found)


SitDown = Callable[[Person], Awaitable[Desk]]


def _seconds(clock: str) -> int:
    seconds = 0
    for part in clock.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds
