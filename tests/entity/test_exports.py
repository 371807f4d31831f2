"""A list goes out as a file: what its reader may see, in its columns and order, and it is written down."""

import csv
from collections.abc import AsyncIterator
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from callcenter.audit import Audit
from callcenter.db import Database
from callcenter.entity import exporting
from callcenter.entity.cells import guarded
from tests.entity.bookshop import Bookshop, shop_on
from tests.fixtures.house import Browser


@pytest.fixture
async def shop(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Bookshop]:
    async with shop_on(sqlite_database, tmp_path) as opened:
        yield opened


async def taken(browser: Browser, query: str = "", path: str = "/books/export") -> list[list[str]]:
    """Return the rows of the CSV file, its heading first."""
    async with browser.client.get(f"{path}?{query}") as response:
        assert response.status == 200, await response.text()
        text = (await response.read()).decode("utf-8-sig")
    mark = "," if "comma" in query else ";"
    return list(csv.reader(StringIO(text), delimiter=mark))


async def test_a_list_comes_out_as_it_is_shown(shop: Bookshop) -> None:
    anna = await shop.reader("anna")
    await shop.add(anna, name="Koroğlu", state="lent", pages=1200, bought=date(2026, 4, 3))
    await shop.add(anna, name="Əsli və Kərəm", pages=90)
    browser = await shop.browser("anna")

    rows = await taken(browser, "cols=name,state,pages,bought,owner_id&sort=-name")

    assert sorted(rows[1:]) == [
        ["Koroğlu", "Xeyr", "1200", "2026-04-03", "Anna"], ["Əsli və Kərəm", "Bəli", "90", "", "Anna"],
    ]  # fmt: skip
    assert await taken(browser, "f=pages~more~100&cols=name&delimiter=comma") == [
        rows[0][:1], ["Koroğlu"],
    ]  # fmt: skip


async def test_a_workbook_holds_numbers_and_days_not_texts(shop: Bookshop) -> None:
    anna = await shop.reader("anna")
    await shop.add(anna, name="=1+1", pages=1200, bought=date(2026, 4, 3))
    browser = await shop.browser("anna")

    async with browser.client.get("/books/export?format=xlsx&cols=name,pages,bought") as response:
        book = CalamineWorkbook.from_filelike(BytesIO(await response.read()))

    assert book.get_sheet_by_index(0).to_python()[1] == ["=1+1", 1200.0, date(2026, 4, 3)]


async def test_more_rows_than_are_read_at_a_time_come_out_once_each(
    shop: Bookshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ROWS_AT_A_TIME", 3)
    anna = await shop.reader("anna")
    names = [f"Book {n}" for n in range(8)]
    for name in names:
        await shop.add(anna, name=name)
    browser = await shop.browser("anna")

    assert [row[0] for row in (await taken(browser, "cols=name"))[1:]] == names


async def test_a_sheet_that_is_full_is_followed_by_another(
    shop: Bookshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ROWS_OF_A_SHEET", 2)
    anna = await shop.reader("anna")
    for n in range(3):
        await shop.add(anna, name=f"Book {n}")
    browser = await shop.browser("anna")

    async with browser.client.get("/books/export?format=xlsx&cols=name") as response:
        book = CalamineWorkbook.from_filelike(BytesIO(await response.read()))

    sheets = [book.get_sheet_by_index(n).to_python() for n in range(len(book.sheet_names))]
    assert [[row[0] for row in rows[1:]] for rows in sheets] == [["Book 0", "Book 1"], ["Book 2"]]


RIGHTS: dict[str, Any] = {"create": "all", "read": "all", "edit": "all", "export": "own"}


async def test_who_may_take_out_his_own_takes_no_others_out(shop: Bookshop) -> None:
    anna, emin = await shop.reader("anna"), await shop.reader("emin", RIGHTS)
    await shop.add(anna, name="Koroğlu")
    await shop.add(emin, name="Leyli və Məcnun")

    rows = await taken(await shop.browser("emin"), "cols=name")

    assert rows[1:] == [["Leyli və Məcnun"]]


async def test_a_covered_field_comes_out_covered_and_a_hidden_one_not_at_all(
    shop: Bookshop,
) -> None:
    anna = await shop.reader("anna")
    await shop.add(anna, name="Kitabi-Dədə Qorqud", pages=1200)
    await shop.covers(name="masked", pages="hidden")

    rows = await taken(await shop.browser("anna"), "cols=name,pages,state")

    assert rows[1:] == [["•••ud", "Bəli"]]


async def test_who_may_not_take_out_is_refused(shop: Bookshop) -> None:
    await shop.reader("emin", {"create": "all", "read": "all"})
    browser = await shop.browser("emin")

    assert (await browser.open("/books/export")).status == 403
    assert (await browser.open("/api/v1/books/export")).status == 403


@pytest.mark.parametrize("query", ["format=pdf", "format=vcf", "delimiter=x", "f=name~eats~x"])
async def test_what_cannot_be_taken_out_so_is_refused(query: str, shop: Bookshop) -> None:
    await shop.reader("anna")
    browser = await shop.browser("anna")

    assert (await browser.open(f"/api/v1/books/export?{query}")).status == 422


async def test_each_time_is_written_down_with_what_was_asked(shop: Bookshop) -> None:
    anna = await shop.reader("anna")
    browser = await shop.browser("anna")

    await taken(browser, "cols=name&f=pages~more~100")

    async with shop.house.database.read() as session:
        line = await session.scalar(select(Audit).where(Audit.action == "export"))
    assert line is not None
    assert (line.entity, line.actor_id, line.diff["columns"]) == ("book", anna.id, [None, ["name"]])
    assert line.diff["filter"][1]["all"][0]["field"] == "pages"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"), ("@SUM(A1)", "'@SUM(A1)"), ("+cmd|x", "'+cmd|x"),
        ("-2+3", "'-2+3"), ("+994 (50) 234-56-78", "+994 (50) 234-56-78"), ("-12.5", "-12.5"),
        ("Koroğlu", "Koroğlu"), ("", ""),
    ],
)  # fmt: skip
def test_no_spreadsheet_runs_a_cell(cell: str, written: str) -> None:
    assert guarded(cell) == written
