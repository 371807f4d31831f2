"""Where a row stands, what comes next and what that needs: the panel on its card.

Template process/course.html: entity, row, steps [Step], next Step | None, asked [approvals.Asked],
may_move, may_approve, problem, errors, values. A card loads it by itself from /<plural>/<id>/course.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity import saving
from callcenter.entity.description import Entity, value_of
from callcenter.entity.keys import ENTITIES
from callcenter.entity.requests import deed_of, tell
from callcenter.entity.rights import access, is_reached, visible_to
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound, Problem
from callcenter.process import approvals, engine, times
from callcenter.process.models import Approval, Decision, StageEvent
from callcenter.process.staged import Staged
from callcenter.server.body import number_in, path_id, read_form, seen_version
from callcenter.server.errors import sentence, sentences
from callcenter.server.i18n import translate
from callcenter.server.identity import Identity, require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the row's pipeline."""

    stage: engine.Stage
    name: Mapping[str, str]
    color: str | None
    is_now: bool
    #: How long the row stood there, all stays together.
    lasted: timedelta | None
    #: It stands there longer than it should.
    is_late: bool
    #: What a move there still needs.
    missing: Sequence[str]
    needs_approval: bool


@routes.get(r"/{plural:[a-z-]+}/{id:\d+}/course")
async def show(request: web.Request) -> web.Response:
    entity, who = _asked(request, "read")
    return await _panel(request, entity, who)


@routes.post(r"/{plural:[a-z-]+}/{id:\d+}/course")
async def move(request: web.Request) -> web.Response:
    """Bring a row into another stage from its card."""
    entity, who = _asked(request, "edit")
    values = await read_form(request)
    given: dict[str, Any] = {"stage_id": number_in(values, "to")}
    if (reason := number_in(values, "lost_reason_id")) is not None:
        given["lost_reason_id"] = reason
    try:
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, entity)
            row = await saving.change(deed, path_id(request), given, seen_version(values))
    except (BadInput, ChangedMeanwhile) as problem:
        return await _panel(request, entity, who, problem, values)
    tell(request, entity, row)
    return await _panel(request, entity, who)


@routes.post(r"/{plural:[a-z-]+}/{id:\d+}/approvals")
async def ask(request: web.Request) -> web.Response:
    """Ask that the row may enter a stage."""
    entity, who = _asked(request, "edit")
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, entity)
            row = await saving.locked(deed, path_id(request), "edit")
            stage = _course(entity).pipelines.stage(number_in(values, "stage_id"))
            if stage is None or stage.pipeline_id != row.pipeline_id:
                raise NotFound
            await approvals.ask(session, _called(entity, row), stage.id, who, at, deed.by)
    except BadInput as problem:
        return await _panel(request, entity, who, problem, values)
    return await _panel(request, entity, who)


@routes.post(r"/{plural:[a-z-]+}/{id:\d+}/approvals/{approval:\d+}")
async def decide(request: web.Request) -> web.Response:
    entity, who = _asked(request, "read")
    values, at = await read_form(request), request.app[CLOCK]()
    decision: Decision = "approved" if values.get("decision") == "approved" else "refused"
    try:
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, entity)
            row = await saving.locked(deed, path_id(request), "read")
            approval = await session.get(
                Approval, path_id(request, "approval"), with_for_update=True
            )
            if approval is None or (approval.entity, approval.entity_id) != (entity.name, row.id):
                raise NotFound
            await approvals.decide(
                session, approval, _called(entity, row), decision, values.get("comment", ""),
                who, at, deed.by,
            )  # fmt: skip
    except BadInput as problem:
        return await _panel(request, entity, who, problem, values)
    return await _panel(request, entity, who)


def _asked(request: web.Request, action: str) -> tuple[Entity, Identity]:
    entity = request.app[ENTITIES].by_plural(request.match_info["plural"])
    if entity is None or entity.course is None:
        raise NotFound
    return entity, require(request, entity.name, action)


def _course(entity: Entity) -> Staged:
    course: Staged = entity.course
    return course


def _called(entity: Entity, row: Any) -> tuple[str, int, str]:
    return entity.name, row.id, str(value_of(row, entity.title))


