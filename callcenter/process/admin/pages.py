"""Administration → Pipelines.

Templates: process/pipelines.html (kinds: [(entity, [Pipeline, stages])]) · process/pipeline.html
(pipeline, entity, stages, values, errors, teams, modes, kinds, saved) · process/stage.html (pipeline,
stage | None, values, errors, fields, others, kinds, done).
"""

from aiohttp import web
from sqlalchemy import select

from callcenter.agents.models import Team
from callcenter.entity import editing
from callcenter.entity.admin import labels, options
from callcenter.entity.admin.told import moved, tell
from callcenter.entity.description import Entity
from callcenter.entity.keys import ENTITIES
from callcenter.entity.registry import label_in
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.interactions.description import KINDS as INTERACTIONS
from callcenter.process.admin import deeds, forms
from callcenter.process.models import Pipeline, Stage
from callcenter.server.actor import actor
from callcenter.server.body import number_in, read_form, seen_version
from callcenter.server.errors import refused, sentences
from callcenter.server.i18n import language_of
from callcenter.server.identity import administrator
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render

routes = web.RouteTableDef()
Values = dict[str, str]


@routes.get("/admin/pipelines")
async def show_all(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].read() as session:
        rows = await session.scalars(
            select(Pipeline)
            .where(Pipeline.deleted_at.is_(None))
            .order_by(Pipeline.position, Pipeline.id)
        )
        pipelines = [(row, await deeds.stages_of(session, row.id)) for row in rows]
    kinds = [
        (entity, [each for each in pipelines if each[0].entity == entity.name])
        for entity in _staged(request)
    ]
    return render(
        request, "process/pipelines.html", kinds=kinds, modes=forms.MODE_WORDS,
        saved="saved" in request.query,
    )  # fmt: skip


@routes.post(r"/admin/pipelines/order/{entity:[a-z-]+}")
async def order(request: web.Request) -> web.Response:
    administrator(request)
    entity, at = _entity(request, request.match_info["entity"]), request.app[CLOCK]()
    async with request.app[DATABASE].read() as session:
        rows = select(Pipeline.id).where(
            Pipeline.entity == entity.name, Pipeline.deleted_at.is_(None)
        )
        known = list(await session.scalars(rows.order_by(Pipeline.position, Pipeline.id)))
    ids = await moved(request, known)
    async with request.app[DATABASE].write() as session:
        await deeds.order_pipelines(session, entity.name, ids, at, actor(request))
    await tell(request)
    return redirect(request, "/admin/pipelines")


@routes.get(r"/admin/pipelines/new/{entity:[a-z-]+}")
async def new(request: web.Request) -> web.Response:
    administrator(request)
    entity = _entity(request, request.match_info["entity"])
    return await _pipeline_page(request, entity, None, {"active": "1", "mode": "manual"})


@routes.post(r"/admin/pipelines/new/{entity:[a-z-]+}")
async def add(request: web.Request) -> web.Response:
    administrator(request)
    entity = _entity(request, request.match_info["entity"])
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        form = forms.read_pipeline(values, language_of(request))
        async with request.app[DATABASE].write() as session:
            row = await deeds.add_pipeline(session, entity.name, form, at, actor(request))
    except BadInput as problem:
        return await _pipeline_page(request, entity, None, values, sentences(request, problem))
    await tell(request)
    return redirect(request, f"/admin/pipelines/{row.id}?saved=1")


@routes.get(r"/admin/pipelines/{id:\d+}")
async def show(request: web.Request) -> web.Response:
    administrator(request)
    row = await editing.found(request, Pipeline)
    return await _pipeline_page(request, _entity(request, row.entity), row, forms.of_pipeline(row))


@routes.post(r"/admin/pipelines/{id:\d+}")
async def change(request: web.Request) -> web.Response:
    administrator(request)
    row = await editing.found(request, Pipeline)
    entity = _entity(request, row.entity)
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        form = forms.read_pipeline(values, language_of(request))
        async with request.app[DATABASE].write() as session:
            await deeds.change_pipeline(
                session, row.id, form, seen_version(values), at, actor(request)
            )
    except (BadInput, ChangedMeanwhile) as problem:
        return await _pipeline_page(request, entity, row, values, *refused(request, problem))
    await tell(request)
    return redirect(request, f"/admin/pipelines/{row.id}?saved=1")


@routes.post(r"/admin/pipelines/{id:\d+}/take-away")
async def take_away(request: web.Request) -> web.Response:
    administrator(request)
    row = await editing.found(request, Pipeline)
    at = request.app[CLOCK]()
    try:
        async with request.app[DATABASE].write() as session:
            await deeds.take_pipeline_away(
                session, request.app[ENTITIES], row.id, at, actor(request)
            )
    except BadInput as problem:
        entity, errors = _entity(request, row.entity), sentences(request, problem)
        return await _pipeline_page(request, entity, row, forms.of_pipeline(row), errors)
    await tell(request)
    return redirect(request, "/admin/pipelines?saved=1")


@routes.post(r"/admin/pipelines/{id:\d+}/order")
async def order_stages(request: web.Request) -> web.Response:
    administrator(request)
    row, at = await editing.found(request, Pipeline), request.app[CLOCK]()
    async with request.app[DATABASE].read() as session:
        known = [stage.id for stage in await deeds.stages_of(session, row.id)]
    ids = await moved(request, known)
    async with request.app[DATABASE].write() as session:
        await deeds.order_stages(session, row.id, ids, at, actor(request))
    await tell(request)
    return redirect(request, f"/admin/pipelines/{row.id}")


