"""Customers and their past calls, in a database, as many as wanted and the same for a seed.

They go in by the driver, with the indexes made afterwards: a million calls take half a
minute. A database that holds as many already is used again.
"""

import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import click

from callcenter.bench.office import PBX
from callcenter.bench.stories import DID, TRUNK, Agent
from callcenter.bench.stream import e164, number
from callcenter.calls import rows
from callcenter.crm.contacts.models import searchable
from callcenter.db import Row, millis
from callcenter.phone import backwards

_GIVEN: Final = ("Zərifə", "Aygün", "Rəşad", "Günel", "Orxan", "Leyla", "Elçin", "Nərgiz")
_FAMILY: Final = ("Əliyev", "Hüseynov", "Şirinov", "Məmmədov", "Quliyev", "Abdullayev")
_TABLES: Final = ("contact", "contact_point", "interaction", "participant", "call")
#: Past calls end here, well before any of a bench.
_LATEST_S: Final = 1_650_000_000
_APART_S: Final = 15

_CONTACT: Final = (
    "id", "kind", "name", "fold", "phon", "custom", "version", "created_at", "updated_at",
    "last_contact_at",
)  # fmt: skip
_POINT: Final = (
    "id", "contact_id", "kind", "value", "norm", "rev", "ext", "position", "country", "valid",
)  # fmt: skip
_CALL: Final = (
    "id", "interaction_id", "pbx_id", "first_uniqueid", "direction", "origin", "dialed_number",
    "trunk", "customer_number", "customer_norm", "customer_rev", "withheld", "owner_id", "ring_at",
    "answer_at", "end_at", "wait_ms", "talk_ms", "hold_ms", "result", "ended_by", "hangup_cause",
    "inferred", "revision",
)  # fmt: skip
_PARTICIPANT: Final = (
    "interaction_id", "role", "seq", "contact_id", "user_id", "point", "certainty", "at",
)  # fmt: skip

#: Called with how many rows of how many are in.
Progress = Callable[[int, int], None]


def fill(
    file: Path,
    customers: int,
    interactions: int,
    people: list[Agent],
    progress: Progress = lambda _done, _of: None,
) -> None:
    """Have that many customers and past calls in the SQLite `file`, whose tables stand.

    Raises ClickException if there are others already.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        if _is_filled(database, customers, interactions):
            return
        # Nobody else has the file open yet, and it is made anew if this fails.
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -262144")
        indexes = _indexes(database)
        for name, _ in indexes:
            database.execute(f'DROP INDEX "{name}"')
        steps = _steps(customers, interactions, people)
        for done, (table, columns, made) in enumerate(steps, 1):
            places = ", ".join("?" for _ in columns)
            database.execute("BEGIN")
            database.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", made
            )
            database.execute("COMMIT")
            progress(done, 5 + len(indexes))
        for done, (_, sql) in enumerate(indexes, 6):
            database.execute(sql)
            progress(done, 5 + len(indexes))
        database.execute("ANALYZE")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _is_filled(database: sqlite3.Connection, customers: int, interactions: int) -> bool:
    [[contacts]] = database.execute("SELECT count(*) FROM contact")
    [[past]] = database.execute("SELECT count(*) FROM call WHERE ring_at <= ?", [millis(_LATEST_S)])
    if contacts and (contacts, past) != (customers, interactions):
        raise click.ClickException(
            f"The folder holds {contacts:,} customers with {past:,} calls already. "
            "Ask for as many, or name another folder."
        )
    return bool(contacts)


def _indexes(database: sqlite3.Connection) -> list[tuple[str, str]]:
    places = ", ".join("?" for _ in _TABLES)
    return database.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL "
        f"AND tbl_name IN ({places})",
        _TABLES,
    ).fetchall()


def _steps(
    customers: int, interactions: int, people: list[Agent]
) -> Iterator[tuple[str, Sequence[str], Iterable[Row]]]:
    yield "contact", _CONTACT, map(_contact, range(customers))
    yield "contact_point", _POINT, map(_point, range(customers))
    who = [int(agent.extension) for agent in people]
    past = (_interaction(n, interactions, who) for n in range(interactions))
    yield "interaction", rows.INTERACTION.columns, past
    yield "participant", _PARTICIPANT, _participants(interactions, customers)
    yield "call", _CALL, _calls(interactions, customers, who)


def _contact(index: int) -> Row:
    family = _FAMILY[index % len(_FAMILY)]
    name = f"{_GIVEN[index % len(_GIVEN)]} {family} {index}"
    at = millis(_LATEST_S)
    keys = searchable(name)
    return (_contact_id(index), "person", name, keys["fold"], keys["phon"], "{}", 1, at, at, at)


def _contact_id(index: int) -> int:
    return 10_000 + index


def _point(index: int) -> Row:
    norm = e164(index)
    return (
        _contact_id(index), _contact_id(index), "phone", number(index), norm, backwards(norm), "",
        0, "AZ", True,
    )  # fmt: skip


def _began_ms(index: int, interactions: int) -> int:
    return millis(_LATEST_S - (interactions - index) * _APART_S)


def _id(index: int) -> int:
    return 1_000_000 + index


def _interaction(index: int, interactions: int, people: list[int]) -> Row:
    at = _began_ms(index, interactions)
    end = at + 120_000
    user = people[index % len(people)]
    return (_id(index), "call", "in", "held", at, end, user, "{}", 1, at, end, 9)


def _whose(interactions: int, customers: int) -> Iterator[int]:
    """Give the customer of each past call: scattered, so that a history is, too."""
    dice = random.Random(customers)
    return (dice.randrange(customers) for _ in range(interactions))


def _participants(interactions: int, customers: int) -> Iterator[Row]:
    for index, customer in enumerate(_whose(interactions, customers)):
        at = _began_ms(index, interactions)
        contact, point = _contact_id(customer), e164(customer)
        yield (_id(index), "from", 0, contact, None, point, "known", at)


def _calls(interactions: int, customers: int, people: list[int]) -> Iterator[Row]:
    for index, customer in enumerate(_whose(interactions, customers)):
        at, norm = _began_ms(index, interactions), e164(customer)
        yield (
            _id(index), _id(index), PBX, f"{at // 1000}.{index}", "inbound", "trunk", DID, TRUNK,
            number(customer), norm, backwards(norm), False, people[index % len(people)],
            at, at + 9_000, at + 120_000, 9_000, 111_000, 0, "answered", "customer", 16, "[]", 18,
        )  # fmt: skip
