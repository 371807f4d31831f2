"""Contacts go out as vCards, without what their reader may not see, and come in again the same."""

import msgspec

from callcenter.app.entities import ENTITIES
from callcenter.entity.importing.cards import HEADER, cells
from tests.fixtures.customers import Office, signed_in

CONTACT = next(entity for entity in ENTITIES if entity.name == "contact")


async def card_of(office: Office, **covered: str) -> str:
    anna = await office.user("Anna")
    company = await office.contact("Xəzər MMC", kind="company")
    person = await office.contact(
        "Şəhla Quliyeva", "050 234 56 78", email="s@example.az", given_name="Şəhla",
        family_name="Quliyeva", company_id=company.id, description="VIP; zəng\nsəhər",
    )  # fmt: skip
    who = msgspec.structs.replace(
        signed_in(anna, contact={"read": "all"}), fields={"contact": covered}
    )
    assert CONTACT.cards is not None
    async with office.database.read() as session:
        return await CONTACT.cards(session, [person.id], who)


async def test_a_card_comes_in_again_as_it_went_out(office: Office) -> None:
    read = dict(zip(HEADER, cells(await card_of(office)), strict=True))

    assert {name: cell for name, cell in read.items() if cell} == {
        "Name": "Şəhla Quliyeva", "Given name": "Şəhla", "Family name": "Quliyeva",
        "Company": "Xəzər MMC", "Phone": "+994502345678", "E-mail": "s@example.az",
        "Description": "VIP; zəng\nsəhər",
    }  # fmt: skip


async def test_a_card_leaves_out_what_its_reader_may_not_see(office: Office) -> None:
    card = await card_of(office, phone="masked", description="hidden")

    assert "TEL" not in card
    assert "VIP" not in card
    assert "s@example.az" in card
