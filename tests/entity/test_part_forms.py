"""Lists that belong to a row, in its generic form: lines added, changed, taken away, by two people."""

import re
from collections.abc import AsyncIterator
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.audit import Audit
from callcenter.db import Database
from tests.entity.bookshop import Bookshop, shop_on
from tests.entity.shelf import Book, Copy
from tests.fixtures.house import Page


@pytest.fixture
async def shop(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Bookshop]:
    async with shop_on(sqlite_database, tmp_path) as opened:
        yield opened


async def stored(shop: Bookshop) -> list[tuple[str, date | None]]:
    async with shop.house.database.read() as session:
        copies = await session.scalars(select(Copy).order_by(Copy.place))
        return [(copy.place, copy.bought) for copy in copies]


async def diffs(shop: Bookshop, book: Book) -> list[object]:
    async with shop.house.database.read() as session:
        lines = await session.scalars(
            select(Audit.diff).where(Audit.entity_id == book.id).order_by(Audit.id)
        )
        return [diff["copies"] for diff in lines if "copies" in diff]


def sent(page: Page) -> dict[str, str]:
    """Return what a browser would send of the form as it stands."""
    form = page.text.split("novalidate")[1].split("</form>")[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        facts = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if facts.get("type") not in ("checkbox", "radio") or " checked" in tag:
            fields[facts["name"]] = unescape(facts.get("value", ""))
    for name, options in re.findall(
        r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


async def test_lines_are_added_changed_and_taken_away_in_one_form(shop: Bookshop) -> None:
    await shop.reader("anna", locale="en")
    anna = await shop.browser("anna")

    made = await anna.submit(
        "/books",
        {
            "name": "Koroğlu", "copies.0.id": "", "copies.0.place": "A1",
            "copies.0.bought": "2026-11-20", "copies.1.id": "", "copies.1.place": "B2",
            "copies.2.id": "", "copies.2.place": " ", "copies.2.bought": "",
        },
    )  # fmt: skip
    card = await anna.open(made.location)
    form = sent(await anna.open(f"{made.location}/edit"))
    more = await anna.submit(
        f"{made.location}/edit", form | {"more": "copies", "copies.2.place": "C"}
    )
    changed = await anna.submit(
        f"{made.location}/edit",
        sent(more) | {"copies.0.place": "A9", "copies.1.gone": "1", "copies.3.place": "D4"},
    )

    assert "A1" in card.text
    assert "B2" in card.text
    assert (more.status, 'name="copies.3.place"' in more.text) == (200, True)
    assert changed.status == 303
    assert await stored(shop) == [("A9", date(2026, 11, 20)), ("C", None), ("D4", None)]


async def test_a_wrong_line_costs_the_others_nothing_and_says_where(shop: Bookshop) -> None:
    reader = await shop.reader("anna", locale="en")
    book = await shop.add(reader, name="Koroğlu")
    anna = await shop.browser("anna")
    form = sent(await anna.open(f"/books/{book.id}/edit"))

    page = await anna.submit(
        f"/books/{book.id}/edit",
        form
        | {"copies.0.place": "A1", "copies.1.id": "", "copies.1.bought": "2026-02-30"}
        | {"copies.2.id": "", "copies.2.place": "x" * 41},
    )
    long = await anna.submit(
        f"/books/{book.id}/edit",
        form | {"copies.0.place": "A1", "copies.4.id": "", "copies.4.place": "x" * 41},
    )

    assert page.status == 422
    assert re.search(r'id="e-copies\.1\.place">.*?This is needed', page.text, re.DOTALL)
    assert re.search(r'id="e-copies\.1\.bought"', page.text)
    assert 'value="A1"' in page.text
    assert re.search(r'id="e-copies\.4\.place">.*?This is too long', long.text, re.DOTALL)
    assert await stored(shop) == []


async def test_two_people_change_one_list_and_lose_nothing(shop: Bookshop) -> None:
    reader = await shop.reader("anna", locale="en")
    await shop.reader("emin", locale="en")
    book = await shop.add(reader, name="Koroğlu")
    first, second = await shop.browser("anna"), await shop.browser("emin")
    edit = f"/books/{book.id}/edit"
    for number, place in enumerate(("A", "B", "C")):
        form = sent(await first.open(edit)) | {f"copies.{number}.place": place}
        assert (await first.submit(edit, form)).status == 303
    seen = sent(await second.open(edit))

    # Different lines join without a word.
    await first.submit(edit, sent(await first.open(edit)) | {"copies.0.place": "A1"})
    joined = await second.submit(edit, seen | {"copies.1.place": "B1"})
    # The same line: the second is asked, with both texts, and keeps what else was typed.
    old = sent(await second.open(edit))
    await first.submit(edit, sent(await first.open(edit)) | {"copies.2.place": "C1"})
    clash = await second.submit(edit, old | {"copies.2.place": "C2", "copies.3.place": "D"})
    again = await second.submit(edit, sent(clash) | {"take.copies.2.place": "theirs"})

    assert joined.status == 303
    assert clash.status == 409
    assert "Anna wrote meanwhile:" in clash.text
    assert "<strong>C1</strong>" in clash.text
    assert 'value="C2"' in clash.text
    assert again.status == 303
    assert [place for place, _ in await stored(shop)] == ["A1", "B1", "C1", "D"]
    assert len(await diffs(shop, book)) == 7


async def test_a_line_that_another_took_away_is_offered_anew(shop: Bookshop) -> None:
    reader = await shop.reader("anna", locale="en")
    book = await shop.add(reader, name="Koroğlu")
    anna, edit = await shop.browser("anna"), f"/books/{book.id}/edit"
    await anna.submit(edit, sent(await anna.open(edit)) | {"copies.0.place": "A"})
    old = sent(await anna.open(edit))
    await anna.submit(edit, old | {"copies.0.gone": "1"})

    page = await anna.submit(edit, old | {"copies.0.place": "A2"})
    again = await anna.submit(edit, sent(page))

    assert page.status == 422
    assert "Somebody took this line away meanwhile." in page.text
    assert again.status == 303
    assert [place for place, _ in await stored(shop)] == ["A2"]


async def test_who_may_not_write_a_list_is_not_offered_it(shop: Bookshop) -> None:
    reader = await shop.reader("anna", locale="en")
    book = await shop.add(reader, name="Koroğlu")
    await shop.covers(copies="read")
    anna = await shop.browser("anna")

    page = await anna.open(f"/books/{book.id}/edit")
    tried = await anna.submit(
        f"/books/{book.id}/edit", sent(page) | {"copies.0.id": "", "copies.0.place": "A"}
    )

    assert "copies" not in page.text
    assert tried.status == 303
    assert await stored(shop) == []
