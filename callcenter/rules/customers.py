"""Who the customer of a row is, and how he is reached: of a contact, a lead, an interaction."""

from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.entity.description import Entity
from callcenter.entity.saving import contact_of
from callcenter.interactions.models import Participant
from callcenter.interactions.participants import CUSTOMER, Taking
from callcenter.rules.matter import Matter


class Customer(NamedTuple):
    contact: Contact | None
    #: Of a stranger, as he or somebody else wrote it.
    name: str
    number: str | None
    address: str | None

    @property
    def called(self) -> str:
        return self.contact.name if self.contact else self.name or self.number or self.address or ""


async def of(matter: Matter) -> Customer:
    return await of_row(matter.deed.session, matter.entity, matter.row)


async def of_row(session: AsyncSession, entity: Entity, row: Any) -> Customer:
    """Return the customer; what the row itself says of him comes before what his contact does."""
    name, number, address = (getattr(row, one, None) for one in ("person", "phone", "email"))
    contact_id = contact_of(entity, row)
    if entity.name == "interaction":
        found = await _taking(session, row.id)
        if found is not None:
            contact_id, name, point = found.contact_id, found.text, found.point or ""
            number, address = (None, point) if "@" in point else (point or None, None)
    contact = await session.get(Contact, contact_id) if contact_id is not None else None
    if contact is not None and contact.deleted_at is None:
        number = number or await _point(session, contact.id, "phone")
        address = address or await _point(session, contact.id, "email")
        return Customer(contact, contact.name, number, address)
    return Customer(None, name or "", number or None, address or None)


async def belongings(matter: Matter) -> dict[str, Any]:
    """Return what says of a new interaction whose it is: with whom, and of which row."""
    deed, given = matter.deed, dict[str, Any]()
    who = await of(matter)
    taking = Taking(
        role="to", contact_id=who.contact.id if who.contact else None,
        text=None if who.contact else who.name or who.called or None,
        point=None if who.contact else who.number or who.address,
    )  # fmt: skip
    if taking.contact_id is not None or taking.text:
        given["participants"] = [taking]
    # What an interaction can belong to it has a field for.
    if (belongs := f"{matter.entity.name}_id") in deed.registry.fields("interaction"):
        given[belongs] = matter.row.id
    elif matter.entity.name == "interaction" and matter.row.lead_id is not None:
        given["lead_id"] = matter.row.lead_id
    return given


async def _taking(session: AsyncSession, interaction_id: int) -> Participant | None:
    rows = await session.scalars(
        select(Participant)
        .where(
            Participant.interaction_id == interaction_id, Participant.role.in_(CUSTOMER),
            Participant.user_id.is_(None),
        )
        .order_by(Participant.seq)
    )  # fmt: skip
    return min(rows, key=lambda one: CUSTOMER.index(one.role), default=None)


async def _point(session: AsyncSession, contact_id: int, kind: str) -> str | None:
    """Return the first number or address of a contact that works."""
    return await session.scalar(
        select(ContactPoint.norm)
        .where(
            ContactPoint.contact_id == contact_id, ContactPoint.kind == kind, ContactPoint.valid,
            ContactPoint.invalid_at.is_(None),
        )
        .order_by(ContactPoint.position, ContactPoint.id)
        .limit(1)
    )  # fmt: skip
