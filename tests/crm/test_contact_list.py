"""The list of contacts is that of every entity; names are filtered as they are folded."""

import pytest
from sqlalchemy import select

from callcenter.app.entities import ENTITIES
from callcenter.crm.contacts.models import Contact
from callcenter.entity.conditions import Asker, meets
from callcenter.entity.description import Condition
from callcenter.entity.nesting import Filter
from callcenter.entity.registry import Registry
from tests.fixtures.customers import NOW, Office, signed_in


@pytest.mark.parametrize(("op", "typed", "found"), [
    ("contains", "muller", True), ("contains", "artagnan-MÜL", True), ("begins", "D\u2019Art", True),
    ("begins", "Müller", False), ("contains", "дартагнан", True), ("contains", "%", False),
])  # fmt: skip
async def test_a_name_is_filtered_by_its_kept_words(
    office: Office, op: str, typed: str, *, found: bool
) -> None:
    contact = await office.contact("D'Artagnan Müller")
    await office.contact("Aysel")
    registry = Registry(ENTITIES)
    anna = signed_in(await office.user("Anna"), contact={"read": "all"})
    wanted = Filter((Condition("name", op, typed),))
    named = meets(wanted, registry["contact"], registry.fields("contact"), Asker(anna, NOW))

    async with office.database.read() as session:
        ids = list(await session.scalars(select(Contact.id).where(named)))

    assert ids == ([contact.id] if found else [])
    # No row's name is folded for the question, but where it asks for no word.
    assert ("plain_letters" in str(named)) == (typed == "%")
