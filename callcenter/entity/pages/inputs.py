"""Fields as a form shows them, and what somebody wrote into it.

A form keeps what was typed: `texts` are what stands in its inputs, by field, whether they can be
read or not. A record that is referred to stands there by its id and its name ("owner_id.text"),
so that one can choose it without a script too: by a name that only one record has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from multidict import MultiMapping
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.description import Entity, Field
from callcenter.entity.filters import PEOPLE
from callcenter.entity.listing import order_of
from callcenter.entity.reading import NOT_AN_ID, Context, Unreadable, read_text
from callcenter.entity.registry import Registry, label_in
from callcenter.entity.rights import visible_to
from callcenter.entity.showing import NO, YES, names_of
from callcenter.entity.wording import PEOPLE as WORDS
from callcenter.server.i18n import languages, translate_to
from callcenter.server.identity import Identity

Texts = Mapping[str, Sequence[str]]
#: People and teams that a list offers; more are found by typing.
MOST_OFFERED = 500

_KINDS = {
    "long_text": "area", "integer": "number", "number": "number", "money": "number", "date": "date",
    "datetime": "datetime", "choice": "choice", "option": "choice", "options": "checks",
    "phone": "tel", "email": "email", "url": "url",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form."""

    name: str
    label: str
    #: text, area, number, date, datetime, check, choice, checks, pick, tel, email, url
    kind: str
    texts: Sequence[str] = ()
    options: Sequence[tuple[str, str]] = ()
    #: Of a record that is picked: what it is called, and where records are found by typing.
    shown: str = ""
    source: str = ""
    required: bool = False
    limit: int = 200
    group: str = ""

    @property
    def text(self) -> str:
        return self.texts[-1] if self.texts else ""


def kind_of(field: Field, registry: Registry, entity: Entity | None = None) -> str:
    if field.type == "bool":
        return "choice" if may_be_nothing(field, entity) else "check"
    if field.type == "reference":
        return "pick" if registry[field.refers_to].has_pages else "choice"
    return _KINDS.get(field.type, "text")


