"""Administration → Rules: if this, then that.

Templates: rules/list.html (rules [Shown], entities, saved) · rules/rule.html (rule | None, entity,
values, lines [Line], errors, words for every choice, people, teams) · rules/line.html (line: one
condition, asked for anew when its field or comparison is chosen) · rules/runs.html (rule, runs).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents.models import Team, User
from callcenter.db import new_id
from callcenter.entity import editing, filters
from callcenter.entity.admin.told import moved
from callcenter.entity.description import Condition, Entity, Field
from callcenter.entity.filters import COMPARISONS
from callcenter.entity.keys import ENTITIES
from callcenter.entity.pages import editor
from callcenter.entity.pages.inputs import Input
from callcenter.entity.reading import Context
from callcenter.entity.registry import label_in
from callcenter.entity.requests import context_of
from callcenter.entity.showing import Showing, names_of
from callcenter.entity.wording import OFFERED, referred, words
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.rules import acting, shapes
from callcenter.rules import form as forms
from callcenter.rules.models import Automation, AutomationRun
from callcenter.server.actor import actor
from callcenter.server.body import path_id, seen_version, sent_form
from callcenter.server.errors import both, sentences
from callcenter.server.i18n import language_of, translate, translate_to
from callcenter.server.identity import Identity, administrator
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render, zone_of

routes = web.RouteTableDef()

#: So many runs of a rule are shown, the newest first.
RUNS = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One condition of the form; without a field it is still free."""

    place: int
    field: str = ""
    op: str = ""
    ops: Sequence[tuple[str, str]] = ()
    inputs: Sequence[Input] = ()
    several: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule in words."""

    rule: Automation
    entity: Entity
    when: str
    conditions: Sequence[str]
    any: bool


@routes.get("/admin/rules")
async def show_all(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].read() as session:
        rows = await session.scalars(_rules())
        shown = [await _shown(request, session, row) for row in rows]
    return render(
        request, "rules/list.html", rules=[one for one in shown if one is not None],
        entities=_entities(request), kinds=DONE_WORDS, saved="saved" in request.query,
        read=shapes.read,
    )  # fmt: skip


def _(message: str) -> str:
    return message


#: What a rule does, in the list.
DONE_WORDS = {
    "assign": _("gives it to somebody"), "task": _("adds a task"), "notify": _("tells somebody"),
    "set": _("fills in a field"), "involve": _("changes who works on it"),
}  # fmt: skip


@routes.post("/admin/rules/order")
async def order(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].read() as session:
        known = [row.id for row in await session.scalars(_rules())]
    ids = await moved(request, known)
    async with request.app[DATABASE].write() as session:
        places = {row_id: place for place, row_id in enumerate(ids)}
        for row in await session.scalars(_rules().with_for_update()):
            row.position = places.get(row.id, len(places))
    return redirect(request, "/admin/rules")


@routes.get(r"/admin/rules/new/{entity:[a-z-]+}")
async def new(request: web.Request) -> web.Response:
    who = administrator(request)
    entity = _entity(request, request.match_info["entity"])
    values = {"active": "1", "trigger": "created", "assign.only_present": "1"}
    return await _page(request, who, entity, None, values, [Line(0)])


@routes.post(r"/admin/rules/new/{entity:[a-z-]+}")
async def add(request: web.Request) -> web.Response:
    who = administrator(request)
    entity, at = _entity(request, request.match_info["entity"]), request.app[CLOCK]()
    sent: Any = await sent_form(request)
    by = actor(request)
    try:
        form = forms.read(sent, _fields(request, entity, who), context_of(request))
        async with request.app[DATABASE].write() as session:
            last = list(await session.scalars(_rules()))
            row = Automation(
                id=new_id(at.timestamp()), entity=entity.name, version=1, created_at=at,
                updated_at=at, created_by=by["actor_id"], updated_by=by["actor_id"],
                position=len(last), looked_until=at, **_columns(form),
            )  # fmt: skip
            session.add(row)
            audit.record(
                session, at, entity="automation", entity_id=row.id, action="create",
                diff={"name": [None, row.name]}, **by,
            )  # fmt: skip
    except BadInput as problem:
        return await _again(request, who, entity, None, sent, sentences(request, problem))
    return redirect(request, "/admin/rules?saved=1")


@routes.get("/admin/rules/line")
async def line(request: web.Request) -> web.Response:
    """One condition anew, once its field or its comparison was chosen."""
    who, query = administrator(request), request.query
    entity = _entity(request, query.get("entity", ""))
    place = query.get("place", "0")
    place = place if place in map(str, range(forms.MOST_LINES)) else "0"
    chosen: tuple[str, str, list[str]] = (
        query.get(f"field.{place}", ""),
        query.get(f"op.{place}", ""),
        [],
    )
    async with request.app[DATABASE].read() as session:
        found = await _line(request, session, entity, who, int(place), chosen)
    return render(
        request, "rules/line.html", line=found, entity=entity, errors={},
        fields=_labels(request, entity, who),
    )  # fmt: skip


@routes.get(r"/admin/rules/{id:\d+}")
async def show(request: web.Request) -> web.Response:
    who = administrator(request)
    rule = await _found(request)
    entity = _entity(request, rule.entity)
    lines = await _lines_of(request, entity, who, rule)
    return await _page(request, who, entity, rule, forms.values_of(rule), lines)


@routes.post(r"/admin/rules/{id:\d+}")
async def change(request: web.Request) -> web.Response:
    who = administrator(request)
    rule, at = await _found(request), request.app[CLOCK]()
    entity = _entity(request, rule.entity)
    sent: Any = await sent_form(request)
    try:
        form = forms.read(sent, _fields(request, entity, who), context_of(request))
        async with request.app[DATABASE].write() as session:
            row = await session.get_one(Automation, rule.id, with_for_update=True)
            if form.trigger == "date" and row.trigger != "date":
                row.looked_until = at
            seen = seen_version({"version": str(sent.get("version", ""))})
            await editing.save(session, row, "automation", _columns(form), seen, at, actor(request))
    except BadInput as problem:
        return await _again(request, who, entity, rule, sent, sentences(request, problem))
    except ChangedMeanwhile as problem:
        errors = both(request, problem)
        return await _again(request, who, entity, rule, sent, errors, problem.status)
    return redirect(request, "/admin/rules?saved=1")


@routes.post(r"/admin/rules/{id:\d+}/take-away")
async def take_away(request: web.Request) -> web.Response:
    administrator(request)
    rule, at = await _found(request), request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        row = await session.get_one(Automation, rule.id, with_for_update=True)
        row.deleted_at, row.active = at, False
        audit.record(
            session, at, entity="automation", entity_id=row.id, action="delete",
            diff={"name": [row.name, None]}, **actor(request),
        )  # fmt: skip
    return redirect(request, "/admin/rules?saved=1")


@routes.get(r"/admin/rules/{id:\d+}/runs")
async def runs(request: web.Request) -> web.Response:
    administrator(request)
    rule = await _found(request)
    entity = _entity(request, rule.entity)
    model: Any = entity.model
    async with request.app[DATABASE].read() as session:
        rows = list(
            await session.scalars(
                select(AutomationRun)
                .where(AutomationRun.automation_id == rule.id)
                .order_by(AutomationRun.id.desc())
                .limit(RUNS)
            )
        )
        title = getattr(model, entity.title)
        names = await session.execute(
            select(model.id, title).where(model.id.in_([row.entity_id for row in rows]))
        )
        called = {row.id: row[1] for row in names}
    return render(
        request, "rules/runs.html", rule=rule, entity=entity, runs=rows, called=called,
        kinds=DONE_WORDS,
    )  # fmt: skip


# ---------------------------------------------------------------- what the handlers share


def _rules() -> Any:
    return (
        select(Automation)
        .where(Automation.deleted_at.is_(None))
        .order_by(Automation.position, Automation.id)
    )


def _columns(form: forms.RuleForm) -> dict[str, Any]:
    return {name: getattr(form, name) for name in form.__struct_fields__}


def _entities(request: web.Request) -> list[Entity]:
    return [one for one in request.app[ENTITIES] if one.has_pages and one.is_owned]


def _entity(request: web.Request, name: str) -> Entity:
    found = next((one for one in _entities(request) if one.name == name), None)
    if found is None:
        raise NotFound
    return found


async def _found(request: web.Request) -> Automation:
    async with request.app[DATABASE].read() as session:
        row = await session.get(Automation, path_id(request))
    if row is None or row.deleted_at is not None:
        raise NotFound
    return row


def _fields(request: web.Request, entity: Entity, who: Identity) -> dict[str, Field]:
    return filters.filterable(request.app[ENTITIES], entity, who)


def _labels(request: web.Request, entity: Entity, who: Identity) -> list[tuple[str, str]]:
    language = language_of(request)
    fields = _fields(request, entity, who).values()
    return sorted(
        ((field.name, label_in(field, language)) for field in fields), key=lambda one: one[1]
    )


async def _lines_of(
    request: web.Request, entity: Entity, who: Identity, rule: Automation
) -> list[Line]:
    """Return the lines of a rule's condition, and one that is free."""
    fields, context = _fields(request, entity, who), context_of(request)
    held = filters.read(rule.condition, fields, context)
    conditions = [part for part in held.parts if isinstance(part, Condition)]
    chosen = [
        (part.field, part.op, list(editor.texts_for(fields[part.field], part, context)))
        for part in conditions
    ]
    return await _lines(request, entity, who, chosen)


