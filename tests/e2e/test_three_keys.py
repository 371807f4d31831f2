"""Somebody unknown calls, and while one talks three keys make contact, lead and next step of him."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import select

from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.interactions.models import Interaction, Participant
from callcenter.leads.models import Lead
from callcenter.settings import Settings
from tests.e2e.desk import Desk
from tests.e2e.rig import Asterisk, Phone, Trunk
from tests.fixtures.browser import NewPage
from tests.service.office import Ami, Office, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")

DIRECT_TO_1001 = "0124041011"
UNKNOWN = "0557776655"


@dataclass
class Team:
    """The service at work for one agent."""

    office: Office
    aygun: Person


@pytest_asyncio.fixture(loop_scope="session")
async def team(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Team]:
    settings = Settings(port=0, data=str(tmp_path_factory.mktemp("service")), language="en")
    ami = Ami(asterisk.host, asterisk.ami_port, asterisk.ami_user, asterisk.secret)
    async with Office(settings, ami) as office:
        yield Team(office, await office.agent("Aygun", "1001"))


async def test_a_call_from_nobody_we_know_becomes_contact_lead_and_task_while_one_talks(
    team: Team, asterisk: Asterisk, trunk: Trunk, new_page: NewPage
) -> None:
    desk = Desk(await new_page(), team.office.house.address)
    await desk.sign_in(team.aygun.login)
    page = desk.page
    async with Phone(asterisk, "1001") as phone:
        caller = await trunk.call(DIRECT_TO_1001, from_=UNKNOWN)
        agent = await phone.incoming()
        await expect(desk.pops).to_have_attribute("data-phase", "ringing")
        await agent.answer()
        await expect(desk.pops).to_have_attribute("data-phase", "talking")

        await expect(desk.pops.locator("[data-lead]")).to_be_visible()
        await page.locator("#main").focus()
        await page.keyboard.press("l")
        await expect(page.locator("#f-person")).to_be_focused()
        await page.keyboard.press("N")
        await page.keyboard.press("Enter")
        await expect(page.locator("#main h1")).to_have_text("N")
        # The call goes on, and says whose it is.
        await expect(desk.pops).to_have_attribute("data-phase", "talking")
        await expect(desk.pops.locator(".pop__name a")).to_have_text("N")

        await caller.hang_up()
        await agent.until_ended()
        await expect(desk.pops).to_have_attribute("data-phase", "ended")
    await team.office.stored_call()

    async with team.office.house.database.read() as session:
        contact = (await session.scalars(select(Contact))).one()
        point = (await session.scalars(select(ContactPoint))).one()
        lead = (await session.scalars(select(Lead))).one()
        rows = {row.status: row for row in await session.scalars(select(Interaction))}
        whose = await session.scalar(
            select(Participant.contact_id).where(
                Participant.interaction_id == rows["held"].id, Participant.role == "from"
            )
        )
    assert (contact.name, point.norm) == ("N", "+994557776655")
    assert (lead.contact_id, lead.channel, lead.owner_id) == (contact.id, "call", team.aygun.id)
    assert (rows["planned"].lead_id, rows["planned"].owner_id) == (lead.id, team.aygun.id)
    assert (rows["held"].lead_id, whose) == (lead.id, contact.id)

    await desk.go(f"/contacts/{contact.id}")
    titles = page.locator(".timeline .event__title")
    await expect(titles.filter(has_text="Incoming call")).to_have_count(1)
    await expect(page.locator("#main")).to_contain_text(lead.number)
    assert desk.complaints == []
