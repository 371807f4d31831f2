"""The conditions of a rule as the lines of its form."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity import filters
from callcenter.entity.description import Condition, Entity, Field
from callcenter.entity.filters import COMPARISONS
from callcenter.entity.keys import ENTITIES
from callcenter.entity.pages import editor
from callcenter.entity.pages.inputs import Input
from callcenter.entity.registry import label_in
from callcenter.entity.requests import context_of
from callcenter.entity.wording import OFFERED
from callcenter.errors import BadInput
from callcenter.rules.form import MOST_LINES
from callcenter.rules.models import Automation
from callcenter.server.i18n import language_of, translate_to
from callcenter.server.identity import Identity
from callcenter.server.keys import DATABASE

#: What was chosen in a line: field, comparison, values.
Chosen = tuple[str, str, list[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One condition of the form; without a field it is still free."""

    place: int
    field: str = ""
    op: str = ""
    ops: Sequence[tuple[str, str]] = ()
    inputs: Sequence[Input] = ()
    several: bool = False


def fields_of(request: web.Request, entity: Entity, who: Identity) -> dict[str, Field]:
    return filters.filterable(request.app[ENTITIES], entity, who)


def labels(request: web.Request, entity: Entity, who: Identity) -> list[tuple[str, str]]:
    language = language_of(request)
    fields = fields_of(request, entity, who).values()
    return sorted(
        ((field.name, label_in(field, language)) for field in fields), key=lambda one: one[1]
    )


async def of_rule(
    request: web.Request, entity: Entity, who: Identity, rule: Automation
) -> list[Line]:
    """Return the lines of a rule's condition, and one that is free."""
    fields, context = fields_of(request, entity, who), context_of(request)
    try:
        parts = filters.read(rule.condition, fields, context).parts
    except BadInput:
        # A field of it is gone: the condition is said anew.
        parts = ()
    conditions = [part for part in parts if isinstance(part, Condition)]
    chosen = [
        (part.field, part.op, list(editor.texts_for(fields[part.field], part, context)))
        for part in conditions
    ]
    return await of(request, entity, who, chosen)


async def of(
    request: web.Request, entity: Entity, who: Identity, chosen: Sequence[Chosen]
) -> list[Line]:
    async with request.app[DATABASE].read() as session:
        lines = [
            await one(request, session, entity, who, place, each)
            for place, each in enumerate(each for each in chosen if each[0])
        ]
    free = [Line(len(lines))] if len(lines) < MOST_LINES else []
    return [*lines, *free]


async def one(
    request: web.Request,
    session: AsyncSession,
    entity: Entity,
    who: Identity,
    place: int,
    chosen: Chosen,
) -> Line:
    name, op, texts = chosen
    field, context = fields_of(request, entity, who).get(name), context_of(request)
    if field is None:
        return Line(place)
    ops = COMPARISONS[field.type]
    op = op if op in ops else ops[0]
    inputs = await editor.inputs_for(session, field, op, texts, context, who)
    return Line(
        place, name, op,
        [(each, translate_to(context.language, OFFERED[each])) for each in ops],
        [replace(each, name=f"value.{place}") for each in inputs], op == "in",
    )  # fmt: skip
