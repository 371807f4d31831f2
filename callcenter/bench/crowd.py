"""A crowd of customers in a database of either engine, as many as wanted and the same each time.

One in five is a company, and the four after it work there. Names are combined from those of
`demo.names`, so common ones are common here, too. Their owners are people of five teams; the oldest
of them are all one veteran's, and a newcomer has none.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import Final

from sqlalchemy import select

from callcenter.agents import roles
from callcenter.agents.models import Team, User
from callcenter.bench import filling
from callcenter.bench.filling import Filling, Part, Progress
from callcenter.crm.contacts.models import Contact, ContactPoint, searchable
from callcenter.db import Database, Row, millis
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
    filling.fill(
        url, Filling((Contact, ContactPoint), customers, _blocks(customers), indexed), progress
    )


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


# ---------------------------------------------------------------- who they are


def _blocks(customers: int) -> Iterator[list[Part]]:
    made = _customers(customers)
    while block := list(islice(made, _BLOCK)):
        yield [
            Part(Contact, _CONTACT, [contact for contact, _ in block]),
            Part(ContactPoint, _POINT, [point for _, point in block]),
        ]


def _customers(customers: int) -> Iterator[tuple[Row, Row]]:
    dice = random.Random(customers)
    at = millis(_AT)
    for index in range(customers):
        number = norm(index)
        is_company = index % _HOUSEHOLD == 0
        given, family = _person(dice)
        name = COMPANIES[index % len(COMPANIES)][0] if is_company else f"{given} {family}"
        keys = _keys(name)
        if is_company:
            # A number sounds like nothing: only how the name is spelled has it.
            name, keys = f"{name} {index}", {**keys, "fold": f"{keys['fold']} {index}"}
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
