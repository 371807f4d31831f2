"""What follows when a lead is saved, whoever saves it: its contact, its term, its end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity import editing
from callcenter.entity.editing import Diff
from callcenter.leads import binding, clock, customers, overdue
from callcenter.process.pipelines import Pipelines
from callcenter.process.staged import Staged
from callcenter.server.actor import Actor

#: With these comes another term, or other working hours.
_TERMS: Final = ("pipeline_id", "team_id")
_WAYS: Final = ("phone", "email")


@dataclass(frozen=True, slots=True)
class Following:
    staged: Staged
    pipelines: Pipelines
    #: Where the company works if nothing else is said.
    zone: str

    async def saved(
        self, session: AsyncSession, row: Any, diff: Diff, at: datetime, by: Actor
    ) -> None:
        is_new = row.stage_at is None
        before = None if is_new else self.pipelines.stage(diff.get("stage_id", [None])[0])
        await self.staged.saved(session, row, diff, at, by)
        if row.contact_id is None and (is_new or not diff.keys().isdisjoint(_WAYS)):
            row.contact_id = await binding.whose(session, row.phone, row.email)
        elif row.contact_id is not None and (is_new or "contact_id" in diff):
            await _gather(session, row, at, by)
        stage = self.pipelines.stage(row.stage_id)
        if stage is not None and (is_new or "stage_id" in diff):
            row.closed_at = None if stage.kind == "open" else at
            was_won = before is not None and before.kind == "won"
            if stage.kind == "won" and not was_won:
                await customers.won(session, row, at, by, ZoneInfo(self.zone))
            elif was_won and stage.kind != "won":
                await customers.reopened(session, row, at, by)
        if is_new or not diff.keys().isdisjoint(_TERMS):
            await self._set_term(session, row, by)
        await session.flush()

    async def _set_term(self, session: AsyncSession, row: Any, by: Actor) -> None:
        """Say by when to answer. What an import brings was answered long ago, or never will be."""
        pipeline = self.pipelines.get(row.pipeline_id)
        is_brought = row.channel == "import" or by["actor_kind"] == "import"
        if is_brought or row.first_response_at is not None or pipeline is None:
            return
        row.respond_by = await clock.term(
            session, row.created_at, pipeline.respond_within_min, row.team_id, self.zone
        )
        await overdue.watch(session, row)


async def _gather(session: AsyncSession, row: Any, at: datetime, by: Actor) -> None:
    """Give the contact what else he asked before anybody knew who it was."""
    for other in await binding.waiting(session, row.phone, row.email):
        if await binding.whose(session, other.phone, other.email) == row.contact_id:
            other.contact_id = row.contact_id
            diff: Diff = {"contact_id": [None, row.contact_id]}
            await editing.note(session, other, "lead", diff, at, by, row.contact_id)
