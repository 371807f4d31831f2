"""Contacts come in from a file, over REST and on the pages, and go again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError

from callcenter.audit import Audit
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.db import Database
from callcenter.entity.importing import api, pages, working
from callcenter.entity.importing.keys import IMPORTS
from callcenter.entity.importing.planning import Plan, Planner
from callcenter.entity.importing.working import Imports
from callcenter.entity.keys import ENTITIES
from callcenter.interactions.models import Participant
from callcenter.process import seeds as process_seeds
from tests.fixtures.customers import Office
from tests.fixtures.house import Browser, House, Page, house_on

ROUTES = [*api.routes, *pages.routes]
FILE = """Ad;Soyad;Şirkət;Mobil telefon;İş telefonu;E-poçt;Doğum tarixi
Şəhla;Quliyeva;Xəzər MMC;050 234 56 78;(012) 555 12 34;Shahla@Example.az;12.03.1985
Çingiz;Əliyev;Xəzər MMC;9,94E+11;;;
Rəşad;Məmmədov;;994552345678.0;;;
"""


class Counter:
    """Somebody who imports, and the worker behind him."""

    def __init__(self, house: House, browser: Browser, imports: Imports) -> None:
        self.house, self.browser, self.imports = house, browser, imports

    async def hand_in(
        self, text: str | bytes, name: str = "müştərilər.csv", entity: str = "contacts"
    ) -> Page:
        body = text.encode() if isinstance(text, str) else text
        return await self.browser.request(
            "POST", "/api/v1/imports", params={"entity": entity, "name": name}, data=body,
            headers={
                "Origin": self.browser.origin, "X-CSRF-Token": self.browser.token,
                "Content-Type": "application/octet-stream",
            },
        )  # fmt: skip

    async def bring_in(self, text: str, **said: Any) -> dict[str, Any]:
        made = (await self.hand_in(text)).json
        if said:
            assert (await self.call("PATCH", f"{made['id']}", said)).status == 200
        return await self.step(made["id"], "start")

    async def step(self, batch_id: int, step: str) -> dict[str, Any]:
        assert (await self.call("POST", f"{batch_id}/{step}")).status == 202
        return await self.settled(batch_id)

    async def settled(self, batch_id: int) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while True:
                batch: dict[str, Any] = (await self.call("GET", f"{batch_id}")).json
                if batch["status"] not in ("checking", "importing", "undoing"):
                    return batch

    async def call(self, method: str, path: str, body: Any = None) -> Page:
        return await self.browser.call(method, f"/api/v1/imports/{path}", body)

    async def contacts(self) -> list[Contact]:
        async with self.house.database.read() as session:
            rows = await session.scalars(
                select(Contact).where(Contact.deleted_at.is_(None)).order_by(Contact.fold)
            )
            return list(rows)

    async def points(self, contact: Contact) -> list[tuple[str, str, str | None]]:
        async with self.house.database.read() as session:
            rows = await session.scalars(
                select(ContactPoint)
                .where(ContactPoint.contact_id == contact.id)
                .order_by(ContactPoint.position)
            )
            return [(point.kind, point.norm, point.label) for point in rows]


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house_on(database, tmp_path, routes=ROUTES) as opened:
        yield opened


@asynccontextmanager
async def counter_in(house: House) -> AsyncIterator[Counter]:
    await house.person("zerife", "supervisor")
    browser = await house.signed_in("zerife")
    imports = house.app[IMPORTS]
    worker = asyncio.create_task(imports.run())
    yield Counter(house, browser, imports)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


@pytest.fixture
async def counter(house: House) -> AsyncIterator[Counter]:
    async with counter_in(house) as opened:
        yield opened


@pytest.fixture
async def sqlite_counter(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Counter]:
    """The same on SQLite only, for what takes many rounds."""
    async with (
        house_on(sqlite_database, tmp_path, routes=ROUTES) as house,
        counter_in(house) as opened,
    ):
        yield opened


async def test_what_was_found_in_a_file_is_told_and_its_columns_are_guessed(
    counter: Counter,
) -> None:
    page = await counter.hand_in(FILE)

    told = page.json
    assert (page.status, page.location) == (201, f"/api/v1/imports/{told['id']}")
    assert (told["status"], told["rows"], told["rule"]) == ("mapping", 3, "skip")
    assert (told["file"]["encoding"], told["file"]["delimiter"]) == ("utf-8", ";")
    assert [column["field"] for column in told["columns"]] == [
        "given_name", "family_name", "company_id", "phone", "phone", "email", "birthday",
    ]  # fmt: skip
    assert told["keys"] == ["email", "phone"]
    assert await counter.contacts() == []


async def test_contacts_come_in_with_their_numbers_and_the_company_they_work_for(
    counter: Counter,
) -> None:
    batch = await counter.bring_in(FILE)

    assert batch["status"] == "done"
    assert {name: n for name, n in batch["counts"].items() if n} == {
        "added": 2, "wrong": 1, "repaired": 1,
    }  # fmt: skip
    rashad, shahla, company = await counter.contacts()
    assert (shahla.name, shahla.given_name, str(shahla.birthday)) == (
        "Şəhla Quliyeva", "Şəhla", "1985-03-12",
    )  # fmt: skip
    assert (company.name, company.kind, shahla.company_id) == ("Xəzər MMC", "company", company.id)
    assert (shahla.fold, bool(shahla.phon)) == ("sehla quliyeva", True)
    assert await counter.points(shahla) == [
        ("phone", "+994502345678", "mobile"), ("phone", "+994125551234", "work"),
        ("email", "shahla@example.az", None),
    ]  # fmt: skip
    assert await counter.points(rashad) == [("phone", "+994552345678", "mobile")]


async def test_rows_with_errors_come_back_as_a_file_that_can_be_corrected_and_brought_in(
    counter: Counter,
) -> None:
    batch = await counter.bring_in(FILE)

    errors = await counter.browser.open(f"/imports/{batch['id']}/errors.csv")
    assert errors.headers["Content-Type"].startswith("text/csv")
    again = await counter.bring_in(errors.text.replace("9,94E+11", "0519998877"))

    assert again["counts"]["added"] == 1
    assert "Çingiz Əliyev" in [contact.name for contact in await counter.contacts()]


async def test_a_contact_that_is_there_gains_what_is_new_and_keeps_what_it_has(
    counter: Counter,
) -> None:
    office = Office(counter.house.database)
    old = await office.contact("Şəhla Q.", "0502345678")

    batch = await counter.bring_in(FILE, rule="update")

    assert (batch["counts"]["changed"], batch["counts"]["added"]) == (1, 1)
    shahla = next(one for one in await counter.contacts() if one.id == old.id)
    assert (shahla.family_name, str(shahla.birthday)) == ("Quliyeva", "1985-03-12")
    assert await counter.points(shahla) == [
        ("phone", "+994502345678", "mobile"), ("phone", "+994125551234", "work"),
        ("email", "shahla@example.az", None),
    ]  # fmt: skip

    await counter.step(batch["id"], "undo")

    (shahla,) = await counter.contacts()
    assert (shahla.id, shahla.name, shahla.family_name, shahla.birthday) == (
        old.id, "Şəhla Q.", None, None,
    )  # fmt: skip
    assert await counter.points(shahla) == [("phone", "+994502345678", None)]


async def test_what_a_file_says_of_a_number_that_is_there_is_put_back_but_for_what_changed_since(
    counter: Counter,
) -> None:
    await counter.bring_in("Ad;İş telefonu\nAnar;0502345671\nLeyla;0502345672\nVaqif;0502345673\n")
    anar, leyla, vaqif = await counter.contacts()
    text = "Phone;Phone: Kind;Phone: Works\n0502345671;mobile;no\n0502345672;mobile;\n"
    made = (await counter.hand_in(f"{text}0502345673;;\n")).json
    assert [column["field"] for column in made["columns"]] == [
        "phone",
        "phone:label",
        "phone:works",
    ]
    said = {"rule": "update", "keys": ["phone"]}
    assert (await counter.call("PATCH", f"{made['id']}", said)).status == 200

    await counter.step(made["id"], "check")
    changes = (await counter.call("GET", f"{made['id']}/changes")).text
    done = await counter.step(made["id"], "start")

    assert "+994 50 234 56 71 (Mobil" in changes
    assert (done["counts"]["changed"], done["counts"]["same"]) == (2, 1)
    assert await counter.points(anar) == [("phone", "+994502345671", "mobile")]
    [point] = (await counter.browser.call("GET", f"/api/v1/contacts/{leyla.id}")).json["points"]
    at_home = {"points": [{"id": point["id"], "value": point["value"], "label": "home"}]}
    page = await counter.browser.call("PATCH", f"/api/v1/contacts/{leyla.id}", at_home)
    assert page.status == 200

    await counter.step(made["id"], "undo")

    assert await counter.points(anar) == [("phone", "+994502345671", "work")]
    assert await counter.points(leyla) == [("phone", "+994502345672", "home")]
    assert await counter.points(vaqif) == [("phone", "+994502345673", "work")]
    kept = (await counter.call("GET", f"{made['id']}/kept")).text
    assert [line.split(";")[:2] for line in kept.splitlines()[1:]] == [["3", "Leyla"]]


async def test_past_calls_of_a_number_become_the_contacts_and_are_let_go_when_it_is_taken_back(
    counter: Counter,
) -> None:
    office = Office(counter.house.database)
    call = await office.call("050 234 56 78")
    nar = await office.contact("Nar MMC", kind="company")
    emil = await office.contact("Emil", company_id=nar.id)
    async with counter.house.database.write() as session:
        for role, one in (("attendee", emil), ("company", nar)):
            session.add(
                Participant(
                    interaction_id=call.id, role=role, seq=0, contact_id=one.id, at=call.start_at
                )
            )

    async def companies() -> list[int | None]:
        async with counter.house.database.read() as session:
            rows = select(Participant.contact_id).where(Participant.role == "company")
            return list(await session.scalars(rows))

    async def caller() -> int | None:
        async with counter.house.database.read() as session:
            found: int | None = await session.scalar(
                select(Participant.contact_id).where(
                    Participant.interaction_id == call.id, Participant.role == "from"
                )
            )
            return found

    batch = await counter.bring_in(FILE)
    shahla = next(one for one in await counter.contacts() if one.given_name == "Şəhla")
    assert await caller() == shahla.id

    done = await counter.step(batch["id"], "undo")

    assert (done["status"], done["counts"]["kept"]) == ("undone", 0)
    assert await caller() is None
    # What others who took part brought with them stays.
    assert await companies() == [nar.id]
    assert {one.id for one in await counter.contacts()} == {nar.id, emil.id}


async def test_contacts_go_in_many_blocks_but_for_those_somebody_worked_with(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service goes down in the middle, and goes on where it was."""
    monkeypatch.setattr(working, "BLOCK_ROWS", 2)
    monkeypatch.setattr(working, "POSTGRESQL_BLOCK_ROWS", 2)
    batch = await counter.bring_in("Ad\nA\nB\nC\nD\nE\n", rule="add", keys=[])
    edited = (await counter.contacts())[1]
    await counter.browser.call("PATCH", f"/api/v1/contacts/{edited.id}", {"city": "Bakı"})
    progress, blocks = Imports._progress, 0

    async def is_away_at_the_second_block(*given: Any) -> None:
        nonlocal blocks
        blocks += 1
        if blocks == 2:
            raise OperationalError("update", {}, Exception("the database is away"))
        await progress(*given)

    monkeypatch.setattr(Imports, "_progress", is_away_at_the_second_block)
    monkeypatch.setattr(working, "RETRY_S", 0)

    undone = await counter.step(batch["id"], "undo")

    told = {name: undone["counts"][name] for name in ("added", "undone", "kept")}
    assert told == {"added": 5, "undone": 4, "kept": 1}
    assert [contact.name for contact in await counter.contacts()] == ["B"]
    kept = counter.house.app[IMPORTS].store.report(batch["id"], "kept").read_text("utf-8-sig")
    assert [line.split(";")[:2] for line in kept.splitlines()[1:]] == [["3", "B"]]
    async with counter.house.database.read() as session:
        gone = select(Contact).where(Contact.deleted_at.is_not(None)).order_by(Contact.name)
        went = [(contact.name, contact.version) for contact in await session.scalars(gone)]
        lines = await session.scalars(select(Audit.diff).where(Audit.action == "delete"))
        assert went == [("A", 2), ("C", 2), ("D", 2), ("E", 2)]
        assert sorted(line["name"] for line in lines) == [[name, None] for name in "ACDE"]