async def _lines(
    request: web.Request,
    entity: Entity,
    who: Identity,
    chosen: Sequence[tuple[str, str, list[str]]],
) -> list[Line]:
    async with request.app[DATABASE].read() as session:
        lines = [
            await _line(request, session, entity, who, place, one)
            for place, one in enumerate(one for one in chosen if one[0])
        ]
    free = [Line(len(lines))] if len(lines) < forms.MOST_LINES else []
    return [*lines, *free]


async def _line(
    request: web.Request,
    session: AsyncSession,
    entity: Entity,
    who: Identity,
    place: int,
    chosen: tuple[str, str, list[str]],
) -> Line:
    name, op, texts = chosen
    field, context = _fields(request, entity, who).get(name), context_of(request)
    if field is None:
        return Line(place)
    ops = COMPARISONS[field.type]
    op = op if op in ops else ops[0]
    inputs = await editor.inputs_for(session, field, op, texts, context, who)
    return Line(
        place, name, op,
        [(each, translate_to(context.language, OFFERED[each])) for each in ops],
        [replace(one, name=f"value.{place}") for one in inputs], op == "in",
    )  # fmt: skip


async def _again(
    request: web.Request,
    who: Identity,
    entity: Entity,
    rule: Automation | None,
    sent: Any,
    errors: Mapping[str, str],
    status: int = 422,
) -> web.Response:
    """Show the form as it was sent, with what is wrong."""
    values = {name: str(value) for name, value in sent.items() if name != "csrf_token"}
    lines = await _lines(request, entity, who, forms.lines_in(sent))
    return await _page(request, who, entity, rule, values, lines, errors, status)


