"""Taking people on, changing them, letting them go; rights to do so."""

import asyncio

import pytest

from callcenter.agents import people
from callcenter.agents.device_map import DeviceMap
from callcenter.agents.models import Role, User
from callcenter.agents.roles import seed
from callcenter.calls.models import PbxRow
from callcenter.db import Database
from callcenter.errors import BadInput, ChangedMeanwhile, LastAdministrator
from callcenter.events import PersonChanged, SessionsEnded
from callcenter.server.actor import SYSTEM, Actor
from callcenter.server.keys import BUS
from tests.fixtures.customers import NOW, Office
from tests.fixtures.house import House


def by(person: User) -> Actor:
    return {**SYSTEM, "actor_kind": "user", "actor_id": person.id}


def form_of(person: User, **changes: object) -> people.PersonForm:
    values = {name: getattr(person, name) for name in people.PersonForm.__struct_fields__}
    return people.PersonForm(**values | changes)


async def change(house: House, person: User, seen: int, who: User, **changes: object) -> User:
    async with house.database.write() as session:
        return await people.change(
            session, person.id, form_of(person, **changes), seen, house.clock(), by(who)
        )


async def test_seeding_the_roles_again_keeps_what_an_administrator_made_of_them(house: House):
    async with house.database.write() as session:
        roles = await seed(session, house.clock())
        roles["agent"].name = "Operator"
    async with house.database.write() as session:
        again = await seed(session, house.clock())

    assert sorted(again) == ["admin", "agent", "integrator", "supervisor"]
    assert again["agent"].name == "Operator"


async def test_two_who_change_different_fields_are_both_heard(house: House):
    anna, one, two = [await house.person(login) for login in ("anna", "one", "two")]

    await change(house, anna, anna.version, one, name="Anna Əliyeva")
    now = await change(house, anna, anna.version, two, email="anna@example.az")

    assert (now.name, now.email, now.version) == ("Anna Əliyeva", "anna@example.az", 3)


async def test_whoever_comes_second_to_the_same_field_is_told_who_was_first(house: House):
    anna, one, two = [await house.person(login) for login in ("anna", "one", "two")]
    await change(house, anna, anna.version, one, name="Anna Əliyeva")

    with pytest.raises(ChangedMeanwhile) as conflict:
        await change(house, anna, anna.version, two, name="Anna Quliyeva")

    told = conflict.value.values
    assert (told["who"], told["field"]) == ("One", "name")
    assert (told["mine"], told["theirs"]) == ("Anna Quliyeva", "Anna Əliyeva")


async def test_saying_the_same_as_the_first_is_no_conflict(house: House):
    anna, one, two = [await house.person(login) for login in ("anna", "one", "two")]
    await change(house, anna, anna.version, one, name="Anna Əliyeva")

    now = await change(house, anna, anna.version, two, name="Anna Əliyeva")

    assert now.version == 2


async def test_a_conflict_keeps_both_texts_on_the_page(house: House):
    anna = await house.person("anna")
    await house.person("root", "admin", locale="en")
    admin, late = await house.signed_in("root"), await house.signed_in("root")
    path = f"/admin/people/{anna.id}"
    form = await late.open(path)
    fields = {"login": "anna", "role_id": str(anna.role_id), "version": form.value("version")}
    await admin.open(path)
    await admin.submit(path, fields | {"name": "Theirs"})

    page = await late.submit(path, fields | {"name": "Mine"})

    assert page.status == 409
    assert page.value("name") == "Mine"
    assert "changed “Name” meanwhile. It now says: Theirs" in page.text

    # A choice is told by its name, not by its number.
    async with house.database.write() as session:
        roles = await seed(session, house.clock())
    read = fields | {"name": "Theirs", "version": "2"}
    await admin.submit(path, read | {"role_id": str(roles["supervisor"].id)})
    chosen = await late.submit(path, read | {"role_id": str(roles["integrator"].id)})
    assert (chosen.status, "“Role” meanwhile. It now says: Supervisor" in chosen.text) == (
        409,
        True,
    )


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("login", "", people.MISSING),
        ("login", "Анна", people.LOGIN_FORM),
        ("login", "boris", people.LOGIN_TAKEN),
        ("name", "", people.MISSING),
        ("email", "anna@", people.NOT_AN_ADDRESS),
        ("role_id", 5, people.MISSING),
        ("team_id", 5, people.MISFIT),
        ("locale", "de", people.MISFIT),
        ("time_zone", "Baku", people.MISFIT),
    ],
)
async def test_a_wrong_field_is_named(sqlite_house: House, field: str, value: object, problem: str):
    anna = await sqlite_house.person("anna")
    await sqlite_house.person("boris")

    with pytest.raises(BadInput) as refused:
        await change(sqlite_house, anna, anna.version, anna, **{field: value})

    assert refused.value.fields == {field: problem}


