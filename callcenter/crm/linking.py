"""Which contact a call belongs to, where a person decides.

A number of several contacts belongs to nobody until a person says who it was; that choice
is audited and stands against everything. A contact that gains a number gains the past calls
of that number, if nobody else has it. Its company gains them too (`participant` of the role
company: a later change of jobs takes no history away).

`linker` links what is certain, as the calls come in.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.errors import NotFound
from callcenter.interactions.access import visible_to as may_change
from callcenter.interactions.models import Interaction, Participant
from callcenter.server.actor import Actor
from callcenter.server.identity import Identity

CUSTOMER = ("from", "to")


async def choose(
    session: AsyncSession,
    who: Identity,
    interaction_id: int,
    contact_id: int,
    at: datetime,
    by: Actor,
) -> Contact:
    """Say whose call it was; return the contact. Raises NotFound."""
    contact = await session.scalar(select(Contact).where(Contact.id == contact_id, visible_to(who)))
    customer = await session.scalar(
        select(Participant)
        .join(Interaction, Interaction.id == Participant.interaction_id)
        .where(
            Participant.interaction_id == interaction_id,
            Participant.role.in_(CUSTOMER),
            may_change(who, "edit"),
        )
        .order_by(Participant.seq)
        .limit(1)
        .with_for_update(of=Participant)
    )
    if contact is None or customer is None:
        raise NotFound
    before = customer.contact_id
    if (before, customer.certainty) != (contact.id, "chosen"):
        customer.contact_id, customer.certainty = contact.id, "chosen"
        await _set_company(session, customer, contact.company_id)
        audit.record(
            session, at, entity="interaction", entity_id=interaction_id, contact_id=contact.id,
            action="link", diff={"contact_id": [before, contact.id]}, **by,
        )  # fmt: skip
        await _in_touch(session, contact, customer.at)
    return contact


async def claim_past(session: AsyncSession, contact: Contact) -> int:
    """Give `contact` the calls of its numbers that are nobody's; return how many.

    Numbers that other contacts have too are left to a person's choice.
    """
    own = [norm for norm in {point.norm for point in contact.points} if norm]
    shared = await session.scalars(
        select(ContactPoint.norm)
        .join(Contact, Contact.id == ContactPoint.contact_id)
        .where(
            ContactPoint.norm.in_(own),
            Contact.id != contact.id,
            Contact.deleted_at.is_(None),
        )
    )
    norms = set(own) - set(shared)
    past = await session.execute(
        update(Participant)
        .where(
            Participant.point.in_(norms),
            Participant.contact_id.is_(None),
            Participant.role.in_(CUSTOMER),
        )
        .values(contact_id=contact.id, certainty="known")
        .returning(Participant.interaction_id, Participant.at)
        .execution_options(synchronize_session=False)
    )
    rows = past.all()
    if rows:
        await _claim_for_company(session, contact, [tuple(row) for row in rows])
        await _in_touch(session, contact, max(at for _, at in rows))
    return len(rows)


async def _claim_for_company(
    session: AsyncSession, contact: Contact, rows: Sequence[tuple[Any, ...]]
) -> None:
    if contact.company_id is None:
        return
    for interaction_id, at in rows:
        session.add(
            Participant(
                interaction_id=interaction_id, role="company", seq=0, at=at,
                contact_id=contact.company_id,
            )
        )  # fmt: skip
    await session.flush()


async def _set_company(
    session: AsyncSession, customer: Participant, company_id: int | None
) -> None:
    row = await session.get(Participant, (customer.interaction_id, "company", 0))
    if row is not None and company_id is None:
        await session.delete(row)
    elif row is not None:
        row.contact_id = company_id
    elif company_id is not None:
        session.add(
            Participant(
                interaction_id=customer.interaction_id, role="company", seq=0, at=customer.at,
                contact_id=company_id,
            )
        )  # fmt: skip


async def _in_touch(session: AsyncSession, contact: Contact, at: datetime) -> None:
    """Note when the contact, and so the company, was last in touch.

    No edit by a person: the version stays.
    """
    both = [one for one in (contact.id, contact.company_id) if one is not None]
    await session.execute(
        update(Contact)
        .where(
            Contact.id.in_(both),
            or_(Contact.last_contact_at.is_(None), Contact.last_contact_at < at),
        )
        .values(last_contact_at=at)
        .execution_options(synchronize_session=False)
    )
