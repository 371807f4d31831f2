"""Putting something to another time, and what has to move with it.

The next step of a contact or a lead is the first of what is planned with it. So whoever moves it in
a calendar moves that, and the date follows; only where nothing is planned it is a date of its own.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, select

from callcenter.entity import saving
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput, NotFound
from callcenter.interactions.models import Interaction, Participant


def _(message: str) -> str:
    return message


#: The date that a contact or a lead is known by in a calendar.
NEXT: Final = "next_action_at"
NOT_YOURS: Final = _("This is the time of something planned, which somebody else has to move.")


def moved_to(row: Interaction, by: timedelta) -> dict[str, Any]:
    """Return its times, put off by so much."""
    moments = ["start_at", "end_at", "due_at"]
    if not row.reminders:
        moments.append("remind_at")
    return {name: held + by for name in moments if (held := getattr(row, name)) is not None}


async def move(deed: Deed, row: Interaction, by: timedelta, seen: int | None) -> Any:
    """Move an interaction in a calendar."""
    return await saving.change(deed, row.id, moved_to(row, by), seen)


async def move_lead(deed: Deed, row: Any, by: timedelta, seen: int | None) -> Any:
    return await _move_next(deed, row, by, seen, Interaction.lead_id == row.id)


async def move_contact(deed: Deed, row: Any, by: timedelta, seen: int | None) -> Any:
    takes_part = exists().where(
        Participant.interaction_id == Interaction.id, Participant.contact_id == row.id
    )
    return await _move_next(deed, row, by, seen, takes_part)


async def _move_next(
    deed: Deed, row: Any, by: timedelta, seen: int | None, whose: ColumnElement[bool]
) -> Any:
    """Move what is planned first, or the date itself. Raises BadInput."""
    planned = await deed.session.scalar(
        select(Interaction)
        .where(
            whose, Interaction.status == "planned", Interaction.deleted_at.is_(None),
            Interaction.due_at == row.next_action_at,
        )
        .order_by(Interaction.id)
        .limit(1)
    )  # fmt: skip
    if planned is None:
        return await saving.change(deed, row.id, {NEXT: row.next_action_at + by}, seen)
    of_interactions = replace(deed, entity=deed.registry["interaction"])
    try:
        await saving.change(of_interactions, planned.id, moved_to(planned, by), None)
    except NotFound as problem:
        # Not what it is: he may not read it either.
        raise BadInput({NEXT: NOT_YOURS}) from problem
    await deed.session.refresh(row)
    return row
