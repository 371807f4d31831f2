"""The console over the demo's own office: two weeks of calls, long names, a call in progress.

The neighbours hold each page and gesture on its own; here stands what only shows in a full house: that
a dense page can be used by everybody, and that one can do a day's work without a mouse. Pictures go to `test-results/console`.
"""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.fixtures.browser import NewPage
from tests.web.full_house import WIDTHS, Demo, Scheme, Who, barriers, demo, desk_of, look_at

__all__ = ["demo"]

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

PICTURES = Path(__file__).parents[2] / "test-results" / "console"


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


@pytest.mark.parametrize("width", WIDTHS)
async def test_what_adds_a_record_can_be_pressed_beside_a_call(
    demo: Demo, new_page: NewPage, width: int
) -> None:
    desk = await desk_of(demo, await new_page(), "aygun")
    await desk.page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    await look_at(desk, "aygun", "/contacts")

    await desk.page.locator("[data-new]").click()

    await expect(desk.page.locator("h1").first).to_contain_text("New")


async def test_a_number_with_letters_is_refused_where_it_was_typed(
    demo: Demo, new_page: NewPage
) -> None:
    desk = await desk_of(demo, await new_page(), "aygun")
    box = desk.page.locator("[data-dial-form]")

    await box.locator("input").fill("050-ZƏNG-ET")
    await box.locator("input").press("Enter")

    await expect(desk.page.get_by_role("alert")).to_contain_text("“050-ZƏNG-ET” is not a number")
    await expect(box.locator("input")).to_have_value("050-ZƏNG-ET")