async def test_rows_are_added_anyway_when_a_person_says_so(counter: Counter) -> None:
    file = "Ad;Mobil telefon\nAnar;0502345678\nAnar;0502345678\n"

    batch = await counter.bring_in(file, rule="add", keys=["phone"])

    assert batch["counts"]["added"] == 2
    assert [one.name for one in await counter.contacts()] == ["Anar", "Anar"]


async def test_of_two_rows_with_one_id_of_another_system_the_second_is_wrong(
    counter: Counter,
) -> None:
    file = "Ad;External id\nAnar;A-1\nLeyla;A-2\nNar;A-1\n"
    batch = await counter.bring_in(file, rule="add", keys=[])

    assert (batch["counts"]["added"], batch["counts"]["wrong"]) == (2, 1)
    contacts = await counter.contacts()
    assert [(one.name, one.external_id) for one in contacts] == [("Anar", "A-1"), ("Leyla", "A-2")]
    errors = await counter.browser.open(f"/imports/{batch['id']}/errors.csv")
    assert "Nar" in errors.text
    # Nor a row of the next file.
    again = await counter.bring_in("Ad;External id\nZoë;A-2\n", rule="add", keys=[])
    assert again["counts"]["wrong"] == 1


async def test_a_check_names_each_change_and_makes_none(counter: Counter) -> None:
    made = (await counter.hand_in(FILE)).json

    checked = await counter.step(made["id"], "check")

    assert (checked["status"], checked["counts"]["added"], checked["counts"]["wrong"]) == (
        "checked", 2, 1,
    )  # fmt: skip
    changes = (await counter.call("GET", f"{made['id']}/changes")).text
    assert "+994 50 234 56 78" in changes
    assert await counter.contacts() == []


