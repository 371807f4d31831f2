"""Looks for duplicates in the background, among new and changed contacts only.

The scanner reads the stream of changes from where it stopped, compares each contact that was
changed with those an index finds like it, and keeps the pairs that are worth a look. What
people said of a pair stands until the data they said it of changes. The first time, it walks
once through all contacts there are.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.audit import Cursor, Place
from callcenter.crm.contacts.models import Contact
from callcenter.crm.duplicates.blocking import candidates
from callcenter.crm.duplicates.facts import basis, of_contacts
from callcenter.crm.duplicates.models import Duplicate
from callcenter.crm.duplicates.score import Facts, Verdict, compare
from callcenter.db import Database, new_id

#: So many contacts are compared in one go.
BATCH: Final = 50
#: So many lines of the stream are read in one go.
LINES: Final = 200
STATE: Final = "duplicates"

#: What is like one contact: the other's facts and the verdict, by its id.
Likes = Mapping[int, tuple[Facts, Verdict]]


def scanner(database: Database, now: Callable[[], datetime]) -> audit.Follower:
    """Return what scans, at most half of the time, so that people and calls come first."""
    place = Place(STATE)
    return audit.Follower(STATE, database, lambda: step(database, now(), place), rest=1.0)


async def step(database: Database, at: datetime, place: Place | None = None) -> bool:
    """Compare the next contacts; return whether there are more."""
    place = place or Place(STATE)
    async with database.read() as session:
        state = await place.find(session) or {
            "walked": 0, "after": str(await audit.newest(session)),
        }  # fmt: skip
        walked = state["walked"]
        ids, state, more = await _next(session, state)
        facts = await of_contacts(session, ids)
        likes = await _likes(session, facts)
    if not ids and state["walked"] == walked:
        await place.go_on(database, state, at)
        return more
    async with database.write() as session:
        await _keep(session, ids, facts, likes, at)
        await place.keep(session, state, at)
    return more


async def _next(
    session: AsyncSession, state: dict[str, Any]
) -> tuple[Sequence[int], dict[str, Any], bool]:
    """Return which contacts come next, the state when they are done, and whether more follow."""
    if state["walked"] is not None:
        query = select(Contact.id).where(Contact.id > state["walked"], Contact.deleted_at.is_(None))
        walked = (await session.scalars(query.order_by(Contact.id).limit(BATCH))).all()
        return walked, state | {"walked": walked[-1] if walked else None}, True
    cursor = Cursor.read(state["after"]) or Cursor()
    stretch = await audit.read(session, cursor, LINES, entities=("contact",))
    changed = dict.fromkeys(line.entity_id for line in stretch.lines if line.entity_id is not None)
    return list(changed), state | {"after": str(stretch.after)}, stretch.more


async def _likes(session: AsyncSession, facts: Mapping[int, Facts]) -> dict[int, Likes]:
    """Return for each contact those that may be the same, with what was compared."""
    partners: dict[int, set[int]] = {}
    for pair in await _pairs(session, list(facts)):
        partners.setdefault(pair.a_id, set()).add(pair.b_id)
        partners.setdefault(pair.b_id, set()).add(pair.a_id)
    likes: dict[int, Likes] = {}
    for contact_id, ours in facts.items():
        # A pair that is known is compared again, whether a limited look-up finds it or not.
        ids = {*await candidates(session, ours, without=contact_id), *partners.get(contact_id, ())}
        others = await of_contacts(session, list(ids))
        compared = {id_: (theirs, compare(ours, theirs)) for id_, theirs in others.items()}
        likes[contact_id] = {id_: pair for id_, pair in compared.items() if pair[1].suggests}
    return likes


async def _pairs(session: AsyncSession, contact_ids: Sequence[int]) -> Sequence[Duplicate]:
    of_these = or_(Duplicate.a_id.in_(contact_ids), Duplicate.b_id.in_(contact_ids))
    return (await session.scalars(select(Duplicate).where(of_these))).all()


async def _keep(
    session: AsyncSession,
    contact_ids: Sequence[int],
    facts: Mapping[int, Facts],
    likes: Mapping[int, Likes],
    at: datetime,
) -> None:
    """Bring the stored pairs of these contacts to what was found; one without facts is gone."""
    stored = {(pair.a_id, pair.b_id): pair for pair in await _pairs(session, contact_ids)}
    wanted = {
        (min(one, other), max(one, other)): (verdict, basis(facts[one], theirs))
        for one, found in likes.items()
        for other, (theirs, verdict) in found.items()
    }
    for key, pair in stored.items():
        if pair.state == "open" and key not in wanted:
            await session.delete(pair)
    for key, (verdict, mark) in wanted.items():
        known = stored.get(key)
        if known is None:
            known = Duplicate(id=new_id(at.timestamp()), a_id=key[0], b_id=key[1], found_at=at)
            session.add(known)
        elif known.basis == mark or known.state == "merged":
            continue
        known.score, known.basis, known.state = verdict.score, mark, "open"
        known.reasons = [list(reason) for reason in verdict.reasons]
