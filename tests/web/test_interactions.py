"""Planning during a call, recording what came of it, and finding out later who it was: by keyboard."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.service.office import Person
from tests.web.office import ConsoleOffice as Office
from tests.web.office import Desk

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

LOOKS = [(1440, 900, "light"), (1024, 768, "dark"), (390, 844, "light")]


async def talking(office: Office, number: str = "0551112233") -> tuple[Desk, Person, Any]:
    """Return the desk of somebody who talks with a number that nobody has stored."""
    anna = await office.agent("Anna", "1001", role="supervisor")
    desk = await office.desk(anna)
    call = await office.pbx.call(from_=number, to="1001")
    await call.answer()
    await expect(desk.pop).to_have_attribute("data-phase", "talking")
    await office.written()
    return desk, anna, call


async def plan(desk: Desk, subject: str) -> None:
    """Plan a meeting out of the call that goes on, with three keys and a subject."""
    await desk.page.locator("#main").focus()
    await desk.page.keyboard.press("t")
    await expect(desk.page.locator("#f-subject")).to_be_focused()
    await desk.page.keyboard.press("ControlOrMeta+a")
    await desk.page.keyboard.type(subject)
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator("#main h1")).to_have_text(subject)


async def test_what_is_planned_in_a_call_is_recorded_chained_and_linked_later(
    office: Office,
) -> None:
    desk, _, call = await talking(office)
    page = desk.page

    await plan(desk, "See the shop")
    # It stands with the call it was planned in, and with whoever called.
    await expect(page.locator(".chain .event")).to_have_count(2)
    await expect(page.locator(".taker__line")).to_contain_text("+994 55 111 22 33")
    await expect(desk.pop).to_have_attribute("data-phase", "talking")

    await page.fill("[name=result_note]", "Wants two of them")
    await page.select_option("[name=step_kind]", "task")
    await page.fill("[name=step_subject]", "Send the offer")
    await page.fill("[name=step_start_at]", "2030-01-15T10:00")
    await page.get_by_role("button", name="Save result").press("Enter")
    await expect(page.locator(".chain .event")).to_have_count(3)
    await expect(page.locator(".page__head .badge")).to_have_text("Completed")

    zoe = await office.contact("Zoë Müller", company="Müller & Co")
    await page.locator(".taker__line a", has_text="Link").press("Enter")
    await page.fill("#main [name=q]", "Zoë")
    await page.keyboard.press("Enter")
    # The call and the task have the number, too: they come along.
    await expect(page.get_by_label("the 2 others with it, too")).to_be_checked()
    await page.get_by_role("button", name="It is Zoë Müller").press("Enter")
    await expect(page.locator(".taker__line a")).to_have_text("Zoë Müller")

    await desk.open(f"/contacts/{zoe}")
    timeline = page.locator("#card-timeline .event__title")
    await expect(timeline.filter(has_text="Send the offer")).to_have_count(1)
    await expect(timeline.filter(has_text="See the shop")).to_have_count(1)
    await expect(timeline.filter(has_text="call")).to_have_count(1)
    await page.get_by_role("link", name="Task").click()
    await expect(timeline).to_have_text(["Send the offer"])

    await page.keyboard.press("g")
    await page.keyboard.press("i")
    await expect(page.locator("#expected .table__main")).to_have_text(["Send the offer"])
    await call.hangup()
    assert desk.complaints == []


@pytest.mark.parametrize(("width", "height", "scheme"), LOOKS)
async def test_everybody_can_plan_and_record(
    office: Office, width: int, height: int, scheme: Any
) -> None:
    desk, _, _ = await talking(office)
    await desk.page.set_viewport_size({"width": width, "height": height})
    await desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    zoe = await office.contact("Zoë Müller", "+994501234567")
    await plan(desk, "See the shop")
    one = desk.page.url.removeprefix(office.house.address)

    faults = []
    for path in (
        one, f"{one}/edit", f"{one}/people/attendee/0", f"/interactions/new?contact={zoe}",
        "/interactions/expected", "/interactions/matters", f"/contacts/{zoe}/events", "/notices",
    ):  # fmt: skip
        await desk.open(path)
        await expect(desk.page.locator("#main h1")).to_be_visible()
        faults += [f"{path}: {fault}" for fault in await faults_of(desk.page)]

    assert faults == []
    assert desk.complaints == []


async def test_a_colleague_hears_of_a_note_in_which_he_is_named(office: Office) -> None:
    anna, orxan = await office.agent("Anna"), await office.agent("Orxan")
    zoe = await office.contact("Zoë Müller", "+994501234567")
    hers, his = await office.desk(anna), await office.desk(orxan)
    await hers.open(f"/interactions/new?contact={zoe}&kind=note")

    await hers.page.fill("#main [name=q]", "orx")
    await hers.page.locator("[data-take=user]").press("Enter")
    await expect(hers.page.locator("#takers .taker")).to_have_count(2)
    await hers.page.fill("#f-subject", "Look at her invoice")
    await hers.page.press("#f-subject", "Enter")

    await expect(his.page.locator("#notice-news")).to_contain_text(
        "Anna has named you: Look at her invoice"
    )
    await expect(his.page.locator("[href='/notices'] .rail__count")).to_have_text("1")
    await his.page.locator("#main").focus()
    await his.page.keyboard.press("g")
    await his.page.keyboard.press("n")
    await expect(his.page.locator("#main .event__title")).to_have_text("Look at her invoice")
    assert his.complaints == []


async def faults_of(page: Page) -> list[str]:
    found = await Axe().run(page)
    faults = [
        f"{fault['id']}: {node['html'][:140]}"
        for fault in found.response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
    wide = await page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return faults + (["wider than the window"] if wide else [])
