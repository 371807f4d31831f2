"""The console over the demo's own office: two weeks of calls, long names, a call in progress.

The neighbours hold each page and gesture on its own; here stands what only shows in a full house: that
nothing spills over in the longest language on the narrowest screen, that a dense page can be used by
everybody, and that one can do a day's work without a mouse. Pictures go to `test-results/console`.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
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
from tests.fixtures.browser import NewPage
from tests.service.office import Service

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

PICTURES = Path(__file__).parents[2] / "test-results" / "console"

LANGUAGES = ("az", "tr", "ru", "en")
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


async def test_what_spills_over_is_found(demo: Demo, new_page: NewPage) -> None:
    desk = await desk_of(demo, await new_page(), "aygun")
    assert await spilling(desk.page) == []

    await desk.page.locator("#main").evaluate("main => main.append('x'.repeat(2000))")
    await desk.page.locator("#main").evaluate("main => main.style.overflowWrap = 'normal'")

    assert await spilling(desk.page) != []


@pytest.mark.parametrize("who", ["nobody", "aygun", "admin"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_page_is_wider_than_its_window_in_any_language(
    demo: Demo, new_page: NewPage, language: str, who: Who
) -> None:
    desk = await desk_of(demo, await new_page(), who)
    await desk.page.context.add_cookies(
        [{"name": "callcenter_locale", "value": language, "url": demo.address}]
    )
    wide = []
    for path in demo.pages[who]:
        await look_at(desk, who, path)
        await expect(desk.page.locator("html")).to_have_attribute("lang", language)
        for width, height in WIDTHS.items():
            await desk.page.set_viewport_size({"width": width, "height": height})
            wide += [f"{path} at {width}: {what}" for what in await spilling(desk.page)]

    assert not wide, "\n".join(wide)
    assert desk.complaints == []


@pytest.mark.parametrize("who", ["nobody", "aygun", "admin"])
@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (1024, "light"), (390, "dark")])
async def test_everybody_can_use_a_full_house(
    demo: Demo, new_page: NewPage, width: int, scheme: Scheme, who: Who
) -> None:
    desk = await desk_of(demo, await new_page(), who)
    await desk.page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    await desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    faults = []
    for path in demo.pages[who]:
        await look_at(desk, who, path)
        faults += [f"{path}: {fault}" for fault in await barriers(desk.page)]
        name = path.strip("/").replace("/", "-").replace("?", "-")
        await desk.page.screenshot(path=PICTURES / f"{who}-{width}-{scheme}-{name}.png")

    assert not faults, "\n".join(faults)
    assert desk.complaints == []


async def test_a_days_work_needs_no_mouse(demo: Demo, new_page: NewPage) -> None:
    desk = await desk_of(demo, await new_page(), "aygun")
    page, keys = desk.page, desk.page.keyboard
    await expect(desk.pops).to_have_attribute("data-phase", "talking")

    await keys.type("gc")
    await expect(page.locator("#rows [data-row]").first).to_be_visible()
    await keys.press("/")
    await expect(page.locator("#search")).to_be_focused()
    await keys.type(demo.customer)
    await expect(page.locator("#search-found [aria-selected=true]")).to_contain_text(demo.customer)
    await keys.press("Enter")
    await expect(page.locator("h1").first).to_contain_text(demo.customer)
    await page.locator("h1").first.focus()
    await keys.press("Escape")
    await keys.press("?")
    await expect(page.locator("dl kbd").first).to_be_visible()
    await keys.type("gk")
    await expect(page.locator("#calls")).to_be_visible()
    await keys.press("n")
    await expect(desk.pops.locator("textarea")).to_be_focused()
    await keys.type("Zəng edəcək")
    await keys.press("Escape")
    await expect(desk.pops.locator("textarea")).not_to_be_focused()
    await expect(desk.pops.locator(".note__state")).to_have_attribute("data-state", "saved")
    await page.go_back()
    await page.go_back()

    await expect(desk.pops).to_have_count(1)
    await expect(desk.pops.locator("textarea")).to_have_value("Zəng edəcək")
    await expect(page.locator("#callbar .call")).to_contain_text(demo.customer)
    assert desk.connections == 1, "no page was loaded anew"
    assert desk.complaints == []


async def test_a_number_with_letters_is_refused_where_it_was_typed(
    demo: Demo, new_page: NewPage
) -> None:
    desk = await desk_of(demo, await new_page(), "aygun")
    box = desk.page.locator("[data-dial-form]")

    await box.locator("input").fill("050-ZƏNG-ET")
    await box.locator("input").press("Enter")

    await expect(desk.page.get_by_role("alert")).to_contain_text("“050-ZƏNG-ET” is not a number")
    await expect(box.locator("input")).to_have_value("050-ZƏNG-ET")


async def spilling(page: Page) -> list[str]:
    """Return what can be scrolled sideways, and what makes it so; wide tables and boards are meant to."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll("*:not(.table-scroll, .kanban)")]
          .filter((box) => !box.closest("details:not([open]) > :not(summary)"))
          .filter((box) => box === document.documentElement
            || ["auto", "scroll"].includes(getComputedStyle(box).overflowX))
          .filter((box) => box.scrollWidth > box.clientWidth)
          .map((box) => {
            const edge = box.getBoundingClientRect().left + box.clientWidth + 1;
            const wide = [...box.querySelectorAll(":not(.table-scroll *, .kanban *)")]
              .map((one) => [one.getBoundingClientRect().right - edge, one.outerHTML])
              .filter(([by]) => by > 0)
              .map(([by, html]) => `${Math.ceil(by)} px: ${html.slice(0, 100)}`);
            return [`${box.tagName}.${box.className}`, ...wide].join("; ");
          })"""
    )
    return found


async def barriers(page: Page) -> list[str]:
    """Return what axe finds serious or critical."""
    results = await Axe().run(page)
    return [
        f"{found['id']} at {found['nodes'][0]['target']}: {found['nodes'][0]['failureSummary']}"
        for found in results.response["violations"]
        if found["impact"] in ("serious", "critical")
    ]
