"""What people ask of a crowd of customers: lists, a board, search, cards, the look for duplicates.

Lists are asked for by people of every level, and by the two who have it hardest: the veteran, whose
customers are the last ones in an order, and the newcomer, who would pass all of them and find none.
"""

import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import select

from callcenter.bench import crowd, months
from callcenter.crm.contacts import card
from callcenter.crm.contacts.search import ids_of
from callcenter.crm.duplicates.check import check
from callcenter.crm.duplicates.score import Facts
from callcenter.db import Database
from callcenter.demo.names import FAMILY, GIVEN
from callcenter.entity import listing
from callcenter.entity.conditions import Asker
from callcenter.entity.description import Condition, Entity
from callcenter.entity.listing import Order, Wanted
from callcenter.entity.registry import Registry
from callcenter.interactions.timeline import of_contact
from callcenter.server.identity import Identity

REGIONS: Final = ("AZ", "TR", "RU", "GE")
NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
_RIGHTS: Final = ("read", "create", "edit", "delete", "export")
_CARDS: Final = 20


class Crm(NamedTuple):
    """What is asked."""

    database: Database
    registry: Registry
    contact: Entity
    contacts: int


Ask = Callable[[random.Random], Awaitable[Any]]


def who(level: str, user_id: int = crowd.FIRST_PERSON) -> Identity:
    return Identity(
        user_id=user_id, name="", login="", role_key="agent", team_id=crowd.FIRST_TEAM,
        grants={name: dict.fromkeys(_RIGHTS, level) for name in ("contact", "interaction", "lead")},
    )  # fmt: skip


def importer() -> Identity:
    return msgspec.structs.replace(who("all"), flags=frozenset(("import",)))


def lists(crm: Crm) -> dict[str, Ask]:
    """Return the first pages of lists, by name: the level and the order."""
    sorts = {sort.name: Order(sort, sort.descending) for sort in crm.contact.sorts}
    asked = {
        f"list_{level}_{name}": _list(crm, order, who(level))
        for level in ("all", "own", "team")
        for name, order in sorts.items()
    }
    newest = sorts["created"]
    first = next(iter(sorts.values()))
    return asked | {
        "list_veteran": _list(crm, newest, who("own", crowd.VETERAN)),
        "list_newcomer": _list(crm, newest, who("own", crowd.NEWCOMER)),
        "list_deep": _deep(crm, first, who("all")),
        "list_deep_own": _deep(crm, first, who("own")),
        "count_own": _count(crm, first, who("own")),
        "count_team": _count(crm, first, who("team")),
    }


def first_page(crm: Crm) -> Ask:
    """Return the question for the list as most people open it."""
    sort = crm.contact.sorts[0]
    return _list(crm, Order(sort, sort.descending), who("all"))


def others(crm: Crm) -> dict[str, Ask]:
    return {
        "floor": _nothing(crm),
        "board": _board(crm),
        "calendar": _calendar(crm),
        "search_two_words": _search(crm, _two_words),
        "search_beginning": _search(crm, _beginning),
        "search_number": _search(crm, _number(crm.contacts)),
        "card": _card(crm),
        "duplicates": _duplicates(crm),
    }


# ---------------------------------------------------------------- lists


def _list(crm: Crm, order: Order, who: Identity) -> Ask:
    async def ask(_dice: random.Random, after: str | None = None) -> str | None:
        wanted = Wanted(crm.contact.columns, order)
        async with crm.database.read() as session:
            page = await listing.page(
                session, crm.registry, crm.contact, Asker(who, NOW), wanted, after
            )
        return page.after

    return ask


def _deep(crm: Crm, order: Order, who: Identity) -> Ask:
    """The page after the one that was asked for last: by key, so it costs what the first does."""
    page: Any = _list(crm, order, who)
    place: list[str | None] = [None]

    async def ask(dice: random.Random) -> None:
        place[0] = await page(dice, place[0])

    return ask


def _count(crm: Crm, order: Order, who: Identity) -> Ask:
    """What stands above a list."""

    async def ask(_dice: random.Random) -> int:
        async with crm.database.read() as session:
            return await listing.count(
                session, crm.registry, crm.contact, Asker(who, NOW), Wanted((), order)
            )

    return ask


def _calendar(crm: Crm) -> Ask:
    """The month of a team of fifty."""

    async def ask(_dice: random.Random) -> int:
        return await months.month(crm.database, who("team"))

    return ask


def _board(crm: Crm) -> Ask:
    """All columns of the board, with what is counted above each."""
    field = next(field for field in crm.contact.fields if field.name == crm.contact.board)
    columns = [
        Condition(field.name, "empty"), *(Condition(field.name, "is", key) for key in field.choices),
    ]  # fmt: skip
    order = listing.order_of(crm.contact, who("all"))

    async def ask(_dice: random.Random) -> None:
        asker = Asker(who("all"), NOW)
        async with crm.database.read() as session:
            for column in columns:
                there = listing.meeting(column, crm.registry, crm.contact, asker)
                wanted = Wanted(crm.contact.columns, order, also=there)
                asked = session, crm.registry, crm.contact, asker, wanted
                await listing.page(*asked, None, _CARDS)
                await listing.count(*asked)

    return ask


# ---------------------------------------------------------------- customers


def _nothing(crm: Crm) -> Ask:
    """The least that any question costs here and now: a session, and a row that says 1."""

    async def ask(_dice: random.Random) -> Any:
        async with crm.database.read() as session:
            return await session.scalar(select(1))

    return ask


def _search(crm: Crm, typed: Callable[[random.Random], str]) -> Ask:
    async def ask(dice: random.Random) -> Sequence[int]:
        async with crm.database.read() as session:
            return await ids_of(session, who("all"), typed(dice), REGIONS)

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
            found = await card.find(session, who("all"), contact_id)
            await of_contact(session, who("all"), contact_id)
        return found

    return ask


def _duplicates(crm: Crm) -> Ask:
    async def ask(dice: random.Random) -> Any:
        given, family = dice.choice(GIVEN), dice.choice(FAMILY)[0]
        phones = frozenset((crowd.norm(dice.randrange(crm.contacts)),))
        async with crm.database.read() as session:
            return await check(session, who("all"), Facts(name=f"{given} {family}", phones=phones))

    return ask
