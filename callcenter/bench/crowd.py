"""A crowd of customers in a database of either engine, as many as wanted and the same each time.

One in five is a company, and the four after it work there. Names are combined from those of
`demo.names`, so common ones are common here, too. Their owners are people of five teams; the oldest
of them are all one veteran's, and a newcomer has none. Rows go in by the driver (COPY on
PostgreSQL), the indexes are made afterwards.
"""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import Any, Final

import asyncpg
import click
from sqlalchemy import make_url, select

from callcenter.agents import roles
from callcenter.agents.models import Team, User
from callcenter.crm.contacts.models import Contact, ContactPoint, searchable
from callcenter.db import Base, Database, Row, millis
from callcenter.demo.names import COMPANIES, FAMILY, GIVEN, RUSSIAN, TURKISH, WOMEN
from callcenter.migrations import migrate
from callcenter.phone import backwards

#: Who owns the customers, ten to a team, and two more.
PEOPLE: Final = 50
FIRST_PERSON: Final = 2_001
VETERAN: Final = FIRST_PERSON + PEOPLE
NEWCOMER: Final = VETERAN + 1
TEAMS: Final = 5
FIRST_TEAM: Final = 101
_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_BLOCK: Final = 20_000
_HOUSEHOLD: Final = 5
_CITIES: Final = ("Bakı", "Gəncə", "Sumqayıt", "Şəki", "Lənkəran", "İstanbul", "Ankara", "Москва")
#: Numbers of eight operators, ten million each.
_PREFIXES: Final = (50, 51, 55, 70, 77, 99, 10, 60)
#: The crowd came within so many milliseconds, and the veteran's within the first fiftieth of them.
_CAME: Final = 10**10
#: One in so many was given to a team.
_SHARED: Final = 10
_FAMILIES: Final[tuple[tuple[str, str], ...]] = (
    *FAMILY, *((name, name) for name in TURKISH), *RUSSIAN,
)  # fmt: skip

_CONTACT: Final = (
    "id", "kind", "name", "given_name", "family_name", "company_id", "city", "country", "owner_id",
    "team_id", "lifecycle", "last_contact_at", "fold", "phon", "created_at", "updated_at",
)  # fmt: skip
_POINT: Final = (
    "id", "contact_id", "kind", "value", "norm", "rev", "ext", "position", "country", "valid",
)  # fmt: skip

_TABLES: Final = (Contact.__tablename__, ContactPoint.__tablename__)

#: Whom a bench brought in has an id of another kind.
_COUNT: Final = "SELECT count(*) FROM contact WHERE id < 1000000000000"

#: Called with how many customers of how many are in.
Progress = Callable[[int, int], None]


def contact_id(index: int) -> int:
    return 10_000 + index


def norm(index: int) -> str:
    """Return the number of customer `index` in E.164."""
    prefix = _PREFIXES[index // 9_000_000 % len(_PREFIXES)]
    # Neighbours have numbers far apart, as in life.
    return f"+994{prefix}{1_000_000 + index * 7_368_787 % 9_000_000:07}"


def fill(
    url: str,
    customers: int,
    progress: Progress = lambda _done, _of: None,
    indexed: Sequence[str] = _TABLES,
) -> None:
    """Have that many customers in the database at `url`; an empty one, or one that has them.

    `indexed` are the tables that get their indexes again: most of the time goes into these.
    Raises ClickException if there are others already.
    """
    asyncio.run(_prepare(url))
    if make_url(url).get_backend_name() == "sqlite":
        _fill_sqlite(str(make_url(url).database), customers, progress, indexed)
    else:
        asyncio.run(_fill_postgresql(url, customers, progress, indexed))


async def _prepare(url: str) -> None:
    await migrate(url)
    async with Database(url) as database, database.write() as session:
        role = (await roles.seed(session, _AT))["agent"]
        if await session.scalar(select(User.id).limit(1)) is None:
            session.add_all(
                Team(id=FIRST_TEAM + n, name=f"Team {n}", created_at=_AT, updated_at=_AT)
                for n in range(TEAMS)
            )
            await session.flush()
            session.add_all(
                User(
                    id=FIRST_PERSON + n, login=f"agent{n}", name=f"Agent {n}", role_id=role.id,
                    team_id=FIRST_TEAM + n % TEAMS if n < PEOPLE else None, created_at=_AT,
                    updated_at=_AT,
                )
                for n in range(PEOPLE + 2)
            )  # fmt: skip


# ---------------------------------------------------------------- SQLite


def _fill_sqlite(file: str, customers: int, progress: Progress, indexed: Sequence[str]) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        if _is_there(database.execute(_COUNT).fetchone()[0], customers):
            return
        # Nobody else has the file open, and it is made anew if this fails.
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -262144")
        indexes = database.execute(
            "SELECT name, sql, tbl_name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL "
            "AND tbl_name IN (?, ?)",
            _TABLES,
        ).fetchall()
        for name, _, _ in indexes:
            database.execute(f'DROP INDEX "{name}"')
        words = _without_words(database)
        for done, (contacts, points) in enumerate(_blocks(customers), 1):
            database.execute("BEGIN")
            database.executemany(_insert(Contact, _CONTACT), contacts)
            database.executemany(_insert(ContactPoint, _POINT), points)
            database.execute("COMMIT")
            progress(min(done * _BLOCK, customers), customers)
        for _, sql, table in indexes:
            if table in indexed:
                database.execute(sql)
        for sql in words if Contact.__tablename__ in indexed else ():
            database.execute(sql)
        database.execute("ANALYZE")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _without_words(database: sqlite3.Connection) -> list[str]:
    """Leave the index of words for the end, too; return what brings it up to date."""
    triggers = database.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?",
        (Contact.__tablename__,),
    ).fetchall()
    for name, _ in triggers:
        database.execute(f'DROP TRIGGER "{name}"')
    rebuild = "INSERT INTO contact_search(contact_search) VALUES ('rebuild')"
    return [*(sql for _, sql in triggers), rebuild]


