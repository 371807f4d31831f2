"""The response clock: by when an inquiry has to be answered, and when it was.

The deadline counts the working time of the lead's team or the company, and comes from its
pipeline. An answer is a fact: a talk with the inquirer, a meeting, a letter to them. So nobody
enters that moment by hand. `settle` derives it from the interactions, with the same result however
often it is asked and in whatever order they arrived.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, column, func, or_, select, table, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Database, any_of
from callcenter.diary import worktime
from callcenter.diary.hours import add_working
from callcenter.interactions.models import Interaction, Participant
from callcenter.leads.models import Lead

#: In these one talks with somebody, whoever asked for it; the others answer if they are ours.
TALKS: Final = ("meeting", "visit")
LETTERS: Final = ("email", "sms", "chat")
#: For so long a round looks after a lead that nobody answered.
LOOKED_AFTER: Final = timedelta(days=60)

_TOUCHED: Final = """
    SELECT id FROM lead
    WHERE (
        contact_id IN (SELECT contact_id FROM participant WHERE interaction_id = ?1)
        OR id = (SELECT lead_id FROM interaction WHERE id = ?1)
    ) AND deleted_at IS NULL AND (closed_at IS NULL OR first_response_at IS NULL)
"""

# The telephony facts of a call; a call to us that was not answered may have left a message.
_call = table("call", column("interaction_id"), column("merged_into_id"), column("result"))
# What a program wrote answers nobody.
_letter = table("letter", column("interaction_id"), column("automatic"))


async def term(
    session: AsyncSession, start: datetime, minutes: int | None, team_id: int | None, zone: str
) -> datetime | None:
    """Return by when to answer what came at `start`; `zone` is that of the installation."""
    if minutes is None:
        return None
    work = await worktime.of_team(session, team_id, zone)
    return add_working(start, minutes * 60, work.hours, work.holidays)


async def touched(database: Database, interaction_id: int) -> list[int]:
    """Return the leads that an interaction may have answered: asked at each call."""
    return [row[0] for row in await database.fetch(_TOUCHED, interaction_id)]


async def waiting(session: AsyncSession, at: datetime) -> list[int]:
    """Return the leads that nobody answered, as far as is known, and that somebody may have."""
    is_with = and_(Participant.contact_id == Lead.contact_id, Participant.at >= Lead.created_at)
    rows = await session.scalars(
        select(Lead.id)
        .where(
            Lead.deleted_at.is_(None), Lead.first_response_at.is_(None), Lead.closed_at.is_(None),
            Lead.created_at > at - LOOKED_AFTER,
            or_(
                select(Participant.interaction_id).where(is_with).exists(),
                select(Interaction.id).where(Interaction.lead_id == Lead.id).exists(),
            ),
        )
    )  # fmt: skip
    return list(rows)


async def settle(session: AsyncSession, lead_ids: Collection[int]) -> list[int]:
    """Note when these leads were first answered; return those of which that is news."""
    first: dict[int, datetime] = {}
    for query in (_with_contact(), _of_lead()):
        for lead_id, at in await session.execute(query.where(any_of(Lead.id, lead_ids))):
            first[lead_id] = min(at, first.get(lead_id, at))
    news = []
    for lead_id, at in first.items():
        later = or_(Lead.first_response_at.is_(None), Lead.first_response_at > at)
        # No edit by a person: the version stays.
        done: Any = await session.execute(
            update(Lead)
            .where(Lead.id == lead_id, later)
            .values(first_response_at=at, updated_at=Lead.updated_at)
        )
        if done.rowcount:
            news.append(lead_id)
    return news


def _with_contact() -> Select[*tuple[Any, ...]]:
    """What was said to the contact since the lead came."""
    return (
        select(Lead.id, func.min(Interaction.start_at))
        .join(Participant, Participant.contact_id == Lead.contact_id)
        .join(Interaction, Interaction.id == Participant.interaction_id)
        .where(_answers(), Participant.at >= Lead.created_at)
        .group_by(Lead.id)
    )


def _of_lead() -> Select[*tuple[Any, ...]]:
    """What belongs to the lead itself; who was being talked with as it was made is answered."""
    moment = case(
        (Interaction.start_at < Lead.created_at, Lead.created_at), else_=Interaction.start_at
    )
    return (
        select(Lead.id, func.min(moment))
        .join(Interaction, Interaction.lead_id == Lead.id)
        .where(_answers())
        .group_by(Lead.id)
    )


def _answers() -> ColumnElement[bool]:
    talked = select(_call.c.result).where(
        _call.c.interaction_id == Interaction.id,
        _call.c.merged_into_id.is_(None),
        _call.c.result != "answered",
    )
    automatic = select(_letter.c.automatic).where(
        _letter.c.interaction_id == Interaction.id, _letter.c.automatic
    )
    return and_(
        Interaction.deleted_at.is_(None),
        Interaction.status == "held",
        or_(
            Interaction.kind.in_(TALKS),
            and_(
                Interaction.kind.in_(LETTERS),
                Interaction.direction == "out",
                ~automatic.exists(),
                or_(Interaction.kind != "sms", Interaction.created_by.is_not(None)),
            ),
            and_(Interaction.kind == "call", ~talked.exists()),
        ),
    )
