"""Administration → Rules: if this, then that. All of them in words, in the order they run.

Template rules/list.html: rules [Shown], entities, kinds, read, saved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.entity import editing, filters
from callcenter.entity.admin.told import moved
from callcenter.entity.description import Entity, Field
from callcenter.entity.keys import ENTITIES
from callcenter.entity.reading import Context
from callcenter.entity.registry import label_in
from callcenter.entity.showing import Showing
from callcenter.entity.wording import referred, words
from callcenter.errors import BadInput
from callcenter.rules import acting, shapes
from callcenter.rules.form import TRIGGER_WORDS
from callcenter.rules.in_pages import DONE_WORDS, entities, in_order
from callcenter.rules.models import Automation
from callcenter.server.actor import actor
from callcenter.server.i18n import language_of, translate
from callcenter.server.identity import administrator
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render, zone_of

routes = web.RouteTableDef()


def _(message: str) -> str:
    return message


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
        rows = await session.scalars(in_order())
        shown = [await _shown(request, session, row) for row in rows]
    return render(
        request, "rules/list.html", rules=[one for one in shown if one is not None],
        entities=entities(request), kinds=DONE_WORDS, saved="saved" in request.query,
        read=shapes.read,
    )  # fmt: skip


@routes.post("/admin/rules/order")
async def order(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].read() as session:
        known = [row.id for row in await session.scalars(in_order())]
    ids = await moved(request, known)
    async with request.app[DATABASE].write() as session:
        places = {row_id: place for place, row_id in enumerate(ids)}
        for row in await session.scalars(in_order().with_for_update()):
            row.position = places.get(row.id, len(places))
    return redirect(request, "/admin/rules")


@routes.post(r"/admin/rules/{id:\d+}/take-away")
async def take_away(request: web.Request) -> web.Response:
    administrator(request)
    rule, at = await editing.found(request, Automation), request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        row = await session.get_one(Automation, rule.id, with_for_update=True)
        row.deleted_at, row.active = at, False
        audit.record(
            session, at, entity="automation", entity_id=row.id, action="delete",
            diff={"name": [row.name, None]}, **actor(request),
        )  # fmt: skip
    return redirect(request, "/admin/rules?saved=1")


async def _shown(request: web.Request, session: AsyncSession, rule: Automation) -> Shown | None:
    entity = next((one for one in entities(request) if one.name == rule.entity), None)
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
    plain = Showing(registry, language, zone_of(request))
    showing = await plain.naming(session, referred(held, fields), acting.identity(registry))
    told = [said.sentence for said in words(held, fields, showing)]
    return Shown(rule, entity, _when(request, rule, fields), told, held.any)


BROKEN: Final = _("A field of its condition is no longer there. Open it and save it anew.")


def _when(request: web.Request, rule: Automation, fields: Mapping[str, Field]) -> str:
    said = translate(request, TRIGGER_WORDS[rule.trigger])
    named = next(iter(rule.trigger_fields), rule.date_field) or ""
    if named in fields:
        return f"{said}: {label_in(fields[named], language_of(request))}"
    return said
