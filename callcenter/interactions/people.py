"""The names of those who took part, for pages and timelines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, column, literal, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
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
    for row, name, user, seen in await session.execute(_query(who, ids)):
        person = _person(row, name, user, who, is_others=row.contact_id is not None and not seen)
        found.setdefault(row.interaction_id, []).append(person)
    for people in found.values():
        people.sort(key=lambda person: not person.is_customer)
    return found


def _query(who: Identity, ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Participant,
            contact.c.name.label("contact"),
            User.name.label("user"),
            (literal(True) & are_seen(who)).label("seen"),
        )
        .outerjoin(contact, contact.c.id == Participant.contact_id)
        .outerjoin(User, User.id == Participant.user_id)
        .where(Participant.interaction_id.in_(ids), Participant.role != COMPANY)
        .order_by(Participant.interaction_id, Participant.seq)
    )


def _person(
    row: Participant, name: str | None, user: str | None, who: Identity, *, is_others: bool
) -> Person:
    point = covering.place(row.point, who)
    known = "" if is_others else name or user or covering.name(row.text, who) or point or ""
    return Person(
        row.role, row.seq, known, row.contact_id, row.user_id, point, row.response, is_others
    )