async def test_what_was_chosen_is_remembered_for_the_same_headings(counter: Counter) -> None:
    text = "Who;Tel no\nAnna Kərimova;0502345678\n"
    first = (await counter.hand_in(text)).json
    assert [column["field"] for column in first["columns"]] == ["", ""]
    columns = {"Who": {"field": "name"}, "Tel no": {"field": "phone"}}
    said = {"columns": columns, "keys": ["phone"], "rule": "update", "lenient": True}
    chosen = await counter.call("PATCH", f"{first['id']}", said)
    assert chosen.json["keys"] == ["phone"]
    await counter.step(first["id"], "start")

    second = (await counter.hand_in("Tel no;Who\n0512345678;Emin\n")).json

    assert [column["field"] for column in second["columns"]] == ["phone", "name"]
    assert (second["rule"], second["keys"], second["lenient"]) == ("update", ["phone"], True)
    other = (await counter.hand_in("Ad;Mobil telefon\nEmin;0512345678\n")).json
    assert (other["rule"], other["keys"], other["lenient"]) == ("skip", ["phone"], False)


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"columns": {"Nobody's": {"field": "name"}}}, 422, "bad-input"),
        ({"columns": {"Ad": {"field": "family_name"}}}, 422, "bad-input"),  # two go there
        ({"columns": {"Ad": {"field": "salary"}}}, 200, ""),  # no such field: left out
        ({"encoding": "utf-32"}, 422, "not-a-table"),
        ({"rule": "merge"}, 422, "bad-input"),
    ],
)
async def test_a_choice_that_cannot_be_is_refused(
    said: dict[str, Any], status: int, code: str, counter: Counter
) -> None:
    made = (await counter.hand_in(FILE)).json

    page = await counter.call("PATCH", f"{made['id']}", said)

    assert (page.status, page.json.get("error", {}).get("code", "")) == (status, code)


