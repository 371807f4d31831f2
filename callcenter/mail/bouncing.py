"""What a delivery report changes: our letter came back, and an address may be gone for good."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.crm.contacts.models import ContactPoint
from callcenter.diary.models import Guest
from callcenter.interactions.models import Interaction
from callcenter.mail.bounces import Bounce
from callcenter.mail.models import Letter
from callcenter.notices import notices
from callcenter.server.actor import SYSTEM


async def settle(session: AsyncSession, bounce: Bounce, at: datetime) -> bool:
    """Mark the letter that came back; return False if it is none of ours."""
    letter = await session.scalar(
        select(Letter)
        .where(Letter.message_id == bounce.message_id, Letter.state.in_(("sent", "bounced")))
        .limit(1)
        .with_for_update()
    )
    said = "; ".join(f"{one.address}: {one.status} {one.says}" for one in bounce.failures)
    if letter is not None:
        await mark(session, letter, "bounced", said, at)
    elif not await _invitation(session, bounce.message_id, said, at):
        return False
    gone = [one.address for one in bounce.failures if one.is_gone]
    await session.execute(
        update(ContactPoint)
        .where(
            ContactPoint.kind == "email", ContactPoint.norm.in_(gone),
            ContactPoint.invalid_at.is_(None),
        )
        .values(invalid_at=at)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return True


async def _invitation(session: AsyncSession, message_id: str, says: str, at: datetime) -> bool:
    """Say that an invitation did not arrive; return False if it was none."""
    guest = await session.scalar(
        select(Guest)
        .where(Guest.message_id == message_id, Guest.message_id != "", Guest.state == "sent")
        .limit(1)
        .with_for_update()
    )
    if guest is None:
        return False
    guest.state, guest.says = "bounced", says[:500]
    row = await session.get_one(Interaction, guest.interaction_id)
    if row.owner_id is not None:
        told = ("interaction", row.id, f"{guest.name} · {row.subject or ''}")
        await notices.add(session, [row.owner_id], "mail_failed", told, None, at)
    await session.flush()
    return True


async def mark(session: AsyncSession, letter: Letter, state: str, says: str, at: datetime) -> None:
    """Say that a letter did not arrive, and tell whoever wrote it."""
    row = await session.get_one(Interaction, letter.interaction_id)
    audit.record(
        session, at, entity="interaction", entity_id=row.id, action="letter",
        diff={"state": [letter.state, state]}, **SYSTEM,
    )  # fmt: skip
    letter.state, letter.state_at, letter.says = state, at, says[:500]
    if row.owner_id is not None:
        told = ("interaction", row.id, row.subject or "")
        await notices.add(session, [row.owner_id], "mail_failed", told, None, at)
    await session.flush()
