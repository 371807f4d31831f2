"""What goes out of the contacts as a file comes in again as the same contacts."""

import time
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, cast

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from callcenter.audit import Audit
from callcenter.crm.contacts.addresses import AddressForm
from callcenter.crm.contacts.models import Address, Contact, ContactPoint, Relationship
from callcenter.crm.contacts.points import PointForm, works
from callcenter.crm.contacts.ties import TYPES
from callcenter.db import Database, new_id
from callcenter.entity import saving
from callcenter.entity.importing import api, pages
from callcenter.entity.importing.keys import IMPORTS
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.models import Option, Tag, Tagging
from callcenter.entity.tags import TagForm
from callcenter.events import ContactsBroughtIn
from tests.crm.test_importing import Counter
from tests.fixtures.customers import Office, deed
from tests.fixtures.house import House, house_on

NAMES = ("Şəhla", "İlqar", "Çingiz", "Анна", "Ömer", "Gül-Nar", "O'Brien", 'Aysel "Ayka"')
COLUMNS = "given_name,family_name,phone,email,tags,city,address,relationships"


COLUMNS_OF_IT = ["name", "phone", "tags", "address", "address"]
LABELS = (None, "mobile", "work", "home", "fax", "main", "other")
UNWANTED = (None, "all", "calls", "messages", "mailings")
DAYS = (None, date(2019, 5, 1), date(2024, 12, 31))


class Point(NamedTuple):
    """A number or an address of e-mail, and what is known of it."""

    norm: str
    label: str | None
    works: bool | None
    unwanted: str | None


class Tie(NamedTuple):
    """A tie as the one of its two sides tells it that it was made from."""

    whose: str
    other: str
    kind: str
    since: date | None
    note: str | None


class Told(NamedTuple):
    """A contact as far as a file can say it."""

    given_name: str
    family_name: str | None
    phones: tuple[Point, ...]
    emails: tuple[Point, ...]
    tags: tuple[str, ...]
    city: str | None
    #: Each as kind, street, city, postal code, country.
    addresses: tuple[tuple[str | None, ...], ...]
    ties: tuple[Tie, ...] = ()


@st.composite
def stories(draw: Any) -> list[Told]:
    told = []
    for place in range(draw(st.integers(1, 4))):
        phones = [a_point(draw, f"+9945023{place}{n}678") for n in range(draw(st.integers(0, 3)))]
        emails = [
            a_point(draw, f"a{n}@firm{place}.az")
            for n in range(draw(st.sampled_from((0, 1, 2, 11))))
        ]
        tags = draw(st.lists(st.sampled_from(("VIP", "Bakı", "topdan")), unique=True))
        family, city = (draw(st.none() | st.sampled_from(NAMES)) for _ in range(2))
        given_name = f"{draw(st.sampled_from(NAMES))} {place}"
        addresses = [an_address(draw, place, n) for n in range(draw(st.integers(0, 2)))]
        told.append(
            Told(
                given_name,
                family,
                tuple(phones),
                tuple(emails),
                tuple(sorted(tags)),
                city,
                tuple(sorted(addresses, key=str)),
            )
        )
    return with_ties(draw, told)


def a_point(draw: Any, norm: str) -> Point:
    return Point(
        norm, draw(st.sampled_from(LABELS)), draw(st.sampled_from((None, True, False))),
        draw(st.sampled_from(UNWANTED)),
    )  # fmt: skip


def an_address(draw: Any, place: int, n: int) -> tuple[str | None, ...]:
    kind = draw(st.sampled_from(("legal", "postal", "delivery", "home")))
    street = draw(st.sampled_from((None, f"Nizami küç. {n}; mənzil {place}, giriş 2")))
    city, code = draw(st.sampled_from((("Bakı", None), ("Gəncə", "AZ2000"))))
    return kind, street, city, code, draw(st.sampled_from((None, "AZ")))


def with_ties(draw: Any, told: list[Told]) -> list[Told]:
    """Tie each to the one before, who stands above or below in the file."""
    tied = list(told)
    for place in range(1, len(told)):
        pair = draw(st.permutations([place - 1, place]))
        kind = draw(st.sampled_from(("recommended", "partner_of")))
        whose, other = (name_of(told[each]) for each in pair)
        tie = Tie(
            whose, other, kind, draw(st.sampled_from(DAYS)), draw(st.none() | st.just("dost"))
        )
        tied[pair[0]] = tied[pair[0]]._replace(ties=(*tied[pair[0]].ties, tie))
    return tied


