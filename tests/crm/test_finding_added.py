"""The search box finds rows by the fields that administrators added, as soon as they say so."""

from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import select, update

from callcenter.agents.description import TEAM, USER
from callcenter.crm.finding.find import find
from callcenter.crm.finding.models import SearchText
from callcenter.entity.models import CustomField
from callcenter.entity.registry import Registry
from callcenter.server.identity import Identity
from tests.crm.test_finding import READS, asked, index, titles
from tests.entity.shelf import BOOK, Shelf, shelf
from tests.fixtures.customers import NOW, REGIONS, signed_in

__all__ = ["shelf"]


async def nobody(*_question: object) -> list[int]:
    return []


async def add_field(shelf: Shelf, *, searchable: bool = True) -> None:
    async with shelf.database.write() as session:
        session.add(
            CustomField(id=1, entity="book", key="mark", label={"en": "Mark"}, type="text",
                        searchable=searchable, created_at=NOW, updated_at=NOW)
        )  # fmt: skip
    await shelf.registry.load(shelf.database)


async def set_searchable(shelf: Shelf, searchable: bool) -> None:
    async with shelf.database.write() as session:
        await session.execute(update(CustomField).values(searchable=searchable))
    await shelf.registry.load(shelf.database)
    await index(shelf)


@pytest.mark.parametrize("has_own_search", [False, True])
async def test_rows_are_found_by_an_added_field_while_it_is_searchable(
    shelf: Shelf, has_own_search: bool
):
    anna = await shelf.office.user("Anna")
    described = replace(BOOK, search=nobody) if has_own_search else BOOK
    shelf.registry = Registry((USER, TEAM, described))
    await add_field(shelf, searchable=False)
    await shelf.add(anna, name="Koroğlu", **{"custom.mark": "Şkaf 7"})
    await index(shelf)
    before = titles(await asked(shelf, anna, "skaf"), "book")

    await set_searchable(shelf, True)
    found = titles(await asked(shelf, anna, "skaf"), "book")
    await set_searchable(shelf, False)

    assert (before, found) == ([], ["Koroğlu"])
    assert titles(await asked(shelf, anna, "skaf"), "book") == []
    async with shelf.database.read() as session:
        kept = list(await session.scalars(select(SearchText.fold)))
    assert kept == ([] if has_own_search else ["koroglu"])


async def test_an_added_field_that_is_hidden_from_somebody_finds_nothing_for_him(shelf: Shelf):
    anna = await shelf.office.user("Anna")
    await add_field(shelf)
    await shelf.add(anna, name="Koroğlu", **{"custom.mark": "Şkaf 7"})
    await index(shelf)

    who = signed_in(anna, book=READS)
    kept_from_him = msgspec.structs.replace(who, fields={"book": {"custom.mark": "hidden"}})

    async def found(asking: Identity) -> list[str]:
        async with shelf.database.read() as session:
            there = await find(session, shelf.registry, asking, "skaf", REGIONS, "en")
        return titles(there, "book")

    assert (await found(who), await found(kept_from_him)) == (["Koroğlu"], [])
