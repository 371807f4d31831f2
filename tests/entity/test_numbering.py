"""Numbers that people read: by a pattern, one after the other, never the same twice."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Database, Id
from callcenter.entity import numbering, saving
from callcenter.entity.description import Entity, Field
from callcenter.entity.registry import Registry
from tests.entity.shelf import Kept
from tests.fixtures.customers import NOW, Office, by, signed_in
from tests.fixtures.house import house_on

BAKU = ZoneInfo("Asia/Baku")
PATTERN = "Q-{year}-{n:05}"


class Quote(Kept):
    __tablename__ = "quote"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80))
    number: Mapped[str] = mapped_column(String(40), unique=True)


QUOTE = Entity(
    name="quote", plural="quotes", model=Quote, label="Quote", labels="Quotes", icon="file-text",
    number=PATTERN, has_pages=False,
    fields=(Field(name="name", label="Name"), Field(name="number", label="Number", writable=False)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        (PATTERN, "Q-2026-00042"),
        ("{yy}/{n}", "26/42"),
        ("№ {n:03}-{year}", "№ 042-2026"),
        ("{n:01}", "42"),
    ],
)
def test_a_pattern_says_what_a_number_looks_like(pattern: str, number: str):
    assert numbering.wrong(pattern) is None
    assert numbering.written(pattern, 2026, 42) == number


@pytest.mark.parametrize(
    ("pattern", "wrong"),
    [
        ("Q-{year}", numbering.NO_COUNTER),  # each would be the same
        ("", numbering.NO_COUNTER),
        ("{n}-{month}", numbering.UNKNOWN_PART),
        ("{n:5}", numbering.UNKNOWN_PART),
        ("{n:099}", numbering.UNKNOWN_PART),
        ("{n", numbering.UNKNOWN_PART),
        ("{n}" + "x" * 40, numbering.TOO_LONG),
    ],
)
def test_a_pattern_that_cannot_be_is_refused_with_what_to_do(pattern: str, wrong: str):
    assert numbering.wrong(pattern) == wrong


async def drawn(database: Database, pattern: str, at: datetime) -> str:
    async with database.write() as session:
        return await numbering.draw(session, "quote", pattern, at, BAKU)


async def test_numbers_of_a_year_begin_anew_when_the_company_s_year_does(database: Database):
    old = datetime(2026, 12, 31, 19, 59, tzinfo=UTC)
    # Midnight in Baku.
    new = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)

    yearly = [await drawn(database, PATTERN, at) for at in (old, old, new)]
    on_and_on = [await drawn(database, "{n}", at) for at in (old, new)]

    assert yearly == ["Q-2026-00001", "Q-2026-00002", "Q-2027-00001"]
    assert on_and_on == ["1", "2"]


async def test_many_who_add_at_once_never_get_the_same_number(database: Database):
    numbers = await asyncio.gather(*[drawn(database, PATTERN, NOW) for _ in range(20)])

    assert sorted(numbers) == [f"Q-2026-{number:05}" for number in range(1, 21)]


async def test_a_record_is_numbered_when_it_is_added_and_by_the_administrator_s_pattern(
    office: Office, tmp_path: Path
):
    database, registry = office.database, Registry((QUOTE,))
    anna = await office.user("Anna")
    who = signed_in(anna, quote={"create": "all", "edit": "all"})

    async def add(**given: str) -> str:
        async with database.write() as session:
            deed = saving.Deed(session, registry, QUOTE, who, NOW, by(anna))
            return (await saving.create(deed, given)).number

    async with database.write() as session:
        await (await session.connection()).run_sync(Kept.metadata.create_all)
    first = await add(name="Roof")
    async with house_on(database, tmp_path, entities=(QUOTE,)) as house:
        await house.person("boss", role="admin")
        boss = await house.signed_in("boss")
        wrong = await boss.submit("/admin/numbering", {"quote": "Q{year}"})
        await boss.submit("/admin/numbering", {"quote": "T{yy}-{n}", "version": "1"})
        page = await boss.open("/admin/numbering")
    second = await add(name="Wall")

    assert (first, second) == ("Q-2026-00001", "T26-2")
    assert (wrong.status, wrong.value("quote")) == (422, "Q{year}")
    assert "T26-42" in page.text
    with pytest.raises(saving.BadInput):
        await add(name="Mine", number="1")
