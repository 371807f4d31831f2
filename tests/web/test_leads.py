"""A call from an unknown number becomes contact, lead and next step while one talks: in three keys."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect
from sqlalchemy import select

from callcenter.crm.contacts.models import Contact
from callcenter.interactions.models import Interaction
from callcenter.leads.models import Lead
from tests.web.office import ConsoleOffice as Office
from tests.web.test_interactions import talking

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_three_keys_make_contact_lead_and_next_step_of_an_unknown_caller(
    office: Office,
) -> None:
    desk, anna, call = await talking(office)
    page = desk.page

    await page.locator("#main").focus()
    await page.keyboard.press("l")
    await expect(page.locator("#f-person")).to_be_focused()
    await page.keyboard.press("Z")
    await page.keyboard.press("Enter")
    await expect(page.locator("#main h1")).to_have_text("Z")

    async with office.house.database.read() as session:
        lead = (await session.scalars(select(Lead))).one()
        contact = await session.get_one(Contact, lead.contact_id)
        step = (
            await session.scalars(select(Interaction).where(Interaction.status == "planned"))
        ).one()
    assert (contact.name, lead.channel, lead.owner_id) == ("Z", "call", anna.id)
    assert (step.kind, step.lead_id, step.owner_id) == ("call", lead.id, anna.id)
    # The call goes on, and knows whose it is now.
    await expect(desk.pop).to_have_attribute("data-phase", "talking")
    await expect(desk.pop.locator(".pop__name a")).to_have_text("Z")
    await expect(page.locator(".timeline .event")).to_have_count(2)
    await call.hangup()

    # By keys through the stages, and on to the customer.
    await expect(page.locator(".course [data-press]")).to_have_count(3)
    await page.keyboard.press("2")
    await expect(page.locator(".course [aria-current]")).to_contain_text("Contacted")
    await page.keyboard.press("w")
    await expect(page.locator("#main h1")).to_have_text("Make a customer")
    assert (await Axe().run(page)).response["violations"] == []
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Make a customer").press("Enter")
    await expect(page.locator(".course [aria-current]")).to_contain_text("Became a customer")
    await page.goto(f"{office.house.address}/contacts/{contact.id}")
    await expect(page.locator(".card__figures dt").first).to_have_text("Customer since")

    # What is open of him is told as he rings again.
    async with office.house.database.write() as session:
        row = await session.get_one(Lead, lead.id)
        row.closed_at = None
    again = await office.pbx.call(from_="0551112233", to="1001")
    pop = page.locator('[data-phase="ringing"]')
    await expect(pop.locator(".pop__leads a")).to_have_text(f"{lead.number} · Z")
    await again.hangup()
    assert desk.complaints == []
