"""Rows come a page at a time, each once, in order, and no page costs more than another."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, select, text, update

from callcenter.agents.models import Team
from callcenter.db import new_id
from callcenter.entity import listing
from callcenter.entity.conditions import Asker
from callcenter.entity.description import Condition
from callcenter.entity.listing import NO_SUCH_SORT, Page, Wanted, order_of
from callcenter.entity.models import Involvement
from callcenter.entity.nesting import Filter
from callcenter.errors import BadInput
from callcenter.server.body import MISFIT
from callcenter.server.identity import Identity
from tests.entity.plans import plans_of
from tests.entity.shelf import BOOK, Book, Shelf, shelf
from tests.fixtures.customers import NOW, signed_in

__all__ = ["shelf"]

COLUMNS = ("name", "bought", "owner_id")


async def fill(shelf: Shelf, count: int, **facts: Any) -> None:
    """Put books on the shelf; every third was bought nobody knows when, the others on ten days."""
    rows = [
        {
            "id": new_id(0) + (n << 14), "version": 1, "name": f"Book {n % 7}", "state": "here",
            "bought": None if n % 3 == 0 else date(2026, 1, 1) + timedelta(n % 10), "custom": {},
            "created_at": NOW, "updated_at": NOW, **facts,
        } for n in range(count)
    ]  # fmt: skip
    async with shelf.database.write() as session:
        await session.execute(insert(Book), rows)


async def everybody(shelf: Shelf, **facts: Any) -> Asker:
    who = signed_in(await shelf.office.user("Anna"), book={"read": "all"})
    known = {name: getattr(who, name) for name in who.__struct_fields__}
    return Asker(Identity(**known | facts), NOW, "Asia/Baku")


async def page(shelf: Shelf, asker: Asker, wanted: Wanted, after: str | None = None) -> Page:
    async with shelf.database.read() as session:
        return await listing.page(session, shelf.registry, BOOK, asker, wanted, after, 10)


async def all_pages(shelf: Shelf, asker: Asker, wanted: Wanted) -> list[Any]:
    rows: list[Any] = []
    after: str | None = None
    for _ in range(20):
        part = await page(shelf, asker, wanted, after)
        rows += part.lines
        if (after := part.after) is None:
            return rows
    raise AssertionError("there is always one more page")


@pytest.mark.parametrize("order", ["name", "-name", "bought", "-bought"])
async def test_every_row_comes_once_in_order_with_the_unknown_last(
    shelf: Shelf, order: str
) -> None:
    await fill(shelf, 43)
    asker = await everybody(shelf)

    rows = await all_pages(shelf, asker, Wanted(COLUMNS, order_of(BOOK, asker.who, order)))

    field, descending = order.removeprefix("-"), order.startswith("-")
    known = [row for row in rows if row.values[field] is not None]
    assert len({row.id for row in rows}) == len(rows) == 43
    assert rows[: len(known)] == sorted(
        known, key=lambda row: (row.values[field], row.id), reverse=descending
    )


@pytest.mark.parametrize("order", ["name", "-bought"])
@pytest.mark.parametrize(("level", "count"), [("own", 30), ("team", 60)])
async def test_ones_own_rows_come_once_and_in_order_whichever_way_they_are_reached(
    shelf: Shelf, order: str, level: str, count: int
) -> None:
    async with shelf.database.write() as session:
        session.add(Team(id=7, name="Team", created_at=NOW, updated_at=NOW))
    anna = await shelf.office.user("Anna", team_id=7)
    orxan = await shelf.office.user("Orxan", team_id=7)
    other = await shelf.office.user("Other")
    # Rows that are reached in two ways, and rows that are not.
    for facts in (
        {"owner_id": anna.id, "team_id": 7}, {"owner_id": orxan.id}, {"owner_id": other.id, "team_id": 7},
        {"owner_id": other.id}, {},
    ):  # fmt: skip
        await fill(shelf, 15, **facts)
    async with shelf.database.write() as session:
        mine = await session.scalars(select(Book.id).where(Book.owner_id == anna.id))
        strangers = await session.scalars(
            select(Book.id).where(Book.owner_id == other.id, Book.team_id.is_(None))
        )
        session.add_all(
            Involvement(id=new_id(0), entity="book", entity_id=row, user_id=anna.id, created_at=NOW)
            for row in (*mine, *strangers)
        )
    who = msgspec.structs.replace(signed_in(anna, book={"read": level}), team_id=7)

    wanted = Wanted(COLUMNS, order_of(BOOK, who, order))
    rows = await all_pages(shelf, Asker(who, NOW, "Asia/Baku"), wanted)

    field, descending = order.removeprefix("-"), order.startswith("-")
    known = [row for row in rows if row.values[field] is not None]
    assert len({row.id for row in rows}) == len(rows) == count
    assert rows[: len(known)] == sorted(
        known, key=lambda row: (row.values[field], row.id), reverse=descending
    )


async def test_a_row_names_whom_it_refers_to_and_keeps_what_is_covered(shelf: Shelf) -> None:
    emin = await shelf.office.user("Emin")
    await fill(shelf, 1, owner_id=emin.id, pages=1234567)
    asker = await everybody(shelf, fields={"book": {"pages": "masked", "bought": "hidden"}})

    found = await page(shelf, asker, Wanted((*COLUMNS, "pages"), order_of(BOOK, asker.who)))

    assert found.lines[0].title == "Book 0"
    assert found.lines[0].values == {"name": "Book 0", "owner_id": emin.id, "pages": "•••67"}
    assert found.names == {("user", emin.id): "Emin"}


async def test_a_filtered_list_and_the_trash_show_only_theirs(shelf: Shelf) -> None:
    await fill(shelf, 20)
    asker = await everybody(shelf, grants={"book": {"read": "all", "delete": "all"}})
    async with shelf.database.write() as session:
        await session.execute(update(Book).where(Book.name == "Book 3").values(deleted_at=NOW))

    some = Filter((Condition("name", "in", ("Book 3", "Book 4")),))
    there = await all_pages(shelf, asker, Wanted(COLUMNS, order_of(BOOK, asker.who), some))
    trash = await all_pages(shelf, asker, Wanted(COLUMNS, order_of(BOOK, asker.who), trash=True))

    assert {row.title for row in there} == {"Book 4"}
    assert {row.title for row in trash} == {"Book 3"}


async def test_counting_stops(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_COUNTED", 30)
    await fill(shelf, 43)
    asker = await everybody(shelf)
    few = Filter((Condition("name", "is", "Book 3"),))

    async with shelf.database.read() as session:
        counted = [
            await listing.count(session, shelf.registry, BOOK, asker, Wanted((), order_of(BOOK, asker.who), some))
            for some in (Filter(), few)
        ]  # fmt: skip

    assert counted == [31, 6]


@pytest.mark.parametrize(
    "after", ["x", "!", "W10", "WyJhIl0", "eyJhIjoxfQ", "W251bGwsMV0", "WyJhXHUwMDAwIiwxXQ", "ИИ"]
)
async def test_a_cursor_that_is_none_is_refused(shelf: Shelf, after: str) -> None:
    asker = await everybody(shelf)
    with pytest.raises(BadInput) as refused:
        await page(shelf, asker, Wanted(COLUMNS, order_of(BOOK, asker.who)), after)
    assert refused.value.fields == {"after": MISFIT}


@pytest.mark.parametrize("order", ["-pages", "bought", "-bought"])
def test_an_order_nobody_declared_or_of_what_is_covered_is_refused(order: str) -> None:
    who = Identity(user_id=1, name="", login="", role_key="", fields={"book": {"bought": "masked"}})
    with pytest.raises(BadInput) as refused:
        order_of(BOOK, who, order)
    assert refused.value.fields == {"sort": NO_SUCH_SORT}


async def test_a_list_of_which_every_order_is_covered_is_read_as_its_rows_came(
    shelf: Shelf,
) -> None:
    await fill(shelf, 23)
    asker = await everybody(shelf, fields={"book": {"bought": "masked", "name": "hidden"}})

    rows = await all_pages(shelf, asker, Wanted(COLUMNS, order_of(BOOK, asker.who)))

    ids = [row.id for row in rows]
    assert (len(set(ids)), ids) == (23, sorted(ids, reverse=True))


async def test_every_page_is_read_along_the_index_of_its_order(shelf: Shelf) -> None:
    await fill(shelf, 600)
    asker = await everybody(shelf)
    async with shelf.database.write() as session:
        await session.execute(text("ANALYZE"))
    for order in ("name", "-name", "bought", "-bought"):
        wanted = Wanted(COLUMNS, order_of(BOOK, asker.who, order))
        middle = (await page(shelf, asker, wanted)).after
        for after in (None, middle):
            plans = await plans_of(
                shelf.database, "book", lambda a=after, w=wanted: page(shelf, asker, w, a)
            )
            index = f"ix_book_{order.removeprefix('-')}"
            assert plans, order
            assert all(index in plan and "SORT" not in plan.upper() for plan in plans), plans
