"""Tells who has to know that a lead waits too long: first its owner, then the head of the team.

Each step is a job of its own, due when its time has passed; whoever is told is told once.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import jobs
from callcenter.agents import teams
from callcenter.agents.models import User
from callcenter.db import Database
from callcenter.leads import clock
from callcenter.leads.models import Lead
from callcenter.notices import notices
from callcenter.process.pipelines import Pipelines

KIND: Final = "lead-overdue"
LATE: Final = "late_lead"
ESCALATED: Final = "escalated"


async def watch(session: AsyncSession, lead: Any) -> None:
    """Have its owner told when the term of a lead has passed without an answer."""
    if lead.respond_by is not None:
        await jobs.add(
            session, KIND, {"lead": lead.id, "to": "owner"}, lead.respond_by, f"{lead.id}.owner",
            replace=True,
        )  # fmt: skip


class Overdue:
    """The handler of these jobs; `zone` is that of the installation."""

    def __init__(
        self, database: Database, pipelines: Pipelines, now: Callable[[], datetime], zone: str
    ) -> None:
        self._database, self._pipelines, self._now, self._zone = database, pipelines, now, zone

    async def tell(self, job: jobs.Job) -> None:
        async with self._database.write() as session:
            lead = await session.get(Lead, job.payload["lead"])
            if lead is None or not await self._waits(session, lead):
                return
            if job.payload["to"] == "head":
                await self._notice(session, lead, ESCALATED, await head_of(session, lead))
                return
            await self._notice(session, lead, LATE, lead.owner_id)
            await self._then_the_head(session, lead)

    async def _waits(self, session: AsyncSession, lead: Lead) -> bool:
        """Tell whether it still waits; what was said a moment ago counts."""
        await clock.settle(session, [lead.id])
        await session.refresh(lead)
        is_open = lead.closed_at is None and lead.deleted_at is None
        is_due = lead.respond_by is not None and lead.respond_by <= self._now()
        return is_open and is_due and lead.first_response_at is None

    async def _notice(
        self, session: AsyncSession, lead: Lead, kind: str, user_id: int | None
    ) -> None:
        if user_id is not None:
            told = ("lead", lead.id, f"{lead.number} · {lead.subject}")
            await notices.add(
                session, [user_id], kind, told, None, self._now(), f"{kind}.{lead.id}"
            )

    async def _then_the_head(self, session: AsyncSession, lead: Lead) -> None:
        """After as much working time again, the head of the team is told."""
        pipeline = self._pipelines.get(lead.pipeline_id)
        minutes = pipeline.respond_within_min if pipeline is not None else None
        start = lead.respond_by or self._now()
        at = await clock.term(session, start, minutes, lead.team_id, self._zone)
        if at is not None:
            payload = {"lead": lead.id, "to": "head"}
            await jobs.add(session, KIND, payload, at, f"{lead.id}.head")


async def head_of(session: AsyncSession, lead: Lead) -> int | None:
    """Return the head of the lead's team or its owner's, or of the nearest team above."""
    team_id = lead.team_id or await session.scalar(
        select(User.team_id).where(User.id == lead.owner_id)
    )
    return await teams.head_of(session, team_id, besides=lead.owner_id)
