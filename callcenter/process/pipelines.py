"""All pipelines in memory, loaded together with the option lists.

Rows refer to a pipeline and a stage as they refer to an option. So forms, filters, boards, imports
and the API support both without code of their own: the lists are "lead.pipeline" and "lead.stage".
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.options import Choice
from callcenter.process import engine, models


def pipeline_list(entity: str) -> str:
    return f"{entity}.pipeline"


def stage_list(entity: str) -> str:
    return f"{entity}.stage"


class Pipelines:
    """The processes of every entity, those no longer offered too."""

    def __init__(self, entities: Sequence[str] = ()) -> None:
        self._entities = tuple(entities)
        self._all: Mapping[int, engine.Pipeline] = {}
        self._stages: Mapping[int, engine.Stage] = {}
        self._names: Mapping[int, Mapping[str, str]] = {}

    async def load(self, session: AsyncSession) -> dict[str, tuple[Choice, ...]]:
        """Read them anew; return them as option lists."""
        pipelines = list(
            await session.scalars(
                select(models.Pipeline)
                .where(models.Pipeline.deleted_at.is_(None))
                .order_by(models.Pipeline.position, models.Pipeline.id)
            )
        )
        stages = list(
            await session.scalars(
                select(models.Stage)
                .where(models.Stage.deleted_at.is_(None))
                .order_by(models.Stage.position, models.Stage.id)
            )
        )
        self._names = {row.id: row.name for row in stages}
        self.put(
            read(row, (stage for stage in stages if stage.pipeline_id == row.id))
            for row in pipelines
        )
        names = (
            name for each in self._entities for name in (pipeline_list(each), stage_list(each))
        )
        return dict.fromkeys(names, ()) | _lists(pipelines, stages)

    def put(self, pipelines: Iterable[engine.Pipeline]) -> None:
        self._all = {each.id: each for each in pipelines}
        self._stages = {stage.id: stage for each in self._all.values() for stage in each.stages}

    def of(self, entity: str) -> Sequence[engine.Pipeline]:
        """Return those that are offered for an entity, in their order."""
        return [each for each in self._all.values() if each.entity == entity and each.active]

    def get(self, pipeline_id: int | None) -> engine.Pipeline | None:
        return self._all.get(pipeline_id or 0)

    def stage(self, stage_id: int | None) -> engine.Stage | None:
        return self._stages.get(stage_id or 0)

    def name_of(self, stage_id: int | None) -> Mapping[str, str]:
        """Return what a stage is called in each language."""
        return self._names.get(stage_id or 0, {})


def read(row: models.Pipeline, stages: Iterable[models.Stage]) -> engine.Pipeline:
    """Return a pipeline as the engine knows it."""
    return engine.Pipeline(
        id=row.id, entity=row.entity, mode=row.mode, active=row.active, team_id=row.team_id,
        respond_within_min=row.respond_within_min, stages=tuple(_stage(stage) for stage in stages),
    )  # fmt: skip


def _stage(row: models.Stage) -> engine.Stage:
    return engine.Stage(
        id=row.id, pipeline_id=row.pipeline_id, kind=row.kind, probability=row.probability,
        max_days=row.max_days, rules=msgspec.convert(row.entry_rules, engine.Rules),
    )  # fmt: skip


def _lists(
    pipelines: Sequence[models.Pipeline], stages: Sequence[models.Stage]
) -> dict[str, tuple[Choice, ...]]:
    lists: dict[str, tuple[Choice, ...]] = {}
    offered = [row.entity for row in pipelines if row.active]
    for row in pipelines:
        name = pipeline_list(row.entity)
        own = Choice(id=row.id, list=name, key=row.key, label=row.name, active=row.active)
        lists[name] = (*lists.get(name, ()), own)
        # Where there is one pipeline its name says nothing.
        within = row.name if offered.count(row.entity) > 1 else {}
        name = stage_list(row.entity)
        lists[name] = lists.get(name, ()) + tuple(
            Choice(
                id=stage.id, list=name, key=stage.key if not within else f"{row.key}.{stage.key}",
                label=stage.name, color=stage.color, active=row.active, within=within, of=row.id,
            )
            for stage in stages
            if stage.pipeline_id == row.id
        )  # fmt: skip
    return lists
