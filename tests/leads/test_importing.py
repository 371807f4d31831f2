"""A file of leads comes in: contacts are found and made, and all of it goes again."""

import time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from callcenter.audit import Audit
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.db import Database, new_id
from callcenter.entity import saving
from callcenter.entity.importing import undoing
from callcenter.entity.importing.batches import Options
from callcenter.entity.importing.desk import Desk as Files
from callcenter.entity.importing.desk import columns_of, counts_of, options_of
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.importing.preview import preview
from callcenter.entity.importing.store import Store
from callcenter.entity.importing.working import Imports
from callcenter.entity.reading import Context
from callcenter.interactions.models import Interaction
from callcenter.leads import importing
from callcenter.leads.models import Lead
from callcenter.process.models import StageEvent
from callcenter.server.identity import Identity
from tests.fixtures.customers import NOW, REGIONS, Office, by, signed_in
from tests.leads.conftest import desk_of
from tests.leads.desk import ALL, Desk

FILE = """Name;Company;Phone;E-mail;Product;Amount
Zoë Müller;;050 234 56 78;;A boiler;1200
Leyla Əliyeva;Xəzər MMC;055 111 22 33;leyla@xazar.az;A pump;
Leyla Əliyeva;;055 111 22 33;;A second pump;
Somebody;;;;;
"""


class Rows(NamedTuple):
    """What there is, as people know it."""

    leads: list[tuple[Any, ...]]
    contacts: list[tuple[Any, ...]]
    points: list[tuple[Any, ...]]


