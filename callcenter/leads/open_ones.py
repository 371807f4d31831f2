"""The open leads of a contact, for its card and for the pop of its call; how many somebody has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.db import Database
from callcenter.entity.registry import Registry
from callcenter.entity.rights import visible_to
from callcenter.leads import naming
from callcenter.leads.models import Lead
from callcenter.process.models import Stage
from callcenter.server.identity import Identity, may

SHOWN: Final = 10
#: Counts go no further.
MOST: Final = 999

_ANY: Final = """
    SELECT 1 FROM lead WHERE contact_id = ?1 AND closed_at IS NULL AND deleted_at IS NULL LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class OpenLead:
    id: int
    number: str
    subject: str
    owner: str | None
    #: What its stage is called, by language.
    stage: Mapping[str, str]
    color: str | None
    respond_by: datetime | None
    first_response_at: datetime | None


async def has_any(database: Database, contact_id: int) -> bool:
    """Tell whether the contact has an open lead at all: asked at each call, so by driver SQL."""
    return bool(await database.fetch(_ANY, contact_id))


async def of_contact(
    session: AsyncSession, registry: Registry, who: Identity, contact_id: int
) -> list[OpenLead]:
    """Return those that `who` may see, the newest first."""
    if "lead" not in registry or may(who, "lead", "read") == "none":
        return []
    rows = await session.execute(
        select(Lead, User.name, Stage.name.label("stage"), Stage.color)
        .outerjoin(User, User.id == Lead.owner_id)
        .outerjoin(Stage, Stage.id == Lead.stage_id)
        .where(
            Lead.contact_id == contact_id,
            Lead.closed_at.is_(None),
            visible_to(registry["lead"], who),
        )
        .order_by(Lead.created_at.desc(), Lead.id.desc())
        .limit(SHOWN)
    )
    entity = registry["lead"]
    return [
        OpenLead(
            lead.id, naming.number_of(entity, who, lead), naming.name_of(entity, who, lead), owner,
            stage or {}, color, lead.respond_by, lead.first_response_at,
        )
        for lead, owner, stage, color in rows
    ]  # fmt: skip


async def counts(session: AsyncSession, who: Identity) -> tuple[int, int]:
    """Return how many open leads are somebody's own, and how many of them nobody has answered."""
    own = select(Lead.id).where(
        Lead.owner_id == who.user_id, Lead.closed_at.is_(None), Lead.deleted_at.is_(None)
    )
    due = own.where(Lead.respond_by.is_not(None), Lead.first_response_at.is_(None))
    numbers = [
        await session.scalar(select(func.count()).select_from(few.limit(MOST + 1).subquery())) or 0
        for few in (own, due)
    ]
    return numbers[0], numbers[1]
