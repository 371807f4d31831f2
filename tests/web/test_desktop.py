"""A working morning on one screen, by keyboard: whom to call, the call, what came of it, who is next."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, expect

from callcenter.db import new_id
from callcenter.interactions.models import Interaction, Participant
from tests.service.office import Person
from tests.web.office import ConsoleOffice as Office
from tests.web.office import Desk

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

#: Where people here see times.
BAKU = ZoneInfo("Asia/Baku")
LOOKS = [(1440, 900, "light"), (1024, 768, "dark"), (390, 844, "light")]


def today() -> date:
    return datetime.now(BAKU).date()


@dataclass
class Morning:
    """Anna's day: three customers, one after the other, and a colleague who may change it."""

    office: Office
    anna: Person
    desk: Desk
    zoe: int
    boris: int
    clara: int

    @property
    def chosen(self) -> Locator:
        return self.desk.page.locator("#my-customer h2").first

    @property
    def focused(self) -> Locator:
        return self.desk.page.locator(":focus")

    def row(self, name: str) -> Locator:
        return self.desk.page.locator("[data-person]", has_text=name)

    def counter(self, name: str) -> Locator:
        return self.desk.page.locator(f"[data-counter={name}] b")

    async def plan(self, contact_id: int, subject: str, hours: float, owner: Person) -> int:
        """Plan a call so many hours after noon, as another program would."""
        at = datetime.combine(today(), time(12), BAKU) + timedelta(hours=hours)
        row_id = new_id(at.timestamp())
        async with self.office.house.database.write() as session:
            session.add(
                Interaction(
                    id=row_id, kind="call", status="planned", subject=subject, start_at=at,
                    due_at=at, owner_id=owner.id, created_at=at, updated_at=at,
                )
            )  # fmt: skip
            await session.flush()
            session.add(
                Participant(
                    interaction_id=row_id, role="attendee", seq=0, contact_id=contact_id, at=at
                )
            )
        return row_id


@pytest_asyncio.fixture(loop_scope="session")
async def morning(office: Office) -> AsyncIterator[Morning]:
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", "0501112233", company="Müller & Co")
    boris = await office.contact("Boris Petrov", "+79161234567")
    clara = await office.contact("Clara Rossi", "0552223344")
    made = Morning(office, anna, await office.desk(anna), zoe, boris, clara)
    await made.plan(zoe, "Ask for the order", 0, anna)
    await made.plan(boris, "Invoice of October", 1, anna)
    await made.plan(clara, "New season", 2, anna)
    await made.desk.page.locator("#main").focus()
    await made.desk.page.keyboard.type("gt")
    await expect(made.row("Zoë")).to_have_attribute("aria-current", "true")
    yield made


async def test_a_morning_needs_no_mouse_and_no_other_page(morning: Morning) -> None:
    page, keys = morning.desk.page, morning.desk.page.keyboard
    await keys.press("j")
    await expect(morning.row("Zoë")).to_be_focused()
    await keys.press("j")
    await expect(morning.chosen).to_have_text("Boris Petrov")
    await keys.press("ArrowUp")
    await expect(morning.chosen).to_have_text("Zoë Müller")
    await expect(morning.row("Zoë")).to_be_focused()

    # The call: her phone rings, then the customer's; the pop stands beside the work.
    await keys.press("c")
    call = await morning.office.pbx.originated()
    await call.answer("1001")
    await call.far_answers()
    await expect(page.locator("#callbar")).to_contain_text("Zoë Müller")
    await expect(morning.chosen).to_have_text("Zoë Müller")
    await call.hangup()
    await expect(page.locator("#callbar .call")).to_have_count(0)
    # The row tells by itself that they have talked, and keeps the focus.
    await expect(morning.row("Zoë").locator(".turn__called")).to_contain_text("Talked")
    await expect(morning.row("Zoë")).to_be_focused()

    # Beside what is arranged stand one's calls; the focus stays on the way there and back.
    await page.get_by_role("link", name="My calls").press("Enter")
    await expect(page.locator("[data-list-of=calls] [data-person]")).to_have_text(re.compile("Zoë"))
    await page.get_by_role("link", name="Arranged").press("Enter")
    await expect(page.locator("[data-list-of=calls]")).to_have_count(0)
    await morning.row("Zoë").focus()
    await expect(morning.chosen).to_have_text("Zoë Müller")

    # What came of it: a preset result by its number, a word, the next step; then whoever is next.
    await keys.press("1")
    await expect(page.locator("#my-report [name=result_id]").first).to_be_checked()
    await expect(page.locator("#my-report [name=result_id]").first).to_be_focused()
    await page.locator("#my-report [name=step_kind][value=none]").check()
    await page.locator("#f-result_note").fill("Takes two")
    await page.locator("#my-report [name=result_id]").first.press("Enter")
    await expect(morning.chosen).to_have_text("Boris Petrov")
    await expect(morning.row("Boris")).to_be_focused()
    await expect(morning.row("Zoë").locator(".turn__about")).to_have_class(re.compile("done"))
    await expect(morning.counter("planned")).to_have_text("2")

    # The card and back; the small month by its arrows.
    await keys.press("o")
    await expect(page.locator(".card__side")).to_be_visible()
    await page.go_back()
    await expect(morning.chosen).to_have_text("Boris Petrov")
    await page.locator("[data-day][aria-current]").focus()
    day = await page.locator("[data-day][aria-current]").get_attribute("data-day")
    await keys.press("ArrowRight")
    await expect(page.locator("[data-day][aria-current]")).to_be_focused()
    await expect(page.locator("[data-day][aria-current]")).not_to_have_attribute(
        "data-day", day or ""
    )
    await expect(page.locator("#my-people .empty")).to_be_visible()
    await keys.press("ArrowLeft")
    await expect(page.locator("[data-person]")).to_have_count(3)
    assert morning.desk.complaints == []


