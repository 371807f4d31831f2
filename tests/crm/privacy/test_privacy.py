"""A person is given all that we hold of him, and is forgotten when he asks for it."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, text, update

from callcenter import audit
from callcenter.audit import Audit
from callcenter.calls.models import CallLeg, CallRecording
from callcenter.crm.contacts.models import Address, Contact, Preference
from callcenter.crm.merging.references import all_references
from callcenter.crm.privacy import pages
from callcenter.crm.privacy.traces import FATES
from callcenter.db import Base, Database
from callcenter.entity.files import Folder
from callcenter.entity.models import File
from callcenter.interactions.models import Participant
from callcenter.migrations import all_tables
from callcenter.server.actor import SYSTEM
from callcenter.server.keys import SETTINGS
from tests.fixtures.customers import NOW, Office
from tests.fixtures.house import Browser, House, house_on

#: Stand nowhere but in what we hold of the person.
SECRETS = (
    "Qurban Səfərov", "qurban", "502345678", "gizli@example.az", "Xaqani küçəsi", "Sakit otaq",
    "Wants a discount", "Gizli qeyd", "rec-17.wav",
    "gizli.png",
)  # fmt: skip


class Case:
    def __init__(self, house: House, contact: Contact, admin: Browser) -> None:
        self.house = house
        self.contact = contact
        self.admin = admin
        self.path = f"/contacts/{contact.id}/privacy"

    async def everything(self) -> str:
        """Return every row of the database as one text."""
        told = []
        async with self.house.database.read() as session:
            for name in Base.metadata.tables:
                rows = await session.execute(text(f'SELECT * FROM "{name}"'))
                told += [repr(tuple(row)) for row in rows]
        return "\n".join(told)


@pytest.fixture
async def case(database: Database, tmp_path: Path) -> AsyncIterator[Case]:
    async with house_on(database, tmp_path, routes=pages.routes) as house:
        office = Office(database)
        person = await office.contact(
            "Qurban Səfərov", "050 234 56 78", email="gizli@example.az", description="Gizli qeyd",
        )  # fmt: skip
        await office.contact("Aysel", "055 111 22 33")
        call = await office.call("0502345678", body="Wants a discount")
        async with database.write() as session:
            await session.execute(
                update(Participant)
                .where(Participant.interaction_id == call.id, Participant.role == "from")
                .values(contact_id=person.id)
            )
            session.add(Address(id=1, contact_id=person.id, kind="home", street="Xaqani küçəsi"))
            session.add(
                File(id=17, entity="contact", entity_id=person.id, kind="picture", name="gizli.png",
                     mime="image/png", size=1, sha256="0" * 64, created_at=NOW)
            )  # fmt: skip
            await session.flush()
            await session.execute(
                update(Contact).where(Contact.id == person.id).values(photo_id=17)
            )
            session.add(Preference(id=1, contact_id=person.id, text="Sakit otaq", at=NOW, by=None))
            session.add(
                CallLeg(call_id=call.id, seq=0, uniqueid="1.1", party="customer",
                        endpoint="PJSIP/trunk", number="0502345678")
            )  # fmt: skip
            session.add(
                CallRecording(call_id=call.id, seq=0, source="mixmonitor", file="rec-17.wav",
                              began_at=NOW, muted=[])
            )  # fmt: skip
            audit.record(
                session, NOW, entity="contact", entity_id=person.id, contact_id=person.id,
                action="create", diff={"name": [None, "Qurban Səfərov"]}, **SYSTEM,
            )  # fmt: skip
        await house.person("admin", "admin", locale="en")
        yield Case(house, person, await house.signed_in("admin"))


async def test_all_that_we_hold_of_a_person_is_taken_out_in_one_file(case: Case) -> None:
    answer = await case.admin.client.post(
        f"{case.path}/dossier", data={"csrf_token": case.admin.token},
        headers={"Origin": case.admin.origin},
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(await answer.read())) as archive:
        person = msgspec.json.decode(archive.read("person.json"))
        files = msgspec.json.decode(archive.read("files.json"))

    told = repr(person)
    assert all(secret in told for secret in SECRETS if secret != "qurban")
    assert files == {"files": ["gizli.png"], "recordings": ["rec-17.wav"]}
    assert [row["name"] for row in person["contact"]] == ["Qurban Səfərov"]
    assert "export" in await actions(case)


async def test_who_is_forgotten_is_nowhere_in_the_database_any_more(case: Case) -> None:
    before = await case.everything()
    assert all(secret in before for secret in SECRETS)

    erased = await case.admin.submit(f"{case.path}/erase", {"name": "qurban sefərov", "sure": "1"})

    assert erased.status == 200, erased.text
    assert "rec-17.wav" in erased.text
    after = await case.everything()
    assert [secret for secret in SECRETS if secret in after] == []
    assert "Aysel" in after
    assert await actions(case) == ["create", "erase"]


@pytest.mark.parametrize("shared", [False, True])
async def test_attached_files_go_unless_another_record_has_the_same(
    case: Case, shared: bool
) -> None:
    file = Folder(case.house.app[SETTINGS].data_path).path("0" * 64)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x")
    if shared:
        async with case.house.database.write() as session:
            session.add(
                File(id=18, entity="contact", entity_id=1, name="same.png", mime="image/png", size=1,
                     sha256="0" * 64, created_at=NOW)
            )  # fmt: skip

    await case.admin.submit(f"{case.path}/erase", {"name": "Qurban Səfərov", "sure": "1"})

    assert file.exists() == shared


async def test_what_is_counted_stays(case: Case) -> None:
    await case.admin.submit(f"{case.path}/erase", {"name": "Qurban Səfərov", "sure": "1"})

    async with case.house.database.read() as session:
        calls = (await session.execute(text("SELECT result, ring_at FROM call"))).all()
        (link,) = await session.scalars(select(Participant.contact_id))
    assert [row.result for row in calls] == ["answered"]
    assert link == case.contact.id


async def test_whoever_was_found_to_be_the_same_is_forgotten_with_him(case: Case) -> None:
    async with case.house.database.write() as session:
        await session.execute(
            update(Contact).where(Contact.name == "Aysel").values(merged_into_id=case.contact.id)
        )

    await case.admin.submit(f"{case.path}/erase", {"name": "Qurban Səfərov", "sure": "1"})

    assert "Aysel" not in await case.everything()


@pytest.mark.parametrize(
    "form", [{}, {"name": "Somebody", "sure": "1"}, {"name": "Qurban Səfərov"}, {"sure": "1"}]
)
async def test_it_has_to_be_meant(case: Case, form: dict[str, str]) -> None:
    refused = await case.admin.submit(f"{case.path}/erase", form)

    assert refused.status == 422
    assert "Qurban Səfərov" in await case.everything()


@pytest.mark.parametrize("role", ["agent", "supervisor"])
async def test_only_who_keeps_the_house_may(case: Case, role: str) -> None:
    await case.house.person("boris", role)
    boris = await case.house.signed_in("boris")

    ways = [
        await boris.open(case.path),
        await boris.submit(f"{case.path}/dossier"),
        await boris.submit(f"{case.path}/erase", {"name": "Qurban Səfərov", "sure": "1"}),
    ]

    assert [way.status for way in ways] == [403, 403, 403]


async def actions(case: Case) -> list[str]:
    async with case.house.database.read() as session:
        lines = select(Audit.action).where(Audit.entity == "contact").order_by(Audit.seq, Audit.id)
        return list(await session.scalars(lines))


def test_of_everything_that_speaks_of_a_contact_it_is_said_what_becomes_of_it() -> None:
    known = {(one.table.name, one.column.name) for one in all_references(all_tables())}

    assert known == set(FATES)