async def test_a_file_that_is_none_is_refused_and_forgotten(counter: Counter) -> None:
    page = await counter.hand_in(b"%PDF-1.7")

    assert (page.status, page.json["error"]["code"]) == (422, "not-a-table")
    assert "PDF" in page.json["error"]["message"]
    assert list(counter.imports.store.upload(1).parent.iterdir()) == []


async def test_only_who_may_import_does_and_sees_his_own(counter: Counter) -> None:
    made = (await counter.hand_in(FILE)).json
    for login, role, status in (("aygun", "agent", 403), ("vusal", "supervisor", 404)):
        await counter.house.person(login, role)
        browser = await counter.house.signed_in(login)
        for path in (f"/imports/{made['id']}", f"/api/v1/imports/{made['id']}"):
            assert (await browser.open(path)).status == status
    await counter.house.person("nergiz", "admin")
    admin = await counter.house.signed_in("nergiz")
    assert (await admin.open(f"/imports/{made['id']}")).status == 200


async def test_a_step_that_is_not_next_is_refused(counter: Counter) -> None:
    batch = await counter.bring_in(FILE)

    for path, method in (("start", "POST"), ("check", "POST"), ("", "DELETE")):
        page = await counter.call(method, f"{batch['id']}/{path}".rstrip("/"))
        assert (page.status, page.json["error"]["code"]) == (409, "not-now")