async def test_what_others_do_shows_by_itself_and_takes_nothing_away(morning: Morning) -> None:
    page = morning.desk.page
    office = morning.office
    await morning.row("Clara").click()
    await expect(morning.chosen).to_have_text("Clara Rossi")
    note = page.locator("#f-result_note")
    await note.fill("Half a")
    await note.press("End")

    # A colleague plans something for Anna, and does what was hers.
    boss = await office.desk(await office.agent("Boss", role="supervisor"))
    await boss.open(f"/interactions/new?contact={morning.boris}&owner={morning.anna.id}")
    await boss.page.fill("#f-start_at", f"{today()}T12:30")
    await boss.page.fill("#f-subject", "Given by the boss")
    await boss.page.press("#f-subject", "Enter")
    await expect(boss.page.locator("#main h1")).to_have_text("Given by the boss")

    await expect(morning.row("Boris")).to_contain_text("Given by the boss")
    await expect(morning.counter("planned")).to_have_text("4")
    await expect(note).to_be_focused()
    await note.press_sequentially(" word")
    await expect(note).to_have_value("Half a word")

    # Somebody rings meanwhile: he has a card beside the work, and nothing typed is lost.
    call = await office.pbx.call(from_="0501112233", to="1001")
    await expect(morning.desk.pop.locator(".pop__name")).to_have_text("Zoë Müller")
    await expect(morning.chosen).to_have_text("Clara Rossi")
    await expect(note).to_have_value("Half a word")
    await morning.row("Boris").click()
    await expect(morning.chosen).to_have_text("Boris Petrov")
    await morning.row("Clara").click()
    await expect(note).to_have_value("Half a word")
    await call.hangup()

    # Not even a line that is lost as it is sent costs a word.
    await page.route("**/my-day/report/**", lambda route: route.abort())
    await page.locator("#my-report [name=step_kind][value=none]").check()
    await page.locator("#my-report .button--primary").press("Enter")
    await expect(page.locator("#main > .notice")).to_be_visible()
    await page.unroute("**/my-day/report/**")
    await page.reload()
    await expect(note).to_have_value("Half a word")
    morning.desk.complaints.clear()

    # Whoever is not at work on anybody sees who calls.
    await note.fill("")
    await page.locator("#my-report [name=step_kind][value=none]").check()
    await page.locator("#my-report .button--primary").press("Enter")
    await expect(morning.chosen).to_have_text("Zoë Müller")
    await morning.row("Boris").click()
    await expect(morning.chosen).to_have_text("Boris Petrov")
    again = await office.pbx.call(from_="0552223344", to="1001")
    await expect(morning.chosen).to_have_text("Clara Rossi")
    await again.hangup()
    assert morning.desk.complaints == []


async def test_the_screen_serves_everybody_on_every_width(morning: Morning) -> None:
    page = morning.desk.page
    for width, height, scheme in LOOKS:
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await expect(morning.row("Zoë")).to_be_visible()
        await expect(page.locator("#my-report")).to_be_visible()
        assert (await Axe().run(page)).response["violations"] == []
        main = page.locator("#main")
        assert await main.evaluate("main => main.scrollWidth <= main.clientWidth")
    # The links beside the list of the day are not walked through.
    await page.locator("#main").focus()
    for _ in range(5):
        await page.keyboard.press("j")
    await expect(morning.row("Clara")).to_be_focused()
