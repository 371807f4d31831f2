"""Makes an entity one whose rows go through stages.

Its model has `pipeline_id`, `stage_id` and `stage_at`. However a row is saved (form, board, REST,
import, rule), its stage is saved through `entity.saving` and so checked here: what the process
refuses is explained in a sentence, and every entry into a stage is recorded as an event.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import new_id
from callcenter.entity.description import Field, value_of
from callcenter.entity.editing import Diff
from callcenter.entity.models import File
from callcenter.errors import Sentence
from callcenter.interactions.description import KINDS
from callcenter.process import approvals, engine
from callcenter.process.models import StageEvent
from callcenter.process.pipelines import Pipelines, pipeline_list, stage_list
from callcenter.server.actor import Actor
from callcenter.server.body import MISSING


def _(message: str) -> str:
    return message


FIRST: Final = _("Before it can stand in “{stage}”: {missing}.")
KEEP: Final = _("“{stage}” needs this. Fill it in, or move the record back first.")
FIELD: Final = _("fill in “{field}”")
DOCUMENT: Final = _("attach files (at least {count})")
DONE: Final = _("have at least one of these behind you: {kind}")
APPROVAL: Final = _("get it approved")
NO_PIPELINE: Final = _("There is no pipeline to put this in. An administrator can add one.")
OTHER_PIPELINE: Final = _("This stage belongs to another pipeline. Choose a stage of the same one.")

#: What was held with a row: kinds of interaction.
Held = Callable[[AsyncSession, int], Awaitable[frozenset[str]]]


@dataclass(frozen=True)
class Staged:
    """The parts of a description that have to do with stages, for its author to put in."""

    entity: str
    pipelines: Pipelines
    #: The labels of fields that rules can ask for.
    labels: Callable[[], Mapping[str, str]]
    held: Held

    def fields(self, group: str) -> tuple[Field, ...]:
        return (
            Field(
                name="pipeline_id", label=_("Pipeline"), type="option",
                options=pipeline_list(self.entity), group=group,
            ),
            Field(
                name="stage_id", label=_("Stage"), type="option", options=stage_list(self.entity),
                group=group,
            ),
            Field(
                name="stage_at", label=_("In this stage since"), type="datetime", writable=False,
                on_form=False, group=group,
            ),
        )  # fmt: skip

    def derive(self, row: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the pipeline and the stage where they follow from what is given."""
        stage = given.get("stage_id")
        if stage is not None:
            found = self.pipelines.stage(stage)
            chosen = given.get("pipeline_id") if "pipeline_id" in given else None
            return {} if found is None or chosen else {"pipeline_id": found.pipeline_id}
        pipeline = self._chosen(row, given)
        if pipeline is None or (row is not None and pipeline.id == row.pipeline_id):
            return {}
        first = pipeline.first
        return {"pipeline_id": pipeline.id, "stage_id": first.id if first else None}

    def _chosen(self, row: Any, given: Mapping[str, Any]) -> engine.Pipeline | None:
        if (chosen := given.get("pipeline_id")) is not None:
            return self.pipelines.get(chosen)
        held = row.pipeline_id if row is not None else None
        return self.pipelines.get(held) or next(iter(self.pipelines.of(self.entity)), None)

    async def check(
        self, session: AsyncSession, row: Any, given: Mapping[str, Any]
    ) -> dict[str, str]:
        """Return what the process refuses, by field."""
        if row is not None and (emptied := _emptied(row, given)):
            return emptied
        now = _after(row, given)
        pipeline = self.pipelines.get(now("pipeline_id"))
        if pipeline is None:
            return {"pipeline_id": NO_PIPELINE} if row is None else {}
        stage = now("stage_id")
        if stage is not None and pipeline.stage(stage) is None:
            return {"stage_id": OTHER_PIPELINE}
        held = row.stage_id if row is not None else None
        facts = await self._facts(session, row, now, pipeline)
        if stage is not None and stage != held:
            here = held if row is not None and row.pipeline_id == pipeline.id else None
            if missing := engine.refusals(pipeline, here, stage, facts):
                return {"stage_id": self._sentence(stage, missing)}
            return {}
        lost = [each.which for each in engine.kept(pipeline, stage, facts) if each.which in given]
        return {name: Sentence(KEEP, stage=self._label(stage)) for name in lost}

    async def _facts(
        self,
        session: AsyncSession,
        row: Any,
        now: Callable[[str], Any],
        pipeline: engine.Pipeline,
    ) -> engine.Facts:
        asked = {name for stage in pipeline.stages for name in stage.rules.fields}
        values = {name: now(name) for name in asked}
        if row is None or pipeline.mode != "strict":
            return engine.Facts(values)
        return await self.facts(session, row.id, values)

    async def facts(
        self, session: AsyncSession, row_id: int, values: Mapping[str, Any]
    ) -> engine.Facts:
        """Return what is true of a stored row, with these values of its fields."""
        files = select(func.count()).where(
            File.entity == self.entity, File.entity_id == row_id, File.deleted_at.is_(None)
        )
        return engine.Facts(
            values,
            documents=await session.scalar(files) or 0,
            done=await self.held(session, row_id),
            approved=await approvals.standing(session, self.entity, row_id),
        )

    async def saved(
        self, session: AsyncSession, row: Any, diff: Diff, at: datetime, by: Actor
    ) -> None:
        """Note that a row entered a stage."""
        if row.stage_id is None or (row.stage_at is not None and "stage_id" not in diff):
            return
        before = diff.get("stage_id", [None])[0] if row.stage_at is not None else None
        row.stage_at = at
        session.add(
            StageEvent(
                id=new_id(at.timestamp()), entity=self.entity, entity_id=row.id,
                pipeline_id=row.pipeline_id, from_stage_id=before, to_stage_id=row.stage_id, at=at,
                user_id=by["actor_id"] if by["actor_kind"] == "user" else None,
                amount=getattr(row, "amount", None), currency=getattr(row, "currency", None),
            )
        )  # fmt: skip
        await session.flush()

    def _sentence(self, stage_id: int, missing: Sequence[engine.Refusal]) -> Sentence:
        parts = tuple(self.part(each) for each in dict.fromkeys(missing))
        return Sentence(FIRST, stage=self._label(stage_id), missing=parts)

    def part(self, refusal: engine.Refusal) -> Sentence:
        """Return one thing that is missing, as a part of a sentence."""
        match refusal.what:
            case "field":
                label = self.labels().get(refusal.which, refusal.which)
                return Sentence(FIELD, field=Sentence(label))
            case "document":
                return Sentence(DOCUMENT, count=refusal.which)
            case "done":
                return Sentence(DONE, kind=Sentence(KINDS[refusal.which]))
            case "approval":
                return Sentence(APPROVAL)

    def _label(self, stage_id: int | None) -> Mapping[str, str]:
        return self.pipelines.name_of(stage_id)


def _emptied(row: Any, given: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong if a row that stands somewhere were to stand nowhere."""
    return {
        name: MISSING
        for name in ("pipeline_id", "stage_id")
        if name in given and given[name] is None and getattr(row, name) is not None
    }


def _after(row: Any, given: Mapping[str, Any]) -> Callable[[str], Any]:
    """Return how a field is found as it will be once `given` is saved."""

    def value(name: str) -> Any:
        if name in given:
            return given[name]
        return value_of(row, name) if row is not None else None

    return value