async def _panel(
    request: web.Request,
    entity: Entity,
    who: Identity,
    problem: Problem | None = None,
    values: Mapping[str, str] | None = None,
) -> web.Response:
    model: Any = entity.model
    field = request.app[ENTITIES].fields(entity.name)["stage_id"]
    level = access(entity, field, who)
    if level in ("hidden", "masked"):
        raise NotFound
    async with request.app[DATABASE].read() as session:
        row = await session.scalar(
            select(model).where(model.id == path_id(request), visible_to(entity, who))
        )
        if row is None:
            raise NotFound
        steps = await _steps(request, session, entity, row)
        asked = await approvals.of(session, entity.name, row.id)
        may_edit = await is_reached(session, entity, who, "edit", row.id)
    if problem is not None and "HX-Request" not in request.headers:
        raise problem
    if problem is None and request.method == "POST" and "HX-Request" not in request.headers:
        return redirect(request, f"/{entity.plural}/{row.id}")
    told = sentences(request, problem) if isinstance(problem, BadInput) else {}
    if problem is not None and not told:
        told = {"": sentence(request, problem)}
    return render(
        request, "process/course.html", status=problem.status if problem else 200, entity=entity,
        row=row, steps=steps, next=_next(steps), asked=asked, errors=told, values=values or {},
        may_move=may_edit and level == "write", may_approve=approvals.FLAG in who.flags,
        reasons=_reasons(request, entity),
    )  # fmt: skip


def _reasons(request: web.Request, entity: Entity) -> Sequence[Any]:
    """Return why a row may be lost, if the entity asks for it."""
    registry = request.app[ENTITIES]
    field = registry.fields(entity.name).get("lost_reason_id")
    return [one for one in registry.list(field.options) if one.active] if field else []


async def _steps(
    request: web.Request, session: AsyncSession, entity: Entity, row: Any
) -> list[Step]:
    course, now = _course(entity), request.app[CLOCK]()
    pipeline = course.pipelines.get(row.pipeline_id)
    if pipeline is None:
        return []
    lasted = times.in_stages(await entries(session, entity.name, row.id, course), now)
    asked = {name for stage in pipeline.stages for name in stage.rules.fields}
    facts = await course.facts(session, row.id, {name: value_of(row, name) for name in asked})
    choices = {one.id: one for one in request.app[ENTITIES].list(f"{entity.name}.stage")}
    steps = []
    for stage in pipeline.stages:
        missing = engine.refusals(pipeline, row.stage_id, stage.id, facts)
        is_now = stage.id == row.stage_id
        steps.append(
            Step(
                stage, course.pipelines.name_of(stage.id),
                choices[stage.id].color if stage.id in choices else None, is_now,
                lasted.get(stage.id), is_now and _is_late(stage, row.stage_at, now),
                [translate(request, course.part(each)) for each in dict.fromkeys(missing)],
                any(each.what == "approval" and each.stage_id == stage.id for each in missing),
            )
        )  # fmt: skip
    return steps


def _is_late(stage: engine.Stage, since: datetime | None, now: datetime) -> bool:
    return (
        stage.max_days is not None and since is not None
        and now - since > timedelta(days=stage.max_days)
    )  # fmt: skip


def _next(steps: Sequence[Step]) -> Step | None:
    """Return the stage that follows: the next one under way, else the one that is won."""
    here = next((place for place, step in enumerate(steps) if step.is_now), None)
    if here is None or steps[here].stage.kind != "open":
        return None
    ahead = [step for step in steps[here + 1 :] if step.stage.kind != "lost"]
    return next(iter(ahead), None)


async def entries(
    session: AsyncSession, entity: str, row_id: int, course: Staged
) -> list[times.Entry]:
    """Return the stages a row entered, in order."""
    rows = await session.scalars(
        select(StageEvent)
        .where(StageEvent.entity == entity, StageEvent.entity_id == row_id)
        .order_by(StageEvent.at, StageEvent.id)
    )
    return [times.Entry(row.to_stage_id, row.at, _ends(course, row.to_stage_id)) for row in rows]


def _ends(course: Staged, stage_id: int) -> bool:
    stage = course.pipelines.stage(stage_id)
    return stage is not None and stage.kind != "open"
