"""Contacts are kept as people say them, and two who edit one never lose a word."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from callcenter.agents.models import Team, User
from callcenter.app.entities import ENTITIES
from callcenter.audit import Audit
from callcenter.crm.contacts import rules
from callcenter.crm.contacts.models import Contact
from callcenter.crm.contacts.points import PointForm
from callcenter.entity import saving
from callcenter.entity.reading import NOT_AN_ID, NOT_OFFERED, Context, Unreadable, read_json
from callcenter.entity.registry import Registry
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound, TooLarge
from callcenter.server.body import MISSING
from tests.fixtures.customers import NOW, REGIONS, Office, deed


async def create(office: Office, user: User, *points: PointForm, **fields: Any) -> Contact:
    async with office.database.write() as session:
        given = {**fields, "points": list(points)}
        return await saving.create(deed(session, user), given)


async def change(
    office: Office,
    user: User,
    contact: Contact,
    seen: int | None,
    *points: PointForm,
    **fields: Any,
) -> Contact:
    async with office.database.write() as session:
        given = {**fields, "points": list(points)}
        return await saving.change(deed(session, user), contact.id, given, seen)


async def stored(office: Office, contact: Contact) -> Contact:
    async with office.database.read() as session:
        return await session.get_one(Contact, contact.id, options=[selectinload(Contact.points)])


def told(contact: Contact) -> list[tuple[str, str, str, str | None]]:
    return [(point.kind, point.value, point.norm, point.label) for point in contact.points]


async def test_a_contact_is_kept_with_its_numbers_in_one_form(office: Office) -> None:
    anna = await office.user("Anna")

    made = await create(
        office, anna,
        PointForm(value="050 234 56 78", label="mobile"),
        PointForm(value="(012) 555-12-34 daxili 7"),
        PointForm(kind="email", value=" Zoe@Müller.DE "),
        PointForm(kind="telegram", value="@Zoe_M"),
        PointForm(kind="url", value="https://Example.az/"),
        PointForm(value="103"),
        name="Zoë Müller", title="Direktor", city="Bakı",
    )  # fmt: skip

    contact = await stored(office, made)
    assert (contact.name, contact.kind, contact.fold) == ("Zoë Müller", "person", "zoe muller")
    assert told(contact) == [
        ("phone", "050 234 56 78", "+994502345678", "mobile"),
        ("phone", "(012) 555-12-34 daxili 7", "+994125551234", None),
        ("email", "Zoe@Müller.DE", "zoe@xn--mller-kva.de", None),
        ("telegram", "@Zoe_M", "zoe_m", None),
        ("url", "https://Example.az/", "https://example.az", None),
        ("phone", "103", "103", None),
    ]
    first, second, *_, short = contact.points
    assert (first.rev, first.country, first.valid) == ("876543205499", "AZ", True)
    assert second.ext == "7"
    assert (short.rev, short.valid) == (None, False)


async def test_a_person_may_be_named_in_parts(office: Office) -> None:
    anna = await office.user("Anna")

    zoe = await create(office, anna, given_name="Zoë", family_name="Müller")
    married = await change(office, anna, zoe, 1, family_name="Əliyeva")
    nicknamed = await change(office, anna, zoe, 2, name="Zozo")
    renamed = await change(office, anna, zoe, 3, given_name="Zoé")

    assert zoe.name == "Zoë Müller"
    assert (married.name, married.fold) == ("Zoë Əliyeva", "zoe eliyeva")
    assert (nicknamed.name, nicknamed.fold) == ("Zozo", "zozo")
    # A name that somebody chose is not made up again from its parts.
    assert renamed.name == "Zozo"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"name": MISSING}),
        ({"name": "  "}, {"name": MISSING}),
        ({"name": "Z", "country": "Atlantis"}, {"country": rules.NO_COUNTRY}),
        ({"name": "Z", "country": "ZZ"}, {"country": rules.NO_COUNTRY}),
        ({"name": "Z", "time_zone": "Mars/Olympus"}, {"time_zone": rules.NO_ZONE}),
        ({"name": "Z", "language": "xx"}, {"language": NOT_OFFERED}),
        ({"name": "Z", "kind": "robot"}, {"kind": NOT_OFFERED}),
        ({"name": "Z", "company_id": 5}, {"company_id": NOT_AN_ID}),
        ({"name": "Z", "owner_id": 5}, {"owner_id": NOT_AN_ID}),
        ({"name": "Z" * 201}, {"name": "This is too long."}),
    ],
)
async def test_what_cannot_be_kept_is_refused_field_by_field(
    sqlite_database: Any, fields: dict[str, Any], wrong: dict[str, str]
) -> None:
    office = Office(sqlite_database)
    anna = await office.user("Anna")
    described = Registry(ENTITIES).fields("contact")
    context = Context(Registry(ENTITIES), REGIONS)
    with pytest.raises((BadInput, Unreadable)) as refusal:
        await create(
            office,
            anna,
            **{name: read_json(described[name], value, context) for name, value in fields.items()},
        )
    match refusal.value:
        case BadInput():
            assert refusal.value.fields == wrong
        case Unreadable():
            assert [refusal.value.sentence] == list(wrong.values())


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "letters"), ("phone", "anonymous"), ("phone", "0"), ("email", "nobody"),
        ("email", "a@b"), ("telegram", "a b"), ("url", "example.az"), ("url", "javascript:alert(1)"),
        ("phone", "0" * 300),
    ],
)  # fmt: skip
async def test_a_wrong_point_is_named_by_its_place(
    sqlite_database: Any, kind: Any, value: str
) -> None:
    office = Office(sqlite_database)
    anna = await office.user("Anna")
    with pytest.raises(BadInput) as refusal:
        await create(
            office, anna, PointForm(value="0502345678"), PointForm(kind=kind, value=value), name="Z"
        )
    assert list(refusal.value.fields) == ["points.1"]


async def test_no_contact_has_more_numbers_than_can_be_read_at_once(office: Office) -> None:
    anna = await office.user("Anna")

    with pytest.raises(TooLarge):
        await create(office, anna, *[PointForm(value="050 234 56 78")] * 101, name="Zoë")


async def test_a_company_cannot_work_for_itself_nor_a_person_for_a_person(office: Office) -> None:
    anna = await office.user("Anna")
    company = await create(office, anna, kind="company", name="Nar")
    person = await create(office, anna, name="Zoë", company_id=company.id)

    for contact, employer in ((company, company.id), (company, person.id)):
        with pytest.raises(BadInput):
            await change(office, anna, contact, 1, company_id=employer)


async def test_different_fields_changed_by_two_are_joined(office: Office) -> None:
    anna, orxan = await office.user("Anna"), await office.user("Orxan")
    zoe = await create(office, anna, name="Zoë", city="Bakı", title="Direktor")

    await change(office, anna, zoe, 1, name="Zoë", city="Gəncə", title="Direktor")
    saved = await change(office, orxan, zoe, 1, name="Zoë", city="Bakı", title="Mühasib")

    assert (saved.city, saved.title, saved.version) == ("Gəncə", "Mühasib", 3)


async def test_the_same_field_changed_by_two_names_the_other(office: Office) -> None:
    anna, orxan = await office.user("Anna"), await office.user("Orxan")
    zoe = await create(office, anna, name="Zoë", city="Bakı")
    await change(office, anna, zoe, 1, city="Gəncə")

    with pytest.raises(ChangedMeanwhile) as conflict:
        await change(office, orxan, zoe, 1, city="Şəki")

    assert conflict.value.values == {
        "who": "Anna", "field": "city", "theirs": "Gəncə", "mine": "Şəki",
    }  # fmt: skip
    assert (await stored(office, zoe)).city == "Gəncə"


async def test_numbers_added_by_two_are_both_kept(office: Office) -> None:
    anna, orxan = await office.user("Anna"), await office.user("Orxan")
    zoe = await create(office, anna, PointForm(value="0502345678"), name="Zoë")

    await change(office, anna, zoe, 1, PointForm(value="0552345678"))
    await change(office, orxan, zoe, 1, PointForm(value="0702345678"))

    assert [point.value for point in (await stored(office, zoe)).points] == [
        "0502345678", "0552345678", "0702345678",
    ]  # fmt: skip


async def test_the_same_number_changed_by_two_names_the_other(office: Office) -> None:
    anna, orxan = await office.user("Anna"), await office.user("Orxan")
    zoe = await create(office, anna, PointForm(value="0502345678"), name="Zoë")
    point = zoe.points[0]
    first = PointForm(id=point.id, value="0552345678", was="0502345678")
    second = PointForm(id=point.id, value="0702345678", was="0502345678")
    await change(office, anna, zoe, 1, first)

    with pytest.raises(ChangedMeanwhile) as conflict:
        await change(office, orxan, zoe, 1, second)

    assert conflict.value.values["who"] == "Anna"
    assert [point.value for point in (await stored(office, zoe)).points] == ["0552345678"]


async def test_a_number_is_changed_taken_away_and_put_elsewhere(office: Office) -> None:
    anna = await office.user("Anna")
    zoe = await create(
        office, anna, PointForm(value="0502345678"), PointForm(value="0552345678"), name="Zoë"
    )
    one, two = zoe.points

    # The two change places, which passes through a state with the same number twice.
    await change(
        office, anna, zoe, 1,
        PointForm(id=one.id, value="0552345678"), PointForm(id=two.id, value="0502345678"),
    )  # fmt: skip
    swapped = await stored(office, zoe)
    assert [point.value for point in swapped.points] == ["0552345678", "0502345678"]

    await change(office, anna, zoe, 2, PointForm(id=swapped.points[0].id, value=""))
    assert [point.value for point in (await stored(office, zoe)).points] == ["0502345678"]


async def test_a_label_changes_without_the_number_becoming_another(office: Office) -> None:
    anna = await office.user("Anna")
    zoe = await create(office, anna, PointForm(value="0502345678"), name="Zoë")

    await change(
        office, anna, zoe, 1,
        PointForm(id=zoe.points[0].id, value="+994 50 234 56 78", label="work"),
    )  # fmt: skip

    (point,) = (await stored(office, zoe)).points
    assert (point.id, point.value, point.label) == (zoe.points[0].id, "+994 50 234 56 78", "work")


async def test_one_number_is_not_kept_twice(office: Office) -> None:
    anna = await office.user("Anna")
    zoe = await create(
        office, anna, PointForm(value="050 234 56 78"), PointForm(value="+994502345678"), name="Zoë"
    )
    await change(office, anna, zoe, 1, PointForm(value="0502345678"))

    assert [point.value for point in (await stored(office, zoe)).points] == ["050 234 56 78"]


async def test_a_number_belongs_to_the_contacts_country_first(office: Office) -> None:
    anna = await office.user("Anna")

    turkish = await create(
        office, anna, PointForm(value="0212 123 45 67"), name="Zeynep", country="TR"
    )

    assert turkish.points[0].norm == "+902121234567"


async def test_nothing_changed_is_no_new_version(office: Office) -> None:
    anna = await office.user("Anna")
    zoe = await create(office, anna, PointForm(value="0502345678"), name="Zoë")

    same = PointForm(id=zoe.points[0].id, value="0502345678", was="0502345678")
    assert (await change(office, anna, zoe, 1, same, name="Zoë")).version == 1


async def test_who_changed_what_stands_in_the_audit_log(office: Office) -> None:
    anna = await office.user("Anna")
    zoe = await create(office, anna, PointForm(value="0502345678"), name="Zoë")
    await change(office, anna, zoe, 1, city="Bakı")

    async with office.database.read() as session:
        lines = list(await session.scalars(select(Audit).order_by(Audit.id)))

    assert [(line.action, line.actor_id, line.entity_id) for line in lines] == [
        ("create", anna.id, zoe.id), ("edit", anna.id, zoe.id),
    ]  # fmt: skip
    assert lines[0].diff["name"] == [None, "Zoë"]
    assert lines[1].diff["city"] == [None, "Bakı"]
    assert lines[0].notable


async def test_a_deleted_contact_is_gone_but_its_row_stays(office: Office) -> None:
    anna = await office.user("Anna")
    zoe = await create(office, anna, name="Zoë")
    async with office.database.write() as session:
        await saving.set_aside(deed(session, anna), zoe.id)

    assert (await stored(office, zoe)).deleted_at == NOW
    with pytest.raises(NotFound):
        await change(office, anna, zoe, None, city="Bakı")


@pytest.mark.parametrize(
    ("level", "whose", "may"),
    [
        ("all", "stranger", True), ("team", "colleague", True), ("team", "stranger", False),
        ("own", "self", True), ("own", "colleague", False), ("none", "self", False),
    ],
)  # fmt: skip
async def test_rights_reach_as_far_as_the_role_says(
    sqlite_database: Any, level: str, whose: str, may: bool
) -> None:
    office = Office(sqlite_database)
    async with office.database.write() as session:
        session.add(Team(id=1, name="Sales", created_at=NOW, updated_at=NOW))
    anna = await office.user("Anna", team_id=1)
    owner = {
        "self": anna,
        "colleague": await office.user("Orxan", team_id=1),
        "stranger": await office.user("Stranger"),
    }[whose]
    zoe = await office.contact("Zoë", owner_id=owner.id)

    async def edit() -> None:
        async with office.database.write() as session:
            doing = deed(session, anna, contact={"edit": level})
            await saving.change(doing, zoe.id, {"city": "Bakı"}, 1)

    if may:
        await edit()
    else:
        with pytest.raises(NotFound):
            await edit()


async def test_a_contact_given_to_a_team_is_its_peoples(office: Office) -> None:
    async with office.database.write() as session:
        session.add(Team(id=1, name="Sales", created_at=NOW, updated_at=NOW))
    anna = await office.user("Anna", team_id=1)
    zoe = await office.contact("Zoë", team_id=1)

    async with office.database.write() as session:
        doing = deed(session, anna, contact={"edit": "team"})
        saved = await saving.change(doing, zoe.id, {"city": "Bakı"}, 1)

    assert saved.city == "Bakı"
