"""A meeting of the demo to which guests were invited: two have answered, one not yet."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import jobs
from callcenter.agents.models import User
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.db import new_id
from callcenter.demo.correspondence import ADDRESS
from callcenter.diary import answers, guests
from callcenter.diary.answers import Answer
from callcenter.diary.models import Guest
from callcenter.interactions.models import Interaction, Participant, Response

SUBJECT: Final = "Yeni məhsulların təqdimatı"
PLACE: Final = "Nizami küçəsi 203, 4-cü mərtəbə"
#: In UTC: ten in the morning in Baku.
AT_HOUR: Final = 6
#: What the guests say, in their order.
ANSWERS: Final[Sequence[Response | None]] = ("accepted", "tentative", None)


async def add(session: AsyncSession, login: str, now: datetime) -> None:
    """Have one of the people invite customers whose addresses are theirs alone."""
    owner = await session.scalar(select(User).where(User.login == login))
    people = await _people(session)
    if owner is None or len(people) < len(ANSWERS):
        return
    start = now.replace(hour=AT_HOUR, minute=0, second=0, microsecond=0) + timedelta(days=2)
    row = Interaction(
        id=new_id(now.timestamp()), kind="meeting", status="planned", subject=SUBJECT, place=PLACE,
        start_at=start, end_at=start + timedelta(hours=1), due_at=start, owner_id=owner.id,
        all_day=False, custom={}, version=1, created_at=now, updated_at=now, created_by=owner.id,
        updated_by=owner.id,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    session.add_all(
        Participant(
            interaction_id=row.id, role="attendee", seq=seq, contact_id=contact_id,
            certainty="chosen", at=start,
        )
        for seq, contact_id in enumerate(people)
    )  # fmt: skip
    await session.flush()
    await guests.invite(session, row, now, owner.id)
    for guest, response in zip(await guests.of(session, row.id), ANSWERS, strict=True):
        await _arrived(session, guest)
        if response is not None:
            await answers.give(session, guest, Answer(response, now, guest.sequence), now)


async def _people(session: AsyncSession) -> list[int]:
    alone = select(ContactPoint.norm).group_by(ContactPoint.norm).having(func.count() == 1)
    rows = await session.scalars(
        select(Contact.id)
        .join(ContactPoint, ContactPoint.contact_id == Contact.id)
        .where(
            ContactPoint.kind == "email", ContactPoint.norm.in_(alone), Contact.kind == "person",
            Contact.do_not_contact_at.is_(None),
        )
        .distinct()
        .order_by(Contact.id)
        .limit(len(ANSWERS))
    )  # fmt: skip
    return list(rows)


async def _arrived(session: AsyncSession, guest: Guest) -> None:
    """Say that the letter has gone: nobody of the made-up people is written to."""
    guest.state, guest.organizer = "sent", ADDRESS
    await jobs.drop(session, guests.LETTER, f"{guest.id}.{guest.sequence}.request")
