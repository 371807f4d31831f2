"""Writes down what is to be done later, in the transaction of whatever makes it necessary."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db.once import insert_into
from callcenter.jobs.models import KEYED, Job


async def add(
    session: AsyncSession,
    kind: str,
    payload: dict[str, Any],
    run_at: datetime,
    key: str = "",
    *,
    replace: bool = False,
) -> bool:
    """Have something done at `run_at` or soon after; return whether that changed anything.

    What has a `key` is written down once: again changes nothing, done or not. With `replace` it
    is moved, as long as nobody has begun it.
    """
    values = {"kind": kind, "payload": payload, "run_at": run_at, "key": key}
    return await _write(session, values, replace=replace)


async def every(session: AsyncSession, kind: str, period: timedelta, at: datetime) -> None:
    """Have something done every `period` from now on; saying so again changes the period."""
    period_s = round(period.total_seconds())
    values = {"kind": kind, "key": "every", "payload": {}, "run_at": at, "every_s": period_s}
    if not await _write(session, values, replace=False):
        changed = Job.every_s.is_distinct_from(period_s)
        await session.execute(
            update(Job)
            .where(Job.kind == kind, Job.key == "every", changed)
            .values(every_s=period_s, run_at=at)
        )


async def drop(session: AsyncSession, kind: str, key: str) -> None:
    """Call a job off; if somebody is already working on it, they finish."""
    await session.execute(delete(Job).where(Job.kind == kind, Job.key == key))


async def _write(session: AsyncSession, values: dict[str, Any], *, replace: bool) -> bool:
    # Not drawn from the clock: thousands may be due in one moment.
    row = {"id": secrets.randbits(53), "attempts": 0} | values
    statement = insert_into(session, Job).values(row)
    unique: Any = {"index_elements": ["kind", "key"], "index_where": text(KEYED)}
    if replace:
        statement = statement.on_conflict_do_update(
            **unique,
            set_={name: getattr(statement.excluded, name) for name in ("payload", "run_at")},
            where=(Job.attempts == 0) & Job.done_at.is_(None),
        )
    else:
        statement = statement.on_conflict_do_nothing(**unique)
    return await session.scalar(statement.returning(Job.id)) is not None
