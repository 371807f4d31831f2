"""Keeps the company beside a person's name and the tie "works for" the same fact.

`contact.company_id` and `title` are what lists, pops and the telephone read; the tie of type
"works for" that is primary is where they come from, with what was before.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.models import Contact, Relationship
from callcenter.crm.contacts.ties import TYPES, WORKS_FOR
from callcenter.db import new_id
from callcenter.entity import editing
from callcenter.entity.editing import Diff
from callcenter.entity.models import Option
from callcenter.server.actor import Actor


async def follow(session: AsyncSession, row: Contact, diff: Diff, at: datetime, by: Actor) -> None:
    """Bring the ties after the contact's company, or the company after its ties.

    `at` is in the company's zone: ties begin and end on its days.
    """
    kind = await session.scalar(
        select(Option.id).where(Option.list == TYPES, Option.key == WORKS_FOR)
    )
    if kind is None:
        return
    if "relationships" in diff:
        for person_id in _people_of(diff["relationships"], kind):
            await _follow_ties(session, kind, person_id, at, by)
    elif not diff.keys().isdisjoint(("company_id", "title")):
        await _follow_company(session, kind, row, at, moved=_has_moved(diff))


def _has_moved(diff: Diff) -> bool:
    return diff.get("company_id", [None])[0] is not None


def _people_of(change: list[Any], kind: int) -> Iterable[int]:
    """Return whose employment was changed."""
    before, after = change
    changed = [tie for tie in (*before, *after) if not (tie in before and tie in after)]
    return sorted({tie["from_id"] for tie in changed if tie["type_id"] == kind})


async def _follow_company(
    session: AsyncSession, kind: int, row: Contact, at: datetime, *, moved: bool
) -> None:
    ties = await _held(session, kind, row.id, at.date())
    for tie in ties:
        if tie.is_primary and tie.to_id != row.company_id:
            tie.until, tie.is_primary = at.date(), False
    if row.company_id is None:
        return
    present = next((tie for tie in ties if tie.to_id == row.company_id), None)
    if present is None:
        present = Relationship(
            id=new_id(at.timestamp()), from_id=row.id, to_id=row.company_id, type_id=kind,
            since=at.date() if moved else None,
        )  # fmt: skip
        session.add(present)
    present.is_primary, present.title = True, row.title
    await session.flush()


async def _follow_ties(
    session: AsyncSession, kind: int, person_id: int, at: datetime, by: Actor
) -> None:
    person = await session.get(Contact, person_id, with_for_update=True)
    if person is None:
        return
    ties = await _held(session, kind, person_id, at.date())
    # Of two that are primary the later one was meant.
    ties.sort(key=lambda tie: (tie.is_primary, tie.id), reverse=True)
    for place, tie in enumerate(ties):
        tie.is_primary = place == 0
    now = (ties[0].to_id, ties[0].title) if ties else (None, None)
    diff: Diff = {
        name: [getattr(person, name), value]
        for name, value in zip(("company_id", "title"), now, strict=True)
        if getattr(person, name) != value
    }
    person.company_id, person.title = now
    await editing.note(session, person, "contact", diff, at, by, person.id)


async def _held(
    session: AsyncSession, kind: int, person_id: int, today: date
) -> list[Relationship]:
    """Return the ties to the companies somebody works for now."""
    rows = await session.scalars(
        select(Relationship)
        .where(Relationship.from_id == person_id, Relationship.type_id == kind)
        .order_by(Relationship.id)
    )
    return [tie for tie in rows if tie.until is None or tie.until > today]
