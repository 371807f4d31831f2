"""A team may be a part of another: who reaches the whole reaches its parts."""

import pytest

from callcenter.agents import teams
from callcenter.agents.models import Team, User
from callcenter.agents.sign_in import SignIn
from callcenter.agents.teams import TeamForm
from callcenter.bus.memory import MemoryBus
from callcenter.server.actor import SYSTEM
from tests.fixtures.house import House


async def team(house: House, name: str, parent: Team | None = None) -> Team:
    form = TeamForm(name=name, parent_id=parent.id if parent else None)
    async with house.database.write() as session:
        return await teams.add(session, form, house.clock(), SYSTEM)


async def below(house: House, above: Team) -> frozenset[int]:
    async with house.database.read() as session:
        return await teams.below(session, above.id)


async def test_a_team_has_its_parts_and_theirs(house: House) -> None:
    company = await team(house, "Company")
    sales = await team(house, "Sales", company)
    baku, ganja = await team(house, "Baku", sales), await team(house, "Ganja", sales)
    await team(house, "Elsewhere")

    assert await below(house, company) == {sales.id, baku.id, ganja.id}
    assert await below(house, baku) == frozenset()


async def test_who_signs_in_reaches_the_teams_below_his_own(house: House) -> None:
    sales = await team(house, "Sales")
    baku = await team(house, "Baku", sales)
    boss = await house.person("boss", team_id=sales.id)

    assert await reached_by(house, boss) == {sales.id, baku.id}


async def reached_by(house: House, person: User) -> frozenset[int]:
    door = SignIn(house.database, MemoryBus(), 12)
    at = house.clock()
    secret = await door.open_session(person.id, at, SYSTEM)
    who = await door.identify("session", secret, at)
    assert who is not None
    return who.teams


async def test_no_team_can_be_a_part_of_its_own_part(sqlite_house: House) -> None:
    house = sqlite_house
    sales = await team(house, "Sales")
    baku = await team(house, "Baku", sales)
    await house.person("admin", "admin")
    page = await house.signed_in("admin")

    refused = await page.submit(
        f"/admin/teams/{sales.id}", {"name": "Sales", "parent_id": str(baku.id), "version": "1"}
    )

    assert refused.status == 422
    assert "redaktə etdiyiniz komandanın tərkibindədir" in refused.text
    assert await below(house, sales) == {baku.id}


@pytest.mark.parametrize("name", ["head_id", "parent_id"])
@pytest.mark.parametrize("value", ["x", "12345"])
async def test_who_or_what_is_not_in_the_list_is_named_and_not_taken_as_nobody(
    sqlite_house: House, name: str, value: str
) -> None:
    sales = await team(sqlite_house, "Sales")
    await sqlite_house.person("admin", "admin", locale="en")
    page = await sqlite_house.signed_in("admin")

    refused = await page.submit(
        f"/admin/teams/{sales.id}", {"name": "Sold", name: value, "version": "1"}
    )

    assert refused.status == 422
    error = refused.text.partition(f'id="e-{name}"')[2].partition("</p>")[0]
    assert "This is not in the list" in error
    assert 'value="Sold"' in refused.text


async def test_the_form_offers_no_part_of_the_team_itself(sqlite_house: House) -> None:
    house = sqlite_house
    sales, other = await team(house, "Sales"), await team(house, "Other")
    await team(house, "Baku", sales)
    await house.person("admin", "admin")
    page = await house.signed_in("admin")

    form = await page.open(f"/admin/teams/{sales.id}")

    assert f'value="{other.id}"' in form.text
    assert ">Baku<" not in form.text


async def test_a_team_can_be_moved_below_another(sqlite_house: House) -> None:
    house = sqlite_house
    sales, company = await team(house, "Sales"), await team(house, "Company")
    await house.person("admin", "admin")
    page = await house.signed_in("admin")

    fields = {"name": "Sales", "parent_id": str(company.id), "version": "1"}
    saved = await page.submit(f"/admin/teams/{sales.id}", fields)

    assert saved.status == 303
    assert await below(house, company) == {sales.id}
