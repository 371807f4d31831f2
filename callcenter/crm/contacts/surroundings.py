"""Who stands around a contact: its ties, in the words of the reader, and whom those know.

Only contacts that the reader may see are named. Two steps are told: who knows whom decides a
deal more often than who is known oneself.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.models import Contact, Relationship
from callcenter.crm.contacts.ties import TYPES
from callcenter.db import Question, among
from callcenter.entity.models import Option
from callcenter.entity.options import text_in
from callcenter.server.identity import Identity

#: So many ties are followed from each step.
MOST: Final = 100

_TIES: Final = Question(
    select(*Relationship.__table__.c, Option.label, Option.data)
    .join(Option, Option.id == Relationship.type_id)
    .where(or_(among(Relationship.from_id, "ids"), among(Relationship.to_id, "ids")))
    .order_by(Relationship.until.is_not(None), Relationship.id.desc())
    .limit(MOST)
)
_TYPES: Final = Question(
    select(Option.id, Option.label, Option.data)
    .where(Option.list == TYPES, Option.active, Option.deleted_at.is_(None))
    .order_by(Option.position, Option.id)
)


class Side(NamedTuple):
    """The contact at the other end of a tie."""

    id: int
    name: str
    kind: str


class Tie(NamedTuple):
    """A tie as it is told on one of the two cards: `word` says what the other is to this one."""

    #: The columns of a `Relationship`.
    row: Any
    word: str
    other: Side
    is_past: bool


class Way(NamedTuple):
    """A contact two steps away: by whom, and what they are to each other."""

    by: Side
    word: str
    other: Side


async def ties_of(
    session: AsyncSession, who: Identity, contact_id: int, language: str, today: date
) -> list[Tie]:
    """Return the contact's ties, those that are over last."""
    ties = await _ties(session, who, [contact_id], language, today)
    return sorted(
        ties.get(contact_id, []),
        key=lambda tie: (tie.is_past, not tie.row.is_primary, tie.word, tie.other.name),
    )


async def ways_from(
    session: AsyncSession,
    who: Identity,
    contact_id: int,
    ties: Iterable[Tie],
    language: str,
    today: date,
) -> list[Way]:
    """Return whom those know that the contact is tied to."""
    near = {tie.other.id: tie.other for tie in ties if not tie.is_past}
    beyond = await _ties(session, who, list(near)[:MOST], language, today)
    return [
        Way(near[side], tie.word, tie.other)
        for side, further in beyond.items()
        for tie in further
        if not tie.is_past and tie.other.id != contact_id and tie.other.id not in near
    ][:MOST]


async def _ties(
    session: AsyncSession, who: Identity, ids: Sequence[int], language: str, today: date
) -> dict[int, list[Tie]]:
    rows = await _TIES.ask(session, ids=ids) if ids else []
    seen = await _sides(session, who, {side for row in rows for side in (row.from_id, row.to_id)})
    ties: dict[int, list[Tie]] = {}
    for row in rows:
        words = {
            row.from_id: (row.label, row.to_id),
            row.to_id: (row.data.get("reverse", row.label), row.from_id),
        }
        for side, (word, other) in words.items():
            if side in ids and other in seen and other != side:
                is_past = row.until is not None and row.until <= today
                ties.setdefault(side, []).append(
                    Tie(row, text_in(word, language), seen[other], is_past)
                )
    return ties


async def _sides(session: AsyncSession, who: Identity, ids: Collection[int]) -> dict[int, Side]:
    """Return those of these contacts that `who` may see."""
    if not ids:
        return {}
    query = select(Contact.id, Contact.name, Contact.kind)
    found = await session.execute(query.where(Contact.id.in_(ids), visible_to(who)))
    return {row.id: Side(row.id, row.name, row.kind) for row in found}


class Word(NamedTuple):
    """A way to be tied, as one side says it: `value` is what a form sends."""

    value: str
    text: str


async def words_for(session: AsyncSession, kind: str, language: str) -> list[Word]:
    """Return what others can be to a contact of this kind."""
    words: list[Word] = []
    for type_id, label, data in await _TYPES.ask(session):
        there, back = text_in(label, language), text_in(data.get("reverse", label), language)
        if data.get("from") in (None, kind):
            words.append(Word(f"{type_id}:to", there))
        if data.get("to") in (None, kind) and (
            back != there or data.get("from") not in (None, kind)
        ):
            words.append(Word(f"{type_id}:from", back))
    return words
