"""A day at the office: Anna, her customers, and what she has to do with them."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from callcenter.agents.models import Role, User
from callcenter.crm.contacts.models import Contact
from callcenter.db import Database
from callcenter.desktop import pages as desktop_pages
from callcenter.diary import loose_pages
from callcenter.entity import seeds
from callcenter.entity.keys import ENTITIES
from callcenter.interactions import expected_pages, outcome_pages, pages
from callcenter.interactions.models import Interaction
from callcenter.interactions.participants import Taking
from callcenter.mail import letter_pages
from tests.fixtures.customers import Office
from tests.fixtures.house import Browser, House, Page, house_on
from tests.interactions.diary import Diary

ROUTES = [
    route
    for room in (desktop_pages, pages, outcome_pages, expected_pages, loose_pages, letter_pages)
    for route in room.routes
]


class Day:
    """Sunday, 22 November 2026, two in the afternoon in Baku."""

    def __init__(self, house: House, diary: Diary, me: User, anna: Browser) -> None:
        self.house, self.diary, self.me, self.anna = house, diary, me, anna
        self.office = diary.office

    async def plan(
        self, clock: str, contact: Contact | None, subject: str, **given: Any
    ) -> Interaction:
        """Plan something of Anna's at a time of the clock in Baku, today unless `day` is said."""
        at = datetime.fromisoformat(f"2026-11-{given.pop('day', 22)}T{clock}+04:00").astimezone(UTC)
        people = [Taking(contact_id=contact.id)] if contact is not None else []
        facts = {"kind": "call", "status": "planned", "start_at": at, "due_at": at} | given
        return await self.diary.add(self.me, *people, subject=subject, **facts)

    async def grant(self, fields: dict[str, Any] | None = None, **grants: Any) -> None:
        async with self.house.database.write() as session:
            await session.execute(
                update(Role).where(Role.key == "agent").values(grants=grants, fields=fields or {})
            )


@pytest.fixture
async def day(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Day]:
    async with house_on(sqlite_database, tmp_path, routes=ROUTES) as house:
        async with house.database.write() as session:
            await seeds.seed(session, house.clock())
        await house.app[ENTITIES].load(house.database)
        me = await house.person("anna", locale="en", time_zone="Asia/Baku")
        diary = Diary(Office(house.database))
        await diary.registry.load(house.database)
        yield Day(house, diary, me, await house.signed_in("anna"))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def rows(page: Page) -> list[str]:
    """Return what the rows of the day say, in order."""
    listed = page.text.partition('class="turns__list"')[2].partition("</ul>")[0]
    return [words(row.partition(">")[2].partition("</a>")[0]) for row in listed.split("<li ")[1:]]


def counters(page: Page) -> dict[str, tuple[int, str]]:
    """Return each counter's number and where it leads."""
    found = re.findall(r'href="([^"]*)" data-counter="(\w+)"><b>([^<]*)</b>', page.text)
    return {name: (int(number), link.replace("&amp;", "&")) for link, name, number in found}


def chosen(page: Page) -> str:
    """Return the name of the customer who is shown."""
    part = page.text.partition('id="my-customer"')[2].partition("</h2>")[0]
    return words(part.rpartition("<h2>")[2]) if "<h2>" in part else ""