class Counter:
    """Somebody who brings leads in, and the worker behind him."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.database = desk, desk.office.database
        who = signed_in(desk.anna, lead=ALL, contact=ALL)
        self.who = msgspec.structs.replace(who, flags=frozenset(("import",)))
        store = Store(folder / "imports")
        store.make()
        self._imports = Imports(
            self.database, desk.registry, store, self._identity_of, REGIONS, time.time
        )
        self.files = Files(self._imports, self.who, NOW, by(desk.anna), "en")

    async def _identity_of(self, _user_id: int) -> Identity:
        return self.who

    async def receive(self, text: str, **options: Any) -> ImportBatch:
        batch_id = new_id(time.time())
        self._imports.store.upload(batch_id).write_text(text, "utf-8")
        batch = await self.files.receive(batch_id, self.desk.registry["lead"], "leads.csv")
        known = options_of(batch)
        chosen = {"rule": known.rule, "keys": known.keys, **options}
        return await self.files.choose(batch, columns_of(batch), Options(**chosen))

    async def step(self, batch: ImportBatch, step: str) -> ImportBatch:
        await self._imports.work(await self.files.go(batch, step))
        return await self.files.find(batch.id)

    async def bring_in(self, text: str, **options: Any) -> ImportBatch:
        return await self.step(await self.receive(text, **options), "importing")

    def report(self, batch: ImportBatch, kind: str) -> list[list[str]]:
        lines = self._imports.store.report(batch.id, kind).read_text("utf-8-sig").splitlines()
        return [line.split(";") for line in lines[1:]]

    async def why(self, batch: ImportBatch) -> dict[str, str]:
        """Return what a report of changes says of each row of the file, besides its fields."""
        return {line[0]: line[-1] for line in self.report(batch, "changes")}

    async def there(self) -> Rows:
        async with self.database.read() as session:
            leads = await session.scalars(
                select(Lead).where(Lead.deleted_at.is_(None)).order_by(Lead.id)
            )
            contacts = await session.scalars(
                select(Contact).where(Contact.deleted_at.is_(None)).order_by(Contact.id)
            )
            points = await session.execute(
                select(ContactPoint.contact_id, ContactPoint.norm)
                .join(Contact, Contact.id == ContactPoint.contact_id)
                .where(Contact.deleted_at.is_(None))
                .order_by(ContactPoint.contact_id, ContactPoint.norm)
            )
            return Rows(
                [(one.subject, one.contact_id, one.phone, one.stage_id) for one in leads],
                [
                    (one.id, one.name, one.is_customer, one.lifecycle, one.company_id)
                    for one in contacts
                ],
                [tuple(row) for row in points],
            )

    async def lead(self, subject: str) -> Lead:
        async with self.database.read() as session:
            return (await session.scalars(select(Lead).where(Lead.subject == subject))).one()

    async def contact(self, name: str) -> Contact:
        async with self.database.read() as session:
            return (await session.scalars(select(Contact).where(Contact.name == name))).one()


@pytest.fixture
def counter(desk: Desk, tmp_path: Path) -> Counter:
    return Counter(desk, tmp_path)


@pytest.fixture
async def sqlite_counter(sqlite_database: Database, tmp_path: Path) -> Counter:
    """The same on SQLite only, for what takes many rounds."""
    return Counter(await desk_of(Office(sqlite_database)), tmp_path)


async def test_leads_go_to_the_contact_that_has_the_number_and_to_new_ones(
    counter: Counter,
) -> None:
    zoe = await counter.desk.office.contact("Zoë Müller", "+994502345678")
    before = await counter.there()

    batch = await counter.bring_in(FILE, make=True)

    pump, second = await counter.lead("A pump"), await counter.lead("A second pump")
    leyla, company = await counter.contact("Leyla Əliyeva"), await counter.contact("Xəzər MMC")
    assert (await counter.lead("A boiler")).contact_id == zoe.id
    assert pump.contact_id == second.contact_id == leyla.id
    assert (leyla.company_id, company.kind) == (company.id, "company")
    # Who gives neither a number nor an address could be anybody.
    nobody = await counter.lead("Somebody")
    assert nobody.contact_id is None
    # What came by a file is not late, whatever it says.
    assert (nobody.channel, pump.respond_by) == ("import", None)
    assert (counts_of(batch).added, counts_of(batch).wrong) == (4, 0)

    done = await counter.step(batch, "undoing")

    assert (done.status, counts_of(done).undone, counts_of(done).kept) == ("undone", 4, 0)
    assert await counter.there() == before


async def test_a_dry_run_says_of_each_row_whose_it_would_be_and_makes_nobody(
    counter: Counter,
) -> None:
    await counter.desk.office.contact("Zoë Müller", "+994502345678")
    for name in ("Anar", "Nigar"):
        await counter.desk.office.contact(name, "+994124040404")
    text = FILE + "An office;;012 404 04 04;;A lamp;\n"
    batch = await counter.receive(text, make=True)
    before = await counter.there()

    checked = await counter.step(batch, "checking")

    assert await counter.why(checked) == {
        "2": "Goes to Zoë Müller, who has this number or address.",
        "3": "The contact Leyla Əliyeva is made of it.",
        "4": "Goes to the contact that is made of a row above.",
        "5": "",
        "6": "Several contacts have this number or address, so nobody knows yet whose it is.",
    }
    assert await counter.there() == before
    context = Context(counter.desk.registry, REGIONS, "en", "UTC")
    shown = await preview(counter.files, checked, context)
    assert shown.lines[1].why == [("", "The contact Leyla Əliyeva is made of it.")]


async def test_nobody_is_made_unless_somebody_wants_it_or_for_a_row_that_is_refused(
    sqlite_counter: Counter,
) -> None:
    counter = sqlite_counter
    await counter.bring_in(FILE)
    assert (await counter.there()).contacts == []
    await counter.bring_in("Name;Phone;Amount\nNigar;070 333 44 55;much\n", make=True)
    assert (await counter.there()).contacts == []


async def test_contacts_stay_that_somebody_has_used_since_and_the_reason_is_said(
    counter: Counter,
) -> None:
    text = "Name;Phone;Product\nNigar;070 333 44 55;A lamp\nAnar;070 333 44 66;A desk\nEmin;070 333 44 77;A chair\n"
    batch = await counter.bring_in(text, make=True)
    lamp, desk = await counter.lead("A lamp"), await counter.lead("A desk")
    # Somebody works on the one, plans something with the other; a third asks again.
    await counter.desk.change(lamp, region="Bakı")
    await counter.desk.add(subject="Another chair", phone="+994703334477")
    async with counter.database.write() as session:
        session.add(
            Interaction(
                id=new_id(1), kind="task", status="planned", start_at=NOW, created_at=NOW,
                updated_at=NOW, lead_id=desk.id,
            )
        )  # fmt: skip

    done = await counter.step(batch, "undoing")

    there = await counter.there()
    assert {lead[0] for lead in there.leads} == {"A lamp", "A desk", "Another chair"}
    assert {contact[1] for contact in there.contacts} == {"Nigar", "Anar", "Emin"}
    assert (counts_of(done).undone, counts_of(done).kept) == (1, 5)
    assert {(line[1], line[3]) for line in counter.report(done, "kept")} == {
        ("A lamp", undoing.EDITED_SINCE), ("A desk", importing.WORKED_ON),
        ("Nigar", importing.HAS_LEADS), ("Anar", importing.HAS_LEADS),
        ("Emin", importing.HAS_LEADS),
    }  # fmt: skip


async def test_the_same_number_is_the_same_lead_if_who_imports_says_so(
    sqlite_counter: Counter,
) -> None:
    counter = sqlite_counter
    batch = await counter.bring_in(FILE, rule="skip", keys=["phone"])
    assert (counts_of(batch).added, counts_of(batch).skipped) == (3, 1)
    again = await counter.bring_in(FILE, rule="skip", keys=["phone"])
    assert (counts_of(again).added, counts_of(again).skipped) == (1, 3)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        # As EspoCRM names its columns, a name both as a whole and in parts.
        (
            "id,name,firstName,lastName,status,emailAddress,phoneNumber,opportunityAmount,createdAt",
            "5f,Leyla Əliyeva,Leyla,Əliyeva,Assigned,l@x.az,+994551112233,1200,2020-01-01",
        ),
        # As SuiteCRM does, with the first of its many numbers empty.
        (
            "id,first_name,last_name,status,email_address,phone_work,phone_mobile,opportunity_amount",
            "5f,Leyla,Əliyeva,New,l@x.az,,+994551112233,1200",
        ),
    ],
)  # fmt: skip
async def test_exports_of_other_products_are_recognised(
    sqlite_counter: Counter, header: str, row: str
) -> None:
    await sqlite_counter.bring_in(f"{header}\n{row}\n")

    lead = await sqlite_counter.lead("Leyla Əliyeva")
    assert (lead.person, lead.phone, lead.email, lead.amount, lead.external_id) == (
        "Leyla Əliyeva", "+994551112233", "l@x.az", 120_000, "5f",
    )  # fmt: skip


people = st.sampled_from(["Anar", "Nigar", "Emin", ""])
numbers = st.sampled_from(["", "050 111 11 11", "050 222 22 22", "050 333 33 33", "no number"])
addresses = st.sampled_from(["", "a@x.az", "n@x.az"])
stages = st.sampled_from(["", "New", "Became a customer"])
lines = st.lists(st.tuples(people, numbers, addresses, stages), max_size=6)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    known=st.sets(st.sampled_from(["+994501111111", "+994502222222"])),
    file=lines,
    make=st.booleans(),
)
async def test_import_then_undo_is_as_before(
    known: set[str], file: list[tuple[str, ...]], make: bool, sqlite_counter: Counter
) -> None:
    """Whoever was there, whatever the file says, won leads among it."""
    counter = sqlite_counter
    async with counter.database.write() as session:
        for table in (ImportBatch, StageEvent, Lead, ContactPoint, Contact, Audit):
            await session.execute(delete(table))
    for number in known:
        contact = await counter.desk.office.contact("Known", number)
        await counter.desk.add(subject="An old one", contact_id=contact.id)
    before = await counter.there()

    text = "Name;Phone;E-mail;Stage\n" + "".join(f"{';'.join(line)}\n" for line in file)
    batch = await counter.bring_in(text + "x;;;\n", make=make, lenient=True)
    done = await counter.step(batch, "undoing")

    assert await counter.there() == before
    assert (done.status, counts_of(done).kept) == ("undone", 0)
    assert counts_of(done).undone == counts_of(batch).added


async def test_an_edit_of_a_contact_keeps_it_and_the_others_go(sqlite_counter: Counter) -> None:
    counter = sqlite_counter
    text = "Name;Phone;Product\nNigar;070 333 44 55;A lamp\nAnar;070 333 44 66;A desk\n"
    batch = await counter.bring_in(text, make=True)
    nigar = await counter.contact("Nigar")
    async with counter.database.write() as session:
        deed = counter.desk.deed(session)
        deed = saving.Deed(session, deed.registry, deed.registry["contact"], deed.who, NOW, deed.by)
        await saving.change(deed, nigar.id, {"city": "Bakı"}, None)

    done = await counter.step(batch, "undoing")

    there = await counter.there()
    assert (there.leads, [contact[1] for contact in there.contacts]) == ([], ["Nigar"])
    assert counter.report(done, "kept") == [["2", "Nigar", "", undoing.EDITED_SINCE]]
