"""What a card says follows from interactions: when one was last in touch, what is to be done next.

No edit of the contact by a person: its version stays.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import column, func, or_, select, table, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import millis
from callcenter.interactions.models import Interaction, Participant

#: Kinds in which one is in touch with the customer.
TALKS: Final = ("call", "meeting", "visit", "email", "sms", "chat")

#: Contacts and leads belong to rooms above this one, so their tables are known by name only.
_contact = table("contact", column("id"), column("next_action_at"), column("last_contact_at"))
_lead = table("lead", column("id"), column("next_action_at"))


async def follow(
    session: AsyncSession, row: Interaction, diff: Mapping[str, list[Any]], at: datetime
) -> None:
    """Bring the cards of all who take part, or did until now, up to date, and that of its lead."""
    leads = {row.lead_id, *diff.get("lead_id", [])} - {None}
    if leads:
        await _plan_leads(session, leads)
    taking = await session.scalars(
        select(Participant.contact_id).where(
            Participant.interaction_id == row.id, Participant.contact_id.is_not(None)
        )
    )
    before = (diff.get("participants") or [None])[0] or []
    ids = {*taking, *(one["contact_id"] for one in before if one["contact_id"] is not None)}
    if not ids:
        return
    await _plan(session, ids)
    if row.status == "held" and row.kind in TALKS and row.start_at <= at:
        await _in_touch(session, ids, row.start_at)


async def _plan(session: AsyncSession, ids: Collection[int]) -> None:
    first = (
        select(func.min(Interaction.due_at))
        .join(Participant, Participant.interaction_id == Interaction.id)
        .where(
            Participant.contact_id == _contact.c.id,
            Interaction.status == "planned",
            Interaction.deleted_at.is_(None),
        )
        .correlate(_contact)
        .scalar_subquery()
    )
    await session.execute(
        update(_contact).where(_contact.c.id.in_(ids)).values(next_action_at=first)
    )


async def _plan_leads(session: AsyncSession, ids: Collection[int]) -> None:
    first = (
        select(func.min(Interaction.due_at))
        .where(
            Interaction.lead_id == _lead.c.id,
            Interaction.status == "planned",
            Interaction.deleted_at.is_(None),
        )
        .correlate(_lead)
        .scalar_subquery()
    )
    await session.execute(update(_lead).where(_lead.c.id.in_(ids)).values(next_action_at=first))


async def _in_touch(session: AsyncSession, ids: Collection[int], at: datetime) -> None:
    last = _contact.c.last_contact_at
    await session.execute(
        update(_contact)
        .where(_contact.c.id.in_(ids), or_(last.is_(None), last < millis(at)))
        .values(last_contact_at=millis(at))
    )
