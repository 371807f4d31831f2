"""Who is told of an interaction: whom a colleague names or makes responsible, and whose time is near."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import millis
from callcenter.interactions.models import Interaction
from callcenter.notices import notices
from callcenter.server.actor import Actor

#: So many are reminded in one round; the rest in the next.
AT_ONCE: Final = 500


async def tell_colleagues(
    session: AsyncSession, row: Interaction, diff: Mapping[str, list[Any]], at: datetime, by: Actor
) -> None:
    """Tell whom somebody has named just now, or given it to."""
    told = ("interaction", row.id, row.subject or "")
    before, after = (diff.get("participants") or [[], []])[:2]
    named = _users(after) - _users(before) - {row.owner_id}
    await notices.add(session, named, "named", told, by["actor_id"], at)
    if "owner_id" in diff and row.owner_id is not None:
        await notices.add(session, [row.owner_id], "given", told, by["actor_id"], at)


async def due(session: AsyncSession, at: datetime) -> None:
    """Remind of what is planned and near; no edit by a person, so the version stays."""
    rows = await session.scalars(
        select(Interaction)
        .where(Interaction.remind_at.is_not(None), Interaction.remind_at <= at)
        .order_by(Interaction.remind_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    for row in rows:
        moment, row.remind_at = row.remind_at, None
        if moment and row.status == "planned" and row.deleted_at is None and row.owner_id:
            told = ("interaction", row.id, row.subject or "")
            key = f"{row.id}:{millis(moment)}"
            await notices.add(session, [row.owner_id], "reminder", told, None, at, key)


def _users(taking: list[dict[str, Any]] | None) -> set[int]:
    return {one["user_id"] for one in taking or () if one["user_id"] is not None}
