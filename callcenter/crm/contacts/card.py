"""One contact with all that its card shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from callcenter import phone
from callcenter.agents.models import User
from callcenter.crm.contacts import covering
from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.listing import ContactLine, lines_of
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.server.identity import Identity

#: People of a company that are shown on its card.
PEOPLE = 50


@dataclass(frozen=True, slots=True)
class Card:
    contact: Contact
    points: Sequence[ContactPoint]
    company_name: str | None
    owner_name: str | None
    #: IANA zones the contact may be in: one if it is certain, none if nothing is known.
    time_zones: tuple[str, ...]
    #: Who works there, if it is a company.
    people: list[ContactLine]


async def find(session: AsyncSession, who: Identity, contact_id: int) -> Card | None:
    """Return the card of a contact that `who` may see, without what his role covers."""
    contact = await session.scalar(
        select(Contact)
        .where(Contact.id == contact_id, visible_to(who))
        .options(selectinload(Contact.points), selectinload(Contact.company))
    )
    if contact is None:
        return None
    zones = time_zones(contact)
    covering.cover_contact(contact, who)
    owner = await session.get(User, contact.owner_id) if contact.owner_id else None
    return Card(
        contact=contact,
        points=contact.points,
        company_name=contact.company.name if contact.company else None,
        owner_name=owner.name if owner else None,
        time_zones=zones,
        people=await _people(session, who, contact) if contact.kind == "company" else [],
    )


def time_zones(contact: Contact) -> tuple[str, ...]:
    """Return where the contact may be: what its card says, else what its first number tells."""
    if contact.time_zone:
        return (contact.time_zone,)
    first = next(
        (point.norm for point in contact.points if point.kind == "phone" and point.valid), ""
    )
    return phone.time_zones(first)


async def _people(session: AsyncSession, who: Identity, company: Contact) -> list[ContactLine]:
    ids = await session.scalars(
        select(Contact.id)
        .where(Contact.company_id == company.id, visible_to(who))
        .order_by(Contact.fold, Contact.id)
        .limit(PEOPLE)
    )
    return await lines_of(session, list(ids), who)
