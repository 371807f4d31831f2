"""A partner who is there already: noticed while typing, merged, and two again, at every width."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import expect

from tests.service.screen import TEST_LIMIT_S
from tests.web.office import ConsoleOffice as Office
from tests.web.office import Desk
from tests.web.test_accessibility import LOOKS, faults_of

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize(("width", "height", "scheme"), LOOKS)
async def test_a_partner_who_is_there_already_is_noticed_merged_and_parted_again(
    office: Office, width: int, height: int, scheme: Any
):
    boss = await office.agent("Boss", "1001", role="supervisor")
    zoe = await office.contact("Zoya Quliyeva", "+994501234567", company="Nar MMC")
    desk = await office.desk(boss)
    page, faults = desk.page, []
    await page.set_viewport_size({"width": width, "height": height})
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    await desk.open("/contacts/assistant")
    await type_partner(desk)
    likes = page.locator("#likes")
    await expect(likes.get_by_role("link", name="Open")).to_have_attribute(
        "href", f"/contacts/{zoe}"
    )
    await expect(likes).to_contain_text("Name sounds the same")
    await expect(likes).to_contain_text("Same number +994 50 123 45 67")
    faults += await faults_of(page)

    await page.get_by_label("Given name").press("Enter")
    anyway = likes.get_by_role("button", name="None of them: save anyway")
    await expect(anyway).to_be_visible()
    await expect(page.get_by_label("Family name")).to_have_value("Guliyeva")
    faults += await faults_of(page)
    await anyway.press("Enter")
    await expect(page.get_by_role("heading", name="Zoya Guliyeva")).to_be_visible()

    await the_pair_is_found(desk)
    faults += await faults_of(page)
    await page.get_by_role("link", name="Compare and merge").click()
    stays = page.get_by_role("group", name="Given name").get_by_label("(empty)")
    await expect(stays).not_to_be_checked()
    await page.get_by_role("group", name="Name", exact=True).get_by_label("Zoya Guliyeva").check()
    faults += await faults_of(page)
    await page.get_by_role("button", name="Merge").press("Enter")

    await expect(page.locator(".like__who")).to_contain_text(
        "“Zoya Guliyeva” went into “Zoya Guliyeva”"
    )
    faults += await faults_of(page)
    await page.get_by_role("button", name="Undo").press("Enter")
    await expect(page.locator("main").get_by_role("status")).to_contain_text(
        "Everything is as it was."
    )
    faults += await faults_of(page)
    await desk.open(f"/contacts/{zoe}")
    await expect(page.get_by_role("heading", name="Zoya Quliyeva")).to_be_visible()
    await expect(page.locator(".on-card")).to_contain_text("Zoya Guliyeva")
    faults += await faults_of(page)

    assert faults == []
    assert desk.complaints == []


async def type_partner(desk: Desk) -> None:
    """Fill the assistant in without touching the mouse."""
    keyboard = desk.page.keyboard
    await desk.page.get_by_label("Given name").focus()
    for text in ("Zoya", "Guliyeva"):
        await keyboard.type(text)
        await keyboard.press("Tab")
    await desk.page.get_by_label("Number or address").first.focus()
    await keyboard.type("050 123 45 67")


async def the_pair_is_found(desk: Desk) -> None:
    """Look at the list until the background has compared the new contact."""
    async with asyncio.timeout(TEST_LIMIT_S):
        while True:
            await desk.open("/duplicates")
            if await desk.page.get_by_role("link", name="Compare and merge").count():
                return
