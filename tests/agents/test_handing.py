"""All that somebody looks after goes to others, and comes back."""

from typing import Any

import pytest
from sqlalchemy import select

from callcenter.agents.models import Team, User
from callcenter.audit import Audit
from callcenter.crm.contacts.models import Contact
from callcenter.entity import handing
from callcenter.interactions.models import Interaction
from tests.fixtures.customers import NOW, Office
from tests.fixtures.house import House


class Firm:
    """Three people; Anna has customers and work, done and to be done."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.people: dict[str, User] = {}

    async def begin(self, customers: int) -> None:
        async with self.house.database.write() as session:
            session.add(Team(id=1, name="Sales", created_at=NOW, updated_at=NOW))
        for name in ("anna", "boris", "clara"):
            self.people[name] = await self.house.person(
                name, team_id=1 if name == "clara" else None
            )
        await self.house.person("admin", "admin", locale="en")
        office = Office(self.house.database)
        anna = self.people["anna"]
        for place in range(customers):
            await office.contact(f"Customer {place}", owner_id=anna.id)
        await office.contact("Gone", owner_id=anna.id, deleted_at=NOW)
        await office.contact("Boris's", owner_id=self.people["boris"].id)
        async with self.house.database.write() as session:
            for status in ("planned", "held"):
                session.add(
                    Interaction(
                        id=7 if status == "planned" else 8, kind="meeting", status=status,
                        start_at=NOW, owner_id=anna.id, created_at=NOW, updated_at=NOW,
                    )
                )  # fmt: skip

    async def owned(self, model: Any) -> dict[str, int]:
        names = {person.id: name for name, person in self.people.items()}
        async with self.house.database.read() as session:
            owners = await session.scalars(select(model.owner_id).where(model.deleted_at.is_(None)))
            counts: dict[str, int] = {}
            for owner in owners:
                counts[names[owner]] = counts.get(names[owner], 0) + 1
        return counts

    async def hand_over(self, whose: str, *to: str, came_from: str = "") -> Any:
        admin = await self.house.signed_in("admin")
        path = f"/admin/people/{self.people[whose].id}/hand-over"
        await admin.open(path)
        source = str(self.people[came_from].id) if came_from else ""
        fields = [("to", str(self.people[name].id)) for name in to]
        return await admin.submit(path, [*fields, ("came_from", source)])


@pytest.fixture
def firm(house: House) -> Firm:
    return Firm(house)


async def test_several_take_turns_and_what_is_over_stays_whose_it_was(firm: Firm) -> None:
    await firm.begin(5)
    page = await firm.hand_over("anna", "boris", "clara")

    assert page.status == 200
    assert "Contacts: 5, Interactions: 1" in " ".join(page.text.split())
    contacts, work = await firm.owned(Contact), await firm.owned(Interaction)
    # One of them was Boris's before.
    assert contacts == {"boris": 4, "clara": 2}
    assert work["anna"] == 1
    async with firm.house.database.read() as session:
        teams = await session.execute(
            select(Contact.team_id).where(Contact.owner_id == firm.people["clara"].id)
        )
        assert {team for (team,) in teams} == {1}


async def test_it_stands_in_each_ones_history_and_nobodys_form_overwrites_it(firm: Firm) -> None:
    await firm.begin(1)
    await firm.hand_over("anna", "boris")

    async with firm.house.database.read() as session:
        lines = list(await session.scalars(select(Audit).where(Audit.entity == "contact")))
        summary = await session.scalar(select(Audit).where(Audit.action == "hand-over"))
        (contact,) = await session.scalars(select(Contact).where(Contact.name == "Customer 0"))
    anna, boris = firm.people["anna"].id, firm.people["boris"].id
    assert [(line.action, line.diff) for line in lines] == [
        ("edit", {"owner_id": [anna, boris], "version": [1, 2]})
    ]
    assert contact.version == 2
    assert summary is not None
    assert summary.diff == {
        "to": [None, [boris]], "contacts": [1, 0], "interactions": [1, 0], "leads": [0, 0],
    }  # fmt: skip


async def test_a_second_hand_over_brings_back_what_came_from_there_and_no_more(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing, "BLOCK", 2)
    await firm.begin(5)
    await firm.hand_over("anna", "boris")
    assert await firm.owned(Contact) == {"boris": 6}

    await firm.hand_over("boris", "anna", came_from="anna")

    assert await firm.owned(Contact) == {"anna": 5, "boris": 1}
    assert await firm.owned(Interaction) == {"anna": 2}


@pytest.mark.parametrize("to", [(), ("anna",)])
async def test_somebody_else_has_to_take_over(firm: Firm, to: tuple[str, ...]) -> None:
    await firm.begin(1)
    refused = await firm.hand_over("anna", *to)

    assert refused.status == 422
    assert (await firm.owned(Contact))["anna"] == 1


async def test_it_is_offered_for_whoever_was_let_go_and_only_to_who_may(firm: Firm) -> None:
    await firm.begin(1)
    path = f"/admin/people/{firm.people['anna'].id}"
    admin, boris = await firm.house.signed_in("admin"), await firm.house.signed_in("boris")
    await admin.open(path)
    await admin.submit(f"{path}/let-go")

    assert f'href="{path}/hand-over"' in (await admin.open(path)).text
    assert (await boris.open(f"{path}/hand-over")).status == 403
