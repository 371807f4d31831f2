"""Every page by axe, at three widths, light and dark; and nothing is wider than its window."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.web.office import ConsoleOffice as Office
from tests.web.office import Desk

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

LOOKS = [(1440, 900, "light"), (1024, 768, "dark"), (390, 844, "light")]
PAGES = (
    "/desk", "/contacts", "/contacts?q=nobody", "/contacts/new", "/calls", "/board", "/admin",
    "/admin/people/new", "/admin/teams/new", "/admin/pbx", "/admin/pbx/new", "/phones", "/admin/seats/new", "/account", "/password",
    "/admin/start", "/admin/company", "/admin/look", "/admin/modules", "/admin/lists", "/admin/lists/industry",
    "/admin/fields", "/admin/fields/contact", "/help/keys", "/nowhere",
)  # fmt: skip


async def at_the_desk(office: Office) -> tuple[Desk, list[str]]:
    """Return a desk in mid-call and the addresses of all there is to see."""
    anna = await office.agent("Anna", "1001", role="admin")
    zoe = await office.contact("Zoë Müller", "+994501234567", company="Müller & Co")
    call = await office.pbx.queue_call("0501234567", "support")
    await call.answer("1001")
    await call.hangup()
    call_id = await office.stored_call()
    desk = await office.desk(anna)
    await office.pbx.call(from_="0551112233", to="1001")
    await expect(desk.pop).to_be_visible()
    pages = [f"/contacts/{zoe}", f"/contacts/{zoe}/edit", f"/calls/{call_id}"]
    pages += [f"/admin/people/{anna.id}", f"/admin/pbx/{office.pbx_id}"]
    return desk, [*PAGES, *pages]


@pytest.mark.parametrize(("width", "height", "scheme"), LOOKS)
async def test_every_page_can_be_used_by_everybody(
    office: Office, width: int, height: int, scheme: Any
):
    desk, pages = await at_the_desk(office)
    await desk.page.set_viewport_size({"width": width, "height": height})
    await desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    faults = []
    for path in pages:
        await desk.open(path)
        await expect(desk.pop).to_be_visible()
        faults += [f"{path}: {fault}" for fault in await faults_of(desk.page)]

    assert faults == []
    assert desk.complaints == []


@pytest.mark.parametrize(("width", "height"), [(720, 400), (360, 740)])
async def test_every_way_is_reached_in_a_window_zoomed_to_twice_its_size_or_on_a_phone(
    office: Office, width: int, height: int
):
    desk = await office.desk(await office.agent("Anna", "1001", role="admin"))
    await desk.page.set_viewport_size({"width": width, "height": height})

    await desk.page.get_by_role("link", name="Contacts", exact=True).hover()
    await desk.page.mouse.wheel(0, 800)
    await expect(desk.page.get_by_role("link", name="My account")).to_be_in_viewport(ratio=1)
    await expect(desk.page.locator(".bar")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("language", ["az", "tr", "ru", "en"])
async def test_the_door_is_open_to_everybody_in_every_language(office: Office, language: str):
    page = await office.new_page()
    faults = []
    for path in ("/sign-in", "/password/forgot"):
        await page.goto(f"{office.house.address}{path}")
        await page.locator(f"button[value={language}]").click()
        await expect(page.locator("html")).to_have_attribute("lang", language)
        faults += [f"{path}: {fault}" for fault in await faults_of(page)]

    assert faults == []


async def faults_of(page: Page) -> list[str]:
    """Return what axe finds serious, and whether the page is wider than its window."""
    results = await Axe().run(page)
    faults = [
        f"{found['id']} at {found['nodes'][0]['target']}: {found['nodes'][0]['failureSummary']}"
        for found in results.response["violations"]
        if found["impact"] in ("serious", "critical")
    ]
    if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append("wider than the window")
    return faults
