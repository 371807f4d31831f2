"""How many queue calls a gap hides: what the queues counted, less the calls that are known."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.mend import Gap
from callcenter.calls.models import CallRow, QueueVisit

#: The longest a call goes on: older ones are not looked at.
_LONGEST = timedelta(days=1)
#: A queue counts a call a little after the moment that its record tells.
_LATE_S = 1.0


async def unknown_calls(
    session: AsyncSession, pbx: int, gap: Gap, counted: Mapping[str, int]
) -> dict[str, int]:
    """Return the number of calls that each queue `counted` in the gap and nobody knows."""
    if not counted:
        return {}
    begin = datetime.fromtimestamp(gap.from_at, UTC)
    visits = await session.execute(
        select(QueueVisit.queue, QueueVisit.ended, QueueVisit.left_at, CallRow.end_at)
        .join(CallRow, CallRow.id == QueueVisit.call_id)
        .where(
            CallRow.pbx_id == pbx,
            CallRow.merged_into_id.is_(None),
            CallRow.ring_at.between(begin - _LONGEST, datetime.fromtimestamp(gap.to_at, UTC)),
            QueueVisit.queue.in_(counted),
        )
    )
    left = dict(counted)
    for queue, ended, left_at, end_at in visits:
        # A call that was answered is counted when its agent is done with it.
        over = end_at if ended == "answered" else left_at
        if over is not None and gap.from_at - _LATE_S <= over.timestamp() <= gap.to_at:
            left[queue] -= 1
    return {queue: number for queue, number in left.items() if number > 0}
