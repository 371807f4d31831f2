"""One person's day on the phone: their calls, and the missed ones that still want an answer.

A missed call is a caller nobody has talked with since. It is the concern of
everybody whose phone rang for it, and of all if no phone did.
"""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.calls.gaps import touching
from callcenter.calls.history import CallLine, lines_where
from callcenter.calls.models import CallLeg, CallRow
from callcenter.server.identity import Identity

#: More rows than this are on the Calls page.
ROWS = 60


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A person's figures since midnight."""

    calls: int
    talk_s: float
    #: Calls that want an answer.
    missed: int
    #: When a PBX was not heard, as far as that was not made good: (from, to or None).
    gaps: list[tuple[datetime, datetime | None]] = []


def midnight(now: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


async def mine(
    session: AsyncSession, who: Identity, since: datetime, until: datetime | None = None
) -> list[CallLine]:
    """Return the calls this person talked in, placed, or is being rung for, newest first."""
    when = [CallRow.ring_at >= since]
    if until is not None:
        when.append(CallRow.ring_at < until)
    return await lines_where(session, who, *when, _with(who.user_id, talked=True), limit=ROWS)


async def missed(session: AsyncSession, who: Identity, since: datetime) -> list[CallLine]:
    return await lines_where(session, who, *missed_by(who.user_id, since), limit=ROWS)


async def figures(session: AsyncSession, user_id: int, since: datetime) -> Day:
    """Return the person's figures: their own legs only, so that shared calls count once for each."""
    own = (
        select(func.count(CallLeg.call_id.distinct()), func.sum(CallLeg.talk_ms))
        .join(CallRow, CallRow.id == CallLeg.call_id)
        .where(
            CallLeg.user_id == user_id,
            CallLeg.talk_ms > 0,
            CallRow.ring_at >= since,
            CallRow.interaction_id.is_not(None),
            CallRow.merged_into_id.is_(None),
        )
    )
    calls, talk_ms = (await session.execute(own)).one()
    open_ones = await session.scalar(
        select(func.count()).select_from(CallRow).where(*missed_by(user_id, since))
    )
    gaps = [
        (gap.from_at, gap.to_at)
        for gap in await touching(session, since)
        if gap.recovered.get("state") != "done"
    ]
    talk_s = float(talk_ms or 0) / 1000
    return Day(calls=calls, talk_s=talk_s, missed=open_ones or 0, gaps=gaps)


def _with(user_id: int, *, talked: bool) -> ColumnElement[bool]:
    leg = select(1).where(CallLeg.call_id == CallRow.id, CallLeg.user_id == user_id)
    if talked:
        # A call that rang here and was answered elsewhere is not this person's.
        leg = leg.where(
            (CallLeg.talk_ms > 0) | (CallLeg.how_in == "dial") | CallLeg.end_at.is_(None)
        )
    return exists(leg)


def missed_by(user_id: int, since: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions that a call still wants an answer of this person."""
    later = aliased(CallRow)
    reached = exists(
        select(1).where(
            later.customer_norm == CallRow.customer_norm,
            later.ring_at > CallRow.ring_at,
            later.answer_at.is_not(None),
        )
    )
    rang_nobody = ~exists(select(1).where(CallLeg.call_id == CallRow.id, CallLeg.party == "agent"))
    return [
        CallRow.ring_at >= since,
        CallRow.direction == "inbound",
        CallRow.end_at.is_not(None),
        CallRow.answer_at.is_(None),
        CallRow.merged_into_id.is_(None),
        CallRow.interaction_id.is_not(None),
        ~reached,
        _with(user_id, talked=False) | rang_nobody,
    ]
