"""Lists, boards, calendars and forms as people use them: by mouse, by keyboard, at three widths."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from callcenter.agents.models import User
from callcenter.db import Database
from tests.entity.bookshop import Bookshop, shop_on
from tests.fixtures.browser import NewPage
from tests.fixtures.database import copied_sqlite
from tests.fixtures.house import PASSWORD
from tests.web.test_accessibility import LOOKS, faults_of

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

PAGES = (
    "", "/board", "/calendar", "/calendar?span=week", "/calendar?span=day", "/calendar?span=agenda",
    "/new", "/trash", "/views/new?own=1", "/filter?own=1&field=pages", "?own=1&f=colour~is~1",
    "?own=1&f=state~is~here&f=pages~filled&q=zzz",
)  # fmt: skip


class Room:
    """The bookshop with browsers in it."""

    def __init__(self, shop: Bookshop, new_page: NewPage) -> None:
        self.shop = shop
        self._new_page = new_page

    async def person(self, login: str) -> User:
        return await self.shop.reader(login, role="admin", locale="en")

    async def page(self, login: str) -> Page:
        """Return a page of somebody who is signed in and looks at the books."""
        page = await self._new_page()
        await page.goto(f"{self.shop.house.origin}/sign-in")
        await page.fill("[name=login]", login)
        await page.fill("[name=password]", PASSWORD)
        await page.press("[name=password]", "Enter")
        await expect(page.locator("#main")).to_be_visible()
        await self.open(page)
        return page

    async def open(self, page: Page, path: str = "") -> None:
        await page.goto(f"{self.shop.house.origin}/books{path}")


@pytest_asyncio.fixture(loop_scope="session")
async def room(tmp_path: Path, sqlite_template: Path, new_page: NewPage) -> AsyncIterator[Room]:
    url = await copied_sqlite(sqlite_template, tmp_path)
    async with Database(url) as database, shop_on(database, tmp_path) as shop:
        yield Room(shop, new_page)


async def test_a_filter_is_built_and_kept_as_a_view_without_a_mouse(room: Room) -> None:
    anna = await room.person("anna")
    await room.shop.add(anna, name="Koroğlu", pages=300)
    await room.shop.add(anna, name="Leyli və Məcnun", pages=120)
    page = await room.page("anna")
    keys = page.keyboard

    await keys.press("f")
    fields = page.locator("[data-narrow] >> xpath=ancestor::*[@data-menu]").locator(".menu__item")
    await expect(page.locator("[data-narrow]")).to_be_focused()
    await keys.type("zzz")
    await expect(page.locator("[data-narrow-none]")).to_be_visible()
    await page.locator("[data-narrow]").fill("PAG")
    await expect(fields.filter(visible=True)).to_have_text(["Pages"])
    await keys.press("Enter")
    await page.locator("#f-op").select_option("more")
    await page.locator("[name=value]").focus()
    await keys.type("200")
    await keys.press("Enter")
    await expect(page.locator(".chip a").first).to_have_text("Pages is more than 200")
    await expect(page.locator("#rows [data-row]")).to_have_text(["Koroğlu"])

    await page.locator("summary", has_text="All").press("Enter")
    await page.get_by_role("link", name="Keep this as a view").press("Enter")
    await page.locator("[name=name]").fill("Thick books")
    await page.locator("[name=first]").check()
    await page.locator("[name=name]").press("Enter")
    await expect(page.locator("#main h1")).to_have_text("Thick books")
    await room.open(page)
    await expect(page.locator("#main h1")).to_have_text("Thick books")
    await expect(page.locator("#rows [data-row]")).to_have_text(["Koroğlu"])

    await page.locator(".chip__x").click()
    await expect(page.locator("#rows [data-row]")).to_have_count(2)


async def test_back_leads_to_the_row_one_came_from_however_far_down(room: Room) -> None:
    anna = await room.person("anna")
    for number in range(60):
        await room.shop.add(anna, name=f"Hissə {number:02}")
    page = await room.page("anna")
    rows, head = page.locator("#rows [data-row]"), page.locator("#rows thead th").last
    await page.locator("#rows .more a").click()
    await expect(rows).to_have_count(60)
    await expect(head).to_be_in_viewport()

    await rows.last.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main h1")).to_have_text("Hissə 59")
    await page.go_back()

    await expect(rows).to_have_count(60)
    await expect(rows.last).to_be_focused()
    await expect(rows.last).to_be_in_viewport()
    await expect(head).to_be_in_viewport()
    await page.keyboard.press("k")
    await expect(rows.nth(58)).to_be_focused()


async def test_a_card_is_moved_by_keys_by_its_menu_and_by_dragging(room: Room) -> None:
    anna = await room.person("anna")
    book = await room.shop.add(anna, name="Koroğlu")
    page = await room.page("anna")
    await room.open(page, "/board")
    here, lent = page.locator('[data-column="here"]'), page.locator('[data-column="lent"]')

    await page.keyboard.press("j")
    await page.keyboard.press("Alt+ArrowRight")
    await expect(lent.locator("[data-row]")).to_have_text(["Koroğlu"])
    await expect(lent.locator("[data-row]")).to_be_focused()

    await page.keyboard.press("m")
    await lent.locator(".menu__item").focus()
    await page.keyboard.press("Enter")
    await expect(here.locator("[data-row]")).to_have_text(["Koroğlu"])

    await expect(page.locator("[data-kanban][data-can-drag]")).to_be_visible()
    await drag(page, '[data-column="here"] [data-card]', '[data-column="lent"]')
    await expect(lent.locator("[data-row]")).to_have_text(["Koroğlu"])
    await expect(page.locator('[data-column="lent"] [name=version]')).to_have_value("4")
    assert (await room.shop.stored(book)).state == "lent"


async def drag(page: Page, what: str, where: str) -> None:
    start, end = await page.locator(what).bounding_box(), await page.locator(where).bounding_box()
    assert start
    assert end
    await page.mouse.move(start["x"] + 20, start["y"] + start["height"] - 6)
    await page.mouse.down()
    await page.mouse.move(end["x"] + 40, end["y"] + 30, steps=12)
    await page.mouse.up()


async def test_two_people_in_one_form_see_each_others_text_and_choose(room: Room) -> None:
    anna = await room.person("anna")
    await room.person("emin")
    book = await room.shop.add(anna, name="Koroğlu", pages=100)
    first, second = await room.page("anna"), await room.page("emin")
    for page in (first, second):
        await room.open(page, f"/{book.id}/edit")

    await first.locator("[name=pages]").fill("150")
    await first.locator("[name=pages]").press("Enter")
    await expect(first.locator("#main h1")).to_have_text("Koroğlu")
    await second.locator("[name=pages]").fill("120")
    await second.locator("[name=pages]").press("Enter")

    await expect(second.locator(".clash")).to_contain_text("Anna wrote meanwhile: 150")
    await expect(second.locator("[name=pages]")).to_have_value("120")
    await second.get_by_label("Keep mine").check()
    await second.get_by_role("button", name="Save").click()
    await expect(second.locator(".facts")).to_contain_text("120")
    assert (await room.shop.stored(book)).pages == 120


async def test_rows_are_marked_and_changed_together(room: Room) -> None:
    anna = await room.person("anna")
    for number in range(4):
        await room.shop.add(anna, name=f"Book {number}")
    page = await room.page("anna")

    await page.keyboard.type("jx")
    await expect(page.locator("[data-marked]")).to_have_text("1")
    await page.locator("[name=ids]").nth(2).click(modifiers=["Shift"])
    await expect(page.locator("[data-marked]")).to_have_text("3")
    await page.get_by_role("button", name="Change…").click()
    await page.locator("#f-field").select_option("state")
    await page.locator("[name=state]").select_option("lent")
    await page.get_by_role("button", name="Change", exact=True).click()

    await expect(page.locator(".notice--good")).to_contain_text("3 records were changed.")
    await room.open(page, "?own=1&f=state~is~lent")
    await expect(page.locator("#rows [data-row]")).to_have_text(["Book 0", "Book 1", "Book 2"])


async def test_a_deletion_is_said_and_taken_back_with_one_key(room: Room) -> None:
    anna = await room.person("anna")
    book, *_others = [await room.shop.add(anna, name=name) for name in ("Koroğlu", "Leyli")]
    page = await room.page("anna")
    page.on("dialog", lambda dialog: dialog.accept())
    rows, said = page.locator("#rows [data-row]"), page.locator("#said")

    await rows.first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main h1")).to_have_text("Koroğlu")
    await page.get_by_role("button", name="Delete").press("Enter")
    await expect(said).to_have_text("“Koroğlu” is in the trash.")
    await expect(rows).to_have_text(["Leyli"])
    await expect(page.get_by_role("button", name="Undo")).to_be_in_viewport()
    assert await faults_of(page) == []
    await page.keyboard.press("u")
    await expect(page.locator("#main h1")).to_have_text("Koroğlu")
    await expect(said).to_be_empty()
    assert (await room.shop.stored(book)).deleted_at is None

    await room.open(page)
    await page.get_by_role("checkbox", name="Mark all rows").check()
    await page.get_by_role("button", name="Delete").press("Enter")
    await expect(said).to_have_text("2 records are in the trash.")
    assert await faults_of(page) == []
    await page.get_by_role("button", name="Undo").press("Enter")
    await expect(page.locator("#main .notice")).to_have_text("2 records were brought back.")
    await room.open(page)
    await expect(rows).to_have_text(["Koroğlu", "Leyli"])


@pytest.mark.parametrize(("width", "height", "scheme"), LOOKS)
async def test_every_page_of_an_entity_can_be_used_by_everybody(
    room: Room, width: int, height: int, scheme: Any
) -> None:
    anna = await room.person("anna")
    for number in range(6):
        bought = date(2026, 11, 20 + number % 2)
        await room.shop.add(
            anna, name=f"Kitabi-Dədə Qorqud, {number}. hissə", pages=200, bought=bought
        )
    book = await room.shop.add(anna, name="Koroğlu")
    page = await room.page("anna")
    await page.set_viewport_size({"width": width, "height": height})
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    faults = []
    for path in (*PAGES, f"/{book.id}", f"/{book.id}/edit"):
        await room.open(page, path)
        await expect(page.locator("#main h1")).to_be_visible()
        faults += [f"{path}: {fault}" for fault in await faults_of(page)]
    await room.open(page)
    for menu in await page.locator(".toolbar details > summary").all():
        await menu.click()
        faults += [f"{await menu.inner_text()}: {fault}" for fault in await faults_of(page)]

    assert faults == []
