"""The search box finds customers, texts, records and places, and only what one may open."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from callcenter import audit
from callcenter.agents.models import User
from callcenter.app.entities import ENTITIES
from callcenter.crm.finding import texts
from callcenter.crm.finding.find import Found, find
from callcenter.crm.finding.places import places
from callcenter.db import Database, Setting
from callcenter.entity import saving
from callcenter.entity.description import Entity, Field
from callcenter.entity.registry import Registry
from callcenter.interactions.models import Interaction
from callcenter.leads.models import Lead
from callcenter.server.identity import Identity
from tests.entity.shelf import BOOK, Shelf, shelf
from tests.fixtures.customers import NOW, REGIONS, Office, signed_in

__all__ = ["shelf"]

READS = {"read": "all", "create": "all"}


async def index(shelf: Shelf) -> None:
    while await texts.step(shelf.database, shelf.registry, NOW):
        pass


async def asked(shelf: Shelf, user: User, typed: str, language: str = "en", **rights: Any) -> Found:
    who = signed_in(user, **({"contact": READS, "book": READS, "call": READS} | rights))
    async with shelf.database.read() as session:
        return await find(session, shelf.registry, who, typed, REGIONS, language)


def titles(found: Found, name: str) -> list[str]:
    return [hit.title for group in found.groups if group.name == name for hit in group.hits]


async def test_customers_and_texts_are_found_by_the_same_words(shelf: Shelf) -> None:
    anna = await shelf.office.user("Anna")
    await shelf.office.contact("Əli Koroğlu", "+994502345678")
    await shelf.add(anna, name="Koroğlu dastanı")
    await index(shelf)

    found = await asked(shelf, anna, "КОРОГ")

    assert titles(found, "contact") == ["Əli Koroğlu"]
    assert titles(found, "book") == ["Koroğlu dastanı"]
    assert (await asked(shelf, anna, "dastan koro")).groups[0].hits[0].href.startswith("/books/")


async def test_a_changed_text_is_found_by_its_new_words_only(shelf: Shelf) -> None:
    anna = await shelf.office.user("Anna")
    book = await shelf.add(anna, name="Koroğlu")
    await index(shelf)
    await shelf.change(anna, book, 1, name="Dədə Qorqud")
    await index(shelf)

    assert titles(await asked(shelf, anna, "koroglu"), "book") == []
    assert titles(await asked(shelf, anna, "qorqud"), "book") == ["Dədə Qorqud"]


async def test_what_was_set_aside_is_not_found(shelf: Shelf) -> None:
    anna = await shelf.office.user("Anna")
    book = await shelf.add(anna, name="Koroğlu")
    await index(shelf)
    async with shelf.database.write() as session:
        await saving.set_aside(shelf.deed(session, anna), book.id)

    # At once, whether its words have been taken away yet or not.
    assert titles(await asked(shelf, anna, "koroglu"), "book") == []
    await index(shelf)
    assert titles(await asked(shelf, anna, "koroglu"), "book") == []


async def test_nobody_finds_what_he_may_not_open(shelf: Shelf) -> None:
    anna, emin = await shelf.office.user("Anna"), await shelf.office.user("Emin")
    await shelf.add(anna, name="Koroğlu")
    await shelf.office.contact("Koroğlu", owner_id=anna.id)
    await index(shelf)

    own = {"read": "own"}
    assert titles(await asked(shelf, anna, "koroglu", book=own, contact=own), "book") == ["Koroğlu"]
    assert (await asked(shelf, emin, "koroglu", book=own, contact=own)).groups == []
    assert (await asked(shelf, emin, "koroglu", book={}, contact={})).groups == []


async def test_ones_own_come_first_then_what_is_new(shelf: Shelf) -> None:
    anna, emin = await shelf.office.user("Anna"), await shelf.office.user("Emin")
    for who, name in ((anna, "Koroğlu 1"), (emin, "Koroğlu 2"), (emin, "Koroğlu 3")):
        await shelf.add(who, name=name)
        await index(shelf)

    found = await asked(shelf, anna, "koroglu")

    assert titles(found, "book") == ["Koroğlu 1", "Koroğlu 3", "Koroğlu 2"]


@pytest.mark.parametrize("typed", ["050 234 56 78", "+994 (50) 234-56-78", "2345678"])
async def test_a_number_finds_its_customer_in_any_form(shelf: Shelf, typed: str) -> None:
    anna = await shelf.office.user("Anna")
    await shelf.office.contact("Zoë Müller", "+994502345678")

    assert titles(await asked(shelf, anna, typed), "contact") == ["Zoë Müller"]


async def test_a_number_nobody_has_can_be_called(shelf: Shelf) -> None:
    anna = await shelf.office.user("Anna")
    found = await asked(shelf, anna, "0502345679")
    assert (found.groups, found.number) == ([], "+994502345679")


async def test_a_record_is_found_by_its_id(shelf: Shelf) -> None:
    anna, emin = await shelf.office.user("Anna"), await shelf.office.user("Emin")
    book = await shelf.add(anna, name="Koroğlu")

    assert titles(await asked(shelf, anna, str(book.id)), "book-id") == ["Koroğlu"]
    assert (await asked(shelf, emin, str(book.id), book={"read": "own"})).groups == []


async def test_a_record_is_found_by_the_number_people_read_also_one_of_before(
    sqlite_database: Database,
) -> None:
    office = Office(sqlite_database)
    registry = Registry(ENTITIES)
    anna, zoe = await office.user("Anna"), await office.contact("Zoë")
    who = signed_in(anna, contact=READS, lead=READS)
    unread = msgspec.structs.replace(who, fields={"lead": {"number": "hidden"}})
    async with office.database.write() as session:
        for place in (41, 42):
            session.add(
                Lead(
                    id=place, number=f"L-2026-000{place}", subject=f"Lead {place}",
                    contact_id=zoe.id, created_at=NOW, updated_at=NOW, stage_at=NOW,
                )
            )  # fmt: skip
        # An earlier release has been through all leads, and did not look at their numbers.
        state = {"walked": {"lead": None, "interaction": None}, "added": {}, "after": "0"}
        session.add(Setting(key=texts.STATE, value=state, updated_at=NOW))
    while await texts.step(office.database, registry, NOW):
        pass

    async def found(typed: str, by: Identity) -> list[tuple[str, str]]:
        async with office.database.read() as session:
            there = await find(session, registry, by, typed, REGIONS, "en")
        return [(hit.title, hit.detail) for group in there.groups for hit in group.hits]

    for typed in ("L-2026-00042", "l 2026 00042", "00042", "2026-00042"):
        assert await found(typed, who) == [("Lead 42", "L-2026-00042")], typed
        assert await found(typed, unread) == [], typed


async def test_places_are_found_in_the_readers_language(shelf: Shelf) -> None:
    anna = await shelf.office.user("Anna")
    found = await asked(shelf, anna, "zəng", "az")
    assert [place.href for place in found.places] == ["/calls"]
    everything = {place.href for place in (await asked(shelf, anna, "")).places}
    assert {"/desk", "/calls", "/books", "/books/new"} <= everything
    assert "/admin" not in everything


def test_settings_are_found_by_name_and_do_not_crowd_the_empty_box() -> None:
    anna = Identity(user_id=1, name="Anna", login="anna", role_key="agent")
    root = msgspec.structs.replace(anna, flags=frozenset({"settings"}))
    registry = Registry([])

    everything = {place.href for place in places(registry, root, "", "en")}

    assert [place.href for place in places(registry, root, "воро", "ru")] == ["/admin/pipelines"]
    assert places(registry, anna, "воро", "ru") == []
    assert {href for href in everything if "admin" in href} == {"/admin"}


async def test_rows_of_before_are_indexed_once(shelf: Shelf) -> None:
    anna = await shelf.office.user("Anna")
    await shelf.add(anna, name="Koroğlu")
    async with shelf.database.read() as session:
        assert (await audit.newest(session)).id

    # Nothing is known of where the stream was read to: all rows are walked through.
    await index(shelf)

    assert titles(await asked(shelf, anna, "koroglu"), "book") == ["Koroğlu"]
    assert not await texts.step(shelf.database, shelf.registry, NOW + timedelta(seconds=1))


def test_words_are_folded_and_stand_once() -> None:
    described = Entity(
        name="interaction", plural="interactions", model=Interaction, label="", labels="", icon="",
        title="subject", fields=(
            Field(name="subject", label=""), Field(name="body", label="", searchable=True),
        ),
    )  # fmt: skip
    row = Interaction(subject="Görüş: Əliyev", body="ƏLİYEV ilə görüş 日本", custom={})
    assert texts.words_of(described, row, Registry((described, BOOK))) == "gorus eliyev ile"
