"""An entity that is only described has a list, a form, a card, a board, a calendar and a trash."""

import inspect
import re
from collections.abc import AsyncIterator
from datetime import date
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from callcenter.company.branding import BRANDING
from callcenter.db import Database
from callcenter.entity.keys import ENTITIES
from callcenter.entity.models import CustomField
from callcenter.entity.pages import lists
from callcenter.entity.tags import Tags
from tests.entity import shelf
from tests.entity.bookshop import Bookshop, shop_on
from tests.fixtures.house import Page

PAGES = ("", "/new", "/board", "/calendar", "/trash", "/views/new", "/views", "/filter?field=name",
         "/filter", "?own=1&group=state")  # fmt: skip


@pytest.fixture
async def shop(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Bookshop]:
    async with shop_on(sqlite_database, tmp_path) as opened:
        yield opened


def rows(page: Page) -> list[str]:
    """Return what the rows, cards or events of a page are called."""
    return [unescape(name) for name in re.findall(r"data-row href=\"[^\"]+\">([^<]+)<", page.text)]


def test_a_new_entity_costs_less_than_forty_lines() -> None:
    described = inspect.getsource(shelf).partition("BOOK = Entity(")[2].partition("\n)")[0]
    lines = [*inspect.getsource(shelf.Book).splitlines(), *described.splitlines(), ")"]
    with_a_list = (shelf.Copy, shelf.Copies)
    listed = [line for thing in with_a_list for line in inspect.getsource(thing).splitlines()]
    assert len([line for line in lines if line.strip()]) < 40
    assert len([line for line in listed if line.strip()]) < 20


async def test_a_described_entity_has_all_its_pages(shop: Bookshop) -> None:
    anna = await shop.reader("anna")
    book = await shop.add(anna, name="Koroğlu", bought=date(2026, 11, 20), pages=1200)
    browser = await shop.browser("anna")

    for path in (*PAGES, f"/{book.id}", f"/{book.id}/edit"):
        page = await browser.open(f"/books{path}")
        assert page.status == 200, path
        part = await browser.open(f"/books{path}", HX_Request="true")
        assert part.status == 200, path
        assert "<html" not in part.text, path
    for path in ("", "/board", "/calendar"):
        assert rows(await browser.open(f"/books{path}")) == ["Koroğlu"], path


async def test_who_may_not_read_them_sees_none_of_its_pages(shop: Bookshop) -> None:
    anna = await shop.reader("anna", {})
    book = await shop.add(anna, name="Koroğlu")
    browser = await shop.browser("anna")

    for path in (*PAGES, f"/{book.id}", f"/{book.id}/edit"):
        assert (await browser.open(f"/books{path}")).status == 403, path


