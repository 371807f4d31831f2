"""What a lead that is won, or is taken back from there, makes of its contact."""

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.models import Contact
from callcenter.entity import editing
from callcenter.entity.editing import Diff, plain
from callcenter.leads.models import Lead
from callcenter.server.actor import Actor

WON: Final = ("is_customer", "lifecycle", "customer_since")


async def won(session: AsyncSession, lead: Lead, at: datetime, by: Actor, zone: ZoneInfo) -> None:
    """Make the contact a customer since that day in `zone`; the lead remembers what it was before."""
    contact = await _contact(session, lead)
    if contact is None:
        return
    becomes = {
        "is_customer": True, "lifecycle": "customer",
        "customer_since": contact.customer_since or at.astimezone(zone).date(),
    }  # fmt: skip
    other = await _other(session, lead)
    # What he was before any of them was won.
    lead.was = other.was if other else {name: plain(getattr(contact, name)) for name in WON}
    await _change(session, contact, becomes, at, by)


async def reopened(session: AsyncSession, lead: Lead, at: datetime, by: Actor) -> None:
    """Make the contact what it was, unless another lead of it is won or somebody said otherwise."""
    was, lead.was = lead.was, {}
    contact = await _contact(session, lead)
    is_as_left = contact is not None and contact.is_customer and contact.lifecycle == "customer"
    if contact is None or not was or not is_as_left or await _other(session, lead):
        return
    since = was["customer_since"]
    before = was | {"customer_since": date.fromisoformat(since) if since else None}
    await _change(session, contact, before, at, by)


async def _contact(session: AsyncSession, lead: Lead) -> Contact | None:
    if lead.contact_id is None:
        return None
    found: Contact | None = await session.scalar(
        select(Contact)
        .where(Contact.id == lead.contact_id, Contact.deleted_at.is_(None))
        .with_for_update()
    )
    return found


async def _other(session: AsyncSession, lead: Lead) -> Lead | None:
    """Return another lead of the contact that is won."""
    rows = await session.scalars(
        select(Lead).where(
            Lead.contact_id == lead.contact_id, Lead.id != lead.id, Lead.deleted_at.is_(None)
        )
    )
    return next((row for row in rows if row.was), None)


async def _change(
    session: AsyncSession, contact: Contact, becomes: dict[str, Any], at: datetime, by: Actor
) -> None:
    diff: Diff = {}
    for name, value in becomes.items():
        before = getattr(contact, name)
        if before != value:
            diff[name] = [plain(before), plain(value)]
            setattr(contact, name, value)
    await editing.note(session, contact, "contact", diff, at, by, contact.id)
