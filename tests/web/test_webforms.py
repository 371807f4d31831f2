"""A form on a page of another site: shown by the script, sent, and a lead."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import expect
from sqlalchemy import select

from callcenter.db import new_id
from callcenter.leads.models import Lead
from callcenter.leads.webforms.models import WebForm
from tests.fixtures.customers import NOW
from tests.web.office import ConsoleOffice as Office

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


class Site:
    """Another company's page, with a strict policy of its own."""

    def __init__(self) -> None:
        self.address, self.html, self.policy = "", "", ""

    async def page(self, _request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": self.policy}
        return web.Response(text=self.html, content_type="text/html", headers=headers)


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[Site]:
    made = Site()
    app = web.Application()
    app.router.add_get("/", made.page)
    runner = web.AppRunner(app)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    made.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


async def test_a_form_on_another_site_becomes_a_lead(office: Office, site: Site) -> None:
    ours = office.house.address.rstrip("/")
    async with office.house.database.write() as session:
        session.add(
            WebForm(
                id=new_id(NOW.timestamp()), key="call-me", secret="s" * 48, name="Call me",
                fields=[{"name": "person"}, {"name": "phone", "required": True}], version=1,
                title={"az": "Zəng sifarişi"}, thanks={"az": "Tezliklə zəng edəcəyik."},
                origins=[site.address], created_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip
    site.html = (
        f'<!doctype html><html lang="az"><title>Shop</title><h1>Shop</h1>'
        f'<script src="{ours}/f/embed.js" data-form="call-me" async></script></html>'
    )
    site.policy = f"default-src 'none'; script-src {ours}; connect-src {ours}"
    page = await office.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    await page.goto(f"{site.address}/?utm_source=ads")

    await expect(page.get_by_text("Zəng sifarişi")).to_be_visible()
    await page.locator("[name=person]").fill("Zoë Müller")
    await page.get_by_role("button", name="Göndər").click()
    # A number is needed.
    await expect(page.locator("[data-for=phone]")).to_be_visible()
    await page.locator("[name=phone]").fill("050 234 56 78")

    # Nobody has filled it in before so much time has passed.
    async with asyncio.timeout(30):
        while await page.evaluate("performance.now()") < 4_000:
            pass
    await page.get_by_role("button", name="Göndər").click()
    await expect(page.get_by_text("Tezliklə zəng edəcəyik.")).to_be_visible()
    async with office.house.database.read() as session:
        lead = (await session.scalars(select(Lead))).one()
    assert (lead.person, lead.phone) == ("Zoë Müller", "+994502345678")
    assert (lead.channel, lead.utm["utm_source"]) == ("web", "ads")
    assert [text for text in complaints if "422" not in text and "favicon" not in text] == []
    await page.context.close()
