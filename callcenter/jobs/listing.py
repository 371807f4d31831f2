"""The jobs there are, for an administrator: given up, or waiting; again now, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, delete, func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.jobs.models import FAILED, WAITING, Job

PAGE_ROWS: Final = 50
#: Counts go no further.
MOST: Final = 1_000
#: What is due for longer than this has nobody who does it.
LATE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Counts:
    failed: int
    waiting: int
    #: Of those that wait: due for long, and nobody is at them.
    late: int


async def page(
    session: AsyncSession, *, failed: bool, after: int | None = None
) -> tuple[Sequence[Job], int | None]:
    """Return jobs that were given up, the newest first, or that wait, the next one first."""
    query = _of(failed=failed)
    if after is not None and (last := await session.get(Job, after)) is not None:
        query = query.where(_behind(last, failed=failed))
    rows = list(await session.scalars(query.limit(PAGE_ROWS + 1)))
    return rows[:PAGE_ROWS], rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else None


def _of(*, failed: bool) -> Select[Job]:
    if failed:
        return select(Job).where(text(FAILED)).order_by(Job.failed_at.desc(), Job.id.desc())
    return select(Job).where(text(WAITING)).order_by(Job.run_at, Job.id)


def _behind(last: Job, *, failed: bool) -> ColumnElement[bool]:
    if failed:
        return tuple_(Job.failed_at, Job.id) < (last.failed_at, last.id)
    return tuple_(Job.run_at, Job.id) > (last.run_at, last.id)


async def counts(session: AsyncSession, at: datetime) -> Counts:
    """Return how many there are of each, up to MOST + 1."""
    late = (text(WAITING), Job.run_at < at - LATE, Job.locked_until.is_(None))
    numbers = []
    for conditions in ((text(FAILED),), (text(WAITING),), late):
        few = select(Job.id).where(*conditions).limit(MOST + 1).subquery()
        numbers.append(await session.scalar(select(func.count()).select_from(few)) or 0)
    return Counts(*numbers)


async def again(session: AsyncSession, job_id: int, at: datetime) -> Job | None:
    """Have a job done now, whatever became of it before; None if it is done or somebody is at it."""
    free = (Job.id == job_id, Job.done_at.is_(None), Job.locked_until.is_(None))
    changed = update(Job).where(*free).values(run_at=at, failed_at=None, attempts=0)
    return (await session.scalars(changed.returning(Job))).first()


async def remove(session: AsyncSession, job_id: int) -> Job | None:
    """Have a job not done; None if it is done already."""
    loose = (Job.id == job_id, Job.done_at.is_(None))
    return (await session.scalars(delete(Job).where(*loose).returning(Job))).first()
