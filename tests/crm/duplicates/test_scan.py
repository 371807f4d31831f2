"""Duplicates are found by themselves, and what people said of them is remembered."""

from typing import Any

import pytest
from sqlalchemy import select

from callcenter import audit
from callcenter.crm.contacts.models import Contact, searchable
from callcenter.crm.duplicates import deciding
from callcenter.crm.duplicates.models import Duplicate
from callcenter.crm.duplicates.scan import BATCH, step
from callcenter.errors import NotFound
from tests.fixtures.customers import NOW, Office, by, signed_in

ALL = {"read": "all", "edit": "all"}


async def scan(office: Office) -> int:
    """Scan until nothing is left; return how many steps that took."""
    steps = 1
    while await step(office.database, NOW):
        steps += 1
        assert steps < 100
    return steps


async def pairs(office: Office) -> dict[tuple[int, int], Duplicate]:
    async with office.database.read() as session:
        return {(pair.a_id, pair.b_id): pair for pair in await session.scalars(select(Duplicate))}


async def twins(office: Office) -> tuple[Contact, Contact]:
    return (
        await office.contact("Zoya Quliyeva", "0502345678"),
        await office.contact("Зоя Гулиева", "+994502345678"),
    )


async def rewrite(office: Office, contact: Contact, **facts: Any) -> None:
    """Change a contact as an edit does: the row, and a line in the log."""
    async with office.database.write() as session:
        row = await session.get_one(Contact, contact.id)
        for name, value in facts.items():
            setattr(row, name, value)
        audit.record(session, NOW, entity="contact", entity_id=row.id, action="edit", **by(None))


async def test_the_first_time_all_contacts_are_looked_at_and_then_only_what_changes(
    office: Office,
) -> None:
    first, second = await twins(office)
    for number in range(BATCH):
        await office.contact(f"Nobody {number}")

    assert await scan(office) > 2
    (key,) = found = await pairs(office)
    assert key == (first.id, second.id)
    assert found[key].reasons == [["phone", "+994502345678"], ["sound", ""]]
    assert (found[key].state, found[key].score) == ("open", 85)

    third = await office.contact("Zoya Quliyeva", "0502345678")
    await scan(office)
    assert list(await pairs(office)) == [key]
    await rewrite(office, third)
    assert await scan(office) == 1
    assert set(await pairs(office)) == {key, (first.id, third.id), (second.id, third.id)}


async def test_a_number_alone_makes_no_pair(sqlite_office: Office) -> None:
    await sqlite_office.contact("Zoya Quliyeva", "0502345678")
    await sqlite_office.contact("Kamran Əsədov", "0502345678")

    await scan(sqlite_office)

    assert await pairs(sqlite_office) == {}


async def test_a_pair_that_is_alike_no_more_is_gone(sqlite_office: Office) -> None:
    office = sqlite_office
    _, second = await twins(office)
    _, fourth = await twins(office)
    await scan(office)
    assert len(await pairs(office)) == 6

    await rewrite(office, second, name="Kamran Əsədov", **searchable("Kamran Əsədov"))
    await rewrite(office, fourth, deleted_at=NOW)
    await scan(office)

    assert len(await pairs(office)) == 1


async def test_different_people_are_asked_about_again_only_if_their_data_change(
    office: Office,
) -> None:
    first, second = await twins(office)
    await scan(office)
    anna = await office.user("Anna")
    pair = (await pairs(office))[first.id, second.id]
    async with office.database.write() as session:
        await deciding.differ(session, signed_in(anna, contact=ALL), pair.id, NOW, by(anna))

    await rewrite(office, first, description="Calls on Mondays")
    await scan(office)
    (same,) = (await pairs(office)).values()
    assert (same.state, same.decided_by) == ("different", anna.id)

    await rewrite(office, first, city="Bakı")
    await scan(office)
    (again,) = (await pairs(office)).values()
    assert again.state == "open"


async def test_what_is_remembered_is_what_was_there_when_somebody_decided(
    sqlite_office: Office,
) -> None:
    office = sqlite_office
    first, second = await twins(office)
    await scan(office)
    anna = await office.user("Anna")
    pair = (await pairs(office))[first.id, second.id]

    # Changed after the scan, and seen so by whoever decides.
    await rewrite(office, first, city="Bakı")
    async with office.database.write() as session:
        await deciding.differ(session, signed_in(anna, contact=ALL), pair.id, NOW, by(anna))
    await scan(office)

    (same,) = (await pairs(office)).values()
    assert same.state == "different"


async def test_pairs_are_listed_the_likeliest_first_a_page_at_a_time(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = sqlite_office
    monkeypatch.setattr(deciding, "PAGE_ROWS", 2)
    await twins(office)
    await office.contact("Zoya Quliyeva", "0502345678", city="Bakı")
    await scan(office)
    who = signed_in(await office.user("Anna"), contact=ALL)

    async with office.database.read() as session:
        first, after = await deciding.open_pairs(session, who)
        second, end = await deciding.open_pairs(session, who, after)

    assert [pair.score for pair in (*first, *second)] == [90, 85, 85]
    assert len({pair.id for pair in (*first, *second)}) == 3
    assert end is None
    assert [reason.code for reason in first[0].reasons] == ["phone", "name"]


async def test_of_pairs_with_contacts_of_others_nothing_is_shown(sqlite_office: Office) -> None:
    office = sqlite_office
    anna, boris = await office.user("Anna"), await office.user("Boris")
    mine = await office.contact("Zoya Quliyeva", "0502345678", owner_id=anna.id)
    await office.contact("Zoya Quliyeva", "0502345678", owner_id=boris.id)
    await scan(office)
    (pair,) = (await pairs(office)).values()
    who = signed_in(anna, contact={"read": "own", "edit": "own"})

    async with office.database.write() as session:
        assert await deciding.open_pairs(session, who) == ([], None)
        assert await deciding.of_contact(session, who, mine.id) == []
        with pytest.raises(NotFound):
            await deciding.differ(session, who, pair.id, NOW, by(anna))


@pytest.fixture
def sqlite_office(sqlite_database: Any) -> Office:
    return Office(sqlite_database)
