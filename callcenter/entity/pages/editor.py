"""The editor of one line of a filter: a field, how it is compared, with what.

Fragment records/editor.html: entity, asked, editor (Editor).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity import filters
from callcenter.entity.days import SPANS
from callcenter.entity.description import Condition, Field
from callcenter.entity.filters import BARE, COMPARISONS, compared_as
from callcenter.entity.keys import ENTITIES
from callcenter.entity.nesting import place_of
from callcenter.entity.pages import inputs
from callcenter.entity.pages.asked import Asked
from callcenter.entity.pages.inputs import Input
from callcenter.entity.reading import Context
from callcenter.entity.registry import label_in
from callcenter.entity.requests import context_of
from callcenter.entity.wording import OFFERED
from callcenter.errors import BadInput
from callcenter.server.errors import sentences
from callcenter.server.i18n import translate_to
from callcenter.server.identity import Identity


@dataclass(frozen=True, slots=True)
class Editor:
    #: Of the field.
    name: str
    label: str
    op: str
    #: (comparison, its words)
    ops: Sequence[tuple[str, str]]
    #: One input, two for "between", none for "empty".
    inputs: Sequence[Input] = ()
    #: Whether several of the options may be chosen.
    several: bool = False
    #: Which part of the filter it stands for; "" if it is a new one.
    place: str = ""
    #: Of a new one: the group it goes into, and whether into a new group there.
    into: str = ""
    anew: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)


async def editor_of(
    request: web.Request,
    session: AsyncSession,
    now: Asked,
    who: Identity,
    problem: BadInput | None = None,
) -> Editor | None:
    """Return the editor that the address asks for; None if it names no field."""
    query, context = request.query, context_of(request)
    fields = filters.filterable(request.app[ENTITIES], now.entity, who)
    place = query.get("place", "")
    found = now.filter.at(place_of(place) or ())
    held = found if isinstance(found, Condition) else None
    named = fields.get(query.get("field", held.field if held else ""))
    if named is None:
        return None
    ops = COMPARISONS[named.type]
    op = query.get("op", held.op if held else ops[0])
    op = op if op in ops else ops[0]
    texts: Sequence[str] = [text for text in query.getall("value", []) if text]
    if held is not None and "value" not in query and held.op == op:
        texts = texts_for(named, held, context)
    language = context.language
    return Editor(
        name=named.name, label=label_in(named, language), op=op,
        ops=[(each, translate_to(language, OFFERED[each])) for each in ops],
        inputs=await inputs_for(session, named, op, texts, context, who), several=op == "in",
        place=place if held is not None else "", into=query.get("into", ""), anew="anew" in query,
        errors=sentences(request, problem) if problem else {},
    )  # fmt: skip


async def inputs_for(
    session: AsyncSession,
    named: Field,
    op: str,
    texts: Sequence[str],
    context: Context,
    who: Identity,
) -> list[Input]:
    """Return what is filled in for a comparison, with these texts in it."""
    if op in BARE:
        return []
    label = label_in(named, context.language)
    if op == "within":
        spans = [(word, translate_to(context.language, text)) for word, text in SPANS.items()]
        return [Input("value", label, "choice", texts, spans, required=True)]
    read_as = compared_as(named, op)
    people = {"value": inputs.people_words(named, context.language)}
    if op != "between":
        return await inputs.inputs_of(
            session, [read_as], {"value": texts}, context, who, words=people
        )
    each = [texts[place : place + 1] for place in (0, 1)]
    return [
        *await inputs.inputs_of(session, [read_as], {"value": each[0]}, context, who),
        *await inputs.inputs_of(session, [read_as], {"value": each[1]}, context, who),
    ]


def texts_for(named: Field, held: Condition, context: Context) -> Sequence[str]:
    """Return what stands in the inputs of a condition."""
    if held.op in BARE:
        return []
    several = held.value if isinstance(held.value, tuple) else (held.value,)
    read_as = compared_as(named, held.op)
    told = [inputs.texts_of([read_as], {"value": each}, context)["value"] for each in several]
    return [text for texts in told for text in texts]
