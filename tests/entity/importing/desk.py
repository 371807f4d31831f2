"""A desk at which files are brought in: the shelf's books, a worker, and what came of it."""

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from callcenter.agents.models import User
from callcenter.db import Database, new_id
from callcenter.entity.importing import files, mapping
from callcenter.entity.importing.batches import TOLD, Counts, Options
from callcenter.entity.importing.files import Choices
from callcenter.entity.importing.models import ImportBatch, ImportRow
from callcenter.entity.importing.store import Store
from callcenter.entity.importing.table import Rows, header
from callcenter.entity.importing.working import Imports
from callcenter.server.identity import Identity
from tests.entity.shelf import ALL, BOOK, Book, Shelf, filled
from tests.fixtures.customers import NOW, Office, signed_in


class Desk:
    def __init__(self, shelf: Shelf, folder: Path, rights: dict[str, str]) -> None:
        self.shelf = shelf
        self.database = shelf.database
        self.store = Store(folder)
        self.store.make()
        self.people: dict[int, Identity] = {}
        self._rights = rights
        self.imports = Imports(
            shelf.database, shelf.registry, self.store, self._identity_of, ("AZ",), NOW.timestamp
        )

    async def _identity_of(self, user_id: int) -> Identity | None:
        return self.people.get(user_id)

    async def person(self, name: str = "Anna", **rights: str) -> User:
        user = await self.shelf.office.user(name)
        self.people[user.id] = signed_in(user, book=rights or self._rights)
        return user

    async def receive(
        self, user: User, text: str, status: str = "importing", **options: Any
    ) -> ImportBatch:
        """Keep a file as a batch whose columns are guessed."""
        batch_id = new_id(time.time())
        self.store.upload(batch_id).write_bytes(text.encode())
        layout = files.convert(self.store.upload(batch_id), self.store.table(batch_id), Choices())
        with Rows(self.store.table(batch_id)) as rows:
            samples = [row.cells for row in rows.block(50)]
        columns = mapping.guess(
            header(self.store.table(batch_id)), samples, BOOK, self.shelf.registry.fields("book"),
            None,
        ).columns  # fmt: skip
        batch = ImportBatch(
            id=batch_id, entity="book", name="books.csv", user_id=user.id, language="en",
            status=status, layout=msgspec.to_builtins(layout),
            mapping=msgspec.to_builtins(columns), created_at=NOW, updated_at=NOW, started_at=NOW,
            options=msgspec.to_builtins(Options(**{"keys": ["name"], **options})),
        )  # fmt: skip
        async with self.database.write() as session:
            session.add(batch)
        return batch

    async def bring_in(self, user: User, text: str, **options: Any) -> ImportBatch:
        return await self.finish(await self.receive(user, text, **options))

    async def finish(self, batch: ImportBatch) -> ImportBatch:
        """Let the worker do the batch's step; return the batch as it is then."""
        await self.imports.work(await self.batch(batch))
        return await self.batch(batch)

    async def take_back(self, batch: ImportBatch) -> ImportBatch:
        async with self.database.write() as session:
            row = await session.get_one(ImportBatch, batch.id)
            row.status = "undoing"
        return await self.finish(batch)

    async def batch(self, batch: ImportBatch) -> ImportBatch:
        async with self.database.read() as session:
            return await session.get_one(ImportBatch, batch.id)

    async def books(self) -> list[Book]:
        async with self.database.read() as session:
            rows = await session.scalars(
                select(Book).where(Book.deleted_at.is_(None)).order_by(Book.name)
            )
            return list(rows)

    async def names(self) -> list[str]:
        return [book.name for book in await self.books()]

    async def did(self, batch: ImportBatch) -> list[ImportRow]:
        async with self.database.read() as session:
            rows = await session.scalars(
                select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number)
            )
            return list(rows)

    def report(self, batch: ImportBatch, kind: str) -> list[list[str]]:
        """Return the lines of a report without its heading."""
        text = self.store.report(batch.id, kind).read_text("utf-8-sig")
        return [line.split(";") for line in text.splitlines()[1:]]


def counts(batch: ImportBatch) -> dict[str, int]:
    """Return what is not zero of the batch's counts of rows."""
    known = msgspec.to_builtins(msgspec.convert(batch.counts, Counts))
    return {name: n for name, n in known.items() if n and name in TOLD}


@pytest.fixture
async def sqlite_desk(sqlite_database: Database, tmp_path: Path) -> Desk:
    """The same on SQLite only, for what takes many rounds."""
    return Desk(await filled(Office(sqlite_database)), tmp_path / "imports", ALL)


@pytest.fixture
def desk(shelf: Shelf, tmp_path: Path) -> Desk:
    return Desk(shelf, tmp_path / "imports", ALL)
