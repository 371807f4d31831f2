"""What belongs to a person: contacts, inquiries, and what passed between them and us.

A person is not only found where their id stands. Somebody who called before being a contact
appears in that call by number alone, and a task of their inquiry may name nobody.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.db import Base, any_of
from callcenter.interactions.models import Interaction, Participant


@dataclass(frozen=True, slots=True)
class Belongings:
    """Ids of rows, and the numbers and addresses that nobody but this person has."""

    contacts: list[int]
    leads: list[int]
    interactions: list[int]
    points: list[str]

    def of(self, table: Table, *entities: str) -> ColumnElement[bool]:
        """Return the condition that a row speaks, by entity and id, of one of these."""
        ids = {"contact": self.contacts, "lead": self.leads, "interaction": self.interactions}
        pairs = (
            and_(table.c.entity == entity, any_of(table.c.entity_id, ids[entity]))
            for entity in entities
        )
        return or_(*pairs)

    @property
    def taking_part(self) -> ColumnElement[bool]:
        """Return the condition that a participant is this person."""
        return or_(
            Participant.contact_id.in_(self.contacts),
            and_(
                Participant.contact_id.is_(None),
                Participant.user_id.is_(None),
                Participant.point.in_(self.points),
            ),
        )


async def belongings(session: AsyncSession, contact_id: int, *, alone: bool) -> Belongings:
    """Return all that is a person's; `alone`: without the interactions of other customers, too."""
    contacts = await all_ids(session, contact_id)
    leads = await _leads(session, contacts)
    points = await _points(session, contacts)
    # Before its interactions are known, this says who takes part in them.
    found = Belongings(contacts, leads, [], points)
    interactions = await _interactions(session, found, alone=alone)
    return Belongings(contacts, leads, interactions, points)


async def all_ids(session: AsyncSession, contact_id: int) -> list[int]:
    """Return the contact's id, and those of the contacts that were found to be him."""
    ids, found = {contact_id}, {contact_id}
    while found:
        merged = select(Contact.id).where(Contact.merged_into_id.in_(found))
        found = set(await session.scalars(merged)) - ids
        ids |= found
    return sorted(ids)


async def _leads(session: AsyncSession, contacts: list[int]) -> list[int]:
    # Leads live in a room above this one, so their table is known by name only.
    leads = Base.metadata.tables["lead"]
    return sorted(await session.scalars(select(leads.c.id).where(leads.c.contact_id.in_(contacts))))


async def _points(session: AsyncSession, contacts: list[int]) -> list[str]:
    point: Any = ContactPoint
    own = set(await session.scalars(select(point.norm).where(point.contact_id.in_(contacts))))
    shared = select(point.norm).where(point.norm.in_(own), point.contact_id.not_in(contacts))
    return sorted(own - set(await session.scalars(shared)))


async def _interactions(session: AsyncSession, of: Belongings, *, alone: bool) -> list[int]:
    took_part = select(Participant.interaction_id).where(of.taking_part)
    if alone:
        took_part = took_part.where(Participant.role != "company")
    of_leads = select(Interaction.id).where(any_of(Interaction.lead_id, of.leads))
    found = {*await session.scalars(took_part), *await session.scalars(of_leads)}
    if not alone:
        return sorted(found)
    others = select(Participant.interaction_id).where(
        any_of(Participant.interaction_id, found),
        Participant.contact_id.not_in(of.contacts),
        Participant.role != "company",
    )
    return sorted(found - set(await session.scalars(others)))


def table_of(model: type[Base]) -> Table:
    table: Any = model.__table__
    found: Table = table
    return found
