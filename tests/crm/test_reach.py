"""Lists of contacts are filtered by their numbers, addresses and tags, as people write them."""

from typing import Any

import pytest
from sqlalchemy import select

from callcenter.crm.contacts.models import Contact
from callcenter.crm.contacts.reach import FIELDS
from callcenter.entity import saving
from callcenter.entity.description import Condition
from callcenter.entity.tags import TagForm
from tests.fixtures.customers import Office, deed


async def test_contacts_are_filtered_by_what_is_no_column_of_theirs(office: Office) -> None:
    anna = await office.user("Anna")
    zoe = await office.contact("Zoë", "050 234 56 78", email="zoe@example.az")
    await office.contact("Emil", "012 555 12 34")
    await office.contact("Nobody")
    async with office.database.write() as session:
        given = {"tags": [TagForm(name="VIP"), TagForm(name="Tender")]}
        await saving.change(deed(session, anna), zoe.id, given, None)

    async def found(field: str, op: str, value: Any = None) -> set[str]:
        async with office.database.read() as session:
            described = deed(session, anna).registry.fields("contact")[field]
            assert described.virtual is not None
            assert described.virtual.condition is not None
            matching = described.virtual.condition(Condition(field, op, value))
            return set(await session.scalars(select(Contact.name).where(matching)))

    assert await found("phone", "is", "+994 (50) 234-56-78") == {"Zoë"}
    assert await found("phone", "is_not", "0502345678") == {"Emil", "Nobody"}
    assert await found("phone", "begins", "012 5") == {"Emil"}
    assert await found("phone", "contains", "5678") == {"Zoë"}
    assert await found("phone", "in", ["0502345678", "0125551234"]) == {"Zoë", "Emil"}
    assert await found("phone", "empty") == {"Nobody"}
    assert await found("phone", "filled") == {"Zoë", "Emil"}
    assert await found("email", "is", "ZOE@example.az") == {"Zoë"}
    assert await found("email", "contains", "example") == {"Zoë"}
    assert await found("tags", "is", "vip") == {"Zoë"}
    assert await found("tags", "contains", "tend") == {"Zoë"}
    assert await found("tags", "in", ["Nothing", "TENDER"]) == {"Zoë"}
    assert await found("tags", "empty") == {"Emil", "Nobody"}
    assert await found("tags", "is_not", "vip") == {"Emil", "Nobody"}


async def test_the_first_number_that_works_is_shown(office: Office) -> None:
    anna, zoe = await office.user("Anna"), await office.contact("Zoë", "0502345678", "0552345678")
    async with office.database.write() as session:
        doing = deed(session, anna)
        part = doing.entity.part("points")
        assert part is not None
        dead = part.read_json([{"id": zoe.points[0].id, "value": "0502345678", "works": False}])
        await saving.change(doing, zoe.id, {"points": dead}, None)
        shown = doing.registry.fields("contact")["phone"].virtual
        assert shown is not None
        assert await shown.load(session, [zoe.id]) == {zoe.id: "+994552345678"}


@pytest.mark.parametrize(
    ("heading", "label"),
    [("Mobil telefon", "mobile"), ("Рабочий телефон", "work"), ("Faks", "fax"), ("Phone", None)],
)
def test_a_heading_labels_the_numbers_below_it(heading: str, label: str | None) -> None:
    phone = next(field.virtual for field in FIELDS if field.name == "phone")
    assert phone is not None
    assert phone.form is not None
    assert phone.form("050 234 56 78", heading, {})["label"] == label
