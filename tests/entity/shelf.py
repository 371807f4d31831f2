"""An entity that no customer needs: a model, a description, and the rest follows.

Its table is none of the product's, so a test that asks for `shelf` makes it.
"""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Index, MetaData, String, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.agents.description import TEAM, USER
from callcenter.agents.models import User
from callcenter.db import Base, Database, Id, Versioned, one_of
from callcenter.entity import saving
from callcenter.entity.described_part import DescribedPart
from callcenter.entity.description import Entity, Field, Sort
from callcenter.entity.registry import Registry
from tests.fixtures.customers import NOW, Office, by, signed_in

_LIVE = text("deleted_at IS NULL")


class Kept(Versioned, Base):
    __abstract__ = True
    metadata = MetaData()


class Book(Kept):
    __tablename__ = "book"
    __table_args__ = (
        Index("ix_book_name", "name", "id", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_book_bought", "bought", "id", sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(one_of("here", "lent"), default="here")
    pages: Mapped[int | None]
    bought: Mapped[date | None]
    owner_id: Mapped[int | None]
    team_id: Mapped[int | None]
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Copy(Base):
    __tablename__ = "book_copy"
    metadata = Kept.metadata

    id: Mapped[Id]
    book_id: Mapped[int]
    place: Mapped[str] = mapped_column(String(40))
    bought: Mapped[date | None]


class Copies(DescribedPart):
    name, label, entity, model = "copies", "Copies", "book", Copy
    owners, order = ("book_id",), (Copy.place, Copy.id)
    fields = (
        Field(name="place", label="Place", required=True, limit=40),
        Field(name="bought", label="Bought", type="date"),
    )


BOOK = Entity(
    name="book", plural="books", model=Book, label="Book", labels="Books", icon="book",
    fields=(
        Field(name="name", label="Name", required=True, unique=True),
        Field(name="state", label="Status", type="choice", choices={"here": "Yes", "lent": "No"}),
        Field(name="pages", label="Pages", type="integer"),
        Field(name="bought", label="Bought", type="date"),
        Field(name="owner_id", label="Owner", type="reference", refers_to="user"),
        Field(name="team_id", label="Team", type="reference", refers_to="team"),
    ),
    columns=("name", "state", "owner_id"), board="state", calendar="bought",
    sorts=(Sort("name", ("name",), "Name"), Sort("bought", ("bought",), "Bought", descending=True)),
    keys=("name",),
)  # fmt: skip


ALL = dict.fromkeys(("create", "read", "edit", "delete", "export"), "all")


class Shelf:
    """Books on a real database, and people who may do things to them."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.database: Database = office.database
        self.registry = Registry((USER, TEAM, BOOK))

    def deed(
        self, session: Any, user: User, rights: dict[str, str] = ALL, **facts: Any
    ) -> saving.Deed:
        who = signed_in(user, **facts, book=rights)
        return saving.Deed(session, self.registry, BOOK, who, NOW, by(user))

    async def add(self, user: User, rights: dict[str, str] = ALL, **given: Any) -> Book:
        async with self.database.write() as session:
            return await saving.create(self.deed(session, user, rights), given)

    async def change(
        self, user: User, book: Book, seen: int | None, rights: dict[str, str] = ALL, **given: Any
    ) -> Book:
        async with self.database.write() as session:
            return await saving.change(self.deed(session, user, rights), book.id, given, seen)

    async def stored(self, book: Book) -> Book:
        async with self.database.read() as session:
            return await session.get_one(Book, book.id)


@pytest.fixture
async def shelf(office: Office) -> Shelf:
    return await filled(office)


async def filled(office: Office) -> Shelf:
    """Return the shelf, its table made."""
    async with office.database.write() as session:
        await (await session.connection()).run_sync(Kept.metadata.create_all)
    return Shelf(office)
