"""A new partner is registered in one form, and nobody is registered twice by mistake."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from callcenter.crm.assistant import pages
from callcenter.crm.contacts import edit_pages
from callcenter.crm.contacts.models import Contact
from callcenter.crm.registers.providers import FileRegister
from callcenter.crm.registers.setup import REGISTERS, Registers
from callcenter.db import Database
from callcenter.events import ContactChanged
from callcenter.interactions.models import Participant
from tests.fixtures.customers import Office
from tests.fixtures.house import Browser, House, Page, house_on

PATH = "/contacts/assistant"


@pytest.fixture
async def crm(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    routes = [*pages.routes, *edit_pages.routes]
    names = {
        "tax_id": "VOEN", "legal_name": "Ad", "street": "Unvan", "city": "Seher",
        "phones": "Telefon", "unreliable": "Pis", "unreliable_reason": "Sebeb",
    }  # fmt: skip
    table = FileRegister("Firms", tmp_path / "firms.csv", names, ("az_voen",))
    held = {REGISTERS: Registers([table])}
    async with house_on(sqlite_database, tmp_path, routes=routes, held=held) as house:
        yield house


@pytest.fixture
async def anna(crm: House) -> Browser:
    await crm.person("anna")
    browser = await crm.signed_in("anna")
    browser.headers["Accept-Language"] = "en"
    return browser


@pytest.fixture
def office(crm: House) -> Office:
    return Office(crm.database)


async def contacts(crm: House) -> dict[str, Contact]:
    async with crm.database.read() as session:
        query = select(Contact).options(selectinload(Contact.points))
        return {contact.name: contact for contact in await session.scalars(query)}


async def test_the_register_fills_what_is_empty_and_warns_before_saving(
    crm: House, anna: Browser, tmp_path: Path
) -> None:
    away = await anna.submit(f"{PATH}/register", {"kind": "company", "tax_id": "1829139071"})
    (tmp_path / "firms.csv").write_text(
        "VOEN;Ad;Unvan;Seher;Telefon;Pis;Sebeb\n1829139071;Nar Mebel MMC;Nizami 5;Bakı;0125551234;1;Borc\n"
    )
    form = {"kind": "company", "name": "Nar", "tax_id": "1829139071"}

    unknown = await anna.submit(f"{PATH}/register", form | {"tax_id": "0364262121"})
    wrong = await anna.submit(f"{PATH}/register", form | {"tax_id": "12"})
    filled = await anna.submit(f"{PATH}/register", form)
    saved = await anna.submit(PATH, form | {"register": "1", "legal_name": "Nar Mebel MMC"})

    assert (unknown.status, "No register knows this tax id" in unknown.text) == (422, True)
    assert (wrong.status, away.status) == (422, 422)
    assert "does not answer now" in away.text
    for shown in (
        'value="Nar"',
        'value="Nar Mebel MMC"',
        'value="Bakı"',
        'value="0125551234"',
        "Borc",
    ):
        assert shown in filled.text
    assert saved.status == 303
    nar = (await contacts(crm))["Nar"]
    assert (nar.unreliable_reason, nar.city) == ("Borc", "Bakı")
    assert [point.norm for point in nar.points] == ["+994125551234"]


def words(page: Page) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.text).split())


def company(**fields: Any) -> list[tuple[str, Any]]:
    given = {"kind": "company", "name": "Nar MMC", **fields}
    return [
        *given.items(), ("point_kind", "phone"), ("point_value", "012 555 12 34"),
        ("point_label", "main"), ("point_kind", "email"), ("point_value", "info@nar.az"),
        ("point_label", ""),
    ]  # fmt: skip


async def test_a_company_is_registered_with_its_people_in_one_go(crm: House, anna: Browser) -> None:
    people = [
        ("person_name", "Zoya Quliyeva"), ("person_title", "Direktor"), ("person_phone", "0502345678"),
        ("person_name", ""), ("person_title", ""), ("person_phone", ""),
    ]  # fmt: skip

    done = await anna.submit(
        PATH,
        [
            *company(is_supplier="1", legal_name="Nar Məhdud", bank_name="Kapital", country="az"),
            *people,
        ],
    )

    made = await contacts(crm)
    nar, zoya = made["Nar MMC"], made["Zoya Quliyeva"]
    assert (done.status, done.location) == (303, f"/contacts/{nar.id}")
    assert (nar.kind, nar.is_supplier, nar.is_customer, nar.legal_name, nar.country) == (
        "company", True, False, "Nar Məhdud", "AZ",
    )  # fmt: skip
    assert [point.norm for point in nar.points] == ["+994125551234", "info@nar.az"]
    assert (zoya.company_id, zoya.title, zoya.points[0].norm) == (
        nar.id, "Direktor", "+994502345678",
    )  # fmt: skip
    assert len([each for each in crm.events if isinstance(each, ContactChanged)]) == 2


async def test_a_person_is_registered_with_the_company_he_works_for(
    crm: House, anna: Browser
) -> None:
    given = {
        "kind": "person", "given_name": "Zoya", "family_name": "Quliyeva", "company": "Nar MMC",
        "title": "Direktor", "name": "left over", "bank_name": "left over",
    }  # fmt: skip

    done = await anna.submit(PATH, given)

    made = await contacts(crm)
    assert done.status == 303
    assert made["Zoya Quliyeva"].company_id == made["Nar MMC"].id
    assert made["Zoya Quliyeva"].bank_name is None


async def test_a_sole_trader_has_a_tax_id_that_is_compared_checked_and_looked_up(
    crm: House, anna: Browser, tmp_path: Path
) -> None:
    (tmp_path / "firms.csv").write_text("VOEN;Ad;Seher\n1234567802;Vüqar Əliyev;Gəncə\n")
    form = {"kind": "person", "given_name": "Vüqar", "country": "AZ", "tax_id": "1234567802"}

    asked = await anna.open(PATH)
    wrong = await anna.submit(PATH, form | {"tax_id": "1234567812"})
    filled = await anna.submit(f"{PATH}/register", form)
    saved = await anna.submit(PATH, form)
    again = await anna.submit(PATH, form | {"given_name": "Vugar"})

    legal = re.search(
        r'<fieldset class="assistant__part"([^>]*)><legend>Legal entity or', asked.text
    )
    assert legal is not None
    assert "data-of" not in legal[1]
    assert (wrong.status, "This is no VÖEN" in wrong.text) == (422, True)
    assert wrong.value("tax_id") == "1234567812"
    assert (filled.value("given_name"), filled.value("city")) == ("Vüqar", "Gəncə")
    assert "<strong>Vüqar Əliyev</strong>" in filled.text
    made = (await contacts(crm))["Vüqar"]
    assert (saved.status, made.kind, made.tax_id, made.tax_kind) == (
        303, "person", "1234567802", "az_voen",
    )  # fmt: skip
    assert (again.status, "Same tax id" in again.text) == (409, True)


async def test_whoever_types_learns_who_is_there_and_what_is_the_same(
    anna: Browser, office: Office
) -> None:
    zoya = await office.contact("Zoya Quliyeva", "0502345678", city="Bakı")
    typed = {"kind": "person", "given_name": "Зоя", "family_name": "Гулиева"}

    told = await anna.submit(f"{PATH}/check", typed)
    by_number = await anna.submit(
        f"{PATH}/check", {"point_kind": "phone", "point_value": "502345678", "point_label": ""}
    )
    nobody = await anna.submit(f"{PATH}/check", {"kind": "person", "given_name": "Z"})

    assert f'href="/contacts/{zoya.id}"' in told.text
    assert "Name sounds the same" in words(told)
    assert "Same number +994 50 234 56 78" in words(by_number)
    assert words(nobody) == ""


async def test_saving_waits_for_a_word_where_somebody_is_there_and_keeps_what_was_typed(
    crm: House, anna: Browser, office: Office
) -> None:
    await office.contact("Nar ASC", kind="company")

    asked = await anna.submit(PATH, company(description="Calls on Mondays"))
    assert asked.status == 409
    assert "Is it one of these?" in words(asked)
    assert "None of them: save anyway" in words(asked)
    assert asked.value("name") == "Nar MMC"
    assert "Calls on Mondays" in asked.text
    assert "012 555 12 34" in asked.text
    assert list(await contacts(crm)) == ["Nar ASC"]

    done = await anna.submit(PATH, company(anyway="1"))
    assert done.status == 303
    assert set(await contacts(crm)) == {"Nar ASC", "Nar MMC"}


async def test_a_number_alone_holds_nobody_up(crm: House, anna: Browser, office: Office) -> None:
    await office.contact("Kamran Əsədov", "012 555 12 34")

    assert (await anna.submit(PATH, company())).status == 303


async def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(
    crm: House, anna: Browser
) -> None:
    form = [
        *company(country="ZZ", description="Kept"),
        ("point_kind", "phone"), ("point_value", "x"), ("point_label", ""),
    ]  # fmt: skip
    refused = await anna.submit(PATH, form)
    assert refused.status == 422
    assert "Write the country as two letters" in words(refused)
    assert "Kept" in refused.text

    people = [("person_name", "Zoya"), ("person_title", ""), ("person_phone", "zzz")]
    number = await anna.submit(PATH, [*company(), *people])
    assert "Zoya: This is not a number that can be dialled." in words(number)
    points = await anna.submit(PATH, form[1:])
    assert points.status == 422
    assert await contacts(crm) == {}


async def test_the_form_is_filled_with_what_is_known(anna: Browser) -> None:
    page = await anna.open(f"{PATH}?kind=company&name=Nar&phone=0502345678&interaction=7")

    assert (page.status, page.value("name"), page.value("interaction")) == (200, "Nar", "7")
    assert 'value="0502345678"' in page.text
    assert 'value="company" checked' in page.text


async def test_a_call_is_given_to_the_new_contact(crm: House, office: Office) -> None:
    await crm.person("boss", "supervisor")
    boss = await crm.signed_in("boss")
    call = await office.call("0502345678")

    await boss.submit(PATH, {"kind": "person", "given_name": "Zoya", "interaction": call.id})

    async with crm.database.read() as session:
        rows = await session.execute(
            select(Contact.name).join_from(
                Contact, Participant, Participant.contact_id == Contact.id
            )
        )
        assert [row.name for row in rows] == ["Zoya"]


async def test_the_plain_form_compares_nothing(crm: House, anna: Browser, office: Office) -> None:
    await office.contact("Nar MMC", "012 555 12 34", kind="company")
    given = {
        "kind": "company", "name": "Nar MMC", "point_id": "", "point_was": "", "point_label": "",
        "point_kind": "phone", "point_value": "012 555 12 34",
    }  # fmt: skip

    done = await anna.submit("/contacts", given)

    assert done.status == 303
    async with crm.database.read() as session:
        assert len((await session.scalars(select(Contact))).all()) == 2


async def test_who_may_add_nobody_has_no_assistant(crm: House, office: Office) -> None:
    stranger = await crm.browser()

    assert (await stranger.open(PATH)).status in (303, 401)
