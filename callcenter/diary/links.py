"""The secret link by which other programs read somebody's calendar: made, followed, withdrawn."""

import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents.tokens import digest
from callcenter.db import new_id
from callcenter.diary.models import CalendarLink
from callcenter.server.actor import Actor


async def make(session: AsyncSession, user_id: int, at: datetime, by: Actor) -> str:
    """Return the secret of a new link, which is never seen again; the one before leads nowhere."""
    secret = secrets.token_urlsafe(32)
    await session.execute(delete(CalendarLink).where(CalendarLink.user_id == user_id))
    session.add(
        CalendarLink(id=new_id(at.timestamp()), user_id=user_id, hash=digest(secret), created_at=at)
    )
    audit.record(session, at, entity="calendar_link", entity_id=user_id, action="create", **by)
    await session.flush()
    return secret


async def withdraw(session: AsyncSession, user_id: int, at: datetime, by: Actor) -> None:
    await session.execute(delete(CalendarLink).where(CalendarLink.user_id == user_id))
    audit.record(session, at, entity="calendar_link", entity_id=user_id, action="delete", **by)


async def of(session: AsyncSession, user_id: int) -> CalendarLink | None:
    found: CalendarLink | None = await session.scalar(
        select(CalendarLink).where(CalendarLink.user_id == user_id)
    )
    return found


async def whose(session: AsyncSession, secret: str) -> CalendarLink | None:
    found: CalendarLink | None = await session.scalar(
        select(CalendarLink).where(CalendarLink.hash == digest(secret))
    )
    return found
