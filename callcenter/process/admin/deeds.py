"""Adds, changes, orders and takes away pipelines and stages.

The place of a row is never lost: a stage in use can only be taken away by naming the stage where
its rows continue, and each of them records the move; a pipeline in use can only be switched off.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents.models import Team
from callcenter.db import Versioned, new_id
from callcenter.entity import editing
from callcenter.entity.admin import labels, ordering
from callcenter.entity.reading import NOT_OFFERED
from callcenter.entity.registry import Registry
from callcenter.errors import BadInput, NotFound
from callcenter.process.admin.forms import PipelineForm, StageForm
from callcenter.process.models import Pipeline, Stage, StageEvent
from callcenter.server.actor import Actor


def _(message: str) -> str:
    return message


IN_USE: Final = _("Records stand in it, so it cannot be taken away. Switch it off instead.")
LAST_OPEN: Final = _(
    "A pipeline needs at least one stage that is under way. Add another one first."
)
KIND_STAYS: Final = _("Records stand here, so it stays what it is. Add a stage of the other kind.")
CHOOSE_WHERE: Final = _("Records stand here. Choose the stage where they go on.")

Row = TypeVar("Row", Pipeline, Stage)

#: Rows that are moved to another stage are moved so many at a time.
BLOCK: Final = 1000


async def add_pipeline(
    session: AsyncSession, entity: str, form: PipelineForm, at: datetime, by: Actor
) -> Pipeline:
    """Add a pipeline at the end, with one stage of each kind to begin with. Raises BadInput."""
    await _check_team(session, form)
    of_entity = Pipeline.entity == entity
    taken = set(await session.scalars(select(Pipeline.key).where(of_entity)))
    row = Pipeline(
        entity=entity, key=labels.key_of(form.label, taken, "pipeline"), name=form.label,
        mode=form.mode, active=form.active, team_id=form.team_id,
        respond_within_min=form.respond_within_min,
        position=await _last(session, Pipeline.position, of_entity), **_new(at, by),
    )  # fmt: skip
    session.add(row)
    await session.flush()
    for place, (key, kind, names) in enumerate(FIRST_STAGES):
        session.add(
            Stage(pipeline_id=row.id, key=key, kind=kind, name=names, position=place,
                  probability=100 if kind == "won" else 0, **_new(at, by))
        )  # fmt: skip
    _note(session, "pipeline", row.id, "create", {"name": [None, form.label]}, at, by)
    await session.flush()
    return row


#: What a new pipeline begins with.
FIRST_STAGES: Final = (
    ("new", "open", {"az": "Yeni", "tr": "Yeni", "ru": "Новое", "en": "New"}),
    ("won", "won", {"az": "Uğurlu", "tr": "Kazanıldı", "ru": "Успешно", "en": "Won"}),
    ("lost", "lost", {"az": "İtirildi", "tr": "Kaybedildi", "ru": "Потеряно", "en": "Lost"}),
)


async def change_pipeline(
    session: AsyncSession,
    row_id: int,
    form: PipelineForm,
    seen: int | None,
    at: datetime,
    by: Actor,
) -> Pipeline:
    """Save a form over a pipeline. Raises NotFound, BadInput or ChangedMeanwhile."""
    await _check_team(session, form)
    row = await _locked(session, Pipeline, row_id)
    await editing.save(session, labels.face(row), "pipeline", form.columns(), seen, at, by)
    return row


async def _check_team(session: AsyncSession, form: PipelineForm) -> None:
    if form.team_id is not None and await session.get(Team, form.team_id) is None:
        raise BadInput({"team_id": NOT_OFFERED})


async def order_pipelines(
    session: AsyncSession, entity: str, ids: Sequence[int], at: datetime, by: Actor
) -> None:
    rows = select(Pipeline).where(Pipeline.entity == entity, Pipeline.deleted_at.is_(None))
    ordered = rows.order_by(Pipeline.position, Pipeline.id)
    await ordering.put(session, ordered, ids, ("pipeline", entity), at, by)


async def take_pipeline_away(
    session: AsyncSession, registry: Registry, row_id: int, at: datetime, by: Actor
) -> Pipeline:
    """Take away a pipeline that nothing stands in. Raises NotFound or BadInput."""
    row = await _locked(session, Pipeline, row_id)
    model: Any = registry[row.entity].model
    if await session.scalar(select(exists().where(model.pipeline_id == row.id))):
        raise BadInput({"": IN_USE})
    _aside(session, "pipeline", row, at, by)
    return row


async def add_stage(
    session: AsyncSession, pipeline_id: int, form: StageForm, at: datetime, by: Actor
) -> Stage:
    """Add a stage: one under way before the ends, an end after all. Raises NotFound."""
    pipeline = await _locked(session, Pipeline, pipeline_id)
    stages = await stages_of(session, pipeline.id)
    ends = [place for place, stage in enumerate(stages) if stage.kind != "open"]
    place = ends[0] if form.kind == "open" and ends else len(stages)
    row = Stage(
        pipeline_id=pipeline.id,
        key=labels.key_of(form.label, {stage.key for stage in stages}, "stage"),
        name=form.label, kind=form.kind, color=form.color, probability=form.probability,
        max_days=form.max_days, entry_rules=form.columns()["entry_rules"], **_new(at, by),
    )  # fmt: skip
    session.add(row)
    for position, stage in enumerate((*stages[:place], row, *stages[place:])):
        stage.position = position
    _note(session, "stage", row.id, "create", {"name": [None, form.label]}, at, by)
    await session.flush()
    return row


async def change_stage(
    session: AsyncSession,
    registry: Registry,
    row_id: int,
    form: StageForm,
    seen: int | None,
    at: datetime,
    by: Actor,
) -> Stage:
    """Save a form over a stage. Raises NotFound, BadInput or ChangedMeanwhile."""
    row = await _locked(session, Stage, row_id)
    if form.kind != row.kind:
        if await _is_used(session, registry, row):
            raise BadInput({"kind": KIND_STAYS})
        await _keep_one_open(session, row)
    await editing.save(session, labels.face(row), "stage", form.columns(), seen, at, by)
    return row


async def order_stages(
    session: AsyncSession, pipeline_id: int, ids: Sequence[int], at: datetime, by: Actor
) -> None:
    rows = select(Stage).where(Stage.pipeline_id == pipeline_id, Stage.deleted_at.is_(None))
    ordered = rows.order_by(Stage.position, Stage.id)
    await ordering.put(session, ordered, ids, ("stage", str(pipeline_id)), at, by)


async def take_stage_away(
    session: AsyncSession,
    registry: Registry,
    row_id: int,
    to_id: int | None,
    at: datetime,
    by: Actor,
) -> Stage:
    """Take a stage away; what stands there goes on in another. Raises NotFound or BadInput."""
    row = await _locked(session, Stage, row_id)
    await _keep_one_open(session, row)
    if await _is_used(session, registry, row):
        others = [each for each in await stages_of(session, row.pipeline_id) if each.id != row.id]
        if to_id is None or to_id not in {each.id for each in others if each.kind == row.kind}:
            raise BadInput({"to": CHOOSE_WHERE})
        await _move_all(session, registry, row, to_id, at, by)
    _aside(session, "stage", row, at, by)
    return row


async def _move_all(
    session: AsyncSession,
    registry: Registry,
    stage: Stage,
    to_id: int,
    at: datetime,
    by: Actor,
) -> None:
    """Have every row of a stage go on in another, and remember it."""
    pipeline = await session.get_one(Pipeline, stage.pipeline_id)
    model: Any = registry[pipeline.entity].model
    rows = select(model).where(model.stage_id == stage.id).order_by(model.id).limit(BLOCK)
    while found := list(await session.scalars(rows.with_for_update())):
        for row in found:
            row.stage_id, row.stage_at = to_id, at
            session.add(
                StageEvent(
                    id=new_id(at.timestamp()), entity=pipeline.entity, entity_id=row.id,
                    pipeline_id=pipeline.id, from_stage_id=stage.id, to_stage_id=to_id, at=at,
                    user_id=by["actor_id"],
                )
            )  # fmt: skip
        await session.flush()


async def _is_used(session: AsyncSession, registry: Registry, stage: Stage) -> bool:
    pipeline = await session.get_one(Pipeline, stage.pipeline_id)
    model: Any = registry[pipeline.entity].model
    return bool(await session.scalar(select(exists().where(model.stage_id == stage.id))))


async def _keep_one_open(session: AsyncSession, stage: Stage) -> None:
    """Raise BadInput if a pipeline would be left without a stage under way."""
    others = [each for each in await stages_of(session, stage.pipeline_id) if each.id != stage.id]
    if not any(each.kind == "open" for each in others):
        raise BadInput({"": LAST_OPEN})


async def stages_of(session: AsyncSession, pipeline_id: int) -> list[Stage]:
    """Return the stages of a pipeline in their order."""
    rows = select(Stage).where(Stage.pipeline_id == pipeline_id, Stage.deleted_at.is_(None))
    return list(await session.scalars(rows.order_by(Stage.position, Stage.id)))


async def _locked(session: AsyncSession, kind: type[Row], row_id: int) -> Row:
    row = await session.get(kind, row_id, with_for_update=True)
    if row is None or row.deleted_at is not None:
        raise NotFound
    return row


async def _last(session: AsyncSession, column: Any, condition: Any) -> int:
    last = await session.scalar(select(func.max(column)).where(condition))
    return 0 if last is None else last + 1


def _new(at: datetime, by: Actor) -> dict[str, Any]:
    return {
        "id": new_id(at.timestamp()), "version": 1, "created_at": at, "updated_at": at,
        "created_by": by["actor_id"], "updated_by": by["actor_id"],
    }  # fmt: skip


def _aside(session: AsyncSession, kind: str, row: Any, at: datetime, by: Actor) -> None:
    aside: Versioned = row
    aside.deleted_at = at
    _note(session, kind, row.id, "delete", {"name": [row.name, None]}, at, by)


def _note(
    session: AsyncSession, kind: str, row_id: int, action: str, diff: Any, at: datetime, by: Actor
) -> None:
    audit.record(session, at, entity=kind, entity_id=row_id, action=action, diff=diff, **by)
