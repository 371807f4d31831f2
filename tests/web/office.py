"""An office with real browsers in it: the whole service, the pretend PBX, people at their screens."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import ConsoleMessage, Locator, Page, expect

from callcenter.settings import Settings
from callcenter.simulator import Simulator, SimulatorSettings
from tests.fixtures.browser import NewPage
from tests.fixtures.database import copied_sqlite
from tests.fixtures.wire import Wire
from tests.service.office import PASSWORD, Person, PretendOffice

#: Refusals are answered by 4xx, which Chromium notes in its console.
EXPECTED_IN_CONSOLE = ("Failed to load resource", "WebSocket connection to")


class Desk:
    """One person's tab, signed in."""

    def __init__(self, page: Page, office: PretendOffice) -> None:
        self.page = page
        self._office = office
        self.complaints: list[str] = []
        page.on("console", self._note_complaint)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def pop(self) -> Locator:
        return self.page.locator("[data-pop]")

    @property
    def note(self) -> Locator:
        return self.pop.locator("textarea")

    async def sign_in(self, person: Person) -> None:
        await self.page.goto(f"{self._office.house.address}/sign-in")
        await self.page.fill("[name=login]", person.login)
        await self.page.fill("[name=password]", PASSWORD)
        await self.page.press("[name=password]", "Enter")
        await self.is_live()

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self._office.house.address}{path}")
        await self.is_live()

    async def is_live(self) -> None:
        """Wait until the page has its first picture over the websocket."""
        await expect(self.page.locator("#state summary")).to_be_visible()

    def _note_complaint(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED_IN_CONSOLE):
            self.complaints.append(message.text)


class ConsoleOffice(PretendOffice):
    """The office, with `desk`: a browser at which somebody sits down."""

    new_page: NewPage
    desks: list[Desk]

    async def desk(self, person: Person) -> Desk:
        desk = Desk(await self.new_page(), self)
        self.desks.append(desk)
        await desk.sign_in(person)
        return desk


@pytest_asyncio.fixture(loop_scope="session")
async def office(
    tmp_path: Path, sqlite_template: Path, new_page: NewPage
) -> AsyncIterator[ConsoleOffice]:
    await copied_sqlite(sqlite_template, tmp_path)
    settings = Settings(
        port=0, data=str(tmp_path), language="en", ami_retry_max_s=0.2, wrap_up_s=20
    )
    async with (
        Simulator(SimulatorSettings()) as sim,
        Wire(sim.host, sim.port) as wire,
        ConsoleOffice(settings, sim, wire) as at_work,
    ):
        at_work.new_page, at_work.desks = new_page, []
        yield at_work
        for desk in at_work.desks:
            await desk.page.context.close()
