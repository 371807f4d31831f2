"""The form of a rule: when, if, then.

Templates: rules/rule.html (rule | None, entity, values, lines [Line], errors, words for every
choice, and what can be chosen: people, teams, stages, tags, templates, accounts) · rules/line.html
(lines: one condition, asked for anew when its field or comparison is chosen, and a free one if
that was the last).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents.models import Team, User
from callcenter.db import new_id
from callcenter.entity import editing, tags
from callcenter.entity.description import Entity
from callcenter.entity.keys import ENTITIES
from callcenter.entity.registry import label_in
from callcenter.entity.requests import context_of
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.mail.models import MailAccount, Template
from callcenter.process.pipelines import stage_list
from callcenter.rules import form as forms
from callcenter.rules import lines, shapes, then
from callcenter.rules.in_pages import entity_named, in_order
from callcenter.rules.lines import Chosen, Line
from callcenter.rules.models import Automation
from callcenter.server import secret_files
from callcenter.server.actor import actor
from callcenter.server.body import seen_version, sent_form
from callcenter.server.errors import refused
from callcenter.server.i18n import language_of
from callcenter.server.identity import Identity, administrator
from callcenter.server.keys import CLOCK, DATABASE, SETTINGS
from callcenter.server.pages import redirect, render

routes = web.RouteTableDef()


@routes.get(r"/admin/rules/new/{entity:[a-z-]+}")
async def new(request: web.Request) -> web.Response:
    who = administrator(request)
    entity = entity_named(request, request.match_info["entity"])
    values = {"active": "1", "trigger": "created", "assign.only_present": "1"}
    return await _page(request, who, entity, None, values, [Line(0)])


@routes.post(r"/admin/rules/new/{entity:[a-z-]+}")
async def add(request: web.Request) -> web.Response:
    who, at, by = administrator(request), request.app[CLOCK](), actor(request)
    entity = entity_named(request, request.match_info["entity"])
    sent: Any = await sent_form(request)
    try:
        form = forms.read(entity, sent, lines.fields_of(request, entity, who), context_of(request))
        rule_id = new_id(at.timestamp())
        async with request.app[DATABASE].write() as session:
            last = list(await session.scalars(in_order()))
            row = Automation(
                id=rule_id, entity=entity.name, version=1, created_at=at, updated_at=at,
                created_by=by["actor_id"], updated_by=by["actor_id"], position=len(last),
                looked_until=at, **_columns(request, form, rule_id),
            )  # fmt: skip
            session.add(row)
            audit.record(
                session, at, entity="automation", entity_id=row.id, action="create",
                diff={"name": [None, row.name]}, **by,
            )  # fmt: skip
    except BadInput as problem:
        return await _again(request, who, entity, None, sent, *refused(request, problem))
    return redirect(request, "/admin/rules?saved=1")


@routes.get("/admin/rules/line")
async def line(request: web.Request) -> web.Response:
    """One condition anew, once its field or its comparison was chosen, and the next if it is new."""
    who, query = administrator(request), request.query
    entity = entity_named(request, query.get("entity", ""))
    written = query.get("place", "0")
    place = int(written) if written in map(str, range(forms.MOST_LINES)) else 0
    chosen: Chosen = (query.get(f"field.{place}", ""), query.get(f"op.{place}", ""), [])
    async with request.app[DATABASE].read() as session:
        shown = [await lines.one(request, session, entity, who, place, chosen)]
    if "last" in query and shown[0].field and place + 1 < forms.MOST_LINES:
        shown.append(Line(place + 1))
    return render(
        request, "rules/line.html", lines=shown, entity=entity, errors={},
        is_last="last" in query, fields=lines.labels(request, entity, who),
    )  # fmt: skip


@routes.get(r"/admin/rules/{id:\d+}")
async def show(request: web.Request) -> web.Response:
    who = administrator(request)
    rule = await editing.found(request, Automation)
    entity = entity_named(request, rule.entity)
    conditions = await lines.of_rule(request, entity, who, rule)
    return await _page(request, who, entity, rule, forms.values_of(rule), conditions)


@routes.post(r"/admin/rules/{id:\d+}")
async def change(request: web.Request) -> web.Response:
    who, at = administrator(request), request.app[CLOCK]()
    rule = await editing.found(request, Automation)
    entity = entity_named(request, rule.entity)
    sent: Any = await sent_form(request)
    try:
        form = forms.read(entity, sent, lines.fields_of(request, entity, who), context_of(request))
        async with request.app[DATABASE].write() as session:
            row = await session.get_one(Automation, rule.id, with_for_update=True)
            if form.trigger == "date" and row.trigger != "date":
                row.looked_until = at
            columns = _columns(request, form, row.id, _secret_of(row))
            seen = seen_version({"version": str(sent.get("version", ""))})
            await editing.save(session, row, "automation", columns, seen, at, actor(request))
    except (BadInput, ChangedMeanwhile) as problem:
        return await _again(request, who, entity, rule, sent, *refused(request, problem))
    return redirect(request, "/admin/rules?saved=1")


# ---------------------------------------------------------------- what is kept of it


def _columns(
    request: web.Request, form: forms.RuleForm, rule_id: int, held: str = ""
) -> dict[str, Any]:
    """Return the rule's columns; a secret that was typed is kept elsewhere, else that of before."""
    actions = [_kept(request, action, rule_id, held) for action in form.actions]
    columns = {name: getattr(form, name) for name in form.__struct_fields__}
    return columns | {"actions": shapes.written(actions)}


