"""Makes the next one of what comes again, when one is done or its time has passed.

Each time is made once, whoever presses and however many at once: its place in the series is a
unique key. The next one has the people, the steps (none done) and the length of the one before.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit, jobs
from callcenter.agents.models import User
from callcenter.db import new_id
from callcenter.db.once import add_once
from callcenter.interactions import touch
from callcenter.interactions.models import IN_SERIES, Interaction, Participant
from callcenter.interactions.reminding import next_moment
from callcenter.interactions.repeating import next_after
from callcenter.server.actor import SYSTEM, Actor

#: The job that looks whether the time has passed.
JOB: Final = "repeat"

_SAME: Final = (
    "kind", "direction", "subject", "place", "body", "all_day", "thread_id", "priority", "owner_id",
    "team_id", "custom", "reminders", "repeat", "zone", "series_id", "given_by_id",
)  # fmt: skip


async def follow(
    session: AsyncSession, row: Interaction, diff: Mapping[str, list[Any]], at: datetime, by: Actor
) -> None:
    """Begin a series, go on with it, or forget it, as the row was saved."""
    if "repeat" in diff:
        await _begin(session, row)
    if row.repeat is None or row.deleted_at is not None:
        if {"repeat", "deleted_at"} & diff.keys():
            await jobs.drop(session, JOB, str(row.id))
        return
    if row.status == "planned":
        passes = row.end_at or row.due_at or row.start_at
        await jobs.add(session, JOB, {"id": row.id}, passes, str(row.id), replace=True)
    elif "status" in diff:
        await jobs.drop(session, JOB, str(row.id))
        await make_next(session, row, at, by)


async def _begin(session: AsyncSession, row: Interaction) -> None:
    """A rule that is set anew begins a series of its own."""
    if row.repeat is None:
        return
    row.series_id, row.recurs_at = row.id, row.start_at
    if row.zone is None and row.owner_id is not None:
        row.zone = await session.scalar(select(User.time_zone).where(User.id == row.owner_id))
    await session.flush()


async def passed(session: AsyncSession, interaction_id: int, at: datetime) -> None:
    """Make the next one of what was not done in its time. Doing so again changes nothing."""
    row = await session.scalar(
        select(Interaction).where(Interaction.id == interaction_id).with_for_update()
    )
    if row is not None and row.status == "planned" and row.deleted_at is None and row.repeat:
        await make_next(session, row, at, SYSTEM)


async def make_next(session: AsyncSession, row: Interaction, at: datetime, by: Actor) -> int | None:
    """Return the id of the next one, None if there is none or it was made already."""
    if row.repeat is None or row.recurs_at is None:
        return None
    start = next_after(row.repeat, row.recurs_at, row.zone or "UTC")
    if start is None:
        return None
    later = start - row.start_at
    facts = {name: getattr(row, name) for name in _SAME} | _moved(row, later, at) | {
        "id": new_id(at.timestamp()), "status": "planned", "recurs_at": start, "version": 1,
        "revision": 0, "sequence": 0, "pinned": False, "created_at": at, "updated_at": at,
        "created_by": by["actor_id"], "updated_by": by["actor_id"],
        "checklist": [
            step | {"done": False, "by": None, "at": None} for step in row.checklist or ()
        ],
    }  # fmt: skip
    added = await add_once(session, Interaction, [facts], ("series_id", "recurs_at"), IN_SERIES)
    if not added:
        return None
    await _people(session, row.id, added[0], start)
    made = await session.get_one(Interaction, added[0])
    audit.record(
        session, at, entity="interaction", entity_id=made.id, action="create",
        diff={"subject": [None, made.subject], "start_at": [None, start.isoformat()]}, **by,
    )  # fmt: skip
    passes = made.end_at or made.due_at or start
    await jobs.add(session, JOB, {"id": made.id}, passes, str(made.id))
    await touch.follow(session, made, {}, at)
    return made.id


def _moved(row: Interaction, later: timedelta, at: datetime) -> dict[str, datetime | None]:
    """Return its times, the first reminder, too, though that was told already."""
    times = {name: getattr(row, name) for name in ("start_at", "end_at", "due_at")}
    moved = {name: None if held is None else held + later for name, held in times.items()}
    start, zone = row.start_at + later, row.zone
    return moved | {"remind_at": next_moment(start, row.reminders, zone, at, all_day=row.all_day)}


async def _people(session: AsyncSession, from_id: int, to_id: int, at: datetime) -> None:
    rows = await session.scalars(select(Participant).where(Participant.interaction_id == from_id))
    session.add_all(
        Participant(
            interaction_id=to_id, role=one.role, seq=one.seq, contact_id=one.contact_id,
            user_id=one.user_id, text=one.text, point=one.point, certainty=one.certainty, at=at,
        )
        for one in rows.all()
    )  # fmt: skip
    await session.flush()
