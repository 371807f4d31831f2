"""The search box: one key, some letters, Enter."""

import pytest
from playwright.async_api import expect

from tests.web.office import ConsoleOffice as Office
from tests.web.test_accessibility import faults_of

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_a_customer_is_opened_without_a_mouse(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    zoe = await office.contact("Zoë Müller", "+994501234567")
    await office.contact("Zoltán Müller", "+994501234568")
    page, keys = desk.page, desk.page.keyboard
    chosen = page.locator("#search-found [aria-selected=true]")

    await keys.press("Control+k")
    await expect(page.locator("#search-found")).to_contain_text("Go to")
    await keys.type("Мюллер")
    await expect(page.locator("#search-found [role=option]")).to_have_count(2)
    first = await chosen.inner_text()
    await keys.press("ArrowDown")
    assert await chosen.inner_text() != first
    assert await page.get_attribute(
        "#search", "aria-activedescendant"
    ) == await chosen.get_attribute("id")
    assert await faults_of(page) == []
    await keys.press("Escape")
    await expect(page.locator("#search-found")).to_be_empty()
    await keys.press("/")
    await page.fill("#search", "050 123 45 67")
    await expect(chosen).to_contain_text("+994 50 123 45 67")
    await keys.press("ArrowDown")
    await expect(chosen).to_contain_text("Zoë Müller")
    await keys.press("Enter")

    await expect(page.locator("h1").first).to_contain_text("Zoë Müller")
    assert page.url.endswith(f"/contacts/{zoe}")
    await expect(page.locator("#search")).to_have_value("")
    assert desk.complaints == []


async def test_nothing_found_leads_on(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    await desk.page.fill("#search", "Nobody Atall")

    await desk.page.locator("#search-found").get_by_role("link", name="New contact").click()

    await expect(desk.page.locator("[name=name]")).to_have_value("Nobody Atall")
