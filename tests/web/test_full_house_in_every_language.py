"""Nothing spills over in a full house: in no language, on no screen, the narrowest included."""

import pytest
from playwright.async_api import Page, expect

from tests.fixtures.browser import NewPage
from tests.web.full_house import WIDTHS, Demo, Who, demo, desk_of, look_at

__all__ = ["demo"]

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

LANGUAGES = ("az", "tr", "ru", "en")


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
