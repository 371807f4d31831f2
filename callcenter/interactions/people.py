"""The names of those who took part, for pages and timelines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, column, literal, select, table, true
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.db import Question, among
from callcenter.entity import rights
from callcenter.entity.description import Entity
from callcenter.interactions import covering
from callcenter.interactions.models import Participant
from callcenter.interactions.participants import COMPANY, CUSTOMER
from callcenter.server.identity import Identity

#: Contacts belong to a room above this one, so their table is known by name only, and of their
#: description as much as rights need.
contact = table("contact", column("id"), column("name"), column("owner_id"), column("team_id"))


class _Contact:
    id, owner_id, team_id = contact.c.id, contact.c.owner_id, contact.c.team_id


_MODEL: Any = _Contact
_CONTACT: Final = Entity(
    name="contact", plural="contacts", model=_MODEL, label="", labels="", icon="", fields=()
)


@dataclass(frozen=True, slots=True)
class Person:
    """One who took part, as its reader may know him.

    He is a contact, one of us, or a name and a number that nobody has linked yet.
    """

    role: str
    seq: int
    #: "" of somebody whom the reader may not know.
    name: str
    contact_id: int | None = None
    user_id: int | None = None
    point: str | None = None
    response: str | None = None
    #: A contact whom the reader may not see.
    is_others: bool = False

    @property
    def is_customer(self) -> bool:
        return self.user_id is None and self.role in CUSTOMER

    @property
    def is_unlinked(self) -> bool:
        return self.is_customer and self.contact_id is None

    @property
    def can_be_opened(self) -> bool:
        return self.contact_id is not None and not self.is_others


def are_seen(who: Identity) -> ColumnElement[bool]:
    """Return the condition that `who` may see a row of `contact`."""
    return rights.reached(_CONTACT, who, "read")


async def of(session: AsyncSession, who: Identity, ids: Sequence[int]) -> dict[int, list[Person]]:
    """Return who took part in each of these, customers first; companies that only hear of it not.

    Contacts whom `who` may not see have no name, and numbers are covered as those of contacts are.
    """
    if covering.hides_people(who) or not ids:
        return {}
    found: dict[int, list[Person]] = {}
    for row in await _rows(session, who, ids):
        found.setdefault(row.interaction_id, []).append(_person(row, who))
    for people in found.values():
        people.sort(key=lambda person: not person.is_customer)
    return found


async def _rows(session: AsyncSession, who: Identity, ids: Sequence[int]) -> Sequence[Any]:
    if rights.reaches_all(_CONTACT, who):
        return await _ALL_SEEN.ask(session, ids=ids)
    return (await session.execute(_query(are_seen(who)), {"ids": ids})).all()


def _query(seen: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Return the question who took part in `ids`; `seen` says of a contact whether he may be known."""
    return (
        select(
            Participant.interaction_id,
            Participant.role,
            Participant.seq,
            Participant.contact_id,
            Participant.user_id,
            Participant.text,
            Participant.point,
            Participant.response,
            contact.c.name.label("contact"),
            User.name.label("user"),
            (literal(True) & seen).label("seen"),
        )
        .outerjoin(contact, contact.c.id == Participant.contact_id)
        .outerjoin(User, User.id == Participant.user_id)
        .where(among(Participant.interaction_id, "ids"), Participant.role != COMPANY)
        .order_by(Participant.interaction_id, Participant.seq)
    )


_ALL_SEEN: Final = Question(_query(true()))


def _person(row: Any, who: Identity) -> Person:
    is_others = row.contact_id is not None and not row.seen
    point = covering.place(row.point, who)
    known = (
        "" if is_others else row.contact or row.user or covering.name(row.text, who) or point or ""
    )
    return Person(
        row.role, row.seq, known, row.contact_id, row.user_id, point, row.response, is_others
    )
