"""A filter as a condition in SQL, the same on both engines.

What is not known is not what is asked for: "City is not Baku" finds rows without a city too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    cast,
    column,
    func,
    not_,
    or_,
    select,
    table,
    true,
)

from callcenter.db import plain_text
from callcenter.entity.days import span
from callcenter.entity.description import Condition, Entity, Field
from callcenter.entity.filters import ME
from callcenter.entity.nesting import Filter
from callcenter.entity.reading import stored
from callcenter.entity.saving import stored_as
from callcenter.letters import fold, plain, small
from callcenter.server.identity import Identity

#: People belong to a room above this one, so their table is known by name only.
_user = table("user", column("id"), column("team_id"))
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when and where: what "me" and "today" mean."""

    who: Identity
    now: datetime
    zone: str = "UTC"

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.zone)).date()


def meets(
    wanted: Filter, entity: Entity, fields: Mapping[str, Field], asker: Asker
) -> ColumnElement[bool]:
    """Return the condition that a row is wanted."""
    conditions = [
        meets(part, entity, fields, asker)
        if isinstance(part, Filter)
        else condition_of(part, entity, fields[part.field], asker)
        for part in wanted.parts
    ]
    if not conditions:
        return true()
    return or_(*conditions) if wanted.any else and_(*conditions)


def condition_of(
    condition: Condition, entity: Entity, field: Field, asker: Asker
) -> ColumnElement[bool]:
    if field.virtual is not None:
        if field.virtual.condition is None:
            raise ValueError(f"{field.name} cannot be filtered by")
        return field.virtual.condition(condition)
    held = stored_as(entity.model, field)
    match field.type:
        case "date" | "datetime":
            return _of_days(condition, field, held, asker)
        case "options":
            return _of_several(condition, held)
        case "reference":
            return _of_reference(condition, held, field, asker)
        case "bool":
            return held == true() if condition.value else or_(held != true(), held.is_(None))
        case "text" | "long_text" | "phone" | "email" | "url":
            return _of_text(condition, held, _folded(entity, field))
        case _:
            return _plainly(condition, field, held)


def _folded(entity: Entity, field: Field) -> Any:
    """Return the column that keeps the title's words folded, None if there is none."""
    return getattr(entity.model, "fold", None) if field.name == entity.title else None


def _of_text(condition: Condition, held: Any, folded: Any) -> ColumnElement[bool]:
    op, value = condition.op, condition.value
    if op in ("contains", "begins"):
        letters: str = fold(value)
        looked_through: Any = folded
        if folded is None or not letters:
            # No words are kept, or none are asked for: each row's text is folded for the question.
            letters, looked_through = plain(small(value)), plain_text(held)
        look = looked_through.startswith if op == "begins" else looked_through.contains
        found: ColumnElement[bool] = look(letters, autoescape=True)
        return found
    if op == "empty":
        return or_(held.is_(None), held == "")
    if op == "filled":
        return and_(held.is_not(None), held != "")
    return _compared(op, held, value)


def _plainly(condition: Condition, field: Field, held: Any) -> ColumnElement[bool]:
    return _compared(condition.op, held, _held(field, condition.value))


def _compared(op: str, held: Any, value: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool]
    match op:
        case "is":
            found = held == value
        case "is_not":
            found = or_(held != value, held.is_(None))
        case "in":
            found = held.in_(value)
        case "more":
            found = held > value
        case "less":
            found = held < value
        case "between":
            found = held.between(*value)
        case "empty":
            found = held.is_(None)
        case "filled":
            found = held.is_not(None)
        case _:
            raise ValueError(op)
    return found


def _of_days(condition: Condition, field: Field, held: Any, asker: Asker) -> ColumnElement[bool]:
    """A day is a stretch from its midnight to the next, where the reader is."""
    match condition.op, condition.value:
        case "empty" | "filled", _:
            return _compared(condition.op, held, None)
        case "within", word:
            first, end = span(word, asker.today)
        case "is", day:
            first, end = day, day + _ONE_DAY
        case "before", day:
            first, end = None, day
        case "after", day:
            first, end = day + _ONE_DAY, None
        case _, (day, last):
            first, end = day, last + _ONE_DAY
    bounds = [held >= _begin(field, first, asker)] if first else []
    return and_(*bounds, *([held < _begin(field, end, asker)] if end else []))


def _begin(field: Field, day: date, asker: Asker) -> Any:
    if field.type == "date":
        return _held(field, day)
    midnight = datetime.combine(day, time(), ZoneInfo(asker.zone)).astimezone(UTC)
    return _held(field, midnight)


def _of_reference(
    condition: Condition, held: Any, field: Field, asker: Asker
) -> ColumnElement[bool]:
    op, value = condition.op, condition.value
    if op == "in":
        ids = [each for each in value if not isinstance(each, str)]
        words = [_someone(each, held, field, asker) for each in value if isinstance(each, str)]
        return or_(held.in_(ids), *words)
    if isinstance(value, str):
        found = _someone(value, held, field, asker)
        return found if op == "is" else or_(not_(found), held.is_(None))
    return _compared(op, held, value)


def _someone(word: str, held: Any, field: Field, asker: Asker) -> ColumnElement[bool]:
    found: ColumnElement[bool]
    if word == ME:
        found = held == asker.who.user_id
    elif field.refers_to == "team":
        found = held.in_(asker.who.teams)
    else:
        found = held.in_(select(_user.c.id).where(_user.c.team_id.in_(asker.who.teams)))
    return found


def _of_several(condition: Condition, held: Any) -> ColumnElement[bool]:
    """Of a list of ids, kept as JSON: it is looked through as text, "[1, 2]"."""
    text = func.replace(func.coalesce(cast(held, String), "[]"), " ", "")
    text = func.replace(func.replace(text, "[", ","), "]", ",")
    match condition.op:
        case "empty":
            return text.in_((",,", "null"))
        case "filled":
            return text.not_in((",,", "null"))
        case "is":
            return _has(text, condition.value)
        case "is_not":
            return not_(_has(text, condition.value))
        case _:
            return or_(*(_has(text, each) for each in condition.value))


def _has(text: Any, option_id: int) -> ColumnElement[bool]:
    found: ColumnElement[bool] = text.contains(f",{option_id},")
    return found


def _held(field: Field, value: Any) -> Any:
    """Return a value as the column holds it."""
    if isinstance(value, tuple):
        return tuple(_held(field, each) for each in value)
    return stored(field, value)