async def test_a_list_goes_on_where_its_page_ends(
    shop: Bookshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_ROWS", 2)
    anna = await shop.reader("anna")
    for number in range(3):
        await shop.add(anna, name=f"Book {number}")
    browser = await shop.browser("anna")

    shown = await browser.open("/books")
    [more] = re.findall(r'hx-get="([^"]+)"[^>]*closest tr', shown.text)
    rest = await browser.open(unescape(more), HX_Request="true")

    assert (rows(shown), rows(rest)) == (["Book 0", "Book 1"], ["Book 2"])


async def test_a_list_shows_what_its_filter_asks_for_and_says_so(shop: Bookshop) -> None:
    anna = await shop.reader("anna", locale="en")
    for name, pages in (("Koroğlu", 300), ("Leyli və Məcnun", 120), ("Kitabi-Dədə Qorqud", 500)):
        await shop.add(anna, name=name, pages=pages)
    browser = await shop.browser("anna")

    filled_in = await browser.open("/books?own=1&field=name&op=contains&value=KOROGLU")
    assert filled_in.status == 303
    assert filled_in.location == "/books?own=1&f=name~contains~KOROGLU"
    shown = await browser.open(filled_in.location)
    both = await browser.open(
        "/books?own=1&any=1&f=name~contains~koro&f=pages~more~400&cols=name%2Cpages&sort=-name"
    )
    wrong = await browser.open("/books?own=1&field=pages&op=more&value=many")
    unread = await browser.open("/books?own=1&f=colour~is~red")

    assert rows(shown) == ["Koroğlu"]
    assert "Name contains “KOROGLU”" in shown.text
    assert rows(both) == ["Koroğlu", "Kitabi-Dədə Qorqud"]
    assert "This is not a whole number." in wrong.text
    assert 'value="many"' in wrong.text
    assert rows(unread) == []
    assert "There is no such field to filter by." in unread.text


async def test_a_view_is_kept_shared_and_begun_with(shop: Bookshop) -> None:
    anna = await shop.reader("anna", role="admin", locale="en")
    await shop.reader("emin", locale="en")
    await shop.add(anna, name="Koroğlu", state="lent")
    await shop.add(anna, name="Leyli və Məcnun")
    browser = await shop.browser("anna")

    asked = "/books/views?own=1&f=state~is~lent&cols=name%2Cpages&kind=list"
    nameless = await browser.submit(asked, {"name": " ", "share": "all"})
    kept = await browser.submit(asked, {"name": "Lent out", "share": "all", "first": "1"})
    first = await browser.open("/books")
    mine = await browser.submit(asked, {"name": "Just mine", "share": "mine"})
    of_emin = await shop.browser("emin")
    seen = await of_emin.open("/books")
    unseen = await of_emin.open(mine.location)
    chosen = await of_emin.open(kept.location)
    refused = await of_emin.submit(f"{kept.location.replace('?view=', '/views/')}/delete")

    assert (nameless.status, "This is needed." in nameless.text) == (422, True)
    assert rows(first) == ["Koroğlu"]
    assert ("Lent out" in seen.text, "Just mine" in seen.text) == (True, False)
    assert (mine.status, unseen.status) == (303, 404)
    assert len(rows(seen)) == 2
    assert rows(chosen) == ["Koroğlu"]
    assert refused.status == 403


async def test_conditions_stand_in_groups_of_all_or_any(shop: Bookshop) -> None:
    anna = await shop.reader("anna", locale="en")
    for name, pages, state in (("A", 100, "here"), ("B", 900, "here"), ("C", 900, "lent")):
        await shop.add(anna, name=name, pages=pages, state=state)
    browser = await shop.browser("anna")

    choice = await browser.open("/books/filter?own=1&f=pages~filled&into=&anew=1")
    begun = await browser.open(
        "/books?own=1&f=pages~filled&into=&anew=1&field=state&op=is&value=lent"
    )
    grown = await browser.open(f"{begun.location}&into=1&field=pages&op=less&value=500")
    shown = await browser.open(grown.location)
    changed = await browser.open(f"{grown.location}&place=1.1&field=name&op=is&value=B")
    turned = unescape(re.findall(r'href="([^"]+)">Any of these<', shown.text)[0])
    without = unescape(
        re.findall(r'chip__x" href="([^"]+)" aria-label="Remove: Pages is less', shown.text)[0]
    )

    assert "anew=1" in choice.text
    assert unquote(begun.location).endswith("f=pages~filled&f=(any&f=state~is~lent&f=)")
    assert rows(shown) == ["A", "C"]
    assert rows(await browser.open(changed.location)) == ["B", "C"]
    assert rows(await browser.open(turned)) == []
    assert rows(await browser.open(without)) == ["C"]


async def test_a_list_stands_in_groups_and_says_what_they_come_to(
    shop: Bookshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "ROWS_OF_A_GROUP", 2)
    monkeypatch.setattr(lists, "MOST_GROUPS", 1)
    anna = await shop.reader("anna", locale="en")
    async with shop.house.database.write() as session:
        session.add(
            CustomField(
                id=1, entity="book", key="price", type="money", label={"en": "Price"},
                created_at=shop.house.clock(), updated_at=shop.house.clock(),
            )
        )  # fmt: skip
    await shop.house.app[ENTITIES].load(shop.house.database)
    for number in range(4):
        state = "lent" if number == 3 else "here"
        await shop.add(anna, name=f"Book {number}", state=state, **{"custom.price": 1000 + number})
    browser = await shop.browser("anna")

    asked = "own=1&cols=name%2Cstate%2Ccustom.price&group=state"
    shown = await browser.open(f"/books?{asked}")
    more, next_groups = (
        unescape(link) for link in re.findall(r'hx-get="([^"]+)"[^>]*closest tr', shown.text)
    )
    rest = await browser.open(more, HX_Request="true")
    others = await browser.open(next_groups, HX_Request="true")
    board = await browser.open("/books/board?own=1&cols=name%2Ccustom.price")
    kept = await browser.submit(
        f"/books/views?{asked}&kind=list", {"name": "By status", "share": "mine"}
    )
    by_view = await browser.open(kept.location)
    emin = await shop.reader("emin", {"read": "own", "create": "own"}, role="admin", locale="en")
    await shop.add(emin, name="His", state="here", **{"custom.price": 777})
    own = await (await shop.browser("emin")).open(f"/books?{asked}")
    await shop.covers(**{"custom.price": "masked"})
    covered = await browser.open(f"/books?{asked}")

    assert rows(shown) == ["Book 0", "Book 1"]
    assert shown.text.count("table__group") == 1
    assert "30.03" in shown.text  # of the group
    assert "40.06" in shown.text  # of all
    assert rows(rest) == ["Book 2"]
    assert rows(others) == ["Book 3"]
    assert "30.03" in board.text
    assert "table__group" in by_view.text
    assert (rows(own), "7.77" in own.text.partition("<tfoot>")[2]) == (["His"], True)
    assert "40.06" not in covered.text


async def test_a_moment_in_a_field_of_ones_own_stands_in_lists_and_on_boards(
    shop: Bookshop,
) -> None:
    anna = await shop.reader("anna", locale="en")
    async with shop.house.database.write() as session:
        session.add(
            CustomField(
                id=1, entity="book", key="seen", type="datetime", label={"en": "Seen"},
                created_at=shop.house.clock(), updated_at=shop.house.clock(),
            )
        )  # fmt: skip
    await shop.house.app[ENTITIES].load(shop.house.database)
    await shop.add(anna, name="Dune", state="here", **{"custom.seen": "2025-03-04T05:06:00Z"})
    browser = await shop.browser("anna")

    listed = await browser.open("/books?own=1&cols=name%2Ccustom.seen")
    board = await browser.open("/books/board?own=1&cols=name%2Ccustom.seen")

    assert (listed.status, board.status) == (200, 200)
    assert "2025" in listed.text
    assert "2025" in board.text


async def test_views_are_renamed_shared_ordered_and_removed(shop: Bookshop) -> None:
    await shop.reader("anna", role="admin", locale="en")
    await shop.reader("emin", locale="en")
    browser, of_emin = await shop.browser("anna"), await shop.browser("emin")
    ids = []
    for name in ("Lent", "Thick"):
        kept = await browser.submit("/books/views?own=1&kind=list", {"name": name, "share": "all"})
        ids.append(kept.location.partition("view=")[2])
    lent, thick = ids

    await browser.submit("/books/views/order", {"down": lent})
    ordered = await browser.open("/books/views")
    nameless = await browser.submit(f"/books/views/{lent}/edit", {"name": "", "version": "1"})
    form = {"name": "Lent out", "share": "mine", "version": "1"}
    named = await browser.submit(f"/books/views/{lent}/edit", form)
    late = await browser.submit(f"/books/views/{lent}/edit", form | {"name": "Away"})
    seen = await of_emin.open("/books/views")
    refused = await of_emin.open(f"/books/views/{thick}/edit")
    await browser.submit(f"/books/views/{thick}/delete")

    assert rows(ordered) == ["Thick", "Lent"]
    assert (nameless.status, "This is needed." in nameless.text) == (422, True)
    assert named.location == "/books/views?saved=1"
    assert late.status == 409
    assert rows(seen) == ["Thick"]
    assert refused.status == 403
    assert rows(await browser.open("/books/views")) == ["Lent out"]


async def test_the_navigation_leads_to_every_kind_of_record_one_may_read(shop: Bookshop) -> None:
    await shop.reader("anna", locale="en")
    await shop.reader("emin", {}, role="admin", locale="en")
    await shop.house.app[BRANDING].load()
    rail = '<a href="/books" title="Books" aria-label="Books">'

    assert rail in (await (await shop.browser("anna")).open("/account")).text
    assert rail not in (await (await shop.browser("emin")).open("/account")).text


async def test_a_form_keeps_what_was_typed_and_says_what_is_wrong(shop: Bookshop) -> None:
    await shop.reader("anna", locale="en")
    browser = await shop.browser("anna")

    wrong = await browser.submit("/books", {"name": "", "pages": "many", "bought": "2026-11-20"})
    made = await browser.submit(
        "/books", {"name": "Koroğlu", "pages": "1 200", "bought": "2026-11-20"}
    )
    card = await browser.open(made.location)

    assert wrong.status == 422
    assert "This is not a whole number." in wrong.text
    assert 'value="many"' in wrong.text
    assert 'value="2026-11-20"' in wrong.text
    assert made.status == 303
    assert "1,200" in card.text


async def test_two_people_change_one_field_and_the_second_chooses(shop: Bookshop) -> None:
    anna = await shop.reader("anna", locale="en")
    book = await shop.add(anna, name="Koroğlu", pages=100)
    await shop.reader("emin", locale="en")
    first, second = await shop.browser("anna"), await shop.browser("emin")
    form = {"version": "1", "name": "Koroğlu", "state": "here", "bought": ""}

    await first.submit(f"/books/{book.id}/edit", form | {"pages": "150", "state": "lent"})
    clash = await second.submit(f"/books/{book.id}/edit", form | {"pages": "120"})
    version = clash.value("version")
    mine = form | {"version": version, "pages": "120", "state": "lent"}
    theirs = await second.submit(f"/books/{book.id}/edit", mine | {"take.pages": "theirs"})
    kept = (await shop.stored(book)).pages
    again = await second.submit(f"/books/{book.id}/edit", mine | {"take.pages": "mine"})

    assert clash.status == 409
    assert "Anna wrote meanwhile:" in clash.text
    assert "<strong>150</strong>" in clash.text
    # What the other changed elsewhere is taken over, what this person typed stays.
    assert '<option value="lent" selected>' in clash.text
    assert 'value="120"' in clash.text
    assert (theirs.status, kept) == (303, 150)
    assert again.status == 303
    now = await shop.stored(book)
    assert (now.pages, now.state) == (120, "lent")


async def test_a_card_is_moved_on_the_board_or_stays_with_a_reason(shop: Bookshop) -> None:
    anna = await shop.reader("anna", locale="en")
    book = await shop.add(anna, name="Koroğlu")
    browser = await shop.browser("anna")

    moved = await browser.submit(f"/books/{book.id}/move?own=1", {"to": "lent", "version": "1"})
    late = await browser.submit(f"/books/{book.id}/move?own=1", {"to": "here", "version": "1"})
    nowhere = await browser.submit(f"/books/{book.id}/move?own=1", {"to": "lost", "version": "2"})

    assert (moved.status, moved.location) == (303, "/books/board?own=1")
    assert (await shop.stored(book)).state == "lent"
    # The place it came from: nothing of theirs is lost, so nothing is refused.
    assert late.status == 303
    assert nowhere.status == 422
    assert "This is not in the list." in nowhere.text


async def test_a_board_pages_each_column_by_itself(shop: Bookshop) -> None:
    anna = await shop.reader("anna")
    for number in range(23):
        await shop.add(anna, name=f"Book {number:02}", state="lent" if number == 22 else "here")
    browser = await shop.browser("anna")

    board = await browser.open("/books/board")
    [more] = re.findall(r'hx-get="([^"]+)"[^>]*hx-target="closest li"', board.text)
    rest = await browser.open(unescape(more), HX_Request="true")

    assert len(rows(board)) == 21
    assert "Book 22" in rows(board)
    assert rows(rest) == ["Book 20", "Book 21"]


async def test_many_are_changed_at_once_and_one_that_cannot_be_costs_no_other(
    shop: Bookshop,
) -> None:
    anna = await shop.reader("anna", {"read": "all", "edit": "own", "delete": "own"}, locale="en")
    emin = await shop.reader("emin", {"read": "all", "edit": "own"}, role="supervisor")
    mine = [await shop.add(anna, name=f"Book {number}") for number in range(3)]
    foreign = await shop.add(emin, name="Foreign")
    browser = await shop.browser("anna")
    marked = [("ids", str(book.id)) for book in (*mine, foreign)]

    asked = await browser.submit("/books/bulk?own=1", [*marked, ("field", "pages")])
    wrong = await browser.submit(
        "/books/bulk/change?own=1", [*marked, ("field", "pages"), ("pages", "x")]
    )
    done = await browser.submit(
        "/books/bulk/change?own=1", [*marked, ("field", "pages"), ("pages", "77")]
    )
    everything = await browser.submit(
        "/books/bulk/change?own=1&f=name~is~Book+1",
        [("everything", "1"), ("field", "state"), ("state", "lent")],
    )
    gone = await browser.submit("/books/bulk/delete?own=1", marked[:2])

    assert 'name="pages"' in asked.text
    assert (wrong.status, "This is not a whole number." in wrong.text) == (422, True)
    assert "3 records were changed." in done.text
    assert "<dt>Foreign</dt>" in done.text
    assert "1 record was changed." in everything.text
    books = [await shop.stored(book) for book in mine]
    assert [(book.pages, book.state, book.deleted_at is None) for book in books] == [
        (77, "here", False), (77, "lent", False), (77, "here", True),
    ]  # fmt: skip
    assert (await shop.stored(foreign)).pages is None
    assert "2 records are in the trash." in gone.text


async def test_a_tag_is_put_on_many_and_taken_away_again(shop: Bookshop) -> None:
    anna = await shop.reader("anna", locale="en")
    books = [await shop.add(anna, name=f"Book {number}") for number in range(2)]
    browser = await shop.browser("anna")
    marked = [("ids", str(book.id)) for book in books]

    async def tag(deed: str, name: str, *rows: tuple[str, str]) -> Page:
        told = [*rows, ("field", deed), ("tag", name)]
        return await browser.submit("/books/bulk/change?own=1", told)

    asked = await browser.submit("/books/bulk?own=1", [*marked, ("field", "+tags")])
    nameless = await tag("+tags", " ", *marked)
    done = await tag("+tags", "Rare", *marked)
    await tag("-tags", "RARE", marked[0])

    assert 'name="tag"' in asked.text
    assert (nameless.status, "This is needed." in nameless.text) == (422, True)
    assert "2 records were changed." in done.text
    async with shop.house.database.read() as session:
        held = await Tags("book").load(session, [book.id for book in books])
    assert held == {books[1].id: [{"name": "Rare", "color": None}]}


async def test_what_was_deleted_comes_back_from_the_trash(shop: Bookshop) -> None:
    anna = await shop.reader("anna", locale="en")
    book = await shop.add(anna, name="Koroğlu")
    browser = await shop.browser("anna")

    await browser.submit(f"/books/{book.id}/delete")
    away = await browser.open("/books")
    trash = await browser.open("/books/trash")
    await browser.submit("/books/bulk/restore", {"ids": str(book.id)})

    assert rows(away) == []
    assert "Koroğlu" in trash.text
    assert rows(await browser.open("/books")) == ["Koroğlu"]


async def test_what_two_drag_in_a_calendar_is_told_by_its_name_and_where_it_is_now(
    shop: Bookshop,
) -> None:
    anna = await shop.reader("anna", locale="en")
    await shop.reader("boris", locale="en")
    book = await shop.add(anna, name="Koroğlu", bought=date(2026, 11, 18))
    first, late = await shop.browser("anna"), await shop.browser("boris")
    drag = {"id": str(book.id), "version": "1"}

    moved = await first.submit("/books/calendar?own=1", drag | {"to": "2026-11-20"})
    refused = await late.submit("/books/calendar?own=1", drag | {"to": "2026-11-25"})

    assert (moved.status, refused.status) == (303, 409)
    assert "changed “Bought” meanwhile" in refused.text
    assert "It now says: 20 Nov 2026" in refused.text


async def test_a_deletion_is_taken_back_at_once_by_whoever_did_it_and_as_it_was(
    shop: Bookshop,
) -> None:
    anna = await shop.reader("anna", locale="en")
    books = [await shop.add(anna, name=name) for name in ("Koroğlu", "Leyli", "Sonet")]
    browser = await shop.browser("anna")
    one = books[0].id

    gone = await browser.submit(f"/books/{one}/delete")
    told = await browser.open(gone.location)
    stale = await browser.submit(f"/books/{one}/restore", {"version": "1"})
    back = await browser.submit(f"/books/{one}/restore", {"version": told.value("version")})
    twice = await browser.submit(f"/books/{one}/restore", {"version": told.value("version")})
    over = await browser.open(gone.location)

    assert "“Koroğlu” is in the trash." in told.text
    assert rows(told) == ["Leyli", "Sonet"]
    assert (stale.status, "worked with this since" in stale.text) == (409, True)
    assert (back.status, back.location) == (303, f"/books/{one}")
    assert twice.status == 404
    assert "is in the trash" not in over.text
    assert rows(over) == ["Koroğlu", "Leyli", "Sonet"]

    # Many: what went in this one act, but for what others have brought back and changed since.
    away = await browser.submit("/books/bulk/delete?own=1", [("ids", str(b.id)) for b in books])
    marks = re.findall(r'name="ids" value="([^"]*)"', away.text)
    await browser.submit(f"/books/{one}/restore")
    await browser.submit(f"/books/{one}/delete")
    undone = await browser.submit("/books/bulk/restore", [("ids", mark) for mark in marks])

    assert "3 records are in the trash." in away.text
    assert "2 records were brought back." in undone.text
    assert "worked with this since" in undone.text
    assert rows(await browser.open("/books")) == ["Leyli", "Sonet"]


@pytest.mark.parametrize(("span", "shown"), [
    ("month", ["First", "Middle", "Last"]), ("week", ["Middle"]), ("day", ["Middle"]),
    ("agenda", ["Middle", "Last"]), ("fortnight", ["First", "Middle", "Last"]),
])  # fmt: skip
async def test_a_calendar_shows_the_rows_of_its_days(
    shop: Bookshop, span: str, shown: list[str]
) -> None:
    anna = await shop.reader("anna")
    days = {"First": 1, "Middle": 18, "Last": 30}
    for name, day in days.items():
        await shop.add(anna, name=name, bought=date(2026, 11, day))
    await shop.add(anna, name="Another month", bought=date(2026, 9, 1))
    browser = await shop.browser("anna")

    page = await browser.open(f"/books/calendar?span={span}&day=2026-11-18")

    assert rows(page) == shown


async def test_a_field_one_may_not_read_is_on_no_page(shop: Bookshop) -> None:
    anna = await shop.reader("anna", locale="en")
    book = await shop.add(anna, name="Koroğlu", pages=1234567, bought=date(2026, 11, 20))
    await shop.covers(pages="masked", bought="hidden")
    browser = await shop.browser("anna")

    listed = await browser.open("/books?own=1&cols=name%2Cpages%2Cbought")
    card = await browser.open(f"/books/{book.id}")
    form = await browser.open(f"/books/{book.id}/edit")
    guessed = await browser.open("/books?own=1&f=pages~more~1000000")

    assert "•••67" in listed.text
    assert "•••67" in card.text
    for page in (listed, card, form):
        assert "1,234,567" not in page.text
        assert "20 Nov" not in page.text
        assert "2026-11-20" not in page.text
    assert rows(guessed) == []
    assert (await browser.open("/books/calendar")).status == 404
