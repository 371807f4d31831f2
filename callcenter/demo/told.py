"""What the demo's people were told of late, and a job that did not succeed."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.interactions.models import Interaction
from callcenter.jobs import Job, leases
from callcenter.notices import notices
from callcenter.notices.models import Notification
from callcenter.post import sms
from callcenter.post.sms import Sms

#: Hours ago, kind, whether a colleague did it.
TOLD: Final = (
    (0.2, "named", True), (1.5, "given", True), (3, "reminder", False), (26, "rule", False),
    (30, "given", True), (50, "named", True),
)  # fmt: skip
#: So many of them, the newest, were not read.
NEW: Final = 3


async def add(session: AsyncSession, user_ids: list[int], now: datetime) -> None:
    """Tell each of these people of things that are his own."""
    head = await session.scalar(select(User.id).where(User.login == "zerife"))
    for user_id in user_ids:
        own = (Interaction.owner_id == user_id, Interaction.subject.is_not(None))
        query = select(Interaction).where(*own).limit(len(TOLD))
        rows = list(await session.scalars(query.order_by(Interaction.start_at.desc())))
        for (hours, kind, by_somebody), row in zip(TOLD, rows, strict=False):
            told: Any = ("interaction", row.id, row.subject or row.kind)
            at = now - timedelta(hours=hours)
            by_id = head if by_somebody else None
            await notices.add(session, [user_id], kind, told, by_id, at)
    await _read(session, now)
    await _message_to_nobody(session, now)


async def _read(session: AsyncSession, now: datetime) -> None:
    """All were told, and the older ones read."""
    edge = now - timedelta(hours=TOLD[NEW - 1][0], minutes=1)
    for row in await session.scalars(select(Notification)):
        row.told_at, row.read_at = row.at, row.at if row.at < edge else None


async def _message_to_nobody(session: AsyncSession, now: datetime) -> None:
    """A message that the provider refused, as an administrator would find it."""
    key, at = "demo-sms", now - timedelta(hours=5)
    await sms.later(session, Sms(to="+994500000000", text="Sifarişiniz hazırdır", id=key), at)
    job = (await session.scalars(select(Job).where(Job.kind == sms.JOB, Job.key == key))).one()
    job.failed_at, job.attempts = at + timedelta(seconds=2), leases.MOST_ATTEMPTS
    job.error = "ERR 105: abonent mövcud deyil"
