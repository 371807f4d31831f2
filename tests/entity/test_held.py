"""Custom values in SQL: typed as they were given, and found by an index."""

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql, sqlite

from callcenter.entity.description import Field
from callcenter.entity.held import Held
from callcenter.entity.saving import stored_as
from tests.entity.shelf import Book, Shelf, shelf
from tests.fixtures.customers import NOW

__all__ = ["shelf"]

VALUES: list[tuple[Any, Any, Any]] = [
    ("text", "sun", "moon"),
    ("integer", 1 << 52, 9),  # the ids of options and rows have so many bits
    ("option", 1 << 52, 9),
    ("number", 2.5, 10.0),
    ("bool", True, False),
    ("date", "2026-11-22", "2026-11-23"),
]


@pytest.mark.parametrize(("kind", "wanted", "other"), VALUES)
async def test_a_custom_value_is_found_by_its_type(
    shelf: Shelf, kind: Any, wanted: Any, other: Any
):
    held = stored_as(Book, Field(name="custom.it", label="It", type=kind))
    books = [
        Book(id=place, name=str(place), custom=custom, created_at=NOW, updated_at=NOW)
        for place, custom in enumerate(({"it": wanted}, {"it": other}, {"it": None}, {}), 1)
    ]
    async with shelf.database.write() as session:
        session.add_all(books)

    async with shelf.database.read() as session:
        same = list(await session.scalars(select(Book.id).where(held == wanted)))
        none = list(await session.scalars(select(Book.id).where(held.is_(None)).order_by(Book.id)))
        shown = await session.scalar(select(held).where(Book.id == 1))

    assert (same, none, shown) == ([1], [3, 4], wanted)


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_the_key_stands_in_the_sql_so_that_an_index_on_it_is_found(dialect: Any):
    question = str(
        (stored_as(Book, Field(name="custom.it", label="It")) == 1).compile(dialect=dialect)
    )

    assert "'it'" in question or "'$.it'" in question


@pytest.mark.parametrize("key", ["", "It", "a'b", "a.b", "1a", "a" * 41])
def test_what_is_no_key_is_never_written_into_sql(key: str):
    with pytest.raises(ValueError, match="no key"):
        Held(text("custom"), key, "text")  # type: ignore[arg-type]
