"""Administrators at work in a real browser: lists in order, fields of their own, colours tried on."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.web.office import ConsoleOffice as Office
from tests.web.office import Desk

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def administrator(office: Office) -> Desk:
    return await office.desk(await office.agent("Anna", "1001", role="admin"))


def names(page: Page) -> Locator:
    return page.locator(".option__name")


async def drag_down(page: Page, row: int) -> None:
    """Drag a row over the next one, as a hand does: row by row, and let go when it has moved."""
    grip = await page.locator(".option__grip").nth(row).bounding_box()
    below = await page.locator(".option").nth(row + 1).bounding_box()
    name, after = await names(page).nth(row).inner_text(), names(page).nth(row + 1)
    assert grip is not None
    assert below is not None
    await page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    await page.mouse.down()
    await page.mouse.move(grip["x"] + 8, below["y"] + below["height"] - 4, steps=10)
    await expect(after).to_have_text(name)
    await page.mouse.up()


async def test_a_list_is_put_in_order_by_keyboard_and_by_drag(office: Office):
    desk = await administrator(office)
    page = desk.page
    await desk.open("/admin/lists/company_size")
    await expect(page.locator("form.is-sortable")).to_be_visible()
    begun = await names(page).all_inner_texts()

    await page.get_by_role("button", name=f"Move {begun[0]} down").focus()
    await page.keyboard.press("Enter")
    await expect(names(page)).to_have_text([begun[1], begun[0], *begun[2:]])

    await expect(page.locator("form.is-sortable")).to_be_visible()
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await drag_down(page, 1)
    moved = [begun[1], begun[2], begun[0], *begun[3:]]
    await expect(names(page)).to_have_text(moved)
    await desk.open("/admin/lists/company_size")
    await expect(names(page)).to_have_text(moved)
    assert desk.complaints == []


async def test_an_option_is_added_with_the_keyboard_alone(office: Office):
    desk = await administrator(office)
    page = desk.page
    await desk.open("/admin/lists/source")

    await expect(page.get_by_label("Name in English")).to_be_focused()
    await page.keyboard.type("Radio")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Radio (az)")
    await page.keyboard.press("Enter")

    await expect(names(page).last).to_have_text("Radio")
    await expect(page.locator(".option").last).to_contain_text("Radio (az)")


async def test_a_field_is_added_and_a_wrong_one_keeps_what_was_typed(office: Office):
    desk = await administrator(office)
    page = desk.page
    await desk.open("/admin/fields/contact")

    await page.get_by_label("Name in English").fill("Car")
    await page.get_by_label("Type", exact=True).select_option("long_text")
    await page.get_by_label("Unique").check()
    await page.get_by_role("button", name="Add").click()
    await expect(page.locator(".field__error")).to_contain_text("cannot be unique")
    await expect(page.get_by_label("Name in English")).to_have_value("Car")

    await page.get_by_label("Unique").uncheck()
    await page.get_by_role("button", name="Add").click()
    await expect(names(page)).to_have_text(["Car"])
    field = office.house.registry.fields("contact")["custom.car"]
    assert field.type == "long_text"

    await desk.open("/contacts/new")
    await expect(page.get_by_label("Car", exact=True)).to_be_attached()
    token = await page.locator("meta[name=csrf-token]").get_attribute("content")
    made = await page.request.post(
        f"{office.house.address}/api/v1/contacts",
        data={"kind": "person", "name": "Zoë Müller", "custom.car": "A red one"},
        headers={"Origin": office.house.address, "X-CSRF-Token": token or ""},
    )
    assert (made.status, (await made.json())["custom.car"]) == (201, "A red one")


async def test_a_colour_is_tried_on_and_the_readable_one_is_taken(office: Office):
    desk = await administrator(office)
    page = desk.page
    await desk.open("/admin/look")

    await page.get_by_role("textbox", name="Colour on light pages", exact=True).fill("#ffeb3b")
    take = page.get_by_role("button", name="Take #7c6f00")
    await take.click()
    await expect(take).to_be_hidden()
    await expect(page.locator("#f-accent")).to_have_value("#7c6f00")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()

    save = page.locator(".button--primary").first
    await expect(save).to_have_css("background-color", "rgb(124, 111, 0)")
    assert desk.complaints == []
