"""Who is working on a job: leased for a while, renewed while its node is alive, and settled.

A lease is identified by the number of the attempt. A node that lost its lease, because it was
taken for dead, can no longer change anything: another one has the job.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, delete, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.jobs.models import WAITING, Job

#: After so many attempts a job is given up, unless it repeats.
MOST_ATTEMPTS: Final = 8
#: The pause after each attempt, most of a day in all; the last one holds for all later attempts.
PAUSES_S: Final = (10, 60, 300, 1800, 7200, 21_600, 43_200)

#: A finished job is remembered for so long, so that its key still means something.
KEPT: Final = timedelta(days=30)

DIED: Final = "The service ended while it was at it."


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts."""
    return timedelta(seconds=PAUSES_S[min(attempts, len(PAUSES_S)) - 1])


async def is_any_due(
    session: AsyncSession, kinds: Collection[str], at: datetime, without: Collection[int] = ()
) -> bool:
    """Return whether there is anything to take."""
    return await session.scalar(_due(kinds, at, without).limit(1)) is not None


def _due(kinds: Collection[str], at: datetime, without: Collection[int]) -> Select[Job]:
    return (
        select(Job)
        .where(text(WAITING), Job.run_at <= at, Job.kind.in_(kinds), Job.id.not_in(without))
        .where(or_(Job.locked_until.is_(None), Job.locked_until <= at))
        .order_by(Job.run_at, Job.id)
    )


async def take(
    session: AsyncSession,
    kinds: Collection[str],
    at: datetime,
    lease: timedelta,
    limit: int,
    without: Collection[int] = (),
) -> Sequence[Job]:
    """Take jobs that are due, the oldest first; nobody else gets them before the lease ends."""
    rows = await session.scalars(
        _due(kinds, at, without).limit(limit).with_for_update(skip_locked=True)
    )
    taken = []
    for job in rows:
        if job.locked_until is not None and _is_over(job):
            job.failed_at, job.locked_until, job.error = at, None, DIED
            continue
        job.attempts += 1
        job.locked_until = at + lease
        taken.append(job)
    return taken


def _is_over(job: Job) -> bool:
    return job.every_s is None and job.attempts >= MOST_ATTEMPTS


async def keep(session: AsyncSession, job: Job, until: datetime) -> bool:
    """Renew the lease; return False if somebody else has the job by now."""
    return await _settle(session, job, locked_until=until)


async def done(session: AsyncSession, job: Job, at: datetime) -> None:
    """Settle a job that is done; one that repeats is due at the next of its times still ahead."""
    if job.every_s is None:
        await _settle(session, job, locked_until=None, done_at=at, error=None)
        return
    period = timedelta(seconds=job.every_s)
    next_at = job.run_at + period * ((at - job.run_at) // period + 1)
    await _settle(session, job, locked_until=None, run_at=next_at, attempts=0, error=None)


async def failed(
    session: AsyncSession, job: Job, at: datetime, error: str, *, for_good: bool = False
) -> None:
    """Settle a job that failed: it is tried again later, or given up."""
    again = {"locked_until": None, "error": error[:500]}
    if for_good or _is_over(job):
        await _settle(session, job, failed_at=at, **again)
    else:
        await _settle(session, job, run_at=at + pause(job.attempts), **again)


async def put_off(session: AsyncSession, job: Job, until: datetime) -> None:
    """Settle a job that came at a bad time; that does not count as an attempt."""
    await _settle(session, job, locked_until=None, run_at=until, attempts=job.attempts - 1)


async def _settle(session: AsyncSession, job: Job, **values: Any) -> bool:
    mine = (Job.id == job.id, Job.attempts == job.attempts, Job.locked_until.is_not(None))
    settle = update(Job).where(*mine, text(WAITING)).values(**values)
    return await session.scalar(settle.returning(Job.id)) is not None


async def forget(session: AsyncSession, at: datetime) -> None:
    """Remove jobs that were done long ago; those given up stay until somebody drops them."""
    await session.execute(delete(Job).where(Job.done_at < at - KEPT))
