"""Interactions that people plan and write down, on a real database."""

from typing import Any

import pytest
from sqlalchemy import select

from callcenter.agents.models import User
from callcenter.app.entities import ENTITIES
from callcenter.db import Database
from callcenter.entity import saving
from callcenter.entity.registry import Registry
from callcenter.interactions.description import INTERACTION
from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.participants import Taking
from tests.fixtures.customers import NOW, Office, by, signed_in

ALL = dict.fromkeys(("create", "read", "edit", "delete"), "all")


class Diary:
    def __init__(self, office: Office) -> None:
        self.office = office
        self.database = office.database
        self.registry = Registry(ENTITIES)

    async def add(self, user: User, *people: Taking, **given: Any) -> Interaction:
        facts = {"kind": "meeting", "subject": "Offer", "start_at": NOW} | given
        async with self.database.write() as session:
            return await saving.create(
                self._deed(session, user), facts | {"participants": list(people)}
            )

    async def change(self, user: User, row: Interaction, **given: Any) -> Interaction:
        async with self.database.write() as session:
            return await saving.change(self._deed(session, user), row.id, given, None)

    async def stored(self, row: Interaction) -> Interaction:
        async with self.database.read() as session:
            return await session.get_one(Interaction, row.id)

    async def people(self, row: Interaction) -> list[tuple[Any, ...]]:
        """Return (role, contact, user, text, point) of everybody, companies too."""
        rows = await self.database.fetch(
            "SELECT role, contact_id, user_id, text, point FROM participant "
            "WHERE interaction_id = ?1 ORDER BY role, seq",
            row.id,
        )
        return [tuple(one) for one in rows]

    async def moments(self, row: Interaction) -> set[Any]:
        async with self.database.read() as session:
            whose = Participant.interaction_id == row.id
            return set(await session.scalars(select(Participant.at).where(whose)))

    def _deed(self, session: Any, user: User) -> saving.Deed:
        who = signed_in(user, interaction=ALL, contact=ALL)
        return saving.Deed(session, self.registry, INTERACTION, who, NOW, by(user))


@pytest.fixture
async def diary(sqlite_database: Database) -> Diary:
    made = Diary(Office(sqlite_database))
    await made.registry.load(sqlite_database)
    return made
