"""Rows of any entity are saved by one rule: rights, checks, versions and the log."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from callcenter.audit import Audit
from callcenter.db import new_id
from callcenter.entity import saving
from callcenter.entity.models import CustomField
from callcenter.entity.reading import NOT_AN_ID
from callcenter.entity.saving import READ_ONLY, TAKEN
from callcenter.errors import BadInput, ChangedMeanwhile, NotAllowed, NotFound
from callcenter.server.body import MISSING
from tests.entity.shelf import BOOK, Shelf, shelf
from tests.fixtures.customers import NOW, signed_in

__all__ = ["shelf"]

OWN = dict.fromkeys(("create", "read", "edit", "delete"), "own")


async def log(shelf: Shelf) -> list[tuple[str, dict[str, Any]]]:
    async with shelf.database.read() as session:
        lines = await session.scalars(
            select(Audit).where(Audit.entity == "book").order_by(Audit.id)
        )
        return [(line.action, line.diff) for line in lines]


async def test_a_row_is_its_makers_own_and_stands_in_the_log(shelf: Shelf) -> None:
    anna = await shelf.office.user("Anna")

    book = await shelf.stored(await shelf.add(anna, name="Kitabi-Dədə Qorqud", pages=200))

    assert (book.name, book.owner_id, book.version, book.state) == (
        "Kitabi-Dədə Qorqud", anna.id, 1, "here",
    )  # fmt: skip
    assert await log(shelf) == [
        ("create", {
            "name": [None, "Kitabi-Dədə Qorqud"], "pages": [None, 200], "owner_id": [None, anna.id],
        })
    ]  # fmt: skip


async def test_different_fields_changed_by_two_people_are_joined(shelf: Shelf) -> None:
    anna, emin = await shelf.office.user("Anna"), await shelf.office.user("Emin")
    book = await shelf.add(anna, name="Koroğlu")

    await shelf.change(anna, book, 1, pages=100)
    await shelf.change(emin, book, 1, state="lent")

    now = await shelf.stored(book)
    assert (now.pages, now.state, now.version) == (100, "lent", 3)


async def test_the_same_field_changed_by_two_people_is_refused_naming_the_first(
    shelf: Shelf,
) -> None:
    anna, emin = await shelf.office.user("Anna"), await shelf.office.user("Emin")
    book = await shelf.add(anna, name="Koroğlu")

    await shelf.change(anna, book, 1, pages=100)
    with pytest.raises(ChangedMeanwhile) as refused:
        await shelf.change(emin, book, 1, pages=120)

    assert refused.value.values == {"who": "Anna", "field": "pages", "theirs": 100, "mine": 120}
    assert (await shelf.stored(book)).pages == 100


async def test_a_row_nobody_may_change_is_not_there(shelf: Shelf) -> None:
    anna, emin = await shelf.office.user("Anna"), await shelf.office.user("Emin")
    book = await shelf.add(anna, name="Koroğlu")

    with pytest.raises(NotFound):
        await shelf.change(emin, book, None, OWN, pages=1)
    with pytest.raises(NotAllowed):
        await shelf.add(emin, {"read": "all"}, name="Leyli və Məcnun")


async def test_what_is_wrong_is_said_field_by_field(shelf: Shelf) -> None:
    anna = await shelf.office.user("Anna")
    await shelf.add(anna, name="Koroğlu")

    with pytest.raises(BadInput) as refused:
        await shelf.add(anna, pages=1, team_id=12345, id=7, version=3)
    assert refused.value.fields == {
        "name": MISSING, "team_id": NOT_AN_ID, "id": READ_ONLY, "version": READ_ONLY,
    }  # fmt: skip
    with pytest.raises(BadInput) as refused:
        await shelf.add(anna, name="Koroğlu")
    assert refused.value.fields == {"name": TAKEN}


async def test_a_field_that_a_role_may_only_read_is_not_written(shelf: Shelf) -> None:
    anna = await shelf.office.user("Anna")
    book = await shelf.add(anna, name="Koroğlu", pages=10)
    who = signed_in(anna, book={"edit": "all", "read": "all"})
    who = type(who)(**{name: getattr(who, name) for name in who.__struct_fields__} | {
        "fields": {"book": {"pages": "read", "state": "hidden"}},
    })  # fmt: skip

    async with shelf.database.write() as session:
        deed = saving.Deed(session, shelf.registry, BOOK, who, NOW, shelf.deed(session, anna).by)
        with pytest.raises(BadInput) as refused:
            await saving.change(deed, book.id, {"pages": 11, "state": "lent"}, None)
        # What stays as it is may be sent along.
        await saving.change(deed, book.id, {"pages": 10, "name": "Koroğlu II"}, None)

    assert refused.value.fields == {"pages": READ_ONLY, "state": READ_ONLY}
    assert (await shelf.stored(book)).name == "Koroğlu II"


async def test_a_row_goes_to_the_trash_and_comes_back(shelf: Shelf) -> None:
    anna = await shelf.office.user("Anna")
    book = await shelf.add(anna, name="Koroğlu")

    async with shelf.database.write() as session:
        await saving.set_aside(shelf.deed(session, anna), book.id)
    with pytest.raises(NotFound):
        await shelf.change(anna, book, None, pages=1)
    async with shelf.database.write() as session:
        await saving.restore(shelf.deed(session, anna), book.id)

    await shelf.change(anna, book, None, pages=1)
    assert [action for action, _ in await log(shelf)] == ["create", "delete", "restore", "edit"]


async def test_a_field_an_administrator_adds_is_kept_like_the_others(shelf: Shelf) -> None:
    anna, emin = await shelf.office.user("Anna"), await shelf.office.user("Emin")
    async with shelf.database.write() as session:
        session.add(
            CustomField(
                id=new_id(0),
                entity="book",
                key="isbn",
                type="text",
                label={"en": "ISBN"},
                unique=True,
                created_at=NOW,
                updated_at=NOW,
            )
        )
    await shelf.registry.load(shelf.database)

    book = await shelf.add(anna, name="Koroğlu", **{"custom.isbn": "1"})
    with pytest.raises(BadInput) as refused:
        await shelf.add(anna, name="Leyli və Məcnun", **{"custom.isbn": "1"})
    await shelf.change(anna, book, 1, **{"custom.isbn": "2"})
    with pytest.raises(ChangedMeanwhile):
        await shelf.change(emin, book, 1, **{"custom.isbn": "3"})

    assert refused.value.fields == {"custom.isbn": TAKEN}
    both = [shelf.add(anna, name=f"Book {n}", **{"custom.isbn": "9"}) for n in range(2)]
    answers = await asyncio.gather(*both, return_exceptions=True)
    assert [type(answer) for answer in answers].count(BadInput) == 1
    assert (await shelf.stored(book)).custom == {"isbn": "2"}
