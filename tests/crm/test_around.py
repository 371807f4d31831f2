"""Addresses, ties and preferences of a contact, and what two people who edit them see."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from callcenter.agents.models import User
from callcenter.audit import Audit
from callcenter.crm.contacts.addresses import AddressForm
from callcenter.crm.contacts.models import Contact
from callcenter.crm.contacts.preferences import PreferenceForm
from callcenter.crm.contacts.ties import NOT_SUCH_KINDS, WITH_ITSELF, TieForm
from callcenter.entity import saving
from callcenter.entity.models import Option
from callcenter.errors import BadInput, ChangedMeanwhile
from tests.fixtures.customers import NOW, Office, deed


async def change(office: Office, user: User, contact: Contact, **given: Any) -> Contact:
    async with office.database.write() as session:
        return await saving.change(deed(session, user), contact.id, given, None)


async def listed(office: Office, user: User, contact: Contact, part: str) -> list[Any]:
    async with office.database.read() as session:
        found = deed(session, user).entity.part(part)
        assert found is not None
        return (await found.load(session, [contact.id])).get(contact.id, [])


async def stored(office: Office, contact: Contact) -> Contact:
    async with office.database.read() as session:
        return await session.get_one(Contact, contact.id)


async def kind(office: Office, key: str) -> int:
    async with office.database.read() as session:
        found = await session.scalar(
            select(Option.id).where(Option.list == "relationship_type", Option.key == key)
        )
    assert found is not None
    return found


# ---------------------------------------------------------------- addresses


async def test_addresses_are_added_changed_and_taken_away(office: Office) -> None:
    anna, zoe = await office.user("Anna"), await office.contact("Zoë")
    await change(
        office, anna, zoe,
        addresses=[
            AddressForm(kind="legal", city="Bakı", street="Nizami 5", postal_code="AZ1000"),
            AddressForm(kind="delivery", city="Sumqayıt", note="ikinci giriş"),
        ],
    )  # fmt: skip
    delivery, legal = await listed(office, anna, zoe, "addresses")

    await change(
        office, anna, zoe,
        addresses=[
            AddressForm(id=legal["id"], street="Nizami 7"), AddressForm(id=delivery["id"], gone=True),
        ],
    )  # fmt: skip

    (left,) = await listed(office, anna, zoe, "addresses")
    assert (left["kind"], left["street"], left["city"]) == ("legal", "Nizami 7", "Bakı")
    assert (await stored(office, zoe)).version == 3


async def test_an_address_that_says_no_place_is_refused(office: Office) -> None:
    anna, zoe = await office.user("Anna"), await office.contact("Zoë")
    with pytest.raises(BadInput) as refused:
        await change(
            office, anna, zoe,
            addresses=[AddressForm(kind="home", country="AZ"), AddressForm(city="Bakı", country="XX")],
        )  # fmt: skip
    assert list(refused.value.fields) == ["addresses.0.street", "addresses.1.country"]


async def test_two_who_change_one_address_in_different_fields_are_joined(office: Office) -> None:
    anna, orxan = await office.user("Anna"), await office.user("Orxan")
    zoe = await office.contact("Zoë")
    await change(office, anna, zoe, addresses=[AddressForm(kind="legal", street="Nizami 5")])
    (seen,) = await listed(office, anna, zoe, "addresses")

    await change(
        office, anna, zoe, addresses=[AddressForm(id=seen["id"], street="Nizami 7", was=dict(seen))]
    )
    await change(
        office, orxan, zoe, addresses=[AddressForm(id=seen["id"], city="Bakı", was=dict(seen))]
    )
    with pytest.raises(ChangedMeanwhile) as refused:
        await change(
            office, orxan, zoe,
            addresses=[AddressForm(id=seen["id"], street="Nizami 9", was=dict(seen))],
        )  # fmt: skip

    (left,) = await listed(office, anna, zoe, "addresses")
    assert (left["street"], left["city"]) == ("Nizami 7", "Bakı")
    assert refused.value.values["theirs"] == "Nizami 7"
    assert refused.value.values["mine"] == "Nizami 9"


# ---------------------------------------------------------------- ties


async def test_a_tie_shows_on_both_cards(office: Office) -> None:
    anna = await office.user("Anna")
    zoe, emil = await office.contact("Zoë"), await office.contact("Emil")
    relative = await kind(office, "relative_of")

    await change(
        office, anna, zoe,
        relationships=[TieForm(to_id=emil.id, type_id=relative, strength=4, note="qardaşı")],
    )  # fmt: skip

    (one,) = await listed(office, anna, zoe, "relationships")
    (other,) = await listed(office, anna, emil, "relationships")
    assert one == other
    assert (one["from_id"], one["to_id"], one["strength"]) == (zoe.id, emil.id, 4)


async def test_a_tie_can_be_made_from_its_other_side(office: Office) -> None:
    anna = await office.user("Anna")
    nar, zoe = await office.contact("Nar", kind="company"), await office.contact("Zoë")

    await change(
        office, anna, nar,
        relationships=[
            TieForm(from_id=zoe.id, type_id=await kind(office, "works_for"), title="Mühasib")
        ],
    )  # fmt: skip

    person = await stored(office, zoe)
    assert (person.company_id, person.title) == (nar.id, "Mühasib")


async def test_a_move_keeps_where_somebody_worked_before(office: Office) -> None:
    anna = await office.user("Anna")
    nar = await office.contact("Nar", kind="company")
    xezer = await office.contact("Xəzər", kind="company")
    zoe = await office.contact("Zoë")
    await change(office, anna, zoe, company_id=nar.id, title="Mühasib")

    await change(office, anna, zoe, company_id=xezer.id, title="Direktor")

    now, before = await listed(office, anna, zoe, "relationships")
    assert (now["to_id"], now["title"], now["is_primary"], now["until"]) == (
        xezer.id, "Direktor", True, None,
    )  # fmt: skip
    assert (before["to_id"], before["title"], before["until"]) == (
        nar.id, "Mühasib", NOW.date().isoformat(),
    )  # fmt: skip
    assert now["since"] == NOW.date().isoformat()


async def test_a_move_is_made_on_the_day_of_our_own_calendar(office: Office) -> None:
    anna = await office.user("Anna")
    nar, xezer = [await office.contact(name, kind="company") for name in ("Nar", "Xəzər")]
    zoe = await office.contact("Zoë")
    await change(office, anna, zoe, company_id=nar.id)

    # It is one in the morning in Baku.
    async with office.database.write() as session:
        doing = replace(deed(session, anna), at=NOW.replace(hour=21))
        await saving.change(doing, zoe.id, {"company_id": xezer.id}, None)

    now, before = await listed(office, anna, zoe, "relationships")
    tomorrow = (NOW.date() + timedelta(days=1)).isoformat()
    assert (before["until"], now["since"]) == (tomorrow, tomorrow)


async def test_whose_employment_ends_works_for_the_other_company_or_for_none(
    office: Office,
) -> None:
    anna = await office.user("Anna")
    nar = await office.contact("Nar", kind="company")
    xezer = await office.contact("Xəzər", kind="company")
    zoe = await office.contact("Zoë")
    works = await kind(office, "works_for")
    await change(office, anna, zoe, company_id=nar.id, title="Mühasib")
    await change(
        office, anna, zoe, relationships=[TieForm(to_id=xezer.id, type_id=works, title="Müşavir")]
    )
    ties = await listed(office, anna, zoe, "relationships")
    assert [tie["to_id"] for tie in ties if tie["is_primary"]] == [nar.id]
    yesterday = NOW.date() - timedelta(days=1)

    first = next(tie["id"] for tie in ties if tie["to_id"] == nar.id)
    await change(office, anna, zoe, relationships=[TieForm(id=first, until=yesterday)])
    moved = await stored(office, zoe)
    assert (moved.company_id, moved.title) == (xezer.id, "Müşavir")

    second = next(tie["id"] for tie in ties if tie["to_id"] == xezer.id)
    await change(office, anna, xezer, relationships=[TieForm(id=second, until=yesterday)])
    assert (await stored(office, zoe)).company_id is None
    async with office.database.read() as session:
        edits = await session.scalars(
            select(Audit.diff).where(Audit.entity_id == zoe.id, Audit.action == "edit")
        )
    assert [edit["company_id"] for edit in edits if "company_id" in edit][-1] == [xezer.id, None]


@pytest.mark.parametrize(
    ("key", "other", "wrong"),
    [
        ("works_for", "itself", {"to_id": WITH_ITSELF}),
        ("works_for", "person", {"type_id": NOT_SUCH_KINDS}),
        ("relative_of", "company", {"type_id": NOT_SUCH_KINDS}),
    ],
)
async def test_what_cannot_be_tied_is_refused(
    sqlite_database: Any, key: str, other: str, wrong: dict[str, str]
) -> None:
    office = Office(sqlite_database)
    anna, zoe = await office.user("Anna"), await office.contact("Zoë")
    others = {
        "itself": zoe, "person": await office.contact("Emil"),
        "company": await office.contact("Nar", kind="company"),
    }  # fmt: skip

    with pytest.raises(BadInput) as refused:
        await change(
            office, anna, zoe,
            relationships=[TieForm(to_id=others[other].id, type_id=await kind(office, key))],
        )  # fmt: skip

    assert refused.value.fields == {
        f"relationships.0.{name}": sentence for name, sentence in wrong.items()
    }


async def test_a_tie_ends_after_it_began_and_to_somebody_who_is_there(
    sqlite_database: Any,
) -> None:
    office = Office(sqlite_database)
    anna, zoe, emil = (
        await office.user("Anna"), await office.contact("Zoë"), await office.contact("Emil"),
    )  # fmt: skip
    friend = await kind(office, "friend_of")
    wrong = [
        TieForm(to_id=emil.id, type_id=friend, since=date(2026, 2, 1), until=date(2026, 1, 1)),
        TieForm(to_id=7, type_id=friend),
        TieForm(to_id=emil.id),
    ]

    with pytest.raises(BadInput) as refused:
        await change(office, anna, zoe, relationships=wrong)

    assert list(refused.value.fields) == [
        "relationships.0.until", "relationships.1.to_id", "relationships.2.type_id",
    ]  # fmt: skip


# ---------------------------------------------------------------- preferences


async def test_a_preference_that_no_longer_holds_is_kept(office: Office) -> None:
    anna, zoe = await office.user("Anna"), await office.contact("Zoë")
    await change(office, anna, zoe, preferences=[PreferenceForm(text="Yalnız səhər zəng edin")])
    (first,) = await listed(office, anna, zoe, "preferences")

    await change(
        office, anna, zoe,
        preferences=[
            PreferenceForm(id=first["id"], ended=True), PreferenceForm(text="WhatsApp ilə yazın"),
        ],
    )  # fmt: skip

    told = await listed(office, anna, zoe, "preferences")
    assert {(each["text"], each["ended_at"] is None) for each in told} == {
        ("Yalnız səhər zəng edin", False), ("WhatsApp ilə yazın", True),
    }  # fmt: skip


async def test_a_preference_without_words_is_refused(office: Office) -> None:
    anna, zoe = await office.user("Anna"), await office.contact("Zoë")
    with pytest.raises(BadInput) as refused:
        await change(office, anna, zoe, preferences=[PreferenceForm(text="  ")])
    assert list(refused.value.fields) == ["preferences.0.text"]