async def _page(
    request: web.Request,
    who: Identity,
    entity: Entity,
    rule: Automation | None,
    values: Mapping[str, str],
    lines: Sequence[Line],
    errors: Mapping[str, str] | None = None,
    status: int = 422,
) -> web.Response:
    language, known = language_of(request), request.app[ENTITIES].fields(entity.name)
    async with request.app[DATABASE].read() as session:
        people = select(User.id, User.name).where(User.active).order_by(User.name)
        teams = select(Team.id, Team.name).where(Team.deleted_at.is_(None)).order_by(Team.name)
        shown = {
            "people": [(str(row.id), row.name) for row in await session.execute(people)],
            "teams": [(str(row.id), row.name) for row in await session.execute(teams)],
        }
    return render(
        request, "rules/rule.html", status=status if errors else 200, rule=rule, entity=entity,
        values=values, lines=lines, errors=dict(errors or {}),
        fields=_labels(request, entity, who),
        dates=[(one.name, label_in(one, language)) for one in known.values()
               if one.type == "datetime" and one.virtual is None],
        settable=[(one.name, label_in(one, language)) for one in forms.settable(known)],
        triggers=forms.TRIGGER_WORDS, hows=forms.HOW_WORDS, whoms=forms.WHOM_WORDS, **shown,
    )  # fmt: skip


async def _shown(request: web.Request, session: AsyncSession, rule: Automation) -> Shown | None:
    entity = next((one for one in _entities(request) if one.name == rule.entity), None)
    if entity is None:
        return None
    registry, language = request.app[ENTITIES], language_of(request)
    fields = registry.fields(entity.name)
    context = Context(registry, (), language, zone_of(request))
    try:
        held = filters.read(rule.condition, fields, context)
    except BadInput:
        # A field of it is gone since: the rule runs no more, and its page says what is missing.
        return Shown(
            rule, entity, _when(request, rule, fields), [translate(request, BROKEN)], False
        )
    names = await names_of(session, registry, referred(held, fields), acting.identity(registry))
    showing = Showing(registry, language, zone_of(request), names)
    told = [said.sentence for said in words(held, fields, showing)]
    return Shown(rule, entity, _when(request, rule, fields), told, held.any)


BROKEN = _("A field of its condition is no longer there. Open it and save it anew.")


def _when(request: web.Request, rule: Automation, fields: Mapping[str, Field]) -> str:
    said = translate(request, forms.TRIGGER_WORDS[rule.trigger])
    named = next(iter(rule.trigger_fields), rule.date_field) or ""
    if named in fields:
        return f"{said}: {label_in(fields[named], language_of(request))}"
    return said