def name_of(one: Told) -> str:
    return " ".join(filter(None, (one.given_name, one.family_name)))


@pytest.fixture
async def house(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house_on(sqlite_database, tmp_path, routes=[*api.routes, *pages.routes]) as opened:
        yield opened


async def test_a_list_that_was_taken_out_comes_in_as_the_same_contacts(house: House) -> None:
    anna = await house.person("anna", "admin")
    browser = await house.signed_in("anna")
    counter = Counter(house, browser, house.app[IMPORTS])
    office = Office(house.database)

    @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
    @given(stories())
    def drawn(story: list[Told]) -> None:
        told.append(story)

    told: list[list[Told]] = []
    drawn()
    for place, story in enumerate(told):
        for kind in ("csv", "xlsx", "vcf") if place == 0 else ("csv",):
            await keep(office, anna, story)
            address = f"/contacts/export?format={kind}&cols={COLUMNS}"
            async with browser.client.get(address) as response:
                file = await response.read()
            await forget(office)
            house.events.clear()
            made = (await counter.hand_in(file, f"contacts.{kind}")).json
            await counter.call("PATCH", f"{made['id']}", {"rule": "add"})
            await counter.call("POST", f"{made['id']}/start")
            async with house.database.read() as session:
                batch = await session.get_one(ImportBatch, made["id"])
            await counter.imports.work(batch)

            there = [one._replace(ties=()) for one in story] if kind == "vcf" else story
            assert as_told(await contacts(office)) == as_told(there), kind
            assert [type(each) for each in house.events].count(ContactsBroughtIn) == 1


async def test_what_an_import_added_to_a_contact_is_taken_back(house: House) -> None:
    await house.person("anna", "admin")
    counter = Counter(house, await house.signed_in("anna"), house.app[IMPORTS])
    office = Office(house.database)

    async def step(batch_id: int, step: str) -> None:
        assert (await counter.call("POST", f"{batch_id}/{step}")).status == 202
        async with house.database.read() as session:
            batch = await session.get_one(ImportBatch, batch_id)
        await counter.imports.work(batch)

    async def bring_in(text: str) -> int:
        made = (await counter.hand_in(text)).json
        assert [column["field"] for column in made["columns"]] == COLUMNS_OF_IT
        said = {"rule": "update", "keys": ["phone"]}
        assert (await counter.call("PATCH", f"{made['id']}", said)).status == 200
        await step(made["id"], "start")
        return int(made["id"])

    head = "Ad;Telefon;Teqlər;Hüquqi ünvan;Ünvan 2\n"
    await bring_in(f"{head}Zoya;0502345678;VIP;Nizami 5;\n")
    before = await contacts(office)
    second = await bring_in(f"{head}Zoya;0502345678;VIP, topdan;Nizami 5;Nizami 7\n")
    (changed,) = await contacts(office)
    await step(second, "undo")

    streets = [address[:2] for address in changed.addresses]
    assert changed.tags == ("VIP", "topdan")
    assert streets == [("legal", "Nizami 5"), ("postal", "Nizami 7")]
    assert await contacts(office) == before


async def keep(office: Office, user: Any, story: list[Told]) -> None:
    await forget(office)
    ids: dict[str, int] = {}
    for one in story:
        async with office.database.write() as session:
            points = [form_of("phone", point) for point in one.phones]
            points += [form_of("email", point) for point in one.emails]
            given = {
                "kind": "person", "given_name": one.given_name, "family_name": one.family_name,
                "city": one.city, "points": points, "tags": [TagForm(name=tag) for tag in one.tags],
                "addresses": [
                    AddressForm(kind=kind, street=street, city=city, postal_code=code, country=land)
                    for kind, street, city, code, land in one.addresses
                ],
            }  # fmt: skip
            ids[name_of(one)] = (await saving.create(deed(session, user), given)).id
    async with office.database.write() as session:
        kinds = dict(
            (await session.execute(select(Option.key, Option.id).where(Option.list == TYPES))).all()
        )
        session.add_all(
            Relationship(
                id=new_id(time.time()), from_id=ids[tie.whose], to_id=ids[tie.other],
                type_id=kinds[tie.kind], since=tie.since, note=tie.note,
            )
            for one in story
            for tie in one.ties
        )  # fmt: skip


def form_of(kind: Any, point: Point) -> PointForm:
    unset = msgspec.UNSET
    return PointForm(
        kind=kind, value=point.norm, label=cast("Any", point.label),
        works=unset if point.works is None else point.works,
        unwanted=cast("Any", point.unwanted or unset),
    )  # fmt: skip


async def forget(office: Office) -> None:
    async with office.database.write() as session:
        for model in (Tagging, ContactPoint, Address, Relationship, Audit):
            await session.execute(delete(model))
        await session.execute(update(Contact).values(company_id=None))
        await session.execute(delete(Contact))


async def contacts(office: Office) -> list[Told]:
    async with office.database.read() as session:
        rows = {row.id: row for row in await session.scalars(select(Contact))}
        points = list(await session.scalars(select(ContactPoint).order_by(ContactPoint.position)))
        addresses = list(await session.scalars(select(Address)))
        ties = (
            await session.execute(
                select(Relationship, Option.key).join(Option, Option.id == Relationship.type_id)
            )
        ).all()
        tags = list(
            await session.execute(select(Tagging.entity_id, Tag.name).join(Tag).order_by(Tag.name))
        )

    def of(row: Contact, kind: str) -> tuple[Point, ...]:
        return tuple(
            Point(point.norm, point.label, works(point), point.opt_out_channel)
            for point in points
            if point.contact_id == row.id and point.kind == kind
        )

    return [
        Told(
            row.given_name or "", row.family_name, of(row, "phone"), of(row, "email"),
            tuple(sorted(name for row_id, name in tags if row_id == row.id)), row.city,
            tuple(
                sorted(
                    (
                        (one.kind, one.street, one.city, one.postal_code, one.country)
                        for one in addresses
                        if one.contact_id == row.id
                    ),
                    key=str,
                )
            ),
            tuple(
                Tie(row.name, rows[tie.to_id].name, kind, tie.since, tie.note)
                for tie, kind in ties
                if tie.from_id == row.id
            ),
        )
        for row in rows.values()
    ]  # fmt: skip


def as_told(story: list[Told]) -> list[Told]:
    """Return the contacts as a file can tell them: what works goes first."""

    def first(points: tuple[Point, ...]) -> tuple[Point, ...]:
        return tuple(sorted(points, key=lambda point: point.works is False))

    return sorted(
        (
            one._replace(phones=first(one.phones), emails=first(one.emails), ties=sided(one, story))
            for one in story
        ),
        key=str,
    )


def sided(one: Told, story: list[Told]) -> tuple[Tie, ...]:
    """Return the ties made from a contact's side; one that is the same both ways is the first name's."""
    turned = [
        Tie(tie.other, tie.whose, *tie[2:])
        if tie.kind == "partner_of" and tie.other < tie.whose
        else tie
        for each in story
        for tie in each.ties
    ]
    return tuple(sorted((tie for tie in turned if tie.whose == name_of(one)), key=str))


async def test_a_tie_to_somebody_further_down_is_made_and_taken_back(house: House) -> None:
    await house.person("anna", "admin")
    counter = Counter(house, await house.signed_in("anna"), house.app[IMPORTS])
    office = Office(house.database)
    await office.contact("Zoya", "0502345678")
    before = await contacts(office)

    async def step(batch_id: int, step: str) -> ImportBatch:
        assert (await counter.call("POST", f"{batch_id}/{step}")).status == 202
        async with house.database.read() as session:
            batch = await session.get_one(ImportBatch, batch_id)
        await counter.imports.work(batch)
        async with house.database.read() as session:
            return await session.get_one(ImportBatch, batch_id)

    file = (
        "Name;Phone;Relationship;Relationship: Kind\n"
        "Zoya;0502345678;Rauf;Partner\nLeyla;0502345679;Nobody;Partner\nRauf;0502345670;;\n"
    )
    made = (await counter.hand_in(file)).json
    await counter.call("PATCH", f"{made['id']}", {"rule": "update", "keys": ["phone"]})
    done = await step(made["id"], "start")
    (tied,) = [one for one in await contacts(office) if one.ties]
    undone = await step(made["id"], "undo")

    assert [(tie.whose, tie.other, tie.kind) for tie in tied.ties] == [
        ("Zoya", "Rauf", "partner_of")
    ]
    assert (done.counts["added"], done.counts["changed"], done.counts["partly"]) == (2, 1, 1)
    assert (undone.counts["undone"], undone.counts["kept"]) == (3, 0)
    async with house.database.read() as session:
        assert not (await session.scalars(select(Relationship))).all()
    left = [one for one in await contacts(office) if one.given_name == before[0].given_name]
    assert before[0] in left
