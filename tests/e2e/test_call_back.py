"""Somebody fills in a form on a website, and is called back by whoever is free."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec
import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import expect
from sqlalchemy import select

from callcenter.agents.models import Team as TeamRow
from callcenter.db import new_id
from callcenter.leads.models import Lead
from callcenter.leads.webforms import stamp
from callcenter.leads.webforms.models import WebForm
from callcenter.rules.models import Assignment, Automation
from callcenter.rules.shapes import Assign, written
from callcenter.settings import Settings
from tests.e2e.desk import Desk
from tests.e2e.rig import Asterisk, Phone, Trunk
from tests.fixtures.browser import NewPage
from tests.service.office import Ami, Office, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")

VISITOR = "0507778899"
FORM = {
    "name": "Call me", "active": "1", "field.person": "1", "field.phone": "1",
    "needed.phone": "1", "title.en": "Call me", "thanks.en": "We call you at once.",
}  # fmt: skip


@dataclass
class Sales:
    """The service at work, an agent, and a form on the company's site whose leads are rung."""

    office: Office
    aygun: Person
    boss: Person
    form: WebForm

    async def send(self, name: str) -> Lead:
        """Fill the form in as a visitor; return the lead that came of it."""
        fresh = stamp.stamped(self.form.secret, time.time() - 60)
        async with ClientSession(self.office.house.address) as visitor:
            sent = await visitor.post(
                f"/f/{self.form.key}?lang=en",
                data={"stamp": fresh, "person": name, "phone": VISITOR},
                headers={"Accept": "application/json"},
            )
            assert msgspec.json.decode(await sent.read()) == {"thanks": "We call you at once."}
        async with self.office.house.database.read() as session:
            return (await session.scalars(select(Lead).order_by(Lead.id.desc()))).first()  # type: ignore[return-value]


@pytest_asyncio.fixture(loop_scope="session")
async def sales(
    asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Sales]:
    settings = Settings(port=0, data=str(tmp_path_factory.mktemp("service")), language="en")
    ami = Ami(asterisk.host, asterisk.ami_port, asterisk.ami_user, asterisk.secret)
    async with Office(settings, ami) as office:
        boss = await office.agent("Boss", role="admin")
        aygun = await office.agent("Aygun", "1001")
        async with office.browser(boss) as screen:
            made = await screen.browser.submit("/admin/forms", FORM)
            assert made.status == 303, made.text
        async with office.house.database.write() as session:
            form = (await session.scalars(select(WebForm))).one()
            team = (await session.scalars(select(TeamRow))).one()
            team.head_id = boss.id
            at = office.house.now()
            session.add(
                Automation(
                    id=new_id(at.timestamp()), name="Call back", entity="lead",
                    condition={"all": []}, created_at=at, updated_at=at,
                    actions=written([Assign(team_id=team.id, ring=True)]),
                )
            )  # fmt: skip
        yield Sales(office, aygun, boss, form)


async def test_a_form_rings_who_is_free_and_connects_the_visitor(
    sales: Sales, asterisk: Asterisk, trunk: Trunk, new_page: NewPage
) -> None:
    desk = Desk(await new_page(), sales.office.house.address)
    await desk.sign_in(sales.aygun.login)
    async with Phone(asterisk, "1001") as phone:
        await desk.wish("ready")
        lead = await sales.send("Nigar")
        agent = await phone.incoming()
        assert trunk.calls == [], "the visitor is rung once the agent is there"
        await agent.answer()
        visitor = await trunk.incoming()
        await visitor.answer()
        await expect(desk.page.locator("#callbar .call")).to_contain_text("Talking")
        await visitor.hang_up()
        await agent.until_ended()
    await sales.office.stored_call()

    assert visitor.called_number == VISITOR
    async with sales.office.house.database.read() as session:
        stored = await session.get_one(Lead, lead.id)
        (given,) = await session.scalars(select(Assignment))
    assert (stored.owner_id, given.user_id) == (sales.aygun.id, sales.aygun.id)


async def test_with_nobody_free_the_head_is_told_and_the_lead_says_so(
    sales: Sales, new_page: NewPage
) -> None:
    desk = Desk(await new_page(), sales.office.house.address)
    await desk.sign_in(sales.boss.login)

    lead = await sales.send("Kamran")

    await expect(desk.page.locator("#notice-news")).to_contain_text("Nobody has taken this lead")
    await desk.go(f"/leads/{lead.id}/history")
    await expect(desk.page.locator("main")).to_contain_text("Nobody took it: the head was told")
