"""Ends calls that nobody follows any more: open, and of a PBX that is not listened to.

Other open calls are taken up again (`resume`). The end of these was not seen, so it is put at
the moment until which the PBX was last heard, and marked as concluded. Without this they would
ring, wait and talk for ever in lists and figures.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.models import CallLeg, CallRow, QueueVisit
from callcenter.db import Database
from callcenter.interactions.models import Interaction

log = structlog.get_logger()

#: PBX -> until when it was heard (epoch seconds), None if never.
Heard = Callable[[int], Awaitable[float | None]]


async def end_lost_calls(database: Database, heard: Heard, followed: Callable[[int], bool]) -> int:
    """End every call that is open in the database and not `followed(id)`; return how many.

    To be asked before the first event comes in: calls that begin from then on are followed.
    """
    async with database.read() as session:
        lost = [(call.id, call.pbx_id) for call in await session.scalars(_open())]
    ids = [call_id for call_id, _ in lost if not followed(call_id)]
    until = {pbx: await heard(pbx) for pbx in {pbx for _, pbx in lost}}
    async with database.write() as session:
        calls = list(await session.scalars(_open().where(CallRow.id.in_(ids))))
        for call in calls:
            await _end(session, call, until.get(call.pbx_id))
    if calls:
        log.warning(
            "calls were open when the service stopped; their end is concluded", n=len(calls)
        )
    return len(calls)


def _open() -> Select[CallRow]:
    return select(CallRow).where(CallRow.end_at.is_(None))


async def _end(session: AsyncSession, call: CallRow, heard_at: float | None) -> None:
    legs = list(await session.scalars(select(CallLeg).where(CallLeg.call_id == call.id)))
    last = datetime.fromtimestamp(heard_at, UTC) if heard_at is not None else call.ring_at
    moments = [call.ring_at, call.answer_at, *(leg.answer_at or leg.ring_at for leg in legs)]
    at = max([last, *(moment for moment in moments if moment is not None)])
    talked = call.talk_ms is not None
    if talked and any(_talks(leg) for leg in legs):
        call.talk_ms = _talk_ms(call, at)
        call.inferred = [*call.inferred, "TalkEnded"]
    call.end_at, call.ended_by = at, "system"
    call.result = call.result or ("answered" if talked else "failed")
    call.inferred = sorted({*call.inferred, "CallEnded"})
    # What was told of it is all its repair has to begin with.
    call.pbx_state, call.told = None, call.pbx_state or call.told
    call.revision += 1
    for leg in legs:
        if leg.end_at is None:
            if talked and leg.answer_at is not None:
                leg.talk_ms = _talk_ms(leg, at)
            leg.end_at, leg.how_out = at, "lost"
            leg.result = "answered" if leg.answer_at is not None else "cancelled"
    await session.execute(
        update(QueueVisit)
        .where(QueueVisit.call_id == call.id, QueueVisit.left_at.is_(None))
        .values(left_at=at, ended="unknown")
    )
    if call.interaction_id is not None:
        status = "held" if call.result in ("answered", "voicemail") else "missed"
        await session.execute(
            update(Interaction)
            .where(Interaction.id == call.interaction_id)
            .values(end_at=at, status=status, revision=Interaction.revision + 1)
        )


def _talks(leg: CallLeg) -> bool:
    return leg.party == "agent" and leg.end_at is None and leg.answer_at is not None


def _talk_ms(row: CallRow | CallLeg, at: datetime) -> int:
    """Return the talk until `at`: a talk that goes on is stored only when it ends."""
    since_answer = (at - (row.answer_at or at)) // timedelta(milliseconds=1)
    return max(row.talk_ms or 0, since_answer - (row.hold_ms or 0))
