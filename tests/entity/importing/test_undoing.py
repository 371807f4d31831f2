"""A batch is taken back; what somebody has worked with since stays, and is named with the reason."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from callcenter.audit import Audit
from callcenter.entity import saving
from callcenter.entity.importing import undoing
from callcenter.entity.importing.models import ImportBatch
from tests.entity.importing.desk import Desk, counts, desk, sqlite_desk
from tests.entity.shelf import Book, shelf

__all__ = ["desk", "shelf", "sqlite_desk"]


async def facts(desk: Desk) -> list[tuple[Any, ...]]:
    """Return everything that people know of the books."""
    return [
        (book.id, book.name, book.pages, book.state, book.bought, book.owner_id, book.custom)
        for book in await desk.books()
    ]


async def test_what_was_added_goes_and_what_was_changed_is_as_before(desk: Desk) -> None:
    anna = await desk.person()
    await desk.shelf.add(anna, name="Koroğlu", pages=1, state="lent")
    before = await facts(desk)
    batch = await desk.bring_in(
        anna, "name;pages;status;bought\nKoroğlu;120;here;03.04.2026\nYeni;5;;\n", rule="update"
    )

    done = await desk.take_back(batch)

    assert await facts(desk) == before
    assert (done.status, counts(done)["undone"], counts(done).get("kept")) == ("undone", 2, None)
    async with desk.database.read() as session:
        log = await session.scalars(select(Audit.action).where(Audit.entity == "book"))
        assert sorted(log) == ["create", "create", "delete", "edit", "edit"]


async def test_a_row_that_somebody_edited_since_stays_and_is_named(desk: Desk) -> None:
    anna, emin = await desk.person(), await desk.person("Emin")
    batch = await desk.bring_in(anna, "name;pages\nKoroğlu;120\nYeni;5\n")
    (koroglu, _yeni) = await desk.books()
    await desk.shelf.change(emin, koroglu, 1, pages=121)

    done = await desk.take_back(batch)

    assert await desk.names() == ["Koroğlu"]
    assert counts(done) == {"added": 2, "undone": 1, "kept": 1}
    assert desk.report(batch, "kept") == [["2", "Koroğlu", "", undoing.EDITED_SINCE]]


async def test_of_a_changed_row_only_the_field_that_somebody_changed_since_stays(
    desk: Desk,
) -> None:
    anna, emin = await desk.person(), await desk.person("Emin")
    book = await desk.shelf.add(anna, name="Koroğlu", pages=1, state="here")
    batch = await desk.bring_in(anna, "name;pages;status\nKoroğlu;120;lent\n", rule="update")
    await desk.shelf.change(emin, book, None, pages=121)

    await desk.take_back(batch)

    (now,) = await desk.books()
    assert (now.pages, now.state) == (121, "here")
    assert desk.report(batch, "kept") == [["2", "Koroğlu", "Pages", undoing.FIELD_CHANGED]]


async def test_a_row_that_the_file_added_and_then_changed_goes_as_a_whole(desk: Desk) -> None:
    anna = await desk.person()
    batch = await desk.bring_in(anna, "name;pages\nYeni;1\nYeni;2\nYeni;3\n", rule="update")

    done = await desk.take_back(batch)

    assert await desk.names() == []
    assert counts(done) == {"added": 1, "changed": 2, "undone": 3}


async def test_a_row_that_was_deleted_since_is_no_trouble(desk: Desk) -> None:
    anna = await desk.person()
    old = await desk.shelf.add(anna, name="Koroğlu", pages=1)
    batch = await desk.bring_in(anna, "name;pages\nKoroğlu;120\nYeni;5\n", rule="update")
    for book in await desk.books():
        async with desk.database.write() as session:
            await saving.set_aside(desk.shelf.deed(session, anna), book.id)

    done = await desk.take_back(batch)

    assert (await desk.shelf.stored(old)).pages == 120
    assert counts(done)["kept"] == 1
    assert desk.report(batch, "kept")[0][3] == undoing.GONE


names = st.sampled_from(["Koroğlu", "Leyli", "Nəsimi", "Xosrov", "Yeni"])
pages = st.one_of(st.just(""), st.integers(0, 9).map(str), st.just("many"))
states = st.sampled_from(["", "here", "lent", "lost"])
books = st.lists(st.tuples(names, pages, states), max_size=8)


@pytest.mark.parametrize("rule", ["skip", "update", "add"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.dictionaries(names, pages.filter(lambda n: n != "many")), file=books)
async def test_import_then_undo_is_as_before(
    rule: str, before: dict[str, str], file: list[tuple[str, str, str]], sqlite_desk: Desk
) -> None:
    """Whatever stood there, whatever the file says, by whichever rule."""
    desk = sqlite_desk
    async with desk.database.write() as session:
        for table in (ImportBatch, Book, Audit):
            await session.execute(delete(table))
    anna = await desk.person()
    for name, count in before.items():
        await desk.shelf.add(anna, name=name, pages=int(count) if count else None)
    was = await facts(desk)

    text = "name;pages;status\n" + "".join(f"{';'.join(row)}\n" for row in [*file, ("", "", "x")])
    batch = await desk.bring_in(anna, text, rule=rule, lenient=True)
    done = await desk.take_back(batch)

    assert await facts(desk) == was
    assert (done.status, counts(done).get("kept")) == ("undone", None)
