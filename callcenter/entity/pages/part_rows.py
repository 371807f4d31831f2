"""Lists that belong to a row, in its form: lines that are added, changed and removed.

A part that names the `fields` of its items is edited in the form of its row. Each item appears as
inputs named "copies.0.shelf", with its id and what the form was filled from ("was") in hidden
ones. So only what somebody touched is passed on, in the form the API takes, and what somebody else
changed in the meantime is noticed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
from multidict import MultiMapping
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.description import Entity, Field
from callcenter.entity.editing import plain
from callcenter.entity.pages import inputs
from callcenter.entity.pages.inputs import Input
from callcenter.entity.parts import FormPart
from callcenter.entity.reading import Context
from callcenter.entity.rights import part_access
from callcenter.entity.rows_part import MOST
from callcenter.server.body import MISSING
from callcenter.server.identity import Identity

#: The answer to a clash: whose text stays.
TAKE: Final = "take."

Item = Mapping[str, Any]


def _(message: str) -> str:
    return message


GONE_MEANWHILE: Final = _("Somebody took this line away meanwhile. Save again to add it anew.")


@dataclass(frozen=True, slots=True)
class Line:
    """One item as it stands in the form."""

    number: int
    #: By the names of its inputs.
    texts: dict[str, Sequence[str]] = field(default_factory=dict)
    id: str = ""
    #: What the form was filled from, as the API tells it.
    was: Item = field(default_factory=dict)
    gone: bool = False

    @property
    def seen(self) -> str:
        return msgspec.json.encode(self.was).decode()


@dataclass(frozen=True, slots=True)
class Shown:
    """A part in the form."""

    name: str
    label: str
    lines: Sequence[tuple[Line, Sequence[Input]]]


@dataclass(slots=True)
class Sent:
    """What a form brought of a part."""

    lines: list[Line] = field(default_factory=list)
    #: As the part's `read_json` takes them, and of which line each is.
    items: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)


def parts_of(entity: Entity, who: Identity) -> list[FormPart]:
    """Return the parts that a form of this person has."""
    return [
        part
        for part in entity.parts
        if isinstance(part, FormPart) and part.fields and part_access(entity, part, who) == "write"
    ]


def lines_of(part: FormPart, items: Iterable[Item], context: Context, first: int = 0) -> list[Line]:
    """Return the lines of items as `part.load` tells them."""
    lines = []
    for number, item in enumerate(items, first):
        was = {one.name: item.get(one.name) for one in part.fields}
        texts: dict[str, Sequence[str]] = {
            _named(part, number, one).name: text
            for one in part.fields
            if (text := _text_of(one, was[one.name], context))
        }
        lines.append(Line(number, texts, str(item["id"]), was))
    return lines


async def shown(
    session: AsyncSession, part: FormPart, lines: Sequence[Line], context: Context, who: Identity
) -> Shown:
    """Return a part as its form shows it, with room for one more item."""
    room = Line(max((line.number for line in lines), default=-1) + 1)
    known = [*lines, *([room] if len(lines) < MOST else [])]
    return Shown(
        part.name,
        part.label,
        [
            (
                line,
                await inputs.inputs_of(
                    session, _fields(part, line.number), line.texts, context, who
                ),
            )
            for line in known
        ],
    )


async def read(
    session: AsyncSession,
    form: MultiMapping[Any],
    part: FormPart,
    context: Context,
    who: Identity,
) -> Sent:
    """Return what a form brought of a part; a line that says nothing is none."""
    sent = Sent()
    for number in _numbers(form, part):
        at = f"{part.name}.{number}"
        given, texts, wrong = await inputs.read(session, form, _fields(part, number), context, who)
        line = Line(
            number, dict(texts), _id_in(form, f"{at}.id"), _was_in(form, f"{at}.was"),
            f"{at}.gone" in form,
        )  # fmt: skip
        is_new = any(map(any, texts.values())) and not line.gone
        if line.id or is_new:
            _add(sent, form, part, line, given, {} if line.gone else wrong, context)
    return sent


def _add(
    sent: Sent,
    form: MultiMapping[Any],
    part: FormPart,
    line: Line,
    given: Mapping[str, Any],
    wrong: Mapping[str, str],
    context: Context,
) -> None:
    """Add a line to what was sent, and its item, if it is to become another than it was."""
    sent.lines.append(line)
    sent.wrong |= wrong
    told: dict[str, Any] = {}
    for one in part.fields:
        name = _named(part, line.number, one).name
        if line.id and form.get(TAKE + name) == "theirs":
            line.texts[name] = _text_of(one, line.was.get(one.name), context)
        elif name in given and plain(given[name]) != line.was.get(one.name):
            told[one.name] = plain(given[name])
        says_nothing = given.get(name) is None and (name in given or not line.id)
        if one.required and says_nothing and not line.gone:
            sent.wrong.setdefault(name, MISSING)
    if item := _item(line, told):
        sent.items.append(item)
        sent.numbers.append(line.number)


def _item(line: Line, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked of a line's item, as the API takes it; nothing if it may stay."""
    if not line.id:
        return dict(told)
    about = {"id": int(line.id)}
    if line.gone:
        return about | {"gone": True, "was": dict(line.was)}
    return about | {"was": {name: line.was.get(name) for name in told}, **told} if told else {}


