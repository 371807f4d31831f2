"""The demo's own office at work, in a real service: two weeks of calls, long names, a call in progress."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect
from sqlalchemy import select

from callcenter.agents.models import User
from callcenter.calls.models import CallRow, PbxRow
from callcenter.crm.contacts.models import Contact
from callcenter.db import Database
from callcenter.demo import customers, seed
from callcenter.diary.models import Guest
from callcenter.interactions.models import Interaction
from callcenter.leads.models import Lead
from callcenter.leads.webforms.models import WebForm
from callcenter.migrations import migrate
from callcenter.rules.models import Automation
from callcenter.settings import Settings
from callcenter.simulator import Call, Simulator, SimulatorSettings
from tests.e2e.desk import Desk
from tests.service.office import Service

WIDTHS = {1440: 900, 1024: 768, 390: 844}

Who = Literal["nobody", "aygun", "admin"]
Scheme = Literal["light", "dark"]


@dataclass
class Demo:
    """The demo's office at work. Aygün talks with the first of its customers; another one waits."""

    address: str
    talk: Call
    #: The customer who is on the line.
    customer: str
    #: Every page of the console, by who sees it.
    pages: dict[Who, list[str]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    data = tmp_path_factory.mktemp("demo")
    settings = Settings(port=0, data=str(data))
    async with Simulator(SimulatorSettings()) as sim:
        user = sim.settings.users[0]
        account = seed.Account(host=sim.host, port=sim.port, user=user.name, secret=user.secret)
        await migrate(settings.database)
        async with Database(settings.database) as database:
            await seed.fill(database, data, account, datetime.now(UTC))
            pages = await all_pages(database)
        service = Service(settings)
        await service.start()
        try:
            await service.until(lambda: all(link.up for link in service.house.links.views()))
            people = [one for one in customers.make(seed.CUSTOMERS) if one.kind == "person"]
            talk = await sim.pbx.call(from_=people[0].phones[0], to="1001")
            await talk.answer()
            await sim.pbx.queue_call(people[1].phones[0], "billing")
            yield Demo(service.house.address, talk, people[0].name, pages)
        finally:
            await service.stop()


async def all_pages(database: Database) -> dict[Who, list[str]]:
    async with database.read() as session:
        person = await session.scalar(select(User.id).where(User.login == "aygun"))
        other = await session.scalar(select(User.id).where(User.login == "gunel"))
        pbx = await session.scalar(select(PbxRow.id))
        call = await session.scalar(
            select(CallRow.id)
            .where(CallRow.owner_id == person, CallRow.result == "answered")
            .order_by(CallRow.ring_at.desc())
        )
        meeting = await session.scalar(
            select(Interaction.id)
            .where(Interaction.kind == "meeting")
            .order_by(Interaction.start_at.desc())
        )
        lead = await session.scalar(
            select(Lead.id).where(Lead.contact_id.is_not(None)).order_by(Lead.id.desc())
        )
        stranger = await session.scalar(select(Lead.id).where(Lead.contact_id.is_(None)))
        form = await session.scalar(select(WebForm.id))
        invited = await session.scalar(select(Guest.interaction_id))
        token = await session.scalar(select(Guest.token).order_by(Guest.id))
        rule = await session.scalar(select(Automation.id).order_by(Automation.position))
        customer = await session.scalar(
            select(Contact.id).order_by(Contact.last_contact_at.desc().nulls_last())
        )
    return {
        "nobody": ["/sign-in", "/password/forgot", f"/invitation/{token}"],
        "aygun": [
            "/my-day", "/my-day?list=calls", f"/my-day?contact={customer}", "/desk", "/contacts", "/contacts?q=a", f"/contacts/{customer}",
            f"/contacts/{customer}/edit", f"/contacts/{customer}/events",
            f"/contacts/{customer}/history", "/contacts/assistant", "/contacts/board",
            "/contacts?own=1&group=owner_id&f=name~filled&f=(any&f=kind~is~person&f=city~filled&f=)",
            "/contacts/views", "/contacts/filter?own=1",
            "/contacts/calendar", "/calls", f"/calls/{call}", "/interactions",
            "/interactions/calendar", "/interactions/expected", "/interactions/new",
            "/next-actions", "/calendar", "/calendar/feed", "/calendar?span=week", "/calendar?span=day", "/calendar?span=agenda",
            f"/calendar?span=week&who={person}&who={other}", f"/interactions/{meeting}", f"/interactions/{invited}", "/mail", "/mail?box=drafts", "/mail/new", "/search?q=a", "/notices", "/board", "/account",
            "/account/tokens", "/help/keys", "/notices/choices",
        ],
        "admin": [
            "/leads", "/leads/board", f"/leads/{lead}", f"/leads/{stranger}", f"/leads/{lead}/win",
            "/leads/take", "/leads/new", "/admin/forms", "/admin/forms/new", f"/admin/forms/{form}",
            "/board", "/admin", "/admin?q=zzz", "/admin/people", "/admin/people/new", f"/admin/people/{person}",
            f"/admin/people/{person}/hand-over", "/admin/mail", "/admin/mail/new", "/admin/templates", "/admin/templates/new", "/admin/pbx", f"/admin/pbx/{pbx}", "/admin/roles",
            "/admin/roles/new", "/admin/company", "/admin/industries", "/admin/industries/finance", "/admin/hours", "/admin/look", "/admin/lists",
            "/admin/lists/source", "/admin/fields", "/admin/fields/contact", "/admin/modules",
            "/admin/numbering", "/admin/pipelines", "/admin/pipelines/new/lead", "/admin/rules", "/reports/leads", "/reports/leads/rows?what=came&period=this_year", "/admin/rules/new/interaction", f"/admin/rules/{rule}", f"/admin/rules/{rule}/runs", f"/admin/rules/{rule}/rehearsal?days=90", "/admin/start", "/duplicates", "/imports", "/contacts/trash",
            f"/contacts/{customer}/access", f"/contacts/{customer}/privacy",
            f"/interactions/{meeting}/access", f"/interactions/{meeting}/history", "/admin/jobs", "/admin/jobs?show=waiting",
            "/admin/sms", "/admin/tokens",
        ],
    }  # fmt: skip


async def desk_of(demo: Demo, page: Page, who: Who) -> Desk:
    desk = Desk(page, demo.address)
    if who != "nobody":
        await desk.sign_in(who, seed.PASSWORD)
    return desk


async def look_at(desk: Desk, who: Who, path: str) -> None:
    """Open a page, with all that is live on it."""
    await desk.page.goto(f"{desk.address}{path}")
    if who != "nobody":
        await desk.live()
    if who == "aygun":
        await expect(desk.pops).to_have_attribute("data-phase", "talking")


async def barriers(page: Page) -> list[str]:
    """Return what axe finds serious or critical."""
    results = await Axe().run(page)
    return [
        f"{found['id']} at {found['nodes'][0]['target']}: {found['nodes'][0]['failureSummary']}"
        for found in results.response["violations"]
        if found["impact"] in ("serious", "critical")
    ]
