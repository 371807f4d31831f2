"""A person is given all that we hold of him, and is forgotten when he asks for it."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.audit import Audit
from callcenter.calls.models import CallLeg, CallRecording
from callcenter.crm.contacts.models import Address, Contact, ContactPoint, Preference
from callcenter.crm.finding.models import SearchText
from callcenter.crm.merging.references import all_references
from callcenter.crm.privacy import pages
from callcenter.crm.privacy.traces import FATES, FATES_OF_HIS
from callcenter.db import Base, Database
from callcenter.entity.files import Folder
from callcenter.entity.importing.keys import IMPORTS
from callcenter.entity.importing.models import ImportBatch, ImportRow
from callcenter.entity.models import File
from callcenter.interactions.models import Interaction, Participant
from callcenter.jobs.models import Job
from callcenter.leads.models import Lead
from callcenter.mail.models import MailDraft
from callcenter.migrations import all_tables
from callcenter.notices.models import Notification
from callcenter.server.actor import SYSTEM
from callcenter.server.keys import SETTINGS
from tests.fixtures.customers import NOW, Office
from tests.fixtures.house import Browser, House, house_on

#: Stand nowhere but in what we hold of the person.
SECRETS = (
    "Qurban Səfərov", "qurban", "502345678", "gizli@example.az", "Xaqani küçəsi", "Sakit otaq",
    "Wants a discount", "Gizli qeyd", "rec-17.wav",
    "gizli.png", "Gizli sorğu", "gizli.pdf", "Gizli tapşırıq", "Gizli addim", "555 77 99",
)  # fmt: skip
#: What is ours about him, and goes without being given out.
OURS = ("gizli soz", "Gizli xəbər", "Gizli SMS", "Gizli qaralama", "Gizli evvel")


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

    def put(self, sha256: str, data: bytes) -> Path:
        file = Folder(self.house.app[SETTINGS].data_path).path(sha256)
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
        return file


@pytest.fixture
async def case(database: Database, tmp_path: Path) -> AsyncIterator[Case]:
    async with house_on(database, tmp_path, routes=pages.routes) as house:
        office = Office(database)
        admin = await house.person("admin", "admin", locale="en")
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
            await _ask(session, person.id, admin.id)
        yield Case(house, person, await house.signed_in("admin"))


async def _ask(session: AsyncSession, person_id: int, user_id: int) -> None:
    """Add an inquiry of the person: from before he was a contact, with all that hangs on it."""
    named: dict[str, Any] = {"created_at": NOW, "updated_at": NOW, "version": 1}
    lead = Lead(
        id=21, number="L-1", contact_id=person_id, subject="Gizli sorğu", company="Gizli MMC",
        phone="+994502345678", channel="call", **named,
    )  # fmt: skip
    # His task names nobody, and a note from before names his number only.
    task = Interaction(
        id=22, kind="task", status="planned", subject="Gizli tapşırıq", lead_id=21, start_at=NOW,
        checklist=[{"text": "Gizli addim", "done": False}], **named,
    )  # fmt: skip
    note = Interaction(id=23, kind="note", subject="555 77 99", start_at=NOW, **named)
    batch = ImportBatch(
        id=24, entity="lead", name="leads.csv", user_id=user_id, language="en", status="done", layout={},
        mapping=[], options={}, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    for row in (lead, task, note, batch):
        session.add(row)
        await session.flush()
    session.add_all((
        Participant(interaction_id=23, role="from", point="+994502345678", text="Qurban", at=NOW),
        File(id=26, entity="lead", entity_id=21, name="gizli.pdf", mime="x/y", size=1,
             sha256="1" * 64, created_at=NOW),
        SearchText(id=27, entity="lead", entity_id=21, fold="gizli soz"),
        SearchText(id=28, entity="interaction", entity_id=22, fold="gizli soz"),
        Notification(id=29, user_id=user_id, kind="given", entity="lead", entity_id=21, key="k",
                     text="Gizli xəbər", at=NOW, tell_at=NOW),
        Job(id=30, kind="sms", payload={"to": "+994502345678", "text": "Gizli SMS"}, run_at=NOW),
        MailDraft(id=31, user_id=user_id, updated_at=NOW,
                  typed={"to": "Q <Gizli@example.az>", "subject": "Gizli qaralama"}),
        ImportRow(batch_id=24, number=1, entity_id=21, did="changed",
                  diff={"subject": ["Gizli evvel", "Gizli sorğu"]}),
    ))  # fmt: skip
    for entity, row_id, text_ in (
        ("lead", 21, "Gizli sorğu"), ("interaction", 22, "Gizli tapşırıq"),
    ):  # fmt: skip
        audit.record(
            session, NOW, entity=entity, entity_id=row_id, action="create",
            diff={"subject": [None, text_]}, **SYSTEM,
        )  # fmt: skip


async def test_all_that_we_hold_of_a_person_is_taken_out_in_one_file(case: Case) -> None:
    case.put("1" * 64, b"his contract")

    answer = await case.admin.client.post(
        f"{case.path}/dossier", data={"csrf_token": case.admin.token},
        headers={"Origin": case.admin.origin},
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(await answer.read())) as archive:
        person = msgspec.json.decode(archive.read("person.json"))
        files = msgspec.json.decode(archive.read("files.json"))
        packed = archive.read("files/26.pdf")

    told = repr(person)
    assert all(secret in told for secret in SECRETS if secret != "qurban")
    assert files == {"files": ["gizli.png", "gizli.pdf"], "recordings": ["rec-17.wav"]}
    assert packed == b"his contract"
    assert [row["name"] for row in person["contact"]] == ["Qurban Səfərov"]
    assert "export" in await actions(case)


async def test_who_is_forgotten_is_nowhere_in_the_database_any_more(case: Case) -> None:
    before = await case.everything()
    assert all(secret in before for secret in SECRETS + OURS)
    errors = case.house.app[IMPORTS].store.report(24, "errors")
    errors.parent.mkdir(parents=True, exist_ok=True)
    errors.write_text("Gizli sorğu")

    erased = await case.admin.submit(f"{case.path}/erase", {"name": "qurban sefərov", "sure": "1"})

    assert erased.status == 200, erased.text
    assert "rec-17.wav" in erased.text
    after = await case.everything()
    assert [secret for secret in (*SECRETS, *OURS, "Gizli") if secret in after] == []
    assert not errors.exists()
    assert "Aysel" in after
    assert await actions(case) == ["create", "erase"]


@pytest.mark.parametrize("shared", [False, True])
async def test_attached_files_go_unless_another_record_has_the_same(
    case: Case, shared: bool
) -> None:
    file = case.put("0" * 64, b"x")
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
        (link,) = await session.scalars(
            select(Participant.contact_id).where(Participant.interaction_id != 23)
        )
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


def test_of_everything_that_may_speak_of_his_inquiries_it_is_said_what_becomes_of_it() -> None:
    pairs = (
        table.name
        for table in all_tables().tables.values()
        if {"entity", "entity_id"} <= set(table.columns.keys())
    )

    assert set(pairs) == set(FATES_OF_HIS)


async def test_a_number_that_others_have_too_tells_not_whose_a_note_was(case: Case) -> None:
    async with case.house.database.write() as session:
        aysel = await session.scalar(select(Contact.id).where(Contact.name == "Aysel"))
        session.add(
            ContactPoint(id=40, contact_id=aysel, kind="phone", value="0502345678",
                         norm="+994502345678", position=1, valid=True)
        )  # fmt: skip

    await case.admin.submit(f"{case.path}/erase", {"name": "Qurban Səfərov", "sure": "1"})

    assert "555 77 99" in await case.everything()
