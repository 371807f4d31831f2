"""Assigns a row to somebody at work, passes it on if they do not start, and escalates in the end.

Each assignment is a row of `assignment`, and its deadline is a job, so a restart loses none.
Whether the person has started is read from what happened: they changed the row, or it was
answered.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit, jobs
from callcenter.agents import teams
from callcenter.agents.models import Role, User
from callcenter.audit import Audit
from callcenter.db import new_id
from callcenter.entity import saving
from callcenter.notices import notices
from callcenter.rules import choosing
from callcenter.rules.choosing import Candidate, Presence
from callcenter.rules.matter import Matter
from callcenter.rules.models import Assignment
from callcenter.rules.shapes import Assign

#: Kinds of job: the term of an assignment is over; somebody may be there by now; ring somebody.
TERM: Final = "assignment-term"
SWEEP: Final = "assignment-sweep"
RING: Final = "assignment-ring"
#: So many people get it one after the other, then the head does.
MOST_TURNS: Final = 3
SWEEP_S: Final = 30.0
#: What nobody took for so long is the head's affair alone.
SWEPT_FOR: Final = timedelta(hours=12)
#: Whoever has so much to do has no less than the next.
MOST_LOAD: Final = 500
#: A phone rings so long before the next one does.
RING_S: Final = 25.0

#: (person) -> what he is at, by `agents.states`.
StateOf = Callable[[int], str]


async def give(matter: Matter, state_of: StateOf) -> dict[str, Any]:
    """Give the row to whom the rule says; return what came of it."""
    how: Assign = matter.action
    earlier = await _earlier(matter)
    people = [one for one in await candidates(matter, state_of) if one.user_id not in earlier]
    chosen = choosing.choose(people, how.how, allowed(how)) if len(earlier) < MOST_TURNS else None
    if chosen is None:
        return await _escalate(matter, tried=bool(earlier))
    return await _to(matter, chosen.user_id)


async def candidates(matter: Matter, state_of: StateOf) -> list[Candidate]:
    """Return who may be given it: what each is at and has to do, and when he last got something.

    Each is looked up along an index, so it costs the same however much there was.
    """
    model: Any = matter.entity.model
    to_do = matter.entity.to_do() if matter.entity.to_do is not None else model.deleted_at.is_(None)
    his = (
        select(model.id)
        .where(model.owner_id == User.id, to_do, model.deleted_at.is_(None))
        .limit(MOST_LOAD)
        .correlate(User)
        .subquery()
    )
    load = select(func.count()).select_from(his).scalar_subquery()
    given_at = (
        select(func.max(Assignment.at)).where(Assignment.user_id == User.id).scalar_subquery()
    )
    meant = select(User.id, load, given_at).where(_meant(matter.action))
    rows = await matter.deed.session.execute(meant)
    return [
        Candidate(user_id, choosing.presence_of(state_of(user_id)), count, at)
        for user_id, count, at in rows
    ]


def _meant(how: Assign) -> ColumnElement[bool]:
    meant = User.id == how.user_id if how.user_id is not None else User.team_id == how.team_id
    return and_(meant, User.active, User.deleted_at.is_(None))


def allowed(how: Assign) -> Collection[Presence]:
    """Return what somebody may be at to whom this is given; who is named gets it anyway."""
    free: tuple[Presence, ...] = ("free",)
    if how.ring:
        return free
    is_anybody = how.user_id is not None or not how.only_present
    return ("free", "busy", "away") if is_anybody else ("free", "busy")


async def _to(matter: Matter, user_id: int) -> dict[str, Any]:
    deed = matter.deed
    how: Assign = matter.action
    if matter.row.owner_id != user_id:
        given: dict[str, Any] = {"owner_id": user_id}
        if how.team_id is not None and hasattr(matter.row, "team_id"):
            given["team_id"] = how.team_id
        await saving.change(deed, matter.row.id, given, None)
    take_by = None
    if how.ring:
        take_by = deed.at + timedelta(seconds=RING_S)
    elif how.take_within_min is not None:
        take_by = deed.at + timedelta(minutes=how.take_within_min)
    row = _assignment(matter, user_id, take_by)
    deed.session.add(row)
    kind = "assigned_lead" if matter.entity.name == "lead" else "given"
    await notices.add(deed.session, [user_id], kind, matter.called, None, deed.at)
    payload = {"assignment": row.id}
    if take_by is not None:
        await jobs.add(deed.session, TERM, payload, take_by, key=str(row.id))
    if how.ring:
        await jobs.add(deed.session, RING, payload, deed.at, key=str(row.id))
    await deed.session.flush()
    return {"user_id": user_id}


async def _escalate(matter: Matter, *, tried: bool) -> dict[str, Any]:
    """Tell the head that nobody has it, and go on looking for somebody."""
    deed = matter.deed
    how: Assign = matter.action
    heads = await heads_of(deed.session, how.team_id or getattr(matter.row, "team_id", None))
    row = _assignment(matter, None, None)
    deed.session.add(row)
    await notices.add(
        deed.session, heads, "escalated", matter.called, None, deed.at, key=f"escalated:{row.id}"
    )
    reason = "nobody began" if tried else "nobody is there"
    audit.record(
        deed.session, deed.at, entity=matter.entity.name, entity_id=matter.row.id, notable=True,
        contact_id=getattr(matter.row, "contact_id", None), action="escalate",
        diff={"escalated": [None, reason]}, **deed.by,
    )  # fmt: skip
    if not tried and how.user_id is None:
        again = deed.at + timedelta(seconds=SWEEP_S)
        await jobs.add(deed.session, SWEEP, {"assignment": row.id}, again, key=str(row.id))
    await deed.session.flush()
    return {"escalated": reason, "told": list(heads)}


async def has_begun(session: AsyncSession, row: Any, given: Assignment) -> bool:
    """Tell whether the person has begun: he changed the row, or it was answered since."""
    answered = getattr(row, "first_response_at", None)
    if answered is not None and answered >= given.at:
        return True
    return bool(
        await session.scalar(
            select(
                exists().where(
                    Audit.entity == given.entity, Audit.entity_id == given.entity_id,
                    Audit.actor_kind.in_(("user", "api")), Audit.actor_id == given.user_id,
                    Audit.at >= given.at,
                )
            )
        )
    )  # fmt: skip


def is_open(row: Any) -> bool:
    """Tell whether a row still has to be done."""
    return row.deleted_at is None and getattr(row, "closed_at", None) is None


async def heads_of(session: AsyncSession, team_id: int | None) -> Sequence[int]:
    """Return the head of a team, or of one above it; without one, who keeps the settings."""
    head = await teams.head_of(session, team_id)
    if head is not None:
        return [head]
    roles = [role.id for role in await session.scalars(select(Role)) if "settings" in role.flags]
    people = select(User.id).where(User.role_id.in_(roles), User.active, User.deleted_at.is_(None))
    return list(await session.scalars(people))


def _assignment(matter: Matter, user_id: int | None, take_by: datetime | None) -> Assignment:
    return Assignment(
        id=new_id(matter.deed.at.timestamp()), entity=matter.entity.name, entity_id=matter.row.id,
        automation_id=matter.rule.id, user_id=user_id, at=matter.deed.at, take_by=take_by,
    )  # fmt: skip


async def _earlier(matter: Matter) -> set[int]:
    """Return who had it already by this rule and did not begin."""
    rows = await matter.deed.session.scalars(
        select(Assignment.user_id).where(
            Assignment.entity == matter.entity.name, Assignment.entity_id == matter.row.id,
            Assignment.automation_id == matter.rule.id, Assignment.ended == "passed",
        )
    )  # fmt: skip
    return {user_id for user_id in rows if user_id is not None}
