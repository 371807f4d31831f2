"""Asks for approval to enter a stage, and decides on it.

An approval is good for one entry: once the row has entered and left again, it has to be asked for
anew. Approvers have the flag "approve" and can see the row. A decision is kept for ever, with the
name of who made it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents.models import Role, User
from callcenter.db import new_id
from callcenter.errors import BadInput, NotAllowed
from callcenter.notices import notices
from callcenter.process.models import Approval, Decision, StageEvent
from callcenter.server.actor import Actor
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


FLAG: Final = "approve"
COMMENT_LETTERS: Final = 1000

ASKED_ALREADY: Final = _("It was asked already; the answer is still to come.")
NOBODY: Final = _("Nobody may approve this. An administrator can allow it under Roles.")
DECIDED: Final = _("Somebody has decided this already.")
SAY_WHY: Final = _("Say why, so that it can be put right.")


class Asked(NamedTuple):
    """A request with the names of who asked and who decided."""

    approval: Approval
    asked_by: str
    decided_by: str | None


async def standing(session: AsyncSession, entity: str, row_id: int) -> frozenset[int]:
    """Return the stages that a row may enter because it was approved and has not entered since."""
    entered = (
        select(StageEvent.to_stage_id.label("stage_id"), func.max(StageEvent.at).label("at"))
        .where(StageEvent.entity == entity, StageEvent.entity_id == row_id)
        .group_by(StageEvent.to_stage_id)
        .subquery()
    )
    approved = (
        select(Approval.stage_id)
        .outerjoin(entered, entered.c.stage_id == Approval.stage_id)
        .where(
            Approval.entity == entity, Approval.entity_id == row_id,
            Approval.decision == "approved",
            or_(entered.c.at.is_(None), Approval.decided_at > entered.c.at),
        )
    )  # fmt: skip
    return frozenset(await session.scalars(approved))


async def of(session: AsyncSession, entity: str, row_id: int) -> list[Asked]:
    """Return all that was asked for a row, the newest first."""
    decider = select(User.id, User.name).subquery()
    rows = await session.execute(
        select(Approval, User.name, decider.c.name)
        .join(User, User.id == Approval.asked_by)
        .outerjoin(decider, decider.c.id == Approval.decided_by)
        .where(Approval.entity == entity, Approval.entity_id == row_id)
        .order_by(Approval.id.desc())
        .limit(50)
    )
    return [Asked(*row) for row in rows]


async def ask(
    session: AsyncSession,
    row: tuple[str, int, str],
    stage_id: int,
    who: Identity,
    at: datetime,
    by: Actor,
) -> Approval:
    """Ask that a row (entity, id, what it is called) may enter a stage. Raises BadInput."""
    entity, row_id, _title = row
    open_one = select(Approval.id).where(
        Approval.entity == entity, Approval.entity_id == row_id, Approval.stage_id == stage_id,
        Approval.decision.is_(None),
    )  # fmt: skip
    if await session.scalar(open_one) is not None:
        raise BadInput({"": ASKED_ALREADY})
    approvers = await _approvers(session)
    if not approvers:
        raise BadInput({"": NOBODY})
    approval = Approval(
        id=new_id(at.timestamp()), entity=entity, entity_id=row_id, stage_id=stage_id,
        asked_by=who.user_id, asked_at=at,
    )  # fmt: skip
    session.add(approval)
    await notices.add(session, approvers, "approval", row, who.user_id, at)
    _note(session, approval, "ask_approval", {"approval": [None, "asked"]}, at, by)
    await session.flush()
    return approval


async def decide(
    session: AsyncSession,
    approval: Approval,
    row: tuple[str, int, str],
    decision: Decision,
    comment: str,
    who: Identity,
    at: datetime,
    by: Actor,
) -> None:
    """Approve or refuse. Raises NotAllowed or BadInput."""
    if FLAG not in who.flags:
        raise NotAllowed
    if approval.decision is not None:
        raise BadInput({"": DECIDED})
    if decision == "refused" and not comment.strip():
        raise BadInput({"comment": SAY_WHY})
    approval.decision, approval.decided_by, approval.decided_at = decision, who.user_id, at
    approval.comment = comment.strip()[:COMMENT_LETTERS] or None
    await notices.add(session, [approval.asked_by], "decided", row, who.user_id, at)
    _note(session, approval, "decide", {"approval": ["asked", decision]}, at, by)
    await session.flush()


async def _approvers(session: AsyncSession) -> Sequence[int]:
    roles = [role.id for role in await session.scalars(select(Role)) if FLAG in role.flags]
    people = select(User.id).where(User.role_id.in_(roles), User.active, User.deleted_at.is_(None))
    return list(await session.scalars(people))


def _note(
    session: AsyncSession,
    approval: Approval,
    action: str,
    diff: dict[str, list[str | None]],
    at: datetime,
    by: Actor,
) -> None:
    audit.record(
        session, at, entity=approval.entity, entity_id=approval.entity_id, action=action,
        diff=diff, **by,
    )  # fmt: skip
