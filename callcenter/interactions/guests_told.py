"""Whoever was invited to a meeting hears of it when it is called off, or he is not meant any more.

The guests belong to `diary`, a room above this one, so their table is known by name only; what is
to be told is written down here as a job, in the transaction of the change.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import column, exists, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import jobs
from callcenter.interactions.models import Interaction

#: The job that looks who is to be told.
JOB: Final = "guests"
_FOLLOWED: Final = frozenset(("participants", "status", "deleted_at"))

_guest = table("guest", column("interaction_id"))


async def follow(
    session: AsyncSession, row: Interaction, diff: Mapping[str, list[Any]], at: datetime
) -> None:
    """Have the guests told, if there are any and the row says that they have to be."""
    if not _FOLLOWED & diff.keys():
        return
    if await session.scalar(select(exists().where(_guest.c.interaction_id == row.id))):
        # What an earlier change has asked for may be done already: this one asks again.
        await jobs.drop(session, JOB, str(row.id))
        await jobs.add(session, JOB, {"interaction": row.id}, at, str(row.id))
