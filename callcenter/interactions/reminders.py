"""Who is told of an interaction: whom a colleague names or makes responsible, who gave it to somebody
that is done with it, and whose time is near."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import millis
from callcenter.interactions import reminding
from callcenter.interactions.models import Interaction, Participant
from callcenter.notices import notices
from callcenter.server.actor import Actor

#: How what was planned can end, with a mark that stands before its name in any language.
OUTCOMES: Final = {"held": "✓", "missed": "✗", "cancelled": "✗"}
#: So many are reminded in one round; the rest in the next.
AT_ONCE: Final = 500


async def tell_colleagues(
    session: AsyncSession, row: Interaction, diff: Mapping[str, list[Any]], at: datetime, by: Actor
) -> None:
    """Tell whom somebody has named just now, or given it to; and who gave it what came of it."""
    told = ("interaction", row.id, row.subject or "")
    before, after = (diff.get("participants") or [[], []])[:2]
    named = _users(after) - _users(before) - {row.owner_id}
    await notices.add(session, named, "named", told, by["actor_id"], at)
    if "owner_id" in diff and row.owner_id is not None:
        await notices.add(session, [row.owner_id], "given", told, by["actor_id"], at)
    was, now = (diff.get("status") or [None, None])[:2]
    if was == "planned" and now in OUTCOMES and row.given_by_id is not None:
        outcome = ("interaction", row.id, f"{OUTCOMES[now]} {_with_result(row)}")
        await notices.add(session, [row.given_by_id], "done", outcome, by["actor_id"], at)


def _with_result(row: Interaction) -> str:
    """Return what it is called, with the first line of what came of it."""
    lines = (row.result_note or "").strip().splitlines()
    return ": ".join(filter(None, [row.subject, *lines[:1]]))


def remind(row: Interaction, diff: Mapping[str, list[Any]], at: datetime) -> None:
    """Find out anew when people are to be reminded, if that has changed with the row."""
    if "remind_at" in diff and "reminders" not in diff and not _has_moved(row, diff):
        row.reminders = reminding.distance(row.start_at, row.remind_at)
    elif {"reminders", "start_at", "all_day", "zone"} & diff.keys():
        row.remind_at = _next(row, at)


def _has_moved(row: Interaction, diff: Mapping[str, list[Any]]) -> bool:
    return "start_at" in diff and row.reminders is not None


def _next(row: Interaction, after: datetime) -> datetime | None:
    return reminding.next_moment(row.start_at, row.reminders, row.zone, after, all_day=row.all_day)


async def due(session: AsyncSession, at: datetime) -> None:
    """Remind of what is planned and near; no edit by a person, so the version stays.

    Of several reminders that are due, as after a pause of the service, one is told.
    """
    rows = await session.scalars(
        select(Interaction)
        .where(Interaction.remind_at.is_not(None), Interaction.remind_at <= at)
        .order_by(Interaction.remind_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    planned = {row: row.remind_at for row in rows.all()}
    whom = await _whom(session, [row.id for row in planned])
    for row, moment in planned.items():
        row.remind_at = _next(row, at)
        if row.status == "planned" and row.deleted_at is None and moment is not None:
            people = whom.get(row.id, set()) | ({row.owner_id} if row.owner_id else set())
            told = ("interaction", row.id, row.subject or "")
            key = f"{row.id}:{millis(moment)}"
            await notices.add(session, people, "reminder", told, None, at, key)


async def _whom(session: AsyncSession, ids: Sequence[int]) -> dict[int, set[int]]:
    """Return the colleagues who take part in each, without those who declined."""
    rows = await session.execute(
        select(Participant.interaction_id, Participant.user_id).where(
            Participant.interaction_id.in_(ids), Participant.user_id.is_not(None),
            or_(Participant.response.is_(None), Participant.response != "declined"),
        )
    )  # fmt: skip
    whom: dict[int, set[int]] = {}
    for interaction_id, user_id in rows:
        if user_id is not None:
            whom.setdefault(interaction_id, set()).add(user_id)
    return whom


def _users(taking: list[dict[str, Any]] | None) -> set[int]:
    return {one["user_id"] for one in taking or () if one["user_id"] is not None}
