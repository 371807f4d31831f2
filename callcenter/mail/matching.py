"""Who an address is: one of us, a contact, or nobody we know.

An address of several contacts is nobody's until a person says whose, unless the letter answers
one that was with one of them.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.interactions.models import Participant


async def contacts(
    session: AsyncSession, addresses: Collection[str], parent_id: int | None = None
) -> dict[str, int]:
    """Return {address: contact} of those that are one contact's."""
    rows = await session.execute(
        select(ContactPoint.norm, Contact.id)
        .join(Contact, Contact.id == ContactPoint.contact_id)
        .where(
            ContactPoint.kind == "email", ContactPoint.norm.in_(addresses),
            Contact.deleted_at.is_(None), Contact.merged_into_id.is_(None),
        )
    )  # fmt: skip
    found: dict[str, set[int]] = {}
    for address, contact_id in rows:
        found.setdefault(address, set()).add(contact_id)
    before = await _in(session, parent_id) if parent_id is not None else frozenset[int]()
    return {
        address: next(iter(sure))
        for address, ids in found.items()
        if len(sure := ids if len(ids) == 1 else ids & before) == 1
    }


async def _in(session: AsyncSession, interaction_id: int) -> frozenset[int]:
    rows = await session.scalars(
        select(Participant.contact_id).where(
            Participant.interaction_id == interaction_id, Participant.contact_id.is_not(None)
        )
    )
    return frozenset(each for each in rows if each is not None)


async def colleagues(session: AsyncSession, addresses: Sequence[str]) -> dict[str, int]:
    """Return {address: user} of the people who work here."""
    rows = await session.execute(
        select(func.lower(User.email).label("address"), User.id)
        .where(func.lower(User.email).in_(addresses), User.active, User.deleted_at.is_(None))
        .order_by(User.id.desc())
    )
    return {row.address: row.id for row in rows}
