"""The shelf in a house with pages, and people who keep books there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import update

from callcenter.agents.description import TEAM, USER
from callcenter.agents.models import Role, User
from callcenter.db import Database
from callcenter.entity import saving
from callcenter.entity.keys import ENTITIES
from callcenter.entity.tags import Tags
from callcenter.notices import pages as notices
from tests.entity.shelf import ALL, BOOK, Book, Copies, Kept
from tests.fixtures.customers import by, signed_in
from tests.fixtures.house import Browser, House, house_on


class Bookshop:
    """A house whose people keep books."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def reader(self, login: str, rights: dict[str, str] = ALL, **more: Any) -> User:
        """Take on somebody who may do this with books."""
        person = await self.house.person(login, **more)
        async with self.house.database.write() as session:
            role = await session.get_one(Role, person.role_id)
            grants = role.grants | {"book": rights}
            await session.execute(update(Role).where(Role.id == role.id).values(grants=grants))
        return person

    async def covers(self, **fields: str) -> None:
        """Let every role see these fields of a book only so: hidden, masked, read."""
        async with self.house.database.write() as session:
            await session.execute(update(Role).values(fields={"book": fields}))

    async def browser(self, login: str) -> Browser:
        return await self.house.signed_in(login)

    async def add(self, person: User, **given: Any) -> Book:
        async with self.house.database.write() as session:
            deed = saving.Deed(
                session, self.house.app[ENTITIES], BOOK, signed_in(person, book=ALL),
                self.house.clock(), by(person),
            )  # fmt: skip
            return await saving.create(deed, given)

    async def stored(self, book: Book) -> Book:
        async with self.house.database.read() as session:
            return await session.get_one(Book, book.id)


@asynccontextmanager
async def shop_on(database: Database, folder: Path) -> AsyncIterator[Bookshop]:
    async with database.write() as session:
        await (await session.connection()).run_sync(Kept.metadata.create_all)
    entities = (USER, TEAM, replace(BOOK, parts=(Copies(), Tags("book"))))
    async with house_on(database, folder, routes=notices.routes, entities=entities) as house:
        yield Bookshop(house)
