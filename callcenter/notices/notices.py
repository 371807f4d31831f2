"""Writing down what somebody is to be told, and reading it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.db import new_id
from callcenter.db.once import add_once
from callcenter.notices.kinds import KINDS
from callcenter.notices.models import KEYED, Notification

#: So many are shown on a page, the newest first.
SHOWN: Final = 50
#: A count goes no further.
MOST: Final = 99
#: So many are told in one go; the rest in the next.
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Told:
    """One notice with the name of who caused it."""

    notice: Notification
    by: str | None


async def add(
    session: AsyncSession,
    user_ids: Iterable[int],
    kind: str,
    row: tuple[str, int, str],
    by_id: int | None,
    at: datetime,
    key: str = "",
) -> None:
    """Tell people of a row (entity, id, what it is called), but nobody of his own doing.

    With a `key` each of them is told once in his life, whoever else tries to tell him the same.
    """
    if kind not in KINDS:
        raise ValueError(f"there is no kind of notice “{kind}”")
    entity, entity_id, text = row
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(at.timestamp()), "user_id": user_id, "kind": kind, "entity": entity,
            "entity_id": entity_id, "key": key, "text": text[:300], "by_id": by_id, "at": at,
            "tell_at": at,
        }
        for user_id in sorted(set(user_ids) - {by_id})
    ]  # fmt: skip
    await add_once(session, Notification, rows, ("user_id", "kind", "key"), KEYED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of a person's notices: new ones only, of a kind, those older than one."""

    unread: bool = False
    kind: str = ""
    before: int | None = None


async def of(session: AsyncSession, user_id: int, wanted: Wanted) -> tuple[list[Told], int | None]:
    """Return a page of a person's notices, the newest first, and where the next begins."""
    query = _with_name().where(Notification.user_id == user_id)
    if wanted.unread:
        query = query.where(Notification.read_at.is_(None))
    if wanted.kind:
        query = query.where(Notification.kind == wanted.kind)
    if wanted.before is not None:
        query = query.where(Notification.id < wanted.before)
    rows = (await session.execute(query.order_by(Notification.id.desc()).limit(SHOWN + 1))).all()
    told = [Told(notice, name) for notice, name in rows[:SHOWN]]
    return told, told[-1].notice.id if len(rows) > SHOWN else None


async def one(session: AsyncSession, user_id: int, notice_id: int) -> Told | None:
    """Return a notice, if it is this person's."""
    query = _with_name().where(Notification.user_id == user_id, Notification.id == notice_id)
    found = (await session.execute(query)).first()
    return Told(*found) if found else None


async def those(session: AsyncSession, user_id: int, which: ColumnElement[bool]) -> Sequence[Told]:
    """Return a person's notices that he has not read, the oldest first."""
    query = _with_name().where(Notification.user_id == user_id, which)
    rows = await session.execute(
        query.where(Notification.read_at.is_(None)).order_by(Notification.id)
    )
    return [Told(notice, name) for notice, name in rows]


def _with_name() -> Select[Notification, str]:
    return select(Notification, User.name).outerjoin(User, User.id == Notification.by_id)


async def unread(session: AsyncSession, user_id: int, at: datetime) -> int:
    """Return how many were not read, up to MOST + 1; those that wait do not count yet."""
    few = (
        select(Notification.id)
        .where(Notification.user_id == user_id, Notification.read_at.is_(None))
        .where(Notification.tell_at <= at)
        .limit(MOST + 1)
        .subquery()
    )
    return await session.scalar(select(func.count()).select_from(few)) or 0


async def read(
    session: AsyncSession, user_id: int, at: datetime, notice_id: int | None = None
) -> None:
    """Note that a person has read one of his notices, or all that do not wait."""
    query = update(Notification).where(
        Notification.user_id == user_id, Notification.read_at.is_(None)
    )
    one = Notification.tell_at <= at if notice_id is None else Notification.id == notice_id
    await session.execute(query.where(one).values(read_at=at))


async def snooze(session: AsyncSession, user_id: int, notice_id: int, until: datetime) -> None:
    """Tell a person of something again, later."""
    await session.execute(
        update(Notification)
        .where(Notification.user_id == user_id, Notification.id == notice_id)
        .values(tell_at=until, told_at=None, read_at=None, letter=None, sms=None)
    )


async def due(session: AsyncSession, at: datetime) -> bool:
    """Return whether anybody is to be told anything now."""
    query = select(Notification.id).where(
        Notification.told_at.is_(None), Notification.tell_at <= at
    )
    return await session.scalar(query.limit(1)) is not None


async def take_due(session: AsyncSession, at: datetime) -> Sequence[Told]:
    """Return what people are to be told now, locked; no other node gets it meanwhile."""
    rows = await session.execute(
        _with_name()
        .where(Notification.told_at.is_(None), Notification.tell_at <= at)
        .order_by(Notification.tell_at, Notification.id)
        .limit(AT_ONCE)
        .with_for_update(of=Notification, skip_locked=True)
    )
    return [Told(notice, name) for notice, name in rows]