def placed(part: FormPart, sent: Sent, wrong: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with the items by the names of the inputs.

    A line whose item is not there any more becomes a new one.
    """
    named: dict[str, str] = {}
    for name, sentence in wrong.items():
        found = re.fullmatch(rf"{re.escape(part.name)}[.\[](\d+)\]?(?:\.(.+))?", name)
        if found is None or int(found[1]) >= len(sent.numbers):
            named[name] = sentence
            continue
        number, inside = sent.numbers[int(found[1])], found[2] or ""
        if inside == "id":
            sent.lines = [
                replace(one, id="", was={}) if one.number == number else one for one in sent.lines
            ]
            named[part.name] = GONE_MEANWHILE
        else:
            known = {one.name for one in part.fields}
            named[f"{part.name}.{number}.{inside}" if inside in known else part.name] = sentence
    return named


def rejoined(
    part: FormPart, lines: Sequence[Line], items: Sequence[Item], context: Context
) -> tuple[list[Line], dict[str, str]]:
    """Return the lines over what the list has become meanwhile, and what clashes.

    What another one changed where this person did not is taken over; where both did, the line keeps
    this person's text, and {input: the other's text} tells the other's.
    """
    now = {str(item["id"]): item for item in items}
    kept: list[Line] = []
    clashes: dict[str, str] = {}
    for line in lines:
        if not line.id:
            kept.append(line)
        elif line.id in now:
            joined, differ = _joined(part, line, now.pop(line.id), context)
            kept.append(joined)
            clashes |= differ
        elif not line.gone and _is_touched(part, line, context):
            kept.append(replace(line, id="", was={}))
    first = max((line.number for line in lines), default=-1) + 1
    return [*kept, *lines_of(part, now.values(), context, first)], clashes


def _joined(
    part: FormPart, line: Line, item: Item, context: Context
) -> tuple[Line, dict[str, str]]:
    texts, clashes = dict(line.texts), {}
    was = {one.name: item.get(one.name) for one in part.fields}
    for one in part.fields:
        name = _named(part, line.number, one).name
        before, theirs = (_text_of(one, told.get(one.name), context) for told in (line.was, was))
        mine = list(line.texts.get(name, ()))
        if mine == before:
            texts[name] = theirs
        elif theirs not in (before, mine):
            clashes[name] = ", ".join(theirs)
    return replace(line, texts=texts, was=was), clashes


def _is_touched(part: FormPart, line: Line, context: Context) -> bool:
    return any(
        list(line.texts.get(_named(part, line.number, one).name, ()))
        != _text_of(one, line.was.get(one.name), context)
        for one in part.fields
    )


def held(described: Field, told: Any) -> Any:
    """Return the value that the API tells so."""
    if not isinstance(told, str):
        return told
    match described.type:
        case "date":
            return date.fromisoformat(told)
        case "datetime":
            return datetime.fromisoformat(told)
        case "number":
            return Decimal(told)
        case _:
            return told


def _text_of(described: Field, told: Any, context: Context) -> list[str]:
    """Return what a form shows of a value as the API tells it."""
    value = held(described, told)
    texts = inputs.texts_of([described], {described.name: value}, context)
    return list(texts.get(described.name, ()))


def _fields(part: FormPart, number: int) -> list[Field]:
    return [_named(part, number, one) for one in part.fields]


def _named(part: FormPart, number: int, described: Field) -> Field:
    return replace(described, name=f"{part.name}.{number}.{described.name}")


def _numbers(form: MultiMapping[Any], part: FormPart) -> list[int]:
    ids = (re.fullmatch(rf"{re.escape(part.name)}\.(\d{{1,4}})\.id", name) for name in form)
    return sorted({int(found[1]) for found in ids if found})[:MOST]


def _id_in(form: MultiMapping[Any], name: str) -> str:
    text = str(form.get(name, ""))
    return text if text.isascii() and text.isdigit() and len(text) <= 16 else ""


def _was_in(form: MultiMapping[Any], name: str) -> Item:
    try:
        return msgspec.json.decode(str(form.get(name, "")), type=dict[str, Any])
    except msgspec.DecodeError:
        return {}
