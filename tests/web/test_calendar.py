"""The calendar in a browser: by keyboard, by dragging, on each width."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect
from sqlalchemy import select

from callcenter.interactions.models import Interaction
from tests.web.office import ConsoleOffice as Office
from tests.web.office import Desk

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

LOOKS = [(1440, 900, "light"), (1024, 768, "dark"), (390, 844, "light")]
#: A Wednesday; people here see times in Baku.
DAY = "2030-01-16"
#: Where things begin, from the left.
LEFT = "all => all.map(one => one.getBoundingClientRect().left)"
AT = datetime(2030, 1, 16, 6, 0, tzinfo=UTC)


async def plan(desk: Desk, subject: str, clock: str, minutes: str = "60") -> None:
    await desk.open(f"/interactions/new?kind=meeting&start_at={DAY}T{clock}")
    await desk.page.fill("#f-subject", subject)
    await desk.page.select_option("[name=minutes]", minutes)
    await desk.page.press("#f-subject", "Enter")
    await expect(desk.page.locator("#main h1")).to_have_text(subject)


async def times(office: Office, subject: str) -> tuple[datetime, datetime | None]:
    async with office.house.database.read() as session:
        row = (
            await session.scalars(select(Interaction).where(Interaction.subject == subject))
        ).one()
    return row.start_at, row.end_at


async def test_a_meeting_is_planned_moved_and_made_longer_without_a_mouse(office: Office) -> None:
    desk = await office.desk(await office.agent("Anna", role="supervisor"))
    page = desk.page
    await desk.open(f"/calendar?span=week&day={DAY}")
    await page.locator(f'[data-cell="{DAY}"] [data-slot]').nth(9).focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("n")
    await expect(page.locator("#f-subject")).to_be_focused()
    await expect(page.locator("#f-start_at")).to_have_value(f"{DAY}T10:00")
    await page.keyboard.type("Offer")
    await page.keyboard.press("Enter")

    entry = page.locator(".entry", has_text="Offer")
    await expect(entry).to_have_attribute("data-from", "600")
    await entry.focus()
    await page.keyboard.press("Alt+ArrowDown")
    await expect(entry).to_have_attribute("data-from", "615")
    # It has the focus again, and goes on.
    await expect(entry).to_be_focused()
    await page.keyboard.press("Alt+ArrowRight")
    await expect(entry).to_have_attribute("data-day", "2030-01-17")
    await expect(entry).to_be_focused()
    await page.keyboard.press("Alt+Shift+ArrowDown")
    await expect(entry).to_have_attribute("data-till", "660")

    start = AT + timedelta(days=1, minutes=15)
    assert await times(office, "Offer") == (start, start + timedelta(minutes=45))
    await expect(entry).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main h1")).to_have_text("Offer")
    assert desk.complaints == []


async def test_a_meeting_is_dragged_to_another_day_and_hour(office: Office) -> None:
    desk = await office.desk(await office.agent("Anna", role="supervisor"))
    page = desk.page
    await plan(desk, "Offer", "10:00")
    await desk.open(f"/calendar?span=week&day={DAY}")
    entry = page.locator(".entry", has_text="Offer")
    await expect(entry).to_have_attribute("data-placed", "")
    # Each day stands below its own name.
    heads = await page.eval_on_selector_all(".diary__head", LEFT)
    assert heads == await page.eval_on_selector_all(".diary__column", LEFT)
    assert len(heads) == 7

    await drag(page, entry, days=1, minutes=90)
    await expect(entry).to_have_attribute("data-from", "690")
    await expect(entry).to_have_attribute("data-day", "2030-01-17")
    await drag(page, entry.locator("[data-grip]"), minutes=30)
    await expect(entry).to_have_attribute("data-till", "780")

    start = AT + timedelta(days=1, minutes=90)
    assert await times(office, "Offer") == (start, start + timedelta(minutes=90))
    await desk.open(f"/calendar?day={DAY}")
    await expect(entry).to_have_attribute("data-day", "2030-01-17")
    there = page.locator('[data-cell="2030-01-22"]')
    await carry(page, entry, await middle(there))
    await expect(entry).to_have_attribute("data-day", "2030-01-22")
    assert (await times(office, "Offer"))[0] == start + timedelta(days=5)
    assert desk.complaints == []


async def test_a_row_of_any_list_is_moved_in_its_calendar(office: Office) -> None:
    desk = await office.desk(await office.agent("Anna", role="supervisor"))
    page = desk.page
    await plan(desk, "Offer", "10:00")
    await desk.open(f"/interactions/calendar?span=month&day={DAY}")
    event = page.locator(".calendar__event", has_text="Offer")
    await carry(page, event, await middle(page.locator('[data-cell="2030-01-22"]')))
    await expect(event).to_have_attribute("data-day", "2030-01-22")
    await expect(event).to_be_focused()
    await page.keyboard.press("Alt+ArrowUp")
    await expect(event).to_have_attribute("data-day", "2030-01-15")
    start, end = await times(office, "Offer")
    assert (start, end) == (AT - timedelta(days=1), AT - timedelta(days=1) + timedelta(hours=1))
    assert desk.complaints == []


async def drag(page: Page, what: Any, *, days: int = 0, minutes: int = 0) -> None:
    column = await page.locator(".diary__column").first.bounding_box()
    assert column is not None
    hour = column["height"] / 24
    x, y = await middle(what)
    await carry(page, what, (x + days * column["width"], y + minutes / 60 * hour))


async def carry(page: Page, what: Any, to: tuple[float, float]) -> None:
    await page.mouse.move(*await middle(what))
    await page.mouse.down()
    await page.mouse.move(*to, steps=8)
    await page.mouse.up()


async def middle(what: Any) -> tuple[float, float]:
    await what.scroll_into_view_if_needed()
    box = await what.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def test_everybody_can_use_the_calendar(office: Office) -> None:
    anna = await office.agent("Anna", role="supervisor")
    orxan = await office.agent("Orxan")
    desk = await office.desk(anna)
    await plan(desk, "Offer", "10:00")
    await plan(desk, "A second one at the same time", "10:30")
    faults = []
    for width, height, scheme in LOOKS:
        await desk.page.set_viewport_size({"width": width, "height": height})
        await desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        for span in ("month", "week", "day", "agenda", f"week&who={anna.id}&who={orxan.id}"):
            await desk.open(f"/calendar?day={DAY}&span={span}")
            await expect(desk.page.locator(".entry").first).to_be_visible()
            found = (await Axe().run(desk.page)).response["violations"]
            faults += [f"{width} {span}: {one['id']}: {one['help']}" for one in found]
            spills = await desk.page.locator("#main").evaluate("e => e.scrollWidth > e.clientWidth")
            faults += [f"{width} {span}: spills over"] if spills else []
    assert faults == []
    assert desk.complaints == []
