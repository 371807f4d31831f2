"""Whoever adds a contact learns who is there already, and what is the same."""

from typing import Any

from callcenter.crm.duplicates.blocking import OF_POINT, candidates
from callcenter.crm.duplicates.check import MOST, Likeness, check
from callcenter.crm.duplicates.facts import Typed, TypedPoint, of_contacts, of_typed
from callcenter.server.identity import Identity
from tests.fixtures.customers import NOW, REGIONS, Office, signed_in

ALL = {"read": "all"}


def typed(name: str = "", *points: str, **facts: Any) -> Typed:
    """Return what is typed; a point with @ is an address, with : a messenger's name."""
    forms = []
    for point in points:
        kind, _, value = point.rpartition(":")
        forms.append(
            TypedPoint(kind=kind or ("email" if "@" in value else "phone"), value=value)  # type: ignore[arg-type]
        )
    return Typed(name=name, points=forms, **facts)


async def checked(office: Office, who: Identity, *given: str, **facts: Any) -> list[Likeness]:
    async with office.database.read() as session:
        return await check(session, who, of_typed(typed(*given, **facts), REGIONS))


def told(found: list[Likeness]) -> list[tuple[str, list[str]]]:
    return [
        (each.line.name if each.line else "?", [reason.code for reason in each.reasons])
        for each in found
    ]


async def asker(office: Office, **rights: str) -> Identity:
    return signed_in(await office.user("Anna"), contact=rights or ALL)


#: What is typed while Zoya Quliyeva is there, and the codes of what is the same.
FOUND: list[tuple[tuple[str, ...], list[str]]] = [
    (("Xəyal", "0502345678"), ["phone", "other-name"]),
    (("", "+994 50 234-56-78"), ["phone"]),
    (("", "00994502345678 ext. 7"), ["phone"]),
    (("", "whatsapp:0502345678"), ["phone"]),
    (("", "ZOE@nar.az"), ["email"]),
    (("Зоя Кулиева",), ["sound"]),
    (("Quliyeva Zoya",), ["name"]),
    (("Zoya Guliyeva", "0502345678", "zoe@nar.az"), ["phone", "email", "sound"]),
    (("Zoya Rəşad qızı Quliyeva",), ["part"]),
]
#: What is unfinished, or too little, or looks like a query of the search index.
NOT_FOUND = [
    ("",), ("Zoya",), ("Z",), ("«»",), ("", "050234"), ("", "abc"), ("", "@"), ("Zoya Vəliyeva",),
    ("", "telegram:zoe"), ('" OR 1 NOT (',), ("& | ! ( :* '",),
]  # fmt: skip


async def test_what_is_the_same_is_found_and_said(office: Office) -> None:
    anna = await asker(office)
    await office.contact("Zoya Quliyeva", "0502345678", email="zoe@nar.az")
    await office.contact("Kamran Əsədov", "0557654321", email="kamran@nar.az")

    found = [(given, told(await checked(office, anna, *given))) for given, _ in FOUND]
    nobody = [(given, told(await checked(office, anna, *given))) for given in NOT_FOUND]

    assert found == [(given, [("Zoya Quliyeva", codes)]) for given, codes in FOUND]
    assert nobody == [(given, []) for given in NOT_FOUND]


async def test_a_company_is_found_without_its_legal_form(office: Office) -> None:
    await office.contact("ООО «Каспий Трейд»", kind="company")
    await office.contact("Bakı Ticarət MMC", kind="company")

    found = await checked(office, await asker(office), "Kaspiy Treyd LLC", kind="company")

    assert told(found) == [("ООО «Каспий Трейд»", ["name"])]


async def test_a_company_is_found_by_its_tax_id_and_its_full_name(office: Office) -> None:
    await office.contact(
        "Nar", kind="company", legal_name="Narınc Bağ MMC", tax_id="1234567891",
        registration_no="AZ77",
    )  # fmt: skip
    anna = await asker(office)

    by_tax_id = await checked(office, anna, "X", kind="company", tax_id="12 345 678-91")
    by_number = await checked(office, anna, "X", kind="company", registration_no="AZ-77")
    by_name = await checked(office, anna, "«Наринж Баг»", kind="company")

    assert told(by_tax_id) == [("Nar", ["tax-id", "other-name"])]
    assert told(by_number) == [("Nar", ["registration-no", "other-name"])]
    assert told(by_name) == [("Nar", ["sound"])]


async def test_a_tax_id_that_adds_up_stops_whoever_registers_it_anew_but_not_a_branch(
    office: Office,
) -> None:
    await office.contact(
        "ООО «Каспий»", kind="company", tax_id="7707083893", branch_code="770701001"
    )
    anna = await asker(office)

    again, branch = [
        await checked(office, anna, "Ромашка", kind="company", tax_id="7707 083893", **code)
        for code in ({}, {"branch_code": "165502001"})
    ]

    assert [(like.suggests, *told([like])) for like in again] == [
        (True, ("ООО «Каспий»", ["tax-id", "other-name"]))
    ]
    assert branch == []


async def test_a_contact_set_aside_is_not_there(office: Office) -> None:
    await office.contact("Zoya Quliyeva", "0502345678", deleted_at=NOW)

    assert await checked(office, await asker(office), "Zoya Quliyeva", "0502345678") == []


async def test_the_likeliest_come_first_and_no_more_than_a_few(office: Office) -> None:
    for _ in range(MOST + 2):
        await office.contact("Zoya Quliyeva")
    await office.contact("Zoya Quliyeva", "0502345678")

    found = await checked(office, await asker(office), "Zoya Quliyeva", "0502345678")

    assert len(found) == MOST
    assert told(found)[0] == ("Zoya Quliyeva", ["phone", "name"])


async def test_of_contacts_one_may_not_see_one_learns_whom_to_ask(office: Office) -> None:
    boris = await office.user("Boris")
    await office.contact("Zoya Quliyeva", "0502345678", owner_id=boris.id, city="Bakı")
    anna = await asker(office, read="own")

    by_name = await checked(office, anna, "Zoya Quliyeva")
    by_number = await checked(office, anna, "Zoya Quliyeva", "0502345678", city="Bakı")

    assert by_name == []
    assert told(by_number) == [("?", ["phone"])]
    assert (by_number[0].owner_name, by_number[0].score) == ("Boris", 0)


async def test_a_number_that_hundreds_share_costs_no_more_than_another(office: Office) -> None:
    for _ in range(OF_POINT + 5):
        await office.contact("Nobody", "0502345678")

    async with office.database.read() as session:
        ids = await candidates(session, of_typed(typed("", "0502345678"), REGIONS))

    assert len(ids) == OF_POINT


async def test_a_contact_is_not_like_itself(office: Office) -> None:
    zoya = await office.contact("Zoya Quliyeva", "0502345678")
    twin = await office.contact("Zoya Quliyeva")

    async with office.database.read() as session:
        facts = (await of_contacts(session, [zoya.id]))[zoya.id]
        assert await candidates(session, facts, without=zoya.id) == [twin.id]


async def test_facts_are_those_of_the_row_with_its_points_and_its_company(office: Office) -> None:
    nar = await office.contact("Nar MMC", kind="company")
    zoya = await office.contact(
        "Zoya", "0502345678", email="z@nar.az", company_id=nar.id, city="Bakı", country="AZ"
    )

    async with office.database.read() as session:
        facts = (await of_contacts(session, [zoya.id]))[zoya.id]

    assert facts == of_typed(
        typed("Zoya", "0502345678", "z@nar.az", company="Nar MMC", city="Bakı", country="AZ"),
        REGIONS,
    )
