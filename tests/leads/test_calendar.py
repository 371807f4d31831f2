"""Leads and contacts stand in a calendar by their next step, and are moved there with what is planned."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from callcenter.agents.models import Role, User
from callcenter.crm.contacts.models import Contact
from callcenter.db import Database, new_id
from callcenter.interactions.models import Interaction
from callcenter.interactions.participants import Taking
from callcenter.leads.models import Lead
from callcenter.process import seeds
from callcenter.settings import Settings
from tests.fixtures.customers import NOW, Office
from tests.fixtures.house import Browser, House, Page, house_on
from tests.interactions.diary import Diary

TEN = datetime(2030, 1, 16, 6, 0, tzinfo=UTC)
MONTH = "span=month&day=2030-01-16"


@pytest.fixture
async def house(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with sqlite_database.write() as session:
        await seeds.seed(session, NOW)
    known = Settings(data=str(tmp_path), language="en")
    async with house_on(sqlite_database, tmp_path, settings=known) as house:
        yield house


@pytest.fixture
async def me(house: House) -> User:
    person = await house.person("anna", time_zone="Asia/Baku")
    grants = {
        "lead": dict.fromkeys(("create", "read", "edit"), "all"),
        "contact": dict.fromkeys(("create", "read", "edit"), "all"),
        "interaction": {"create": "own", "read": "all", "edit": "own"},
    }
    async with house.database.write() as session:
        await session.execute(update(Role).where(Role.key == "agent").values(grants=grants))
    return person


@pytest.fixture
async def anna(house: House, me: User) -> Browser:
    return await house.signed_in("anna")


@pytest.fixture
async def diary(house: House) -> Diary:
    made = Diary(Office(house.database))
    await made.registry.load(house.database)
    return made


async def lead(house: House, browser: Browser, subject: str) -> int:
    made = await browser.call("POST", "/api/v1/leads", {"subject": subject})
    assert made.status == 201, made.text
    row_id: int = made.json["id"]
    async with house.database.write() as session:
        await session.execute(update(Lead).where(Lead.id == row_id).values(next_action_at=TEN))
    return row_id


async def of_lead(house: House, row: Interaction, lead_id: int) -> None:
    async with house.database.write() as session:
        whose = update(Interaction).where(Interaction.id == row.id)
        await session.execute(whose.values(lead_id=lead_id))


async def move(browser: Browser, plural: str, row_id: int, to: str, version: int) -> Page:
    return await browser.submit(
        f"/{plural}/calendar?{MONTH}", {"id": str(row_id), "version": str(version), "to": to}
    )


async def held(house: House, model: type[Any], row_id: int) -> Any:
    async with house.database.read() as session:
        return await session.scalar(select(model).where(model.id == row_id))


async def test_what_is_planned_with_a_lead_or_a_contact_moves_with_it(
    house: House, anna: Browser, me: User, diary: Diary
) -> None:
    zoe = await diary.office.contact("Zoë")
    first = await lead(house, anna, "Pumps")
    task = await diary.add(
        me, Taking(contact_id=zoe.id), kind="meeting", start_at=TEN, end_at=TEN + timedelta(hours=1)
    )
    await of_lead(house, task, first)
    page = await anna.open(f"/leads/calendar?{MONTH}")
    assert f'data-entry="{first}"' in page.text
    assert 'data-clock="10:00"' in page.text

    version = (await held(house, Lead, first)).version
    done = await move(anna, "leads", first, "2030-01-18T10:00", version)
    assert (done.status, done.location) == (303, f"/leads/calendar?{MONTH}")
    later = TEN + timedelta(days=2)
    planned = await held(house, Interaction, task.id)
    assert (planned.start_at, planned.end_at) == (later, later + timedelta(hours=1))
    assert (await held(house, Lead, first)).next_action_at == later
    card = await held(house, Contact, zoe.id)
    assert card.next_action_at == later

    await move(anna, "contacts", zoe.id, "2030-01-21T10:00", card.version)
    assert (await held(house, Interaction, task.id)).start_at == TEN + timedelta(days=5)
    assert (await held(house, Contact, zoe.id)).next_action_at == TEN + timedelta(days=5)


async def test_a_date_of_its_own_is_moved_alone_and_a_refusal_says_why(
    house: House, anna: Browser, diary: Diary
) -> None:
    orxan = await house.person("orxan")
    alone = await lead(house, anna, "Alone")
    version = (await held(house, Lead, alone)).version
    assert (await move(anna, "leads", alone, "2030-01-17T10:00", version)).status == 303
    assert (await held(house, Lead, alone)).next_action_at == TEN + timedelta(days=1)

    theirs = await lead(house, anna, "Theirs")
    visit = await diary.add(orxan, kind="visit", subject="Visit", start_at=TEN)
    await of_lead(house, visit, theirs)
    version = (await held(house, Lead, theirs)).version
    refused = await move(anna, "leads", theirs, "2030-01-17T10:00", version)
    assert (refused.status, "which somebody else has to move" in refused.text) == (422, True)
    assert "Visit" not in refused.text
    assert (await held(house, Interaction, visit.id)).start_at == TEN
    stale = await move(anna, "leads", alone, "2030-01-19T10:00", version - 1 or 1)
    nonsense = await move(anna, "leads", alone, "soon", version)
    nobody = await move(anna, "leads", new_id(0), "2030-01-17T10:00", 1)
    assert (stale.status, nonsense.status, nobody.status) == (409, 422, 403)
    assert all("data-calendar" in page.text for page in (stale, nonsense, nobody))
