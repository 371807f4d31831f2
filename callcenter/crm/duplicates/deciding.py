"""What people say of pairs that may be one: they are different; or they see them, to merge them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from callcenter import audit
from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.lines import ContactLine, lines_of
from callcenter.crm.contacts.models import Contact
from callcenter.crm.duplicates.facts import basis, of_contacts
from callcenter.crm.duplicates.models import Duplicate
from callcenter.crm.duplicates.reading import readable
from callcenter.crm.duplicates.score import Reason
from callcenter.errors import NotFound
from callcenter.server.actor import Actor
from callcenter.server.identity import Identity

PAGE_ROWS = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """Two contacts that may be one; `a` was there first."""

    id: int
    a: ContactLine
    b: ContactLine
    score: int
    reasons: tuple[Reason, ...]


async def open_pairs(
    session: AsyncSession, who: Identity, after: tuple[int, int] | None = None
) -> tuple[list[Pair], tuple[int, int] | None]:
    """Return a page of the pairs nobody has decided on, the likeliest first, and where it ends."""
    query = select(Duplicate).where(Duplicate.state == "open", _both_visible(who))
    query = query.order_by(Duplicate.score.desc(), Duplicate.id.desc()).limit(PAGE_ROWS + 1)
    if after is not None:
        query = query.where(tuple_(Duplicate.score, Duplicate.id) < after)
    rows = (await session.scalars(query)).all()
    shown = rows[:PAGE_ROWS]
    last = (shown[-1].score, shown[-1].id) if len(rows) > PAGE_ROWS else None
    return await _shown(session, who, shown), last


async def of_contact(
    session: AsyncSession, who: Identity, contact_id: int, most: int = PAGE_ROWS
) -> list[Pair]:
    """Return the open pairs that a contact stands in, the likeliest first."""
    ours = (Duplicate.a_id == contact_id) | (Duplicate.b_id == contact_id)
    query = select(Duplicate).where(Duplicate.state == "open", ours, _both_visible(who))
    rows = await session.scalars(query.order_by(Duplicate.score.desc(), Duplicate.id).limit(most))
    return await _shown(session, who, rows.all())


async def differ(
    session: AsyncSession, who: Identity, pair_id: int, at: datetime, by: Actor
) -> Duplicate:
    """Remember that the two are different; asked again only if what was compared changes.

    Raises NotFound if there is no such pair that `who` may edit both contacts of.
    """
    query = select(Duplicate).where(
        Duplicate.id == pair_id, Duplicate.state == "open", _both_visible(who, "edit")
    )
    pair = await session.scalar(query.with_for_update(of=Duplicate))
    if pair is None:
        raise NotFound
    facts = await of_contacts(session, [pair.a_id, pair.b_id])
    pair.state, pair.decided_at, pair.decided_by = "different", at, by["actor_id"]
    pair.basis = basis(facts[pair.a_id], facts[pair.b_id])
    for contact_id, other_id in ((pair.a_id, pair.b_id), (pair.b_id, pair.a_id)):
        audit.record(
            session, at, entity="contact", entity_id=contact_id, contact_id=contact_id,
            action="differ", diff={"different_from": [None, other_id]}, **by,
        )  # fmt: skip
    return pair


def _both_visible(who: Identity, action: str = "read") -> ColumnElement[bool]:
    return and_(_visible(Duplicate.a_id, who, action), _visible(Duplicate.b_id, who, action))


def _visible(
    contact_id: InstrumentedAttribute[int], who: Identity, action: str
) -> ColumnElement[bool]:
    seen: Select[Any] = select(Contact.id).where(Contact.id == contact_id, visible_to(who, action))
    return seen.correlate(Duplicate).exists()


async def _shown(session: AsyncSession, who: Identity, pairs: Sequence[Duplicate]) -> list[Pair]:
    ids = [contact_id for pair in pairs for contact_id in (pair.a_id, pair.b_id)]
    lines = {line.id: line for line in await lines_of(session, ids, who)}
    return [
        Pair(
            pair.id, lines[pair.a_id], lines[pair.b_id], pair.score,
            readable([Reason(*reason) for reason in pair.reasons], who),
        )
        for pair in pairs
    ]  # fmt: skip