async def test_the_page_leads_from_the_columns_to_the_result_and_back(counter: Counter) -> None:
    made = (await counter.hand_in(FILE)).json
    browser, here = counter.browser, f"/imports/{made['id']}"

    page = await browser.open(here)
    assert "9,94E+11" in page.text
    assert "Xəzər MMC" in page.text
    form = [(f"field-{n}", c["field"]) for n, c in enumerate(made["columns"])]
    form += [("rule", "skip"), ("keys", "phone"), ("go", "importing")]
    page = await browser.submit(here, form)
    assert (page.status, page.location) == (303, here)
    await counter.settled(made["id"])
    assert f"{here}/undo" in (await browser.open(here)).text
    assert (await browser.submit(f"{here}/undo")).status == 303
    await counter.settled(made["id"])
    assert f"{here}/remove" in (await browser.open(here)).text
    assert (await browser.submit(f"{here}/remove")).location == "/imports"
    assert made["name"] not in (await browser.open("/imports")).text


async def test_a_page_keeps_what_was_chosen_and_says_what_is_wrong_with_it(
    counter: Counter,
) -> None:
    made = (await counter.hand_in(FILE)).json

    page = await counter.browser.submit(
        f"/imports/{made['id']}",
        [("field-0", "family_name"), ("field-1", "family_name"), ("rule", "update")],
    )

    assert page.status == 422
    assert page.text.count('<option value="family_name" selected>') == 2
    assert '<optgroup label="Telefon"><option value="phone"' in page.text
    assert 'value="update" checked' in page.text


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("Ad;Soyad;Telefon", ["given_name", "family_name", "phone"]),
        ("Имя;Фамилия;Телефон", ["given_name", "family_name", "phone"]),
        ("Ad;Telefon", ["name", "phone"]),  # the whole name, as in most lists of an office
        ("Şəxsi ad;Soyad;Ad", ["given_name", "family_name", "name"]),  # as we take it out
    ],
)
async def test_whether_a_column_is_the_given_name_is_seen_from_those_beside(
    counter: Counter, heading: str, fields: list[str]
) -> None:
    cells = ";".join(f"x{place}" for place in range(len(fields)))

    told = (await counter.hand_in(f"{heading}\n{cells}\n".encode())).json

    assert [column["field"] for column in told["columns"]] == fields


