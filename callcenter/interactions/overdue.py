"""Tells people in the morning how much of theirs is overdue: one notice a day and person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.interactions.models import EXPECTED, Interaction
from callcenter.notices import notices

#: Between these hours of a person's own day he is told; whoever was away then, tomorrow.
MORNING: Final = (8, 12)
#: Nobody begins a day off with what he has not done.
WEEKEND: Final = (5, 6)


def is_morning(local: datetime) -> bool:
    return local.weekday() not in WEEKEND and MORNING[0] <= local.hour < MORNING[1]


async def tell(session: AsyncSession, at: datetime, zone: ZoneInfo) -> None:
    """Tell those whose morning it is; whoever was told today is not told again."""
    people = await _whose_morning(session, at, zone)
    if not people:
        return
    counts = await session.execute(
        select(Interaction.owner_id, func.count())
        .where(text(EXPECTED), Interaction.due_at < at, Interaction.owner_id.in_(people))
        .group_by(Interaction.owner_id)
    )
    for user_id, count in counts:
        if user_id is not None:
            row = ("interaction", 0, str(count))
            await notices.add(session, [user_id], "overdue", row, None, at, people[user_id])


async def _whose_morning(session: AsyncSession, at: datetime, zone: ZoneInfo) -> Mapping[int, str]:
    """Return the people whose morning it is, with their day."""
    users = await session.execute(
        select(User.id, User.time_zone).where(User.active, User.deleted_at.is_(None))
    )
    local = {id_: at.astimezone(ZoneInfo(name) if name else zone) for id_, name in users}
    return {id_: here.date().isoformat() for id_, here in local.items() if is_morning(here)}