def _kept(request: web.Request, action: shapes.Action, rule_id: int, held: str) -> shapes.Action:
    if not isinstance(action, shapes.CallHook):
        return action
    data = request.app[SETTINGS].data_path
    typed = action.secret
    secret = secret_files.keep(typed, f"rule-{rule_id}", data) if typed else held
    return msgspec.structs.replace(action, secret=secret)


def _secret_of(rule: Automation) -> str:
    hooks = (one for one in shapes.read(rule.actions) if isinstance(one, shapes.CallHook))
    return next((one.secret for one in hooks), "")


# ---------------------------------------------------------------- how it is shown


async def _again(
    request: web.Request,
    who: Identity,
    entity: Entity,
    rule: Automation | None,
    sent: Any,
    errors: Mapping[str, str],
    status: int,
) -> web.Response:
    """Show the form as it was sent, with what is wrong; a secret is typed again."""
    values = {
        name: str(value)
        for name, value in sent.items()
        if name not in ("csrf_token", "hook.secret")
    }
    conditions = await lines.of(request, entity, who, forms.lines_in(sent))
    return await _page(request, who, entity, rule, values, conditions, errors, status)


async def _page(
    request: web.Request,
    who: Identity,
    entity: Entity,
    rule: Automation | None,
    values: Mapping[str, str],
    conditions: Sequence[Line],
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    language, known = language_of(request), request.app[ENTITIES].fields(entity.name)
    async with request.app[DATABASE].read() as session:
        offered = await _offered(session)
    stages = (
        [(str(one.id), one.text(language))
         for one in request.app[ENTITIES].list(stage_list(entity.name))]
        if entity.course is not None else []
    )  # fmt: skip
    return render(
        request, "rules/rule.html", status=status, rule=rule, entity=entity,
        values=values, lines=conditions, errors=dict(errors or {}),
        fields=lines.labels(request, entity, who), stages=stages,
        fits=lambda kind: then.fits(kind, entity),
        dates=[(one.name, label_in(one, language)) for one in known.values()
               if one.type == "datetime" and one.virtual is None],
        settable=[(one.name, label_in(one, language)) for one in forms.settable(known)],
        triggers=forms.TRIGGER_WORDS, hows=then.HOW_WORDS, whoms=then.WHOM_WORDS, **offered,
    )  # fmt: skip


async def _offered(session: AsyncSession) -> dict[str, Any]:
    """Return what can be chosen in the form."""
    queries = {
        "people": select(User.id, User.name).where(User.active).order_by(User.name),
        "teams": select(Team.id, Team.name).where(Team.deleted_at.is_(None)).order_by(Team.name),
        "templates": select(Template.id, Template.name)
        .where(Template.active).order_by(Template.name),
        # Nobody's own mailbox.
        "accounts": select(MailAccount.id, MailAccount.name)
        .where(
            MailAccount.active, MailAccount.deleted_at.is_(None), MailAccount.owner_id.is_(None)
        )
        .order_by(MailAccount.name),
    }  # fmt: skip
    offered: dict[str, Any] = {
        name: [(str(row.id), row.name) for row in await session.execute(query)]
        for name, query in queries.items()
    }
    return offered | {"tags": await tags.offered(session)}