async def inputs_of(
    session: AsyncSession,
    fields: Iterable[Field],
    texts: Texts,
    context: Context,
    who: Identity,
    entity: Entity | None = None,
    words: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> list[Input]:
    """Return the inputs of these fields with what stands in them.

    `words` are choices that a field has besides its own, "me" among the people.
    """
    known = list(fields)
    people = await _people(session, known, context.registry)
    names = await names_of(session, context.registry, _ids(known, texts), who)
    return [
        Input(
            field.name, label_in(field, context.language),
            kind_of(field, context.registry, entity),
            texts.get(field.name, ()),
            [*(words or {}).get(field.name, ()), *_offered(field, people, texts, context)],
            shown=_shown(field, texts, names), source=_source(field, context.registry),
            required=field.required or not may_be_nothing(field, entity), limit=field.limit,
            group=field.group if field.is_custom else translate_to(context.language, field.group),
        )
        for field in known
    ]  # fmt: skip


def people_words(field: Field, language: str) -> list[tuple[str, str]]:
    """Return "me" and "my team", where they may be said."""
    return [(word, translate_to(language, WORDS[word])) for word in PEOPLE.get(field.refers_to, ())]


def may_be_nothing(field: Field, entity: Entity | None) -> bool:
    if field.is_custom or entity is None:
        return True
    return bool(getattr(entity.model, field.name).nullable)


def _ids(fields: Iterable[Field], texts: Texts) -> list[tuple[Field, int]]:
    return [
        (field, int(text))
        for field in fields
        if field.type == "reference"
        for text in texts.get(field.name, ())
        if text.isascii() and text.isdigit() and len(text) <= 16
    ]


def _shown(field: Field, texts: Texts, names: Mapping[tuple[str, int], str]) -> str:
    typed = next(iter(texts.get(f"{field.name}.text", ())), "")
    held = next(iter(texts.get(field.name, ())), "")
    return typed or (names.get((field.refers_to, int(held)), "") if held.isdigit() else "")


def _source(field: Field, registry: Registry) -> str:
    if field.type != "reference":
        return ""
    return f"/{registry[field.refers_to].plural}/pick"


def _offered(
    field: Field,
    people: Mapping[str, Sequence[tuple[str, str]]],
    texts: Texts,
    context: Context,
) -> Sequence[tuple[str, str]]:
    language = context.language
    match field.type:
        case "bool":
            return [("1", translate_to(language, YES)), ("0", translate_to(language, NO))]
        case "choice":
            return [(key, translate_to(language, text)) for key, text in field.choices.items()]
        case "option" | "options":
            chosen = set(texts.get(field.name, ()))
            return [
                (str(choice.id), choice.text(language))
                for choice in context.registry.list(field.options)
                if choice.active or str(choice.id) in chosen
            ]
        case "reference":
            return people.get(field.refers_to, ())
        case _:
            return ()


async def _people(
    session: AsyncSession, fields: Iterable[Field], registry: Registry
) -> dict[str, list[tuple[str, str]]]:
    """Return all rows of what has no pages of its own and is chosen from a list."""
    offered: dict[str, list[tuple[str, str]]] = {}
    for name in {field.refers_to for field in fields if field.type == "reference"}:
        entity = registry[name]
        if entity.has_pages:
            continue
        model: Any = entity.model
        title = getattr(model, entity.title)
        query = select(model.id, title).where(model.deleted_at.is_(None)).order_by(title)
        rows = await session.execute(query.limit(MOST_OFFERED))
        offered[name] = [(str(row_id), str(text)) for row_id, text in rows]
    return offered


# ---------------------------------------------------------------- values as texts


def texts_of(fields: Iterable[Field], values: Mapping[str, Any], context: Context) -> Texts:
    """Return what a form shows of these values."""
    return {
        field.name: _texts(field, values[field.name], context)
        for field in fields
        if values.get(field.name) is not None
    }


def _texts(field: Field, value: Any, context: Context) -> Sequence[str]:
    match field.type:
        case "options":
            return [str(each) for each in value]
        case "bool":
            return ["1" if value else "0"]
        case "money" | "number":
            number = Decimal(value) / 100 if field.type == "money" else Decimal(str(value))
            form = "0.00" if field.type == "money" else "0.#########"
            return [format_decimal(number, form, locale=languages()[context.language].locale)]
        case "datetime":
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
            there = moment.astimezone(ZoneInfo(context.zone)).replace(tzinfo=None)
            return [there.isoformat(timespec="seconds" if there.second else "minutes")]
        case _:
            return [str(value)]


# ---------------------------------------------------------------- what was written


async def read(
    session: AsyncSession,
    form: MultiMapping[Any],
    fields: Iterable[Field],
    context: Context,
    who: Identity,
) -> tuple[dict[str, Any], dict[str, list[str]], dict[str, str]]:
    """Return (values, texts, what is wrong) of the fields that a form sent."""
    given: dict[str, Any] = {}
    texts: dict[str, list[str]] = {}
    wrong: dict[str, str] = {}
    for field in fields:
        if field.name not in form and f"{field.name}.text" not in form:
            continue
        sent = [str(text).strip() for text in form.getall(field.name, [])]
        texts[field.name] = [text for text in sent if text]
        typed = str(form.get(f"{field.name}.text", "")).strip()
        try:
            if typed and not texts[field.name]:
                texts[f"{field.name}.text"] = [typed]
                given[field.name] = await _named(session, field, typed, context, who)
            else:
                given[field.name] = _value(field, texts[field.name], context)
        except Unreadable as problem:
            wrong[field.name] = problem.sentence
    return given, texts, wrong


def _value(field: Field, texts: Sequence[str], context: Context) -> Any:
    text = ",".join(texts) if field.type == "options" else (texts[-1] if texts else "")
    return read_text(field, text, context)


async def _named(
    session: AsyncSession, field: Field, typed: str, context: Context, who: Identity
) -> int:
    """Return the one record that is called so. Raises Unreadable if there is none, or several."""
    entity = context.registry[field.refers_to]
    found = await picked(session, entity, who, typed, 2)
    exact = [row_id for row_id, title in found if title.casefold() == typed.casefold()] or [
        row_id for row_id, _title in found
    ]
    if len(exact) != 1:
        raise Unreadable(NOT_AN_ID)
    return exact[0]


async def picked(
    session: AsyncSession, entity: Entity, who: Identity, typed: str, limit: int
) -> list[tuple[int, str]]:
    """Return records that may be meant: (id, title), the likeliest first."""
    model: Any = entity.model
    title = getattr(model, entity.title)
    query = select(model.id, title).where(visible_to(entity, who))
    if entity.search is not None and typed:
        ids = (await entity.search(session, who, typed, limit))[:limit]
        rows = {
            row_id: str(text)
            for row_id, text in await session.execute(query.where(model.id.in_(ids)))
        }
        return [(row_id, rows[row_id]) for row_id in ids if row_id in rows]
    if typed:
        query = query.where(title.startswith(typed, autoescape=True))
    order = order_of(entity, who)
    by = [getattr(model, name) for name in order.sort.columns]
    ordered = query.order_by(*(each.desc() if order.descending else each for each in by), model.id)
    return [(row_id, str(text)) for row_id, text in await session.execute(ordered.limit(limit))]
