"""Half a form, and then something else: nothing that was typed is lost, and nothing of a colleague's is overwritten."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.service.office import PASSWORD
from tests.web.office import ConsoleOffice as Office

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


def numbers(page: Page) -> Locator:
    return page.locator("#points [name=point_value]")


async def test_half_a_new_contact_waits_until_one_comes_back(office: Office):
    anna = await office.agent("Anna", "1001")
    desk = await office.desk(anna)
    page = desk.page
    again = page.get_by_text("What you typed before is here again.")

    await desk.open("/contacts/assistant?kind=person")
    await expect(page.locator("[name=given_name]")).to_be_focused()
    await page.keyboard.type("Nigar")
    await page.click("[data-add-row='#points']")
    await numbers(page).last.fill("050 111 22 33")
    await page.click(".rail a[href='/calls']")
    await expect(page.locator("#main h1")).to_have_text("Calls")
    await page.go_back()
    await expect(page.locator("[name=given_name]")).to_have_value("Nigar")
    await expect(numbers(page).last).to_have_value("050 111 22 33")
    await expect(again).to_be_visible()

    await page.get_by_role("button", name="Start afresh").press("Enter")
    await expect(page.locator("[name=given_name]")).to_have_value("")
    await expect(page.locator("[name=given_name]")).to_be_focused()
    await page.keyboard.type("Aysel")
    await page.get_by_role("link", name="Cancel").click()
    await expect(page.locator("#main h1")).to_have_text("Contacts")
    await desk.open("/contacts/assistant?kind=person")
    await expect(page.locator("[name=given_name]")).to_have_value("")

    await page.locator("[name=given_name]").fill("Leyla")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#main h1")).to_have_text("Leyla")
    await desk.open("/contacts/assistant?kind=person")
    await expect(page.locator("[name=given_name]")).to_have_value("")
    await expect(again).to_have_count(0)
    assert desk.complaints == []


async def test_an_edit_outlives_the_session_and_joins_with_a_colleagues(office: Office):
    anna = await office.agent("Anna", "1001", role="supervisor")
    boris = await office.agent("Boris", "1002", role="supervisor")
    zoe = await office.contact("Zoë Müller", company="Müller & Co")
    desk, other = await office.desk(anna), await office.desk(boris)
    page = desk.page

    await desk.open(f"/contacts/{zoe}/edit")
    await page.fill("[name=title]", "Accountant")
    await page.context.clear_cookies()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Your session has ended.")).to_be_visible()

    await other.open(f"/contacts/{zoe}/edit")
    await other.page.fill("[name=city]", "Sheki")
    await other.page.get_by_role("button", name="Save").click()
    await expect(other.page.locator("#main h1")).to_have_text("Zoë Müller")

    await page.fill("[name=login]", anna.login)
    await page.fill("[name=password]", PASSWORD)
    await page.press("[name=password]", "Enter")
    await expect(page.locator("[name=title]")).to_have_value("Accountant")
    await expect(page.locator("[name=city]")).to_have_value("Sheki")
    await page.fill("[name=name]", "Zoë Meyer")
    await other.open(f"/contacts/{zoe}/edit")
    await other.page.fill("[name=name]", "Zoë Mayer")
    await other.page.get_by_role("button", name="Save").click()
    await expect(other.page.locator("#main h1")).to_have_text("Zoë Mayer")

    # What was kept is written over the version that it was typed over, so a clash is told and not won in silence.
    await desk.open(f"/contacts/{zoe}/edit")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".field__error")).to_contain_text("Zoë Mayer")
    await expect(page.locator("[name=name]")).to_have_value("Zoë Meyer")
    # Reloading asks for the page again, not for what was sent.
    await expect(page).to_have_url(f"{office.house.address}/contacts/{zoe}/edit")
    await page.reload()
    await expect(page.locator("[name=name]")).to_have_value("Zoë Meyer")
    # Both are compared now, so saving again keeps one's own, and nothing else.
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#main h1")).to_have_text("Zoë Meyer")
    await expect(page.locator("#main")).to_contain_text("Accountant")
    await expect(page.locator("#main")).to_contain_text("Sheki")
    assert desk.complaints == []
