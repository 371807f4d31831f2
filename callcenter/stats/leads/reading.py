"""The leads of a period that somebody may see, as far as figures ask."""

from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.days import span
from callcenter.entity.description import Entity
from callcenter.entity.rights import visible_to
from callcenter.leads.models import Lead
from callcenter.leads.webforms.models import Submission, WebForm
from callcenter.process.pipelines import Pipelines
from callcenter.server.identity import Identity
from callcenter.stats.leads.figures import Row

#: So many leads are looked at, the newest first; the report says if there were more.
MOST: Final = 100_000
#: What leads are counted under.
UNDER: Final = ("source_id", "channel", "campaign", "form", "owner_id", "team_id")
#: Of these it is the form on a site by which a lead came.
FORM: Final = "form"


def bounds(word: str, now: datetime, zone: str) -> tuple[datetime | None, datetime | None]:
    """Return the first moment of a span of days and the first after it, in UTC."""
    there = ZoneInfo(zone)

    def moment(day: date | None) -> datetime | None:
        return None if day is None else datetime.combine(day, time(), there).astimezone(UTC)

    first, after = span(word, now.astimezone(there).date())
    return moment(first), moment(after)


async def rows(
    session: AsyncSession,
    entity: Entity,
    who: Identity,
    pipelines: Pipelines,
    under: str,
    between: tuple[datetime | None, datetime | None],
) -> list[Row]:
    """Return the leads that came in a period, counted under a field; at most MOST + 1."""
    query: Any = (
        select(
            Lead.id, _column(under), Lead.stage_id, Lead.created_at, Lead.first_response_at,
            Lead.respond_by, Lead.closed_at, Lead.lost_reason_id, Lead.amount, Lead.currency,
        )
        .where(visible_to(entity, who))
        .order_by(Lead.created_at.desc(), Lead.id.desc())
        .limit(MOST + 1)
    )  # fmt: skip
    if under == FORM:
        query = query.outerjoin(Submission, Submission.lead_id == Lead.id)
    first, after = between
    if first is not None:
        query = query.where(Lead.created_at >= first)
    if after is not None:
        query = query.where(Lead.created_at < after)
    found = await session.execute(query)
    return [Row(row[0], row[1], _kind(pipelines, row[2]), *row[3:]) for row in found]


def _column(under: str) -> Any:
    return Submission.form_id if under == FORM else getattr(Lead, under)


async def forms(session: AsyncSession) -> dict[int, str]:
    """Return what the forms are called, those that were set aside too."""
    rows = await session.execute(select(WebForm.id, WebForm.name))
    return {row.id: row.name for row in rows}


def _kind(pipelines: Pipelines, stage_id: int | None) -> str:
    stage = pipelines.stage(stage_id)
    return stage.kind if stage is not None else "open"
