"""A list of interactions says with whom each was, and is narrowed to one customer."""

from typing import Any

import pytest
from sqlalchemy import update

from callcenter.app.entities import ENTITIES
from callcenter.crm.contacts.models import Contact
from callcenter.entity import listing
from callcenter.entity.conditions import Asker
from callcenter.entity.description import Condition
from callcenter.entity.listing import Page, Wanted, order_of
from callcenter.entity.nesting import Filter
from callcenter.entity.registry import Registry
from callcenter.interactions.description import INTERACTION
from callcenter.interactions.models import Participant
from tests.fixtures.customers import NOW, Office, signed_in

REGISTRY = Registry(ENTITIES)


async def listed(office: Office, *conditions: Condition) -> Page:
    who = signed_in(await office.user("Anna"), interaction={"read": "all"}, contact={"read": "all"})
    wanted = Wanted(("kind", "contact"), order_of(INTERACTION, who), Filter(conditions))
    async with office.database.read() as session:
        return await listing.page(session, REGISTRY, INTERACTION, Asker(who, NOW), wanted)


async def called(office: Office, number: str, contact: Contact | None = None) -> None:
    call = await office.call(number)
    if contact is not None:
        async with office.database.write() as session:
            await session.execute(
                update(Participant)
                .where(Participant.interaction_id == call.id)
                .values(contact_id=contact.id, certainty="known")
            )


async def test_a_call_is_listed_with_its_customer(office: Office) -> None:
    zoe = await office.contact("Zoë Müller", "+994502345678")
    await called(office, "0502345678", zoe)
    await called(office, "0502345679")

    page = await listed(office)

    assert sorted(line.values["contact"] or 0 for line in page.lines) == [0, zoe.id]
    assert page.names["contact", zoe.id] == "Zoë Müller"


@pytest.mark.parametrize(("op", "value", "found"), [
    ("is", "zoe", ["zoe"]), ("is_not", "zoe", ["", "ali"]), ("in", ["zoe", "ali"], ["ali", "zoe"]),
    ("empty", None, [""]), ("filled", None, ["ali", "zoe"]),
])  # fmt: skip
async def test_a_list_is_narrowed_to_a_customer(
    office: Office, op: str, value: Any, found: list[str]
) -> None:
    people = {
        "zoe": await office.contact("Zoë", "+994502345678"),
        "ali": await office.contact("Əli", "+994502345679"),
    }
    for number, contact in (("0502345678", people["zoe"]), ("0502345679", people["ali"])):
        await called(office, number, contact)
    await called(office, "0502345670")
    ids = {name: contact.id for name, contact in people.items()}
    asked = [ids[each] for each in value] if isinstance(value, list) else ids.get(value)

    page = await listed(office, Condition("contact", op, asked))

    names = {contact_id: name for name, contact_id in ids.items()}
    assert sorted(names.get(line.values["contact"], "") for line in page.lines) == found
