"""`bench crm`: lists, search, cards and the look for duplicates among very many customers.

What is asked is what the pages and the API ask, without the network and the template: the first
page of a list by each of its sorts, for somebody who may see everything and for somebody who may
see his own; names as people type them, in three alphabets; numbers; a card with its timeline; a
new customer beside all there are.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from callcenter.app import memory
from callcenter.app.entities import entities
from callcenter.bench import crowd
from callcenter.bench.bringing import bring_in
from callcenter.bench.report import Figure, Report, over_rounds, percentile
from callcenter.crm.contacts import card
from callcenter.crm.contacts.search import ids_of
from callcenter.crm.duplicates.check import check
from callcenter.crm.duplicates.score import Facts
from callcenter.db import Database
from callcenter.demo.names import FAMILY, GIVEN
from callcenter.entity import listing
from callcenter.entity.conditions import Asker
from callcenter.entity.description import Entity
from callcenter.entity.listing import Order, Wanted
from callcenter.entity.registry import Registry
from callcenter.interactions.timeline import of_contact
from callcenter.server.identity import Identity

Progress = Callable[[int, int], None]

REGIONS: Final = ("AZ", "TR", "RU", "GE")
_NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
_MS: Final = 1_000
_RIGHTS: Final = ("read", "create", "edit", "delete", "export")


class Size(NamedTuple):
    """How much is measured."""

    contacts: int = 100_000
    imports: int = 5_000
    asks: int = 100
    rounds: int = 3


class Crm(NamedTuple):
    """What is asked."""

    database: Database
    registry: Registry
    contact: Entity
    contacts: int


#: One question, and the milliseconds it took.
Ask = Callable[[random.Random], Awaitable[Any]]


def run(size: Size, progress: Progress, url: str = "") -> Report:
    """Measure in a SQLite file of its own, or in the database at `url`, which must be empty."""
    with tempfile.TemporaryDirectory(prefix="callcenter-bench-") as folder:
        place = url or f"sqlite:///{Path(folder) / 'crowd.db'}"
        crowd.fill(place, size.contacts, lambda done, of: progress(done, 2 * of))
        figures, wrong = asyncio.run(_measure(place, size, Path(folder)))
    progress(2, 2)
    return Report(bench="crm", figures=figures, sizes=size._asdict(), missing={}, wrong=wrong)


async def _measure(url: str, size: Size, folder: Path) -> tuple[dict[str, Figure], list[str]]:
    registry = Registry(entities(REGIONS))
    async with Database(url) as database:
        await registry.load(database)
        crm = Crm(database, registry, registry["contact"], size.contacts)
        # As the service does once it is up.
        memory.spare()
        figures = {}
        for name, ask in _questions(crm).items():
            await _spent(ask, 5, 0)
            rounds = [await _spent(ask, size.asks, seed) for seed in range(1, size.rounds + 1)]
            figures[f"{name}_p50_ms"] = over_rounds([percentile(spent, 50) for spent in rounds])
            figures[f"{name}_p95_ms"] = over_rounds([percentile(spent, 95) for spent in rounds])
        brought = [
            await bring_in(crm.database, registry, _importer(), REGIONS, folder, size.imports, n)
            for n in range(size.rounds)
        ]
        figures["import_rows_per_s"] = over_rounds([one.rows_per_s for one in brought])
        figures["import_loop_lag_ms_max"] = over_rounds([one.lag_s * _MS for one in brought])
        faults = await _faults(crm)
        return figures, faults + [what for one in brought for what in one.wrong]


async def _spent(ask: Ask, asks: int, seed: int) -> list[float]:
    dice, spent = random.Random(seed), []
    for _ in range(asks):
        began = time.perf_counter()
        await ask(dice)
        spent.append((time.perf_counter() - began) * _MS)
    return spent


# ---------------------------------------------------------------- questions


def _questions(crm: Crm) -> dict[str, Ask]:
    questions = {
        f"list_{sort.name}": _list(crm, Order(sort, sort.descending), _who("all"))
        for sort in crm.contact.sorts
    }
    own = crm.contact.sorts[0]
    return questions | {
        "list_own": _list(crm, Order(own, own.descending), _who("own")),
        "list_deep": _deep(crm, Order(own, own.descending)),
        "search_two_words": _search(crm, _two_words),
        "search_beginning": _search(crm, _beginning),
        "search_number": _search(crm, _number(crm.contacts)),
        "card": _card(crm),
        "duplicates": _duplicates(crm),
    }


def _who(level: str) -> Identity:
    return Identity(
        user_id=crowd.FIRST_PERSON, name="", login="", role_key="agent",
        grants={name: dict.fromkeys(_RIGHTS, level) for name in ("contact", "interaction")},
    )  # fmt: skip


def _importer() -> Identity:
    return msgspec.structs.replace(_who("all"), flags=frozenset(("import",)))


def _list(crm: Crm, order: Order, who: Identity) -> Ask:
    async def ask(_dice: random.Random, after: str | None = None) -> str | None:
        wanted = Wanted(crm.contact.columns, order)
        async with crm.database.read() as session:
            page = await listing.page(
                session, crm.registry, crm.contact, Asker(who, _NOW), wanted, after
            )
        return page.after

    return ask


def _deep(crm: Crm, order: Order) -> Ask:
    """The page after the one that was asked for last: by key, so it costs what the first does."""
    page: Any = _list(crm, order, _who("all"))
    place: list[str | None] = [None]

    async def ask(dice: random.Random) -> None:
        place[0] = await page(dice, place[0])

    return ask


def _search(crm: Crm, typed: Callable[[random.Random], str]) -> Ask:
    async def ask(dice: random.Random) -> Sequence[int]:
        async with crm.database.read() as session:
            return await ids_of(session, _who("all"), typed(dice), REGIONS)

    return ask


def _two_words(dice: random.Random) -> str:
    given, family = dice.choice(GIVEN), dice.choice(FAMILY)[0]
    return f"{given[: dice.randint(3, 5)]} {family[: dice.randint(4, 6)]}"


def _beginning(dice: random.Random) -> str:
    """The beginning of one name, as it stands in the box while one types."""
    return dice.choice((*GIVEN, *(man for man, _ in FAMILY)))[: dice.randint(2, 5)]


def _number(contacts: int) -> Callable[[random.Random], str]:
    return lambda dice: f"0{crowd.norm(dice.randrange(contacts))[4:]}"


def _card(crm: Crm) -> Ask:
    async def ask(dice: random.Random) -> Any:
        contact_id = crowd.contact_id(dice.randrange(crm.contacts))
        async with crm.database.read() as session:
            found = await card.find(session, _who("all"), contact_id)
            await of_contact(session, _who("all"), contact_id)
        return found

    return ask


def _duplicates(crm: Crm) -> Ask:
    async def ask(dice: random.Random) -> Any:
        given, family = dice.choice(GIVEN), dice.choice(FAMILY)[0]
        phones = frozenset((crowd.norm(dice.randrange(crm.contacts)),))
        async with crm.database.read() as session:
            return await check(session, _who("all"), Facts(name=f"{given} {family}", phones=phones))

    return ask


# ---------------------------------------------------------------- what came out


async def _faults(crm: Crm) -> list[str]:
    """Return what was not found as it should be."""
    dice, wrong = random.Random(0), []
    for _ in range(20):
        index = dice.randrange(crm.contacts)
        number = f"0{crowd.norm(index)[4:]}"
        async with crm.database.read() as session:
            found = await ids_of(session, _who("all"), number, REGIONS)
            like = await check(session, _who("all"), Facts(phones=frozenset((crowd.norm(index),))))
        if crowd.contact_id(index) not in found:
            wrong.append(f"{number} does not find customer {index}")
        if crowd.contact_id(index) not in {one.line.id for one in like if one.line}:
            wrong.append(f"customer {index} is not known to have {number} already")
    return wrong
