"""Whether a customer would be left with nothing planned."""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.participants import COMPANY


async def is_open(session: AsyncSession, row: Interaction) -> bool:
    """Tell whether what is next has to be asked when this one is closed.

    It has to be unless it comes again by itself, or something else is planned with its customers.
    """
    if row.status != "planned" or row.repeat is not None:
        return False
    customers = (
        await session.scalars(
            select(Participant.contact_id).where(
                Participant.interaction_id == row.id,
                Participant.contact_id.is_not(None),
                Participant.role != COMPANY,
            )
        )
    ).all()
    if not customers:
        return False
    other, taking = aliased(Interaction), aliased(Participant)
    planned = select(other.id).join(taking, taking.interaction_id == other.id)
    return not await session.scalar(
        select(
            exists(
                planned.where(
                    taking.contact_id.in_(customers),
                    other.id != row.id,
                    other.status == "planned",
                    other.deleted_at.is_(None),
                )
            )
        )
    )
