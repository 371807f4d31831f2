"""The names of those who took part, for pages and timelines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import column, literal, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.entity import rights
from callcenter.entity.description import Entity
from callcenter.interactions.models import Participant
from callcenter.interactions.participants import COMPANY, CUSTOMER
from callcenter.server.identity import Identity

#: What stands for the name of a contact that the reader may not see.
COVERED: Final = "•••"

#: Contacts belong to a room above this one, so their table is known by name only, and of their
#: description as much as rights need.
_contact = table("contact", column("id"), column("name"), column("owner_id"), column("team_id"))


class _Contact:
    id, owner_id, team_id = _contact.c.id, _contact.c.owner_id, _contact.c.team_id


_MODEL: Any = _Contact
_CONTACT: Final = Entity(
    name="contact", plural="contacts", model=_MODEL, label="", labels="", icon="", fields=()
)


@dataclass(frozen=True, slots=True)
class Person:
    """One who took part: a contact, one of us, or a name and a number that nobody has linked yet."""

    role: str
    seq: int
    name: str
    contact_id: int | None = None
    user_id: int | None = None
    point: str | None = None
    response: str | None = None

    @property
    def is_customer(self) -> bool:
        return self.user_id is None and self.role in CUSTOMER

    @property
    def is_unlinked(self) -> bool:
        return self.is_customer and self.contact_id is None


async def of(session: AsyncSession, who: Identity, ids: Sequence[int]) -> dict[int, list[Person]]:
    """Return who took part in each of these, customers first; companies that only hear of it not.

    The names of contacts that `who` may not see are covered.
    """
    rows = await session.execute(
        select(
            Participant,
            _contact.c.name.label("contact"),
            User.name.label("user"),
            (literal(True) & rights.reached(_CONTACT, who, "read")).label("seen"),
        )
        .outerjoin(_contact, _contact.c.id == Participant.contact_id)
        .outerjoin(User, User.id == Participant.user_id)
        .where(Participant.interaction_id.in_(ids), Participant.role != COMPANY)
        .order_by(Participant.interaction_id, Participant.seq)
    )
    found: dict[int, list[Person]] = {}
    for row, contact, user, seen in rows:
        shown = contact if seen or contact is None else COVERED
        name = shown or user or row.text or row.point or ""
        person = Person(
            row.role, row.seq, name, row.contact_id, row.user_id, row.point, row.response
        )
        found.setdefault(row.interaction_id, []).append(person)
    for people in found.values():
        people.sort(key=lambda person: not person.is_customer)
    return found