@routes.get(r"/admin/pipelines/{id:\d+}/stages/new")
async def new_stage(request: web.Request) -> web.Response:
    administrator(request)
    pipeline = await editing.found(request, Pipeline)
    return await _stage_page(request, pipeline, None, {"kind": "open"})


@routes.post(r"/admin/pipelines/{id:\d+}/stages")
async def add_stage(request: web.Request) -> web.Response:
    administrator(request)
    pipeline = await editing.found(request, Pipeline)
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        form = forms.read_stage(values, _fields(request, pipeline), language_of(request))
        async with request.app[DATABASE].write() as session:
            await deeds.add_stage(session, pipeline.id, form, at, actor(request))
    except BadInput as problem:
        return await _stage_page(request, pipeline, None, values, sentences(request, problem))
    await tell(request)
    return redirect(request, f"/admin/pipelines/{pipeline.id}?saved=1")


@routes.get(r"/admin/stages/{id:\d+}")
async def show_stage(request: web.Request) -> web.Response:
    administrator(request)
    row = await editing.found(request, Stage)
    return await _stage_page(request, await _pipeline_of(request, row), row, forms.of_stage(row))


@routes.post(r"/admin/stages/{id:\d+}")
async def change_stage(request: web.Request) -> web.Response:
    administrator(request)
    row = await editing.found(request, Stage)
    pipeline = await _pipeline_of(request, row)
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        form = forms.read_stage(values, _fields(request, pipeline), language_of(request))
        async with request.app[DATABASE].write() as session:
            await deeds.change_stage(
                session, request.app[ENTITIES], row.id, form, seen_version(values), at,
                actor(request),
            )  # fmt: skip
    except (BadInput, ChangedMeanwhile) as problem:
        return await _stage_page(request, pipeline, row, values, *refused(request, problem))
    await tell(request)
    return redirect(request, f"/admin/pipelines/{pipeline.id}?saved=1")


@routes.post(r"/admin/stages/{id:\d+}/take-away")
async def take_stage_away(request: web.Request) -> web.Response:
    administrator(request)
    row = await editing.found(request, Stage)
    pipeline = await _pipeline_of(request, row)
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        async with request.app[DATABASE].write() as session:
            await deeds.take_stage_away(
                session, request.app[ENTITIES], row.id, number_in(values, "to"), at, actor(request)
            )
    except BadInput as problem:
        errors = sentences(request, problem)
        return await _stage_page(request, pipeline, row, forms.of_stage(row), errors)
    await tell(request)
    return redirect(request, f"/admin/pipelines/{pipeline.id}?saved=1")


# ---------------------------------------------------------------- what the handlers share


def _staged(request: web.Request) -> list[Entity]:
    return [entity for entity in request.app[ENTITIES] if entity.course is not None]


def _entity(request: web.Request, name: str) -> Entity:
    found = next((entity for entity in _staged(request) if entity.name == name), None)
    if found is None:
        raise NotFound
    return found


async def _pipeline_of(request: web.Request, stage: Stage) -> Pipeline:
    async with request.app[DATABASE].read() as session:
        return await session.get_one(Pipeline, stage.pipeline_id)


def _fields(request: web.Request, pipeline: Pipeline) -> dict[str, str]:
    """Return the fields that a rule can ask for, with their labels in the reader's language."""
    language = language_of(request)
    return {
        name: label_in(field, language)
        for name, field in request.app[ENTITIES].fields(pipeline.entity).items()
        if field.writable and field.virtual is None and field.type != "bool"
        and name not in ("pipeline_id", "stage_id") and not field.required
    }  # fmt: skip


async def _pipeline_page(
    request: web.Request,
    entity: Entity,
    pipeline: Pipeline | None,
    values: Values,
    errors: Values | None = None,
    status: int = 422,
) -> web.Response:
    blank = dict.fromkeys(
        (*labels.FIELDS.values(), "mode", "team_id", "respond_within_min", "version"), ""
    )
    async with request.app[DATABASE].read() as session:
        teams = select(Team.id, Team.name).where(Team.deleted_at.is_(None)).order_by(Team.name)
        offered = [(row.id, row.name) for row in await session.execute(teams)]
        stages = await deeds.stages_of(session, pipeline.id) if pipeline is not None else []
    return render(
        request, "process/pipeline.html", status=status if errors else 200, entity=entity,
        pipeline=pipeline, stages=stages, values=blank | values, errors=errors or {},
        teams=offered, modes=forms.MODE_WORDS, kinds=forms.KIND_WORDS,
        saved="saved" in request.query,
    )  # fmt: skip


async def _stage_page(
    request: web.Request,
    pipeline: Pipeline,
    stage: Stage | None,
    values: Values,
    errors: Values | None = None,
    status: int = 422,
) -> web.Response:
    blank = dict.fromkeys(
        (*labels.FIELDS.values(), "kind", "color", "probability", "max_days", "documents",
         "version"), "",
    )  # fmt: skip
    async with request.app[DATABASE].read() as session:
        others = [
            each
            for each in await deeds.stages_of(session, pipeline.id)
            if stage is not None and each.id != stage.id and each.kind == stage.kind
        ]
    return render(
        request, "process/stage.html", status=status if errors else 200, pipeline=pipeline,
        stage=stage, values=blank | values, errors=errors or {}, fields=_fields(request, pipeline),
        others=others, kinds=forms.KIND_WORDS, colors=options.COLORS,
        done={kind: INTERACTIONS[kind] for kind in forms.DONE},
    )  # fmt: skip
