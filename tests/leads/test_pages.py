"""Leads over HTTP: taken down out of an interaction, moved, won, lost, told who it is."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from callcenter.agents.models import Role, User
from callcenter.crm.contacts.models import Contact
from callcenter.db import Database
from callcenter.entity.keys import ENTITIES
from callcenter.interactions.models import Interaction, Participant
from callcenter.leads import card_pages, open_ones, taking_pages, winning_pages
from callcenter.leads.models import Lead
from callcenter.process import seeds
from callcenter.process.models import Stage
from callcenter.settings import Settings
from tests.fixtures.customers import NOW, Office, signed_in
from tests.fixtures.house import Browser, House, house_on

ROUTES = [route for room in (taking_pages, winning_pages, card_pages) for route in room.routes]


@pytest.fixture
async def house(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with sqlite_database.write() as session:
        await seeds.seed(session, NOW)
    known = Settings(data=str(tmp_path), language="en")
    async with house_on(sqlite_database, tmp_path, routes=ROUTES, settings=known) as house:
        yield house


@pytest.fixture
async def anna(house: House) -> Browser:
    await house.person("anna", role="supervisor")
    return await house.signed_in("anna")


async def rows(house: House, model: type[Any]) -> list[Any]:
    async with house.database.read() as session:
        return list(await session.scalars(select(model).order_by(model.id)))


async def stage(house: House, key: str) -> int:
    async with house.database.read() as session:
        found = await session.scalar(select(Stage.id).where(Stage.key == key))
    assert found is not None
    return found


async def test_a_call_becomes_contact_lead_and_next_step_in_one_form(
    house: House, anna: Browser
) -> None:
    call = await Office(house.database).call("+994551112233")

    page = await anna.open(f"/leads/take?from={call.id}")
    assert 'value="+994551112233"' in page.text
    form = dict(re.findall(r'name="([a-z_]+)"[^>]*? value="([^"]*)"', page.text))
    form |= {"person": "Zoë Müller", "make": "1", "step_kind": "call", "amount": "1200.50"}
    saved = await anna.submit("/leads/take", form)

    [lead], [contact] = await rows(house, Lead), await rows(house, Contact)
    assert (saved.status, saved.headers["Location"]) == (303, f"/leads/{lead.id}")
    assert (lead.subject, lead.channel, lead.amount) == ("Zoë Müller", "call", 120_050)
    assert (contact.name, contact.id, contact.lifecycle) == (
        "Zoë Müller",
        lead.contact_id,
        "prospect",
    )
    first, step = await rows(house, Interaction)
    assert (first.lead_id, step.lead_id, step.status) == (lead.id, lead.id, "planned")
    assert lead.next_action_at == step.due_at
    async with house.database.read() as session:
        linked = set(await session.scalars(select(Participant.contact_id)))
    assert linked == {contact.id}

    shown = await anna.open(f"/leads/{lead.id}")
    assert (shown.status, "Zoë Müller" in shown.text, lead.number in shown.text) == (
        200,
        True,
        True,
    )
    assert f"/leads/{lead.id}" in (await anna.open(f"/contacts/{contact.id}/leads")).text


async def test_who_is_there_already_is_asked_about_and_chosen(house: House, anna: Browser) -> None:
    zoe = await Office(house.database).contact("Zoë Müller", "+994551112233")
    form = {"person": "Zoë Müller", "phone": "055 111 22 33", "make": "1", "subject": "A boiler"}

    asked = await anna.submit("/leads/take", form)
    assert (asked.status, f'value="{zoe.id}"' in asked.text, "A boiler" in asked.text) == (
        409,
        True,
        True,
    )
    assert await rows(house, Lead) == []
    await anna.submit("/leads/take", form | {"contact_id": str(zoe.id)})
    assert [lead.contact_id for lead in await rows(house, Lead)] == [zoe.id]
    assert len(await rows(house, Contact)) == 1

    wrong = await anna.submit("/leads/take", {"subject": "Another", "phone": "none", "amount": "x"})
    assert (wrong.status, wrong.text.count("field__error"), "Another" in wrong.text) == (
        422,
        2,
        True,
    )


async def test_a_lead_is_moved_lost_with_a_reason_and_won_with_others(
    house: House, anna: Browser
) -> None:
    form = {"person": "Zoë Müller", "phone": "0551112233", "email": "zoe@example.az"}
    await anna.submit("/leads/take", form | {"subject": "A boiler"})
    await anna.submit("/leads/take", form | {"subject": "A pump"})
    boiler, pump = await rows(house, Lead)
    assert boiler.contact_id is None

    moved = await anna.submit(
        f"/leads/{boiler.id}/course", {"to": str(await stage(house, "contacted"))}
    )
    assert moved.status == 303
    refused = await anna.submit(
        f"/leads/{pump.id}/course",
        {"to": str(await stage(house, "lost"))},
        HX_Request="true",
    )
    assert (refused.status, "Say why it was lost" in refused.text) == (422, True)

    for _pressed_twice in range(2):
        made = await anna.submit(f"/leads/{pump.id}/who", {"make": "1"})
        assert made.status == 303
    [zoe] = await rows(house, Contact)
    assert zoe.name == "Zoë Müller"
    # She asked both before anybody knew who she is.
    assert [lead.contact_id for lead in await rows(house, Lead)] == [zoe.id, zoe.id]

    offered = await anna.open(f"/leads/{boiler.id}/win")
    assert f'name="with" value="{pump.id}"' in offered.text
    won = await anna.submit(
        f"/leads/{boiler.id}/win",
        {
            "with": str(pump.id), "step_kind": "call", "step_start_at": "2030-01-15T10:00",
            "step_subject": "Thank her",
        },
    )  # fmt: skip
    assert won.status == 303
    assert all(lead.closed_at is not None for lead in await rows(house, Lead))
    [zoe] = await rows(house, Contact)
    assert (zoe.is_customer, zoe.lifecycle) == (True, "customer")
    assert [row.subject for row in await rows(house, Interaction)] == ["Thank her"]


async def test_nobody_can_be_won_and_a_missing_step_is_said(house: House, anna: Browser) -> None:
    await anna.submit("/leads/take", {"subject": "Somebody"})
    [lead] = await rows(house, Lead)

    nobody = await anna.submit(f"/leads/{lead.id}/win", {"step_kind": ""})
    assert (nobody.status, "Say first who it is" in nobody.text) == (422, True)
    unfinished = await anna.submit(
        f"/leads/{lead.id}/win", {"step_kind": "call", "step_start_at": ""}
    )
    assert unfinished.status == 422
    strange = await anna.submit(f"/leads/{lead.id}/win", {"step_kind": "dance"})
    error = strange.text.partition('id="f-step_kind"')[2].partition("</div>")[0]
    assert (strange.status, "This is not in the list" in error) == (422, True)
    assert (await rows(house, Lead))[0].closed_at is None


async def test_what_a_role_hides_of_a_lead_stands_on_none_of_its_pages(
    house: House, anna: Browser
) -> None:
    zoe = await Office(house.database).contact("Zoë Müller")
    for subject in ("Zebra one", "Zebra two"):
        saved = await anna.submit(
            "/leads", {"subject": subject, "contact_id": str(zoe.id), "channel": "call", "interest": "warm"}
        )  # fmt: skip
        assert saved.status == 303, saved.text
    lead, _other = await rows(house, Lead)
    async with house.database.write() as session:
        role = (await session.scalars(select(Role).where(Role.key == "supervisor"))).one()
        role.fields = {"lead": {"number": "hidden", "subject": "hidden"}}

    for path in ("", "/win", "/history", "/access"):
        page = await anna.open(f"/leads/{lead.id}{path}")
        assert (page.status, "Zebra" in page.text, "L-2026" in page.text) == (200, False, False)
    async with house.database.read() as session:
        who = signed_in(User(id=1, name="A", login="a"), lead={"read": "all"})
        who = msgspec.structs.replace(
            who, fields={"lead": {"number": "masked", "subject": "hidden"}}
        )
        told = await open_ones.of_contact(session, house.app[ENTITIES], who, zoe.id)
        other = signed_in(User(id=1, name="A", login="a"), lead={"read": "own"})
        of_others = await open_ones.of_contact(session, house.app[ENTITIES], other, zoe.id)
    assert of_others == []
    assert [(one.number, one.subject) for one in told] == [
        ("•••02", "•••02"), ("•••01", "•••01"),
    ]  # fmt: skip
