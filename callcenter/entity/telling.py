"""Rows as the API tells them: what was asked for, of what the reader may see.

A hidden field is absent. Of a masked text the end is shown, of any other masked value nothing,
and `masked` names them, so that nobody takes a covered value for an empty one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.description import Entity, Field
from callcenter.entity.listing import Line
from callcenter.entity.parts import Part
from callcenter.entity.registry import Registry
from callcenter.entity.rights import access, part_access, part_shown
from callcenter.entity.showing import Showing
from callcenter.errors import BadInput
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


NO_SUCH_FIELD: Final = _("There is no field of this name.")

#: Lists that belong to rows: {part: {row: items}}
Lists = dict[str, dict[int, list[Any]]]

#: Types whose values are texts, so that a part of one can be shown.
TEXTS: Final = frozenset(("text", "long_text", "phone", "email", "url"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The fields and parts that somebody asks for and may see."""

    fields: tuple[Field, ...]
    parts: tuple[Part, ...]
    #: Also in words: labels of options, names of the rows referred to.
    in_words: Showing | None = None


def wanted(
    registry: Registry,
    entity: Entity,
    who: Identity,
    names: Sequence[str] | None,
    *,
    whole: bool,
    in_words: Showing | None = None,
) -> Wanted:
    """Return what `names` ask for; None asks for every column, and if `whole` for everything.

    Raises BadInput for a name that is none, or of a field that is hidden.
    """
    fields = {
        field.name: field
        for field in registry.fields(entity.name).values()
        if access(entity, field, who) != "hidden"
    }
    parts = {part.name: part for part in entity.parts if part_access(entity, part, who) != "hidden"}
    if names is None:
        plain = (field for field in fields.values() if whole or field.virtual is None)
        return Wanted(tuple(plain), tuple(parts.values()) if whole else (), in_words)
    if any(name not in fields and name not in parts for name in names):
        raise BadInput({"fields": NO_SUCH_FIELD})
    return Wanted(
        tuple(fields[name] for name in names if name in fields),
        tuple(parts[name] for name in names if name in parts),
        in_words,
    )


async def lists_of(session: AsyncSession, want: Wanted, ids: Sequence[int]) -> Lists:
    """Return the parts that are asked for, by name and row."""
    return {part.name: await part.load(session, ids) for part in want.parts}


async def told(
    session: AsyncSession,
    entity: Entity,
    who: Identity,
    lines: Sequence[Line],
    want: Wanted,
    lists: Lists,
) -> list[dict[str, Any]]:
    """Return the rows as JSON can say them, in their order."""
    covered = {field.name for field in want.fields if access(entity, field, who) == "masked"}
    answers = [_told(line, want.fields, covered) for line in lines]
    for part in want.parts:
        for answer in answers:
            of_row = lists[part.name].get(answer["id"], [])
            held, is_covered = part_shown(entity, part, of_row, who)
            answer[part.name] = held
            if is_covered:
                answer.setdefault("masked", []).append(part.name)
    if want.in_words is not None:
        await _add_words(session, who, want, covered, answers)
    return answers


def _told(line: Line, fields: Sequence[Field], covered: Collection[str]) -> dict[str, Any]:
    answer: dict[str, Any] = {"id": line.id, "version": line.version}
    answer |= {field.name: line.values[field.name] for field in fields}
    for field in fields:
        if field.name in covered and answer[field.name] is not None:
            # A text that stands for a number would be a lie about its type.
            answer[field.name] = answer[field.name] if field.type in TEXTS else None
            answer.setdefault("masked", []).append(field.name)
        elif field.type == "money":
            answer[field.name] = in_json(field, answer[field.name])
    return answer


def in_json(field: Field, value: Any) -> Any:
    """Return a value as it is read and written over the API: amounts of money in whole units."""
    if field.type == "money" and isinstance(value, int):
        return Decimal(value) / 100
    return value


async def _add_words(
    session: AsyncSession,
    who: Identity,
    want: Wanted,
    covered: Collection[str],
    answers: list[dict[str, Any]],
) -> None:
    assert want.in_words is not None  # noqa: S101
    coded = [
        field
        for field in want.fields
        if field.type in ("reference", "option", "options", "choice") and field.name not in covered
    ]
    held = [(field, answer[field.name]) for answer in answers for field in coded]
    showing = await want.in_words.naming(session, held, who)
    for answer in answers:
        answer["words"] = {
            field.name: showing.text(field, answer[field.name])
            for field in coded
            if answer[field.name] is not None
        }