def _insert(model: type[Base], columns: Sequence[str]) -> str:
    names = [*columns, *(name for name, _ in _blanks(model, columns))]
    places = ", ".join("?" for _ in names)
    return f"INSERT INTO {model.__tablename__} ({', '.join(names)}) VALUES ({places})"


def _blanks(model: type[Base], columns: Sequence[str]) -> list[tuple[str, Any]]:
    """Return the columns that must not be empty and of which nothing is said, with a value."""
    return [
        (column.name, _blank(column))
        for column in model.__table__.columns
        if not column.nullable and column.name not in columns
    ]


def _blank(column: Any) -> Any:
    default = column.default.arg if column.default is not None else None
    if callable(default):
        return "{}" if column.type.python_type is dict else "[]"
    return "" if default is None else default


# ---------------------------------------------------------------- PostgreSQL


async def _fill_postgresql(
    url: str, customers: int, progress: Progress, indexed: Sequence[str]
) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        if _is_there(await connection.fetchval(_COUNT), customers):
            return
        async with _without_indexes(connection, indexed):
            for done, (contacts, points) in enumerate(_blocks(customers), 1):
                for model, columns, rows in (
                    (Contact, _CONTACT, contacts), (ContactPoint, _POINT, points),
                ):  # fmt: skip
                    names = [*columns, *(name for name, _ in _blanks(model, columns))]
                    await connection.copy_records_to_table(
                        model.__tablename__, records=rows, columns=names
                    )
                progress(min(done * _BLOCK, customers), customers)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


@asynccontextmanager
async def _without_indexes(connection: Any, indexed: Sequence[str]) -> AsyncIterator[None]:
    """Leave all indexes but those of keys, and what refers to customers, for the end."""
    indexes = await connection.fetch(
        "SELECT indexname, indexdef, tablename FROM pg_indexes WHERE tablename = ANY($1::text[]) "
        "AND indexname NOT LIKE 'pk%'", list(_TABLES),
    )  # fmt: skip
    links = await connection.fetch(
        "SELECT conrelid::regclass::text AS held_by, conname, pg_get_constraintdef(oid) AS said "
        "FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY($1::text[])",
        list(_TABLES),
    )  # fmt: skip
    for link in links:
        await connection.execute(f"ALTER TABLE {link['held_by']} DROP CONSTRAINT {link['conname']}")
    for index in indexes:
        await connection.execute(f'DROP INDEX "{index["indexname"]}"')
    yield
    await connection.execute("SET maintenance_work_mem = '512MB'")
    for index in indexes:
        if index["tablename"] in indexed:
            await connection.execute(index["indexdef"])
    for link in links:
        await connection.execute(
            f"ALTER TABLE {link['held_by']} ADD CONSTRAINT {link['conname']} {link['said']}"
        )


def _is_there(count: int, customers: int) -> bool:
    if count and count != customers:
        raise click.ClickException(
            f"The database holds {count:,} customers already. Ask for as many, or name another."
        )
    return bool(count)


# ---------------------------------------------------------------- who they are


def _blocks(customers: int) -> Iterator[tuple[list[Row], list[Row]]]:
    more_of_contact = tuple(value for _, value in _blanks(Contact, _CONTACT))
    more_of_point = tuple(value for _, value in _blanks(ContactPoint, _POINT))
    made = _customers(customers)
    while block := list(islice(made, _BLOCK)):
        yield (
            [(*contact, *more_of_contact) for contact, _ in block],
            [(*point, *more_of_point) for _, point in block],
        )


def _customers(customers: int) -> Iterator[tuple[Row, Row]]:
    dice = random.Random(customers)
    at = millis(_AT)
    for index in range(customers):
        number = norm(index)
        is_company = index % _HOUSEHOLD == 0
        given, family = _person(dice)
        name = (
            f"{COMPANIES[index % len(COMPANIES)][0]} {index}" if is_company else f"{given} {family}"
        )
        keys = _keys(name) if not is_company else searchable(name)
        id_, last = contact_id(index), at - dice.randrange(_CAME)
        owner = FIRST_PERSON + dice.randrange(PEOPLE)
        if last < at - _CAME + _CAME // PEOPLE:
            owner = VETERAN
        yield (
            (
                id_, "company" if is_company else "person", name, None if is_company else given,
                None if is_company else family,
                None if is_company else contact_id(index - index % _HOUSEHOLD),
                _CITIES[index % len(_CITIES)], "AZ", owner,
                FIRST_TEAM + index // _SHARED % TEAMS if index % _SHARED == 0 else None,
                _lifecycle(index), last if index % 3 else None, keys["fold"], keys["phon"], last,
                last + index % 1000,
            ),
            (id_, id_, "phone", number, number, backwards(number), "", 0, "AZ", True),
        )  # fmt: skip


def _lifecycle(index: int) -> str | None:
    """Return how far it is: most are customers, few are new, of some nobody said it."""
    if index % 7 == 0:
        return None
    return "new" if index % 1_000 == 1 else "prospect" if index % 50 == 1 else "customer"


@cache
def _keys(name: str) -> dict[str, str]:
    return searchable(name)


def _person(dice: random.Random) -> tuple[str, str]:
    given = dice.choice(GIVEN)
    return given, dice.choice(_FAMILIES)[given in WOMEN]
