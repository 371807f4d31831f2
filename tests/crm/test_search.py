"""Whatever is typed finds the contact."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.for_calls import ForCalls
from callcenter.crm.contacts.lines import ContactLine, lines_of
from callcenter.crm.contacts.models import Contact, ContactPoint, searchable
from callcenter.crm.contacts.search import ids_of
from callcenter.db import Database
from callcenter.entity.models import Involvement
from callcenter.server.identity import Identity
from tests.fixtures.customers import NOW, REGIONS, Office, signed_in

ALL = {"read": "all"}


async def find(office: Office, typed: str, **grants: str) -> list[str]:
    who = signed_in(await office.user("Reader"), contact=grants or ALL)
    async with office.database.read() as session:
        return await names_of(session, who, typed)


async def names_of(session: AsyncSession, who: Identity, typed: str) -> list[str]:
    ids = await ids_of(session, who, typed, REGIONS)
    return [line.name for line in await lines_of(session, ids, who)]


@pytest.mark.parametrize(
    "typed",
    [
        "Məmmədov", "memmedov", "MƏMMƏDOV", "Rəşad", "resad", "məm rə", "Rəşad Məmmədov",
        "memm res", "  memmedov,  resad ", "Rəş.", "ре мемм",
        "050 234 56 78", "0502345678", "+994502345678", "994502345678", "00994 50 234 56 78",
        "050 234", "+99450234", "502345", "994 50 23", "5678", "45678", "234 56 78", "345-678",
        "resad@", "Resad@Example.az", "RESAD@ex", "0125551234", "012 555",
    ],
)  # fmt: skip
async def test_a_contact_is_found_by_whatever_is_typed(office: Office, typed: str) -> None:
    await office.contact(
        "Rəşad Məmmədov", "050 234 56 78", "012 555 12 34", email="resad@example.az"
    )
    await office.contact("Somebody Else", "0779999999", email="else@example.az")

    assert await find(office, typed) == ["Rəşad Məmmədov"]


#: As it is written in letters, in Russia, in Turkey, and by whoever copies it from somewhere.
WRITTEN = {
    "+994502345678": (
        "0 50 234 56 78", "+994 (50) 234-56-78", "tel:+994-50-234-56-78", "050–234–56–78",
        "Tel. 050 234 56 78", "050/234/56/78", "0 5 0 2 3 4 5 6 7 8", "050\u00a0234\u00a056\u00a078",
    ),
    "+79161234567": ("8 916 123-45-67", "+7 916 123 45 67", "8 (916) 123 45 67", "7 916 1234567"),
    "+905321234567": ("0 532 123 45 67", "+90 532 123 45 67", "0 (532) 123 45 67"),
}  # fmt: skip


async def test_a_number_is_found_however_it_is_written(sqlite_database: Database) -> None:
    office = Office(sqlite_database)
    for place, number in enumerate(WRITTEN):
        await office.contact(f"Owner {place}", number)

    found = {typed: await find(office, typed) for forms in WRITTEN.values() for typed in forms}

    assert found == {
        typed: [f"Owner {place}"] for place, forms in enumerate(WRITTEN.values()) for typed in forms
    }


async def test_papers_are_found_whole_and_only_by_who_may_read_them(office: Office) -> None:
    nar = await office.contact(
        "Nar MMC", kind="company", tax_id="1400057421", registration_no="1027700132195"
    )
    anna = await office.user("Anna")
    open_to_all = signed_in(anna, contact=ALL)

    async def ids(typed: str, who: Identity) -> list[int]:
        async with office.database.read() as session:
            return await ids_of(session, who, typed, REGIONS)

    for typed in ("1400057421", " 1400 057 421", "1027700132195"):
        assert await ids(typed, open_to_all) == [nar.id], typed
    for typed in ("140005742", "14000574210"):
        assert await ids(typed, open_to_all) == [], typed
    for cover in ("hidden", "masked"):
        covers = {"contact": {"tax_id": cover, "registration_no": cover}}
        covered = msgspec.structs.replace(open_to_all, fields=covers)
        assert await ids("1400057421", covered) == await ids("1027700132195", covered) == []


async def test_the_beginning_of_an_address_finds_its_owner_after_those_called_so(
    office: Office,
) -> None:
    await office.contact("Sales", email="info@nar.az")
    await office.contact("Rəşad", email="satis.leyla@nar.az")
    zoe = await office.contact("Zoë", email="satish@example.az")
    async with office.database.write() as session:
        session.add(
            ContactPoint(
                id=7, contact_id=zoe.id, kind="telegram", value="@zoe_muller", norm="zoe_muller"
            )
        )
    await office.contact("Satış şöbəsi")

    assert await find(office, "satis.leyla") == ["Rəşad"]
    assert await find(office, "INFO") == ["Sales"]
    assert await find(office, "satis") == ["Satış şöbəsi", "Rəşad", "Zoë"]
    assert await find(office, "@zoe_mul") == await find(office, "zoe_mul") == ["Zoë"]
    covers = {"contact": {"email": "masked", "telegram": "hidden"}}
    covered = msgspec.structs.replace(
        signed_in(await office.user("Anna"), contact=ALL), fields=covers
    )
    async with office.database.read() as session:
        for typed in ("info", "satis.leyla", "zoe_mul"):
            assert await ids_of(session, covered, typed, REGIONS) == []


@pytest.mark.parametrize(
    "typed",
    [
        "Nobody",
        "resad nobody",
        "zov",
        "0509999999",
        "999",
        "nobody@example.az",
        "@",
        "—",
        "''",
        '"*',
    ],
)
async def test_what_fits_nobody_finds_nobody(office: Office, typed: str) -> None:
    await office.contact("Rəşad Məmmədov", "050 234 56 78", email="resad@example.az")

    assert await find(office, typed) == []


@pytest.mark.parametrize(
    "typed",
    ['a" OR "b', "NEAR(a b)", "a AND b", "fold:a*", "a:* | b", "a & !b", "'; DROP TABLE contact;", "%",
     "ali\\", "ali:*", "(ali", "ali)"],
)  # fmt: skip
async def test_no_typed_text_is_taken_for_a_question_of_its_own(office: Office, typed: str) -> None:
    await office.contact("Orxan", "0502345678")

    assert await find(office, typed) == []
    assert await find(office, "orxan") == ["Orxan"]


async def test_one_letter_finds_names_that_begin_with_it(office: Office) -> None:
    for name in ("Əli Vəliyev", "Vüsal Əliyev", "Orxan"):
        await office.contact(name)

    assert await find(office, "Ə") == ["Əli Vəliyev"]
    assert await find(office, "Əliyev v") == ["Vüsal Əliyev"]
    assert await find(office, "Əliyev x") == []


async def test_the_likeliest_comes_first(office: Office) -> None:
    anna = await office.user("Anna")
    await office.contact("Zaur Əliyev")
    await office.contact("Əliyev Zaur", last_contact_at=NOW - timedelta(days=3))
    await office.contact("Əliyev Anar", last_contact_at=NOW)
    await office.contact("Bəxtiyar Əliyev", owner_id=anna.id)
    await office.contact("Arif Əliyev", last_contact_at=NOW)

    async with office.database.read() as session:
        found = await names_of(session, signed_in(anna, contact=ALL), "eliyev")

    assert found == [
        "Bəxtiyar Əliyev", "Əliyev Anar", "Əliyev Zaur", "Arif Əliyev", "Zaur Əliyev",
    ]  # fmt: skip


async def test_a_renamed_contact_is_found_by_its_new_name_only(office: Office) -> None:
    zoe = await office.contact("Zoë Müller")
    async with office.database.write() as session:
        zoe.name = "Zoë Əliyeva"
        zoe.fold, zoe.phon = searchable(zoe.name).values()
        await session.merge(zoe)

    for old in ("muller", "Мюллер"):
        assert await find(office, old) == []
    for new in ("eliyeva zoe", "Алиева"):
        assert await find(office, new) == ["Zoë Əliyeva"]


async def test_deleted_contacts_are_not_found(office: Office) -> None:
    await office.contact("Gone", "0502345678", deleted_at=NOW)

    for typed in ("gone", "0502345678", "g"):
        assert await find(office, typed) == []


async def test_names_that_very_many_have_are_found_in_either_order_of_their_words(
    office: Office,
) -> None:
    names = ("Nigar Hüseynova", "Nigar Hüseynli", "Nigarov Hüseyn", "Hüseyn Nigar")
    others = ("Nigar Quliyeva", "Nigar", "Ni Hüseynova", "Aynur Nigar Hüseynova", "გიორგი Hüseynli")
    rows = [
        {
            "id": place, "name": name, "created_at": NOW, "updated_at": NOW, "custom": {},
            **searchable(name), "deleted_at": NOW if place % 20 == 0 else None,
        } for place, name in enumerate((*names * 20, *others), 1)
    ]  # fmt: skip
    async with office.database.write() as session:
        await session.execute(insert(Contact), rows)
    reader = signed_in(await office.user("Reader"), contact=ALL)

    async def found(typed: str) -> set[str]:
        async with office.database.read() as session:
            ids = await ids_of(session, reader, typed, REGIONS)
        assert len(set(ids)) == len(ids) >= 50
        assert all(rows[place - 1]["deleted_at"] is None for place in ids)
        return {rows[place - 1]["name"] for place in ids}

    for typed in ("nig hüse", "HÜSE nig"):
        assert await found(typed) >= set(names)
        assert await found(typed) <= {*names, "Aynur Nigar Hüseynova"}
    assert {*names, "Nigar Quliyeva", "Nigar"} <= await found("nigar")
    assert {*names, "Ni Hüseynova", "გიორგი Hüseynli"} <= await found("hüseyn")


async def test_a_search_shows_only_what_one_may_see(office: Office) -> None:
    anna = await office.user("Anna")
    await office.contact("Mine", owner_id=anna.id)
    for number in range(5):
        await office.contact(f"Mine not {number}")
    who = signed_in(anna, contact={"read": "own"})

    async with office.database.read() as session:
        found = await names_of(session, who, "mine")
        nothing = await names_of(session, signed_in(anna), "mine")

    assert found == ["Mine"]
    assert nothing == []


@pytest.mark.parametrize("typed", ["050 55", "66 77", "info@", "info"])
async def test_others_whose_number_or_address_begins_so_do_not_crowd_out_ones_own(
    office: Office, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr("callcenter.crm.contacts.search.MOST", 3)
    anna = await office.user("Anna")
    for number in range(4):
        await office.contact(f"T{number}", f"+9945055{number}6677", email=f"info@a{number}.az")
    await office.contact("Mine", "+994505586677", email="info@nar.az", owner_id=anna.id)
    shared = await office.contact("Shared", "+994505596677", email="info@bar.az")
    async with office.database.write() as session:
        session.add(
            Involvement(
                id=1, entity="contact", entity_id=shared.id, user_id=anna.id, created_at=NOW
            )
        )
    who = signed_in(anna, contact={"read": "own"})

    async with office.database.read() as session:
        assert await names_of(session, who, typed) == ["Mine", "Shared"]


async def test_a_row_shows_the_company_and_the_numbers_in_their_order(office: Office) -> None:
    company = await office.contact("Nar Mebel MMC", kind="company")
    aysel_row = await office.contact(
        "Aysel", "0502345678", "0125551234", email="a@example.az", company_id=company.id
    )
    who = signed_in(await office.user("Reader"), contact=ALL)

    async with office.database.read() as session:
        (aysel,) = await lines_of(session, [aysel_row.id], who)

    assert aysel.company == (company.id, "Nar Mebel MMC")
    assert [point.norm for point in aysel.points] == [
        "+994502345678", "+994125551234", "a@example.az",
    ]  # fmt: skip
    assert isinstance(aysel, ContactLine)


async def test_the_list_and_the_words_read_an_index(sqlite_database: Any) -> None:
    plan = await sqlite_database.fetch(
        "EXPLAIN QUERY PLAN SELECT id FROM contact WHERE deleted_at IS NULL "
        "AND (fold, id) > ('a', 1) ORDER BY fold, id LIMIT 51"
    )
    steps = " ".join(row[3] for row in plan)
    assert "ix_contact_fold" in steps
    assert "TEMP B-TREE" not in steps


async def test_calls_ask_for_the_number_behind_a_point_and_the_contacts_of_a_name(
    office: Office,
) -> None:
    anna = await office.user("Anna")
    zoe = await office.contact("Zoë", "0502345678", email="z@example.az")
    phone, email = zoe.points
    ask = ForCalls(office.database, REGIONS)
    who, stranger = signed_in(anna, contact=ALL), signed_in(anna)

    assert await ask.number_of(who, phone.id) == "+994502345678"
    assert await ask.number_of(who, email.id) is None
    assert await ask.number_of(stranger, phone.id) is None
    assert await ask.number_of(who, 5) is None
    assert await ask.contacts_of(who, "zoe") == (zoe.id,)
    assert await ask.contacts_of(stranger, "zoe") == ()


@pytest.mark.parametrize(
    ("known", "typed"),
    [
        ("Quliyev Rəşad", "Guliyev"),
        ("Quliyev Rəşad", "Гулиев"),
        ("Quliyev Rəşad", "рашад гулиев"),
        ("Quliyev Rəşad", "gul"),  # as it is typed
        ("Гусейнов Фарид", "Hüseynov"),
        ("Гусейнов Фарид", "fərid hüs"),
        ("Mehmet Çelik", "Челик"),
        ("Cavid", "Джавид"),
        ("Ксения", "Xenia"),
    ],
)
async def test_a_name_is_found_in_another_alphabets_spelling(
    office: Office, known: str, typed: str
) -> None:
    await office.contact(known)
    await office.contact("Nobody Else")

    assert await find(office, typed) == [known]


async def test_what_is_spelled_like_what_was_typed_comes_before_what_only_sounds_so(
    office: Office,
) -> None:
    for name in ("Quliyev Anar", "Guliyev Tural"):
        await office.contact(name)

    assert await find(office, "Guliyev") == ["Guliyev Tural", "Quliyev Anar"]
    assert await find(office, "Quliyev") == ["Quliyev Anar", "Guliyev Tural"]


async def test_two_letters_find_names_that_begin_so_and_then_those_that_begin_with_such_sounds(
    office: Office,
) -> None:
    for name in ("Əli Həsənov", "Алимов Турал", "Alim Orucov", "Anar Talıbov"):
        await office.contact(name)

    found = await find(office, "al")
    assert set(found[:2]) == {"Alim Orucov", "Алимов Турал"}
    assert found[2:] == ["Əli Həsənov"]


@pytest.mark.parametrize(
    "typed",
    [
        "Úü½\x9f\x15",  # sounds like something with a fraction's stroke in it
        "resad\U0001e900 memm",  # letters that are younger than SQLite's Unicode
        "\U0001e900\U0001e901\U0001e902",
    ],
)
async def test_letters_that_an_index_does_not_know_are_looked_for_as_far_as_it_does(
    office: Office, typed: str
) -> None:
    await office.contact("Rəşad Məmmədov")

    assert await find(office, typed) in ([], ["Rəşad Məmmədov"])