async def test_letting_somebody_go_ends_sessions_and_frees_the_phone(house: House):
    anna = await house.person("anna")
    await house.person("root", "admin")
    agent, admin = await house.signed_in("anna"), await house.signed_in("root")
    async with house.database.write() as session:
        pbx = a_pbx(house)
        session.add(pbx)
    await admin.submit(
        f"/admin/people/{anna.id}/phones",
        {"pbx_id": str(pbx.id), "endpoint": "PJSIP/1001", "kind": "desk"},
    )
    phones = DeviceMap(house.database, house.app[BUS])
    await phones.load()
    assert phones.user_of(pbx.id, "PJSIP/1001") == anna.id

    await admin.submit(f"/admin/people/{anna.id}/let-go")
    await phones.load()

    assert (await agent.open("/account")).status == 303
    assert phones.user_of(pbx.id, "PJSIP/1001") is None
    moment = house.clock().timestamp()
    assert SessionsEnded(at=moment, user_id=anna.id) in house.events
    assert PersonChanged(at=moment, user_id=anna.id) in house.events


async def test_the_last_administrator_can_neither_leave_nor_step_down(house: House):
    root = await house.person("root", "admin")
    async with house.database.read() as session:
        agent = await session.scalar(Role.__table__.select().where(Role.key == "agent"))

    with pytest.raises(LastAdministrator):
        await change(house, root, root.version, root, role_id=agent)
    with pytest.raises(LastAdministrator):
        async with house.database.write() as session:
            await people.let_go(session, root.id, house.clock(), SYSTEM)


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("agent", "/admin", 403),
        ("agent", "/admin/pbx", 403),
        ("agent", "/admin/people/new", 403),
        ("supervisor", "/admin", 200),
        ("supervisor", "/admin/people/new", 403),
        ("supervisor", "/admin/pbx", 403),
        ("admin", "/admin", 200),
        ("admin", "/admin/people/new", 200),
        ("admin", "/admin/teams/new", 200),
        ("admin", "/admin/pbx", 200),
        ("admin", "/admin/pbx/new", 200),
    ],
)
async def test_the_administration_opens_to_whom_the_role_allows(
    sqlite_house: House, role: str, path: str, status: int
):
    await sqlite_house.person("somebody", role)

    assert (await (await sqlite_house.signed_in("somebody")).open(path)).status == status


async def test_a_supervisor_cannot_change_anybody(sqlite_house: House):
    anna = await sqlite_house.person("anna")
    await sqlite_house.person("boss", "supervisor")
    boss = await sqlite_house.signed_in("boss")

    for path in ("", "/let-go", "/take-back", "/reset-link", "/tokens", "/phones"):
        assert (await boss.submit(f"/admin/people/{anna.id}{path}")).status == 403, path


async def test_a_person_changes_his_own_account_but_not_his_role(house: House):
    anna = await house.person("anna")
    browser = await house.signed_in("anna")
    form = await browser.open("/account")

    page = await browser.submit(
        "/account",
        {
            "name": "Anna B", "email": "A@example.az", "theme": "dark", "locale": "en",
            "version": form.value("version"), "role_id": "1", "login": "root",
        },
    )  # fmt: skip

    async with house.database.read() as session:
        now = await session.get(User, anna.id)
    assert page.location == "/account?saved=1"
    assert (now.name, now.email, now.theme) == ("Anna B", "a@example.az", "dark")
    assert (now.login, now.role_id) == ("anna", anna.role_id)


async def test_a_new_person_and_team_are_made_on_the_pages(house: House):
    await house.person("root", "admin")
    admin = await house.signed_in("root")
    await admin.submit("/admin/teams", {"name": "Sales", "queue_names": "sales, vip"})
    async with house.database.read() as session:
        role = await session.scalar(Role.__table__.select().where(Role.key == "agent"))

    made = await admin.submit(
        "/admin/people", {"login": "Leyla", "name": "Leyla Həsənova", "role_id": str(role)}
    )
    again = await admin.submit("/admin/people", {"login": "leyla", "name": "", "role_id": ""})
    page = await admin.open("/admin/people")

    assert made.status == 303
    assert again.status == 422
    assert "Leyla Həsənova" in page.text
    assert "Sales" in page.text


def a_pbx(house: House, name: str = "Baku") -> PbxRow:
    at = house.clock()
    return PbxRow(
        id=len(name), name=name, host="pbx", username="crm", secret_ref="env:CALLCENTER_SECRET",
        trunks=["PJSIP/trunk"], created_at=at, updated_at=at,
    )  # fmt: skip


async def test_two_last_administrators_who_let_each_other_go_leave_one(database: Database):
    office = Office(database)
    async with database.write() as session:
        roles = await seed(session, NOW)
    pair = [await office.user(name, role_id=roles["admin"].id) for name in ("Anna", "Emin")]
    # On SQLite writers queue.
    both_began = asyncio.Barrier(2 if database.is_postgresql else 1)

    async def let_go(person: User) -> None:
        async with database.write() as session:
            await people.locked(session, person.id)
            await both_began.wait()
            await people.let_go(session, person.id, NOW, SYSTEM)

    done = await asyncio.gather(*map(let_go, pair), return_exceptions=True)

    assert sorted(type(one).__name__ for one in done) == ["LastAdministrator", "NoneType"]
