"""Roles: what each may do with whose rows and which fields, given on a page."""

import re

import pytest
from sqlalchemy import select

from callcenter.agents import roles
from callcenter.agents.models import Role, User
from callcenter.agents.role_form import kinds, scopes
from callcenter.app.entities import ENTITIES
from callcenter.audit import Audit
from callcenter.entity.registry import Registry
from callcenter.events import PersonChanged
from tests.fixtures.house import Browser, House


async def role(house: House, key: str) -> Role:
    async with house.database.write() as session:
        return (await roles.seed(session, house.clock()))[key]


async def stored(house: House, role_id: int) -> Role | None:
    async with house.database.read() as session:
        return await session.get(Role, role_id)


def filled(html: str) -> dict[str, str]:
    """Return what the form of a page would send."""
    values = dict(re.findall(r'<input type="hidden" name="(version)" value="(\d*)"', html))
    named = re.search(r'<input[^>]* name="name"[^>]* value="([^"]*)"', html)
    values["name"] = named[1] if named else ""
    for name, options in re.findall(
        r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', options)
        values[name] = chosen[1] if chosen else re.search(r'value="([^"]*)"', options)[1]
    boxes = re.findall(r'<input type="checkbox" name="([^"]+)" value="1" checked', html)
    return values | dict.fromkeys(boxes, "1")


@pytest.fixture
async def admin(sqlite_house: House) -> Browser:
    await sqlite_house.person("admin", "admin", locale="en")
    return await sqlite_house.signed_in("admin")


async def test_a_role_is_changed_on_its_page_and_its_people_have_the_new_rights(
    sqlite_house: House, admin: Browser
) -> None:
    house = sqlite_house
    agent = await role(house, "agent")
    anna = await house.person("anna")
    page = await admin.open(f"/admin/roles/{agent.id}")

    values = filled(page.text) | {"grant.call.read": "team", "flag.listen": "1"}
    saved = await admin.submit(f"/admin/roles/{agent.id}", values)

    assert saved.location == f"/admin/roles/{agent.id}?saved=1"
    now = await stored(house, agent.id)
    assert now is not None
    assert (now.grants["call"]["read"], now.flags, now.version) == ("team", ["listen"], 2)
    assert [event.user_id for event in house.events if isinstance(event, PersonChanged)] == [
        anna.id
    ]


@pytest.mark.parametrize("key", ["supervisor", "agent", "integrator"])
async def test_saving_a_role_as_it_is_shown_gives_and_takes_nothing(
    sqlite_house: House, admin: Browser, key: str
) -> None:
    one = await role(sqlite_house, key)
    page = await admin.open(f"/admin/roles/{one.id}")

    saved = await admin.submit(f"/admin/roles/{one.id}", filled(page.text))

    assert saved.status == 303
    now = await stored(sqlite_house, one.id)
    assert now is not None
    assert reached(now.grants) == reached(one.grants)
    assert now.flags == one.flags


def reached(grants: dict[str, dict[str, str]]) -> dict[tuple[str, str], str]:
    """Return what is given; to be allowed to add one's own is to be allowed to add."""
    known = {kind.name for kind in kinds(Registry(ENTITIES))}
    return {
        (entity, action): "all" if action == "create" else level
        for entity, actions in grants.items()
        if entity in known
        for action, level in actions.items()
        if level != "none"
    }


async def test_a_new_role_begins_as_a_copy_of_another(sqlite_house: House, admin: Browser) -> None:
    supervisor = await role(sqlite_house, "supervisor")
    page = await admin.open(f"/admin/roles/new?like={supervisor.id}")

    made = await admin.submit("/admin/roles", filled(page.text) | {"name": "Head of sales"})

    one = await stored(sqlite_house, int(made.location.split("/")[-1].split("?")[0]))
    assert one is not None
    assert (one.name, reached(one.grants)) == ("Head of sales", reached(supervisor.grants))
    async with sqlite_house.database.read() as session:
        line = await session.scalar(select(Audit).where(Audit.entity == "role"))
        assert line is not None
        assert (line.action, line.diff["name"]) == ("create", [None, "Head of sales"])


async def test_the_administrators_role_cannot_be_changed(
    sqlite_house: House, admin: Browser
) -> None:
    one = await role(sqlite_house, "admin")
    page = await admin.open(f"/admin/roles/{one.id}")

    assert "<select" not in page.text.split("<main", 1)[1]
    assert (await admin.submit(f"/admin/roles/{one.id}", {"name": "Nobody"})).status == 404
    now = await stored(sqlite_house, one.id)
    assert now is not None
    assert (now.name, now.version) == (one.name, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [("grant.call.read", "everything"), ("name", ""), ("name", "Integration")],
)
async def test_a_wrong_word_is_refused_and_nothing_is_saved(
    sqlite_house: House, admin: Browser, field: str, value: str
) -> None:
    one = await role(sqlite_house, "supervisor")
    page = await admin.open(f"/admin/roles/{one.id}")

    refused = await admin.submit(f"/admin/roles/{one.id}", filled(page.text) | {field: value})

    assert refused.status == 422
    assert ("This is not in the list" in refused.text) == (value == "everything")
    now = await stored(sqlite_house, one.id)
    assert now is not None
    assert now.version == 1


async def test_a_role_is_deleted_only_when_nobody_has_it(
    sqlite_house: House, admin: Browser
) -> None:
    house = sqlite_house
    page = await admin.open("/admin/roles/new")
    made = await admin.submit("/admin/roles", filled(page.text) | {"name": "Guest"})
    role_id = int(made.location.split("/")[-1].split("?")[0])
    anna = await house.person("anna")
    await give(house, anna, role_id)

    refused = await admin.submit(f"/admin/roles/{role_id}/delete")
    await give(house, anna, (await role(house, "agent")).id)
    done = await admin.submit(f"/admin/roles/{role_id}/delete")

    assert (refused.status, "cannot be deleted while somebody has it (1)" in refused.text) == (
        409,
        True,
    )
    assert (done.status, await stored(house, role_id)) == (303, None)


async def give(house: House, person: User, role_id: int) -> None:
    async with house.database.write() as session:
        (await session.get_one(User, person.id)).role_id = role_id


async def test_a_role_that_every_installation_has_cannot_be_deleted(
    sqlite_house: House, admin: Browser
) -> None:
    one = await role(sqlite_house, "integrator")

    assert (await admin.submit(f"/admin/roles/{one.id}/delete")).status == 404
    assert await stored(sqlite_house, one.id) is not None


async def test_of_two_who_change_one_role_the_second_is_told(
    sqlite_house: House, admin: Browser
) -> None:
    one = await role(sqlite_house, "supervisor")
    values = filled((await admin.open(f"/admin/roles/{one.id}")).text)
    await admin.submit(f"/admin/roles/{one.id}", values | {"name": "Head"})

    refused = await admin.submit(f"/admin/roles/{one.id}", values | {"name": "Chief"})

    assert (refused.status, "Chief" in refused.text, "Head" in refused.text) == (409, True, True)


@pytest.mark.parametrize("path", ["/admin/roles", "/admin/roles/new"])
async def test_only_who_may_change_people_sees_the_roles(sqlite_house: House, path: str) -> None:
    await sqlite_house.person("boss", "supervisor")
    page = await sqlite_house.signed_in("boss")

    assert (await page.open(path)).status == 403


async def test_an_entity_of_a_newer_version_comes_to_the_roles_that_were_there(
    sqlite_house: House,
) -> None:
    one = await role(sqlite_house, "agent")
    async with sqlite_house.database.write() as session:
        older = await session.get_one(Role, one.id)
        older.grants = {"call": {"read": "none"}}

    now = await role(sqlite_house, "agent")

    assert now.grants["call"] == {"read": "none"}
    assert now.grants["contact"] == roles.SEEDS["agent"].grants["contact"]


def test_every_action_of_every_kind_is_a_scope() -> None:
    registry = Registry(ENTITIES)

    assert {"*", "live:read", "call:read", "call:control"} <= set(scopes(registry))
    assert all(kind.actions for kind in kinds(registry))
