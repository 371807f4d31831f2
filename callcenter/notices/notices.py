"""Writing down what somebody is to be told, and reading it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.db import new_id
from callcenter.notices.models import Notification

#: So many are shown, the newest first.
SHOWN: Final = 50
#: A count goes no further.
MOST: Final = 99


@dataclass(frozen=True, slots=True)
class Told:
    """One notice with the name of who caused it."""

    notice: Notification
    by: str | None


def add(
    session: AsyncSession,
    user_ids: Iterable[int],
    kind: str,
    row: tuple[str, int, str],
    by_id: int | None,
    at: datetime,
) -> None:
    """Tell people of a row (entity, id, what it is called), but nobody of his own doing."""
    entity, entity_id, text = row
    for user_id in sorted(set(user_ids) - {by_id}):
        session.add(
            Notification(
                id=new_id(at.timestamp()), user_id=user_id, kind=kind, entity=entity,
                entity_id=entity_id, text=text[:300], by_id=by_id, at=at,
            )
        )  # fmt: skip


async def of(session: AsyncSession, user_id: int) -> list[Told]:
    rows = await session.execute(
        select(Notification, User.name)
        .outerjoin(User, User.id == Notification.by_id)
        .where(Notification.user_id == user_id)
        .order_by(Notification.id.desc())
        .limit(SHOWN)
    )
    return [Told(notice, name) for notice, name in rows]


async def unread(session: AsyncSession, user_id: int) -> int:
    """Return how many were not read, up to MOST + 1."""
    few = (
        select(Notification.id)
        .where(Notification.user_id == user_id, Notification.read_at.is_(None))
        .limit(MOST + 1)
        .subquery()
    )
    return await session.scalar(select(func.count()).select_from(few)) or 0


async def read_all(session: AsyncSession, user_id: int, at: datetime) -> None:
    await session.execute(
        update(Notification)
        .where(Notification.user_id == user_id, Notification.read_at.is_(None))
        .values(read_at=at)
    )


async def take_untold(session: AsyncSession, at: datetime) -> Sequence[Told]:
    """Return what nobody's pages were told of yet, and take it as told."""
    rows = (
        await session.execute(
            select(Notification, User.name)
            .outerjoin(User, User.id == Notification.by_id)
            .where(Notification.told_at.is_(None))
            .order_by(Notification.id)
            .limit(500)
            .with_for_update(of=Notification, skip_locked=True)
        )
    ).all()
    for notice, _ in rows:
        notice.told_at = at
    return [Told(notice, name) for notice, name in rows]