async def test_a_file_of_leads_makes_contacts_if_its_page_says_so(counter: Counter) -> None:
    async with counter.house.database.write() as session:
        await process_seeds.seed(session, counter.house.clock())
    await counter.house.app[ENTITIES].load(counter.house.database)
    text = "Name;Phone\nNigar;070 333 44 55\n"
    made = (await counter.hand_in(text, "leads.csv", "leads")).json
    here = f"/imports/{made['id']}"
    assert (made["make"], (await counter.call("PATCH", f"{made['id']}", {"make": True})).json["make"]) == (False, True)  # fmt: skip
    page = (await counter.browser.open(here)).text
    assert 'name="make"' in page
    assert "Nigar" in page.partition('aria-labelledby="preview"')[2]

    columns = {"field-0": "person", "field-1": "phone"}
    sent = await counter.browser.submit(
        here, columns | {"rule": "add", "make": "1", "go": "importing"}
    )
    assert sent.status == 303, sent.text
    batch = await counter.settled(made["id"])

    assert (batch["status"], batch["counts"]["added"], batch["make"]) == ("done", 1, True)
    assert [contact.name for contact in await counter.contacts()] == ["Nigar"]


async def test_what_has_not_begun_is_not_brought_in_as_held_and_costs_its_own_row_only(
    counter: Counter,
) -> None:
    to_come = f"{counter.house.clock() + timedelta(days=2):%Y-%m-%d %H:%M}"
    text = (
        "Subject;Kind;Status;When\n"
        f"Early;meeting;held;{to_come}\n"
        f"Planned;meeting;planned;{to_come}\n"
        "Over;meeting;held;2026-11-02 10:00\n"
    )
    made = (await counter.hand_in(text, "meetings.csv", "interactions")).json

    batch = await counter.step(made["id"], "start")
    report = await counter.call("GET", f"{made['id']}/errors")

    assert (batch["counts"]["added"], batch["counts"]["wrong"]) == (2, 1)
    assert "Early" in report.text
    assert "Bu vaxt hələ gəlməyib" in report.text


async def test_rows_alike_in_two_blocks_are_one_contact_though_the_second_is_planned_first(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second block is planned while nothing of the first one can be seen."""
    monkeypatch.setattr(working, "BLOCK_ROWS", 2)
    monkeypatch.setattr(working, "POSTGRESQL_BLOCK_ROWS", 2)
    plan, progress = Planner.plan, Imports._progress
    planned, news = 0, asyncio.Condition()

    async def counts_blocks(*given: Any, **more: Any) -> list[Plan]:
        nonlocal planned
        plans = await plan(*given, **more)
        async with news:
            planned += 1
            news.notify_all()
        return plans

    async def moves_on_once_the_next_is_planned(*given: Any) -> None:
        async with asyncio.timeout(20), news:
            await news.wait_for(lambda: planned >= 2)
        await progress(*given)

    monkeypatch.setattr(Planner, "plan", counts_blocks)
    monkeypatch.setattr(Imports, "_progress", moves_on_once_the_next_is_planned)

    batch = await counter.bring_in(
        "Ad;Mobil telefon\nAnar;0502345671\nLeyla;0502345672\nL.;0502345672\nVaqif;0502345673\n"
    )

    assert [contact.name for contact in await counter.contacts()] == ["Anar", "Leyla", "Vaqif"]
    assert (batch["status"], batch["counts"]["skipped"]) == ("done", 1)


numbers = st.sampled_from(["", "0502345671", "0502345672", "050"])
people = st.tuples(st.sampled_from(["Anar", "Leyla"]), numbers, numbers).map(";".join)


@settings(
    phases=[Phase.explicit, Phase.generate],
    max_examples=4,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(rule="update", size=1, file=["Anar;0502345671;0502345672", "Leyla;;0502345672"])
@given(
    rule=st.sampled_from(["skip", "update"]),
    size=st.integers(1, 3),
    file=st.lists(people, max_size=8),
)
async def test_what_comes_in_does_not_depend_on_where_blocks_end(
    rule: str, size: int, file: list[str], sqlite_counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\n".join(["Ad;Mobil telefon;İş telefonu", "Vaqif;0502345671;", *file])
    came = []
    for rows in (len(file) + 1, size):
        async with sqlite_counter.house.database.write() as session:
            await session.execute(delete(Contact))
        monkeypatch.setattr(working, "BLOCK_ROWS", rows)
        batch = await sqlite_counter.bring_in(text, rule=rule)
        contacts = [
            (contact.name, *await sqlite_counter.points(contact))
            for contact in await sqlite_counter.contacts()
        ]
        came.append((sorted(contacts), batch["counts"]))

    assert came[0] == came[1]
