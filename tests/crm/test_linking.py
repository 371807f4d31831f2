"""A call is a contact's if there is no doubt, else when somebody says so."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from callcenter.agents.models import User
from callcenter.audit import Audit
from callcenter.bus.memory import MemoryBus
from callcenter.crm import linker, linking
from callcenter.crm.contacts.models import Contact
from callcenter.crm.contacts.points import PointForm
from callcenter.crm.linker import Linker, link
from callcenter.db import Database, Unavailable
from callcenter.entity import saving
from callcenter.errors import NotFound
from callcenter.events import CallStored
from callcenter.interactions.models import Interaction, Participant
from tests.fixtures.customers import NOW, Office, by, deed, signed_in

MAY = {"contact": {"read": "all", "edit": "all"}, "interaction": {"edit": "all"}}


async def part(office: Office, call: Interaction, role: str = "from") -> Participant | None:
    async with office.database.read() as session:
        return await session.get(Participant, (call.id, role, 0))


async def linked_to(office: Office, call: Interaction, role: str = "from") -> Any:
    found = await part(office, call, role)
    return found and (found.contact_id, found.certainty)


async def choose(office: Office, user: User, call: Interaction, contact: Contact) -> None:
    async with office.database.write() as session:
        await linking.choose(session, signed_in(user, **MAY), call.id, contact.id, NOW, by(user))


async def test_a_call_of_one_contacts_number_is_that_contacts(office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678")
    incoming = await office.call("0502345678")
    outgoing = await office.call("+994502345678", direction="out")

    done = await link(office.database, [incoming.id, outgoing.id])

    assert done == {incoming.id: zoe.id, outgoing.id: zoe.id}
    assert await linked_to(office, incoming) == (zoe.id, "known")
    assert await linked_to(office, outgoing, "to") == (zoe.id, "known")


async def test_the_contact_was_in_touch_then_and_nobody_edited_it(office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678")
    late = await office.call("0502345678", at=NOW)
    early = await office.call("0502345678", at=NOW - timedelta(days=1))

    await link(office.database, [late.id])
    await link(office.database, [early.id])

    async with office.database.read() as session:
        contact = await session.get_one(Contact, zoe.id)
    assert (contact.last_contact_at, contact.version) == (NOW, 1)


async def test_with_one_of_its_people_the_company_was_in_touch(office: Office) -> None:
    nar = await office.contact("Nar", kind="company")
    other = await office.contact("Gilan", kind="company")
    await office.contact("Zoë", "0502345678", company_id=nar.id)
    call = await office.call("0502345678", at=NOW)

    await link(office.database, [call.id])

    async with office.database.read() as session:
        assert (await session.get_one(Contact, nar.id)).last_contact_at == NOW
        assert (await session.get_one(Contact, other.id)).last_contact_at is None


async def test_a_call_is_the_companys_of_that_time_too(office: Office) -> None:
    company = await office.contact("Nar", kind="company")
    zoe = await office.contact("Zoë", "0502345678", company_id=company.id)
    call = await office.call("0502345678")
    await link(office.database, [call.id])

    async with office.database.write() as session:
        (await session.get_one(Contact, zoe.id)).company_id = None

    assert await linked_to(office, call, "company") == (company.id, None)


async def test_a_shared_number_links_nobody(office: Office) -> None:
    await office.contact("Aygün", "0502345678")
    await office.contact("Orxan", "0502345678")
    call = await office.call("0502345678")

    assert await link(office.database, [call.id]) == {}
    assert await linked_to(office, call) == (None, None)


@pytest.mark.parametrize("number", [None, "anonymous", "+79502345678"])
async def test_no_number_and_a_mere_likeness_link_nobody(
    office: Office, number: str | None
) -> None:
    await office.contact("Same last digits", "0502345678")
    call = await office.call(number)

    assert await link(office.database, [call.id]) == {}


async def test_a_deleted_owner_of_the_number_does_not_count(office: Office) -> None:
    await office.contact("Gone", "0502345678", deleted_at=NOW)
    zoe = await office.contact("Zoë", "0502345678")
    call = await office.call("0502345678")

    assert await link(office.database, [call.id]) == {call.id: zoe.id}


async def test_a_choice_links_the_call_and_is_written_down(office: Office) -> None:
    anna = await office.user("Anna")
    company = await office.contact("Nar", kind="company")
    await office.contact("Aygün", "0502345678")
    orxan = await office.contact("Orxan", "0502345678", company_id=company.id)
    call = await office.call("0502345678")

    await choose(office, anna, call, orxan)

    assert await linked_to(office, call) == (orxan.id, "chosen")
    assert await linked_to(office, call, "company") == (company.id, None)
    async with office.database.read() as session:
        (line,) = await session.scalars(select(Audit).where(Audit.action == "link"))
        assert (await session.get_one(Contact, orxan.id)).last_contact_at == NOW
        assert (await session.get_one(Contact, company.id)).last_contact_at == NOW
    assert (line.actor_id, line.entity_id, line.contact_id) == (anna.id, call.id, orxan.id)
    assert line.diff == {"contact_id": [None, orxan.id]}


async def test_a_correction_moves_the_call_with_its_company(office: Office) -> None:
    anna = await office.user("Anna")
    company = await office.contact("Nar", kind="company")
    wrong = await office.contact("Aygün", "0502345678", company_id=company.id)
    right = await office.contact("Orxan")
    call = await office.call("0502345678")
    await link(office.database, [call.id])
    assert await linked_to(office, call) == (wrong.id, "known")

    await choose(office, anna, call, right)

    assert await linked_to(office, call) == (right.id, "chosen")
    assert await part(office, call, "company") is None
    assert await link(office.database, [call.id]) == {}
    assert await linked_to(office, call) == (right.id, "chosen")


async def test_choosing_the_same_again_is_no_second_line(office: Office) -> None:
    anna, zoe = await office.user("Anna"), await office.contact("Zoë")
    call = await office.call("0502345678")

    await choose(office, anna, call, zoe)
    await choose(office, anna, call, zoe)

    async with office.database.read() as session:
        assert len(list(await session.scalars(select(Audit)))) == 1


async def test_only_who_may_change_the_call_and_see_the_contact_chooses(office: Office) -> None:
    anna, zoe = await office.user("Anna"), await office.contact("Zoë")
    call = await office.call("0502345678")
    not_mine = signed_in(anna, contact={"read": "all"}, interaction={"edit": "own"})
    unseen = signed_in(anna, contact={"read": "own"}, interaction={"edit": "all"})

    for who in (not_mine, unseen):
        async with office.database.write() as session:
            with pytest.raises(NotFound):
                await linking.choose(session, who, call.id, zoe.id, NOW, by(anna))
    assert await linked_to(office, call) == (None, None)


async def test_a_new_contact_gets_the_past_calls_of_its_numbers(office: Office) -> None:
    anna = await office.user("Anna")
    company = await office.contact("Nar", kind="company")
    past = [
        await office.call("0502345678", at=NOW - timedelta(days=2)),
        await office.call("+994502345678", at=NOW - timedelta(days=1), direction="out"),
    ]
    other = await office.call("0559999999")

    given = {
        "name": "Zoë", "points": [PointForm(value="050 234 56 78")], "company_id": company.id,
    }  # fmt: skip
    async with office.database.write() as session:
        zoe = await saving.create(deed(session, anna), given)

    assert await linked_to(office, past[0]) == (zoe.id, "known")
    assert await linked_to(office, past[1], "to") == (zoe.id, "known")
    assert await linked_to(office, past[0], "company") == (company.id, None)
    assert await linked_to(office, other) == (None, None)
    async with office.database.read() as session:
        contact = await session.get_one(Contact, zoe.id)
    assert contact.last_contact_at == NOW - timedelta(days=1)


async def test_past_calls_of_a_shared_number_are_left_alone(office: Office) -> None:
    anna = await office.user("Anna")
    await office.contact("Aygün", "0502345678")
    call = await office.call("0502345678")

    async with office.database.write() as session:
        given = {"name": "Zoë", "points": [PointForm(value="0502345678")]}
        await saving.create(deed(session, anna), given)

    assert await linked_to(office, call) == (None, None)


async def test_a_number_added_later_brings_its_calls(office: Office) -> None:
    anna, zoe = await office.user("Anna"), await office.contact("Zoë")
    call = await office.call("0502345678")

    async with office.database.write() as session:
        given = {"points": [PointForm(value="0502345678")]}
        await saving.change(deed(session, anna), zoe.id, given, 1)

    assert await linked_to(office, call) == (zoe.id, "known")


async def test_stored_calls_are_linked_as_they_come(office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678")
    bus = MemoryBus()
    at_work = Linker(office.database, bus)
    task = asyncio.create_task(at_work.run())
    calls = [await office.call("0502345678") for _ in range(linker.UNITS + 3)]

    for call in calls:
        bus.publish(stored(call))
    async with asyncio.timeout(30):
        await at_work.drain()

    assert {await linked_to(office, call) for call in calls} == {(zoe.id, "known")}
    await ended(task)


async def test_a_call_is_linked_when_its_number_becomes_known(office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678")
    bus = MemoryBus()
    at_work = Linker(office.database, bus)
    task = asyncio.create_task(at_work.run())
    call = await office.call(None)
    bus.publish(stored(call))
    async with asyncio.timeout(30):
        await at_work.drain()
    assert await linked_to(office, call) == (None, None)

    async with office.database.write() as session:
        customer = await session.get_one(Participant, (call.id, "from", 0))
        customer.point = "+994502345678"
    bus.publish(stored(call))
    async with asyncio.timeout(30):
        await at_work.drain()

    assert await linked_to(office, call) == (zoe.id, "known")
    await ended(task)


async def test_a_database_that_is_away_delays_the_links_only(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(sqlite_database)
    zoe = await office.contact("Zoë", "0502345678")
    call = await office.call("0502345678")
    monkeypatch.setattr(linker, "RETRY_S", 0.01)
    bus, away = MemoryBus(), Away(sqlite_database)
    at_work = Linker(away, bus)  # type: ignore[arg-type]
    task = asyncio.create_task(at_work.run())

    bus.publish(stored(call))
    async with asyncio.timeout(30):
        await at_work.drain()

    assert away.refusals == 0
    assert await linked_to(office, call) == (zoe.id, "known")
    await ended(task)


class Away:
    """A database whose first three writes fail, as one that is busy or restarting."""

    def __init__(self, database: Database) -> None:
        self.fetch = database.fetch
        self._apply = database.apply
        self.refusals = 3

    async def apply(self, batch: Any) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Unavailable("busy")
        await self._apply(batch)


def stored(call: Interaction) -> CallStored:
    return CallStored(at=NOW.timestamp(), call_id=call.id, interaction_id=call.id, revision=1)


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
