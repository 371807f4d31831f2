"""What a timeline tells of calls: the way they took, who rang, whether they can be heard.

Calls live in a room above this one, so their tables are known by name only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.interactions import covering
from callcenter.server.identity import Identity

_visit = table("queue_visit", column("call_id"), column("seq"), column("queue"))
_leg = table(
    "call_leg", column("call_id"), column("seq"), column("party"), column("user_id"),
    column("number"), column("answer_at"), column("talk_ms"), column("ring_at"),
)  # fmt: skip
_recording = table("call_recording", column("call_id"), column("file"))


@dataclass(frozen=True, slots=True)
class Leg:
    """One of us, or somebody outside, to whom the call came."""

    name: str
    talk_s: float | None


@dataclass(slots=True)
class Way:
    """The way of one call."""

    queues: list[str] = field(default_factory=list)
    #: Who talked, in their order, and for how long.
    legs: list[Leg] = field(default_factory=list)
    #: Whose phones rang in vain.
    rang: list[str] = field(default_factory=list)
    has_recording: bool = False


async def ways(session: AsyncSession, who: Identity, call_ids: Sequence[int]) -> dict[int, Way]:
    """Return the way of each of these calls, as `who` may know it."""
    told = {call_id: Way() for call_id in call_ids}
    if not told:
        return told
    for call_id, queue in await session.execute(
        select(_visit.c.call_id, _visit.c.queue)
        .where(_visit.c.call_id.in_(told))
        .order_by(_visit.c.call_id, _visit.c.seq)
    ):
        if queue not in told[call_id].queues:
            told[call_id].queues.append(queue)
    legs = await session.execute(
        select(_leg, User.name)
        .outerjoin(User, User.id == _leg.c.user_id)
        .where(_leg.c.call_id.in_(told), _leg.c.party.in_(("agent", "external")))
        .order_by(_leg.c.call_id, _leg.c.answer_at.is_(None), _leg.c.answer_at, _leg.c.seq)
    )
    for leg in legs:
        outside = leg.party == "external"
        number = covering.place(leg.number, who) if outside else leg.number
        _add(told[leg.call_id], leg.name or number, leg.talk_ms, leg.answer_at is not None)
    heard = await session.scalars(
        select(_recording.c.call_id).where(
            _recording.c.call_id.in_(told), _recording.c.file.is_not(None)
        )
    )
    for call_id in heard:
        told[call_id].has_recording = True
    return told


def _add(way: Way, name: str | None, talk_ms: int | None, answered: bool) -> None:
    if not name:
        return
    if answered:
        way.legs.append(Leg(name, talk_ms / 1000 if talk_ms else None))
    elif name not in way.rang:
        way.rang.append(name)
