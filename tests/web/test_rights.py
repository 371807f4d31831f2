"""Rights in a real browser, by keyboard alone: a role narrowed, a number shown, work handed over."""

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select, update

from callcenter.agents.models import Role
from callcenter.crm.contacts.models import Contact
from tests.web.full_house import barriers
from tests.web.office import ConsoleOffice as Office
from tests.web.office import Desk

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def press(page: Page, role: str, name: str, *keys: str) -> None:
    """Go to a control, as Tab does, and press keys there."""
    await page.get_by_role(role, name=name).focus()  # type: ignore[arg-type]
    for key in keys:
        await page.keyboard.press(key)


async def test_rights_are_given_used_and_taken_by_keyboard(office: Office) -> None:
    boss = await office.agent("Boss", role="admin")
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", "+994501234567")
    async with office.house.database.write() as session:
        await session.execute(update(Contact).values(owner_id=anna.id))
        agent = await session.scalar(select(Role.id).where(Role.key == "agent"))
    admin, found = await office.desk(boss), []
    page = admin.page

    async def look(desk: Desk, path: str) -> None:
        await desk.open(path)
        found.extend(await barriers(desk.page))

    # The role sees the ends of numbers only, but may have them shown.
    await look(admin, f"/admin/roles/{agent}")
    await page.locator("summary", has_text="Fields: Contacts").focus()
    await page.keyboard.press("Enter")
    await press(page, "combobox", "Phone", "ArrowDown", "ArrowDown")
    await press(page, "checkbox", "Have a masked number shown", "Space")
    await press(page, "button", "Save", "Enter")
    await expect(page.get_by_text("Saved.")).to_be_visible()

    desk = await office.desk(anna)
    await look(desk, f"/contacts/{zoe}")
    card = desk.page.locator("[aria-labelledby=h-points]")
    await expect(card).to_contain_text("•••67")
    await press(desk.page, "button", "Show the number", "Enter")
    await expect(card).to_contain_text("+994 50 123 45 67")
    await expect(card.locator("[data-dial]")).to_be_focused()

    # Shared by whoever may change it, and no longer.
    await look(desk, f"/contacts/{zoe}/access")
    await press(desk.page, "combobox", "Person", "B")
    await press(desk.page, "button", "Share", "Enter")
    shared = desk.page.locator("#shared-with")
    await expect(shared.locator("li")).to_contain_text("Boss")
    await press(desk.page, "button", "End Boss", "Enter")
    await expect(shared).to_contain_text("Nobody besides those whose role reaches it.")
    await look(desk, f"/contacts/{zoe}/history")
    await expect(desk.page.locator("#main")).to_contain_text("Covered value looked at")
    await expect(desk.page.locator("#main")).not_to_contain_text("1234567")

    await look(admin, f"/admin/people/{anna.id}/hand-over")
    await press(page, "checkbox", "Boss", "Space")
    await press(page, "button", "Hand over", "Enter")
    await expect(page.get_by_text("Handed over:")).to_be_visible()

    await look(admin, f"/contacts/{zoe}/privacy")
    await press(page, "textbox", "To confirm, write the name: Zoë Müller")
    await page.keyboard.type("Zoë Müller")
    await press(page, "checkbox", "Yes, erase this person for ever", "Space")
    await press(page, "button", "Erase for ever", "Enter")
    await expect(page.get_by_text("The personal data are erased.")).to_be_visible()

    assert found == []
    assert admin.complaints + desk.complaints == []
    async with office.house.database.read() as session:
        erased = await session.get_one(Contact, zoe)
    assert (erased.owner_id, "Zoë" in erased.name) == (boss.id, False)
