"""What goes out of the contacts as a file comes in again as the same contacts."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from callcenter.audit import Audit
from callcenter.crm.contacts.addresses import AddressForm
from callcenter.crm.contacts.models import Address, Contact, ContactPoint
from callcenter.crm.contacts.points import PointForm
from callcenter.db import Database
from callcenter.entity import saving
from callcenter.entity.importing import api, pages
from callcenter.entity.importing.keys import IMPORTS
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.models import Tag, Tagging
from callcenter.entity.tags import TagForm
from callcenter.events import ContactsBroughtIn
from tests.crm.test_importing import Counter
from tests.fixtures.customers import Office, deed
from tests.fixtures.house import House, house_on

NAMES = ("Şəhla", "İlqar", "Çingiz", "Анна", "Ömer", "Gül-Nar", "O'Brien", 'Aysel "Ayka"')
COLUMNS = "given_name,family_name,phone,email,tags,city,address"


COLUMNS_OF_IT = ["name", "phone", "tags", "address", "address"]


class Told(NamedTuple):
    """A contact as far as a file can say it."""

    given_name: str
    family_name: str | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    tags: tuple[str, ...]
    city: str | None
    streets: tuple[str, ...]


@st.composite
def stories(draw: Any) -> list[Told]:
    told = []
    for place in range(draw(st.integers(1, 4))):
        phones = [f"+9945023{place}{n}678" for n in range(draw(st.integers(0, 3)))]
        emails = [f"a{n}@firm{place}.az" for n in range(draw(st.sampled_from((0, 1, 2, 11))))]
        tags = draw(st.lists(st.sampled_from(("VIP", "Bakı", "topdan")), unique=True))
        family, city = (draw(st.none() | st.sampled_from(NAMES)) for _ in range(2))
        given_name = draw(st.sampled_from(NAMES))
        told.append(
            Told(
                given_name,
                family,
                tuple(phones),
                tuple(emails),
                tuple(sorted(tags)),
                city,
                tuple(f"Nizami küç. {n}" for n in range(draw(st.integers(0, 2)))),
            )
        )
    return told


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
        await keep(office, anna, story)
        for kind in ("csv", "xlsx") if place == 0 else ("csv",):
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

            assert sorted(await contacts(office), key=str) == sorted(story, key=str), kind
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

    assert (changed.tags, changed.streets) == (("VIP", "topdan"), ("Nizami 5", "Nizami 7"))
    assert await contacts(office) == before


async def keep(office: Office, user: Any, story: list[Told]) -> None:
    await forget(office)
    for one in story:
        async with office.database.write() as session:
            points = [PointForm(kind="phone", value=number) for number in one.phones]
            points += [PointForm(kind="email", value=address) for address in one.emails]
            given = {
                "kind": "person", "given_name": one.given_name, "family_name": one.family_name,
                "city": one.city, "points": points, "tags": [TagForm(name=tag) for tag in one.tags],
                "addresses": [AddressForm(kind="legal", street=street) for street in one.streets],
            }  # fmt: skip
            await saving.create(deed(session, user), given)


async def forget(office: Office) -> None:
    async with office.database.write() as session:
        for model in (Tagging, ContactPoint, Address, Audit):
            await session.execute(delete(model))
        await session.execute(update(Contact).values(company_id=None))
        await session.execute(delete(Contact))


async def contacts(office: Office) -> list[Told]:
    async with office.database.read() as session:
        rows = list(await session.scalars(select(Contact)))
        points = list(await session.scalars(select(ContactPoint).order_by(ContactPoint.position)))
        streets = list(await session.scalars(select(Address).order_by(Address.id)))
        tags = list(
            await session.execute(select(Tagging.entity_id, Tag.name).join(Tag).order_by(Tag.name))
        )

    def of(row: Contact, kind: str) -> tuple[str, ...]:
        return tuple(
            point.norm for point in points if point.contact_id == row.id and point.kind == kind
        )

    return [
        Told(
            row.given_name or "", row.family_name, of(row, "phone"), of(row, "email"),
            tuple(sorted(name for row_id, name in tags if row_id == row.id)), row.city,
            tuple(sorted(str(one.street) for one in streets if one.contact_id == row.id)),
        )
        for row in rows
    ]  # fmt: skip
