"""What is still to come, by whom, and what is overdue; and all there was, by matter.

Both page by key. A list of matters shows each chain once, where its newest interaction stands.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.agents.models import User
from callcenter.db import millis
from callcenter.errors import BadInput
from callcenter.interactions import covering, people
from callcenter.interactions.access import visible_to
from callcenter.interactions.models import Interaction
from callcenter.interactions.people import Person
from callcenter.server.body import MISFIT
from callcenter.server.identity import Identity

PAGE_ROWS: Final = 50
#: Counts go no further: "10,000+".
MOST: Final = 10_000
#: So much of a chain stands below its newest interaction.
EARLIER: Final = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which expected ones: whose (None: everybody's), of which kind, until when, given by whom."""

    owner_id: int | None = None
    kind: str = ""
    before: datetime | None = None
    after: str | None = None
    given_by_id: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    row: Interaction
    people: list[Person]
    owner: str | None
    #: Of a matter: what came before it, the newest first.
    earlier: Sequence[Interaction] = ()


@dataclass(frozen=True, slots=True)
class Page:
    lines: list[Line]
    #: Cursor of the next page, None if this is the last.
    after: str | None = None


async def expected(session: AsyncSession, who: Identity, wanted: Wanted) -> Page:
    """Return what is expected, the most urgent first. Raises BadInput for a cursor that is none."""
    query = (
        select(Interaction, User.name)
        .outerjoin(User, User.id == Interaction.owner_id)
        .where(_still(who, wanted))
        .order_by(Interaction.due_at, Interaction.id)
        .limit(PAGE_ROWS + 1)
    )
    if wanted.after:
        query = query.where(tuple_(Interaction.due_at, Interaction.id) > key(wanted.after))
    rows = (await session.execute(query)).all()
    last = rows[PAGE_ROWS - 1][0] if len(rows) > PAGE_ROWS else None
    return Page(
        await _lines(session, who, [(row, owner) for row, owner in rows[:PAGE_ROWS]]),
        None if last is None or last.due_at is None else f"{millis(last.due_at)}.{last.id}",
    )


async def counts(
    session: AsyncSession, who: Identity, wanted: Wanted, now: datetime
) -> tuple[int, int]:
    """Return how many are expected, and how many of them are overdue; up to MOST + 1."""
    every = replace(wanted, before=None, after=None)
    late = replace(every, before=now)
    numbers = []
    for each in (every, late):
        few = select(Interaction.id).where(_still(who, each)).limit(MOST + 1).subquery()
        numbers.append(await session.scalar(select(func.count()).select_from(few)) or 0)
    return numbers[0], numbers[1]


def _still(who: Identity, wanted: Wanted) -> ColumnElement[bool]:
    conditions = [Interaction.status == "planned", visible_to(who)]
    if wanted.owner_id is not None:
        conditions.append(Interaction.owner_id == wanted.owner_id)
    if wanted.given_by_id is not None:
        conditions.append(Interaction.given_by_id == wanted.given_by_id)
    if wanted.kind:
        conditions.append(Interaction.kind == wanted.kind)
    if wanted.before is not None:
        conditions.append(Interaction.due_at < wanted.before)
    return and_(*conditions)


async def matters(session: AsyncSession, who: Identity, after: str | None = None) -> Page:
    """Return what there was, each chain once, the newest first. Raises BadInput."""
    newer = aliased(Interaction)
    place = tuple_(Interaction.start_at, Interaction.id)
    is_last = not_(
        exists().where(
            newer.thread_id == Interaction.thread_id,
            newer.deleted_at.is_(None),
            newer.status != "planned",
            tuple_(newer.start_at, newer.id) > place,
        )
    )
    query = (
        select(Interaction, User.name)
        .outerjoin(User, User.id == Interaction.owner_id)
        .where(
            Interaction.status != "planned",
            visible_to(who),
            or_(Interaction.thread_id.is_(None), is_last),
        )
        .order_by(Interaction.start_at.desc(), Interaction.id.desc())
        .limit(PAGE_ROWS + 1)
    )
    if after:
        query = query.where(place < key(after))
    rows = (await session.execute(query)).all()
    shown = [(row, owner) for row, owner in rows[:PAGE_ROWS]]
    last = shown[-1][0] if len(rows) > PAGE_ROWS else None
    return Page(
        await _lines(session, who, shown, await _earlier(session, who, shown)),
        None if last is None else f"{millis(last.start_at)}.{last.id}",
    )


async def _earlier(
    session: AsyncSession, who: Identity, rows: Sequence[tuple[Interaction, Any]]
) -> dict[int, list[Interaction]]:
    """Return the rest of each chain, by the chain."""
    last = {row.thread_id: row.id for row, _ in rows if row.thread_id is not None}
    if not last:
        return {}
    place = (
        func.row_number()
        .over(
            partition_by=Interaction.thread_id,
            order_by=(Interaction.start_at.desc(), Interaction.id.desc()),
        )
        .label("place")
    )
    few = (
        select(Interaction.id, place)
        .where(
            Interaction.thread_id.in_(last), Interaction.id.not_in(last.values()), visible_to(who)
        )
        .subquery()
    )
    found = await session.scalars(
        select(Interaction)
        .join(few, few.c.id == Interaction.id)
        .where(few.c.place <= EARLIER)
        .order_by(Interaction.start_at.desc(), Interaction.id.desc())
    )
    chains: dict[int, list[Interaction]] = {}
    for row in found:
        chains.setdefault(row.thread_id or row.id, []).append(row)
    return chains


async def _lines(
    session: AsyncSession,
    who: Identity,
    rows: Sequence[tuple[Interaction, Any]],
    earlier: dict[int, list[Interaction]] | None = None,
) -> list[Line]:
    taking = await people.of(session, who, [row.id for row, _ in rows])
    before = earlier or {}
    lines = []
    for row, owner in rows:
        rest = [covering.cover(each, who) for each in before.get(row.thread_id or 0, ())]
        lines.append(Line(covering.cover(row, who), taking.get(row.id, []), owner, rest))
    return lines


def key(after: str) -> tuple[datetime, int]:
    """Return the place that a cursor names. Raises BadInput."""
    found = re.fullmatch(r"(\d{1,13})\.(\d{1,16})", after, re.ASCII)
    if found is None:
        raise BadInput({"after": MISFIT})
    return datetime.fromtimestamp(int(found[1]) / 1000, UTC), int(found[2])
