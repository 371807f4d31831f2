"""The shelf as a service: its books over HTTP, and people who ask for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from callcenter.agents import tokens
from callcenter.agents.description import TEAM, USER
from callcenter.agents.models import Role, User
from callcenter.db import Database
from tests.entity.shelf import ALL, BOOK, Kept
from tests.fixtures.house import Browser, House, house_on

BOOKS = "/api/v1/books"


class Library:
    """The house, and a browser of somebody who may do anything to books."""

    def __init__(self, house: House, anna: Browser, person: User) -> None:
        self.house = house
        self.anna = anna
        self.person = person

    async def add(self, name: str, **facts: Any) -> dict[str, Any]:
        made = await self.anna.call("POST", BOOKS, {"name": name, **facts})
        assert made.status == 201, made.text
        book: dict[str, Any] = made.json
        return book

    async def visitor(self, login: str, **rights: str) -> Browser:
        """Return a browser of somebody who may do only so much to books, to any of them."""
        role = "supervisor" if login != "anna" else "agent"
        await self.house.person(login, role)
        await self.may(role, dict.fromkeys(rights, "all") | rights)
        return await self.house.signed_in(login)

    async def may(self, role: str, rights: dict[str, str], **fields: str) -> None:
        async with self.house.database.write() as session:
            await session.execute(
                update(Role)
                .where(Role.key == role)
                .values(grants={"book": rights}, fields={"book": fields})
            )

    async def bearer(self, *scopes: str) -> dict[str, str]:
        """Return the header of a token of Anna's."""
        async with self.house.database.write() as session:
            secret, _row = tokens.issue(
                session, "api", self.person.id, self.house.clock(), name="test", scopes=scopes
            )
        return {"Authorization": f"Bearer {secret}"}


@asynccontextmanager
async def library_on(database: Database, folder: Path) -> AsyncIterator[Library]:
    async with database.write() as session:
        await (await session.connection()).run_sync(Kept.metadata.create_all)
    async with house_on(database, folder, entities=(USER, TEAM, BOOK)) as house:
        person = await house.person("anna", name="Anna", locale="en")
        library = Library(house, await house.signed_in("anna"), person)
        await library.may("agent", ALL)
        yield library


@pytest.fixture
async def library(database: Database, tmp_path: Path) -> AsyncIterator[Library]:
    """The library; a test that asks for it runs on SQLite and PostgreSQL."""
    async with library_on(database, tmp_path) as opened:
        yield opened


@pytest.fixture
async def sqlite_library(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Library]:
    """The library where the engine makes no difference."""
    async with library_on(sqlite_database, tmp_path) as opened:
        yield opened
