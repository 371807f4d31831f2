"""Which rows of an entity somebody wants: the one grammar of lists, views, the API and export.

A filter is a few conditions that must all hold, or of which any must, and groups of such within it
(`nesting`). A condition says a field, how it is compared, and with what; which comparisons there
are depends on the field's type:

    contains, begins (in any alphabet and without accents) · is, is_not · in (any of several)
    more, less, between (numbers, and days) · before, after · within (a span of `days.SPANS`)
    empty, filled

A moment is compared by its day, as the reader's calendar has it. Of a person "me" and "my_team"
may be said. Besides its JSON form, {"all": [{"field", "op", "value"}, {"any": [...]}]}, a filter
has one for addresses: a parameter `f` for each condition ("f=city~is~Baku"), and `any=1` if any of
them will do; a group begins with "f=(all" or "f=(any" and ends with "f=)".

`conditions` makes SQL of it, `wording` words.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from callcenter.entity.days import SPANS
from callcenter.entity.description import Condition, Entity, Field
from callcenter.entity.nesting import MOST_DEEP, Filter, Place, said
from callcenter.entity.reading import TOO_LONG, Context, Unreadable, read_json, read_text
from callcenter.entity.registry import Registry
from callcenter.entity.rights import access
from callcenter.errors import BadInput
from callcenter.server.body import MISSING
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


NO_SUCH_FIELD: Final = _("There is no such field to filter by.")
NO_SUCH_COMPARISON: Final = _("This field cannot be compared so.")
NOT_A_FILTER: Final = _("This is not a filter.")
NOT_A_SPAN: Final = _("This is not a span of days that can be chosen here.")
TOO_MANY: Final = _("A filter may have at most 20 conditions.")
BACKWARDS: Final = _("The first value must not be larger than the second.")

ME, MY_TEAM = "me", "my_team"
#: Whom one may name by a word, of each entity that is referred to.
PEOPLE = {"user": (ME, MY_TEAM), "team": (MY_TEAM,)}
MOST_CONDITIONS = 20
MOST_VALUES = 200
_LETTERS = 200

_TEXT = ("contains", "begins", "is", "is_not", "in", "empty", "filled")
_NUMBER = ("is", "is_not", "more", "less", "between", "empty", "filled")
_DAY = ("within", "is", "before", "after", "between", "empty", "filled")
_CHOSEN = ("is", "is_not", "in", "empty", "filled")
#: How a field may be compared, by its type; the first one is offered first.
COMPARISONS: Mapping[str, Sequence[str]] = {
    "text": _TEXT, "long_text": ("contains", "begins", "empty", "filled"), "phone": _TEXT,
    "email": _TEXT, "url": _TEXT, "integer": _NUMBER, "number": _NUMBER, "money": _NUMBER,
    "date": _DAY, "datetime": _DAY, "bool": ("is",), "choice": _CHOSEN, "option": _CHOSEN,
    "options": ("is", "is_not", "in", "empty", "filled"), "reference": _CHOSEN,
}  # fmt: skip
#: Comparisons that take no value.
BARE = frozenset(("empty", "filled"))
#: How an address says that a group begins, and that it ends.
_OPENS = {"(all": False, "(any": True}
_CLOSES = ")"


def filterable(registry: Registry, entity: Entity, who: Identity) -> dict[str, Field]:
    """Return the fields by which `who` may filter: what he may not read he may not guess either."""
    return {
        name: field
        for name, field in registry.fields(entity.name).items()
        if field.filterable
        and (field.virtual is None or field.virtual.condition is not None)
        and access(entity, field, who) in ("read", "write")
    }


# ---------------------------------------------------------------- read


class _Line(NamedTuple):
    """A condition as somebody wrote it."""

    field: Any
    op: Any
    value: Any


class _Group(NamedTuple):
    any: bool
    parts: list["_Line | _Group"]


def read(written: Any, fields: Mapping[str, Field], context: Context) -> Filter:
    """Return the filter that JSON says. Raises BadInput, naming the condition by its place."""
    return _filter(_group(written or {"all": []}), fields, context)


def read_query(
    told: Iterable[str], fields: Mapping[str, Field], context: Context, *, is_any: bool = False
) -> Filter:
    """Return the filter of an address: `told` are its `f` parameters. Raises BadInput."""
    groups = [_Group(is_any, [])]
    for line in told:
        if line in _OPENS:
            groups.append(_Group(_OPENS[line], []))
        elif line == _CLOSES and len(groups) > 1:
            inner = groups.pop()
            groups[-1].parts.append(inner)
        else:
            groups[-1].parts.append(_line(line))
    if len(groups) > 1:
        raise BadInput({"filter": NOT_A_FILTER})
    return _filter(groups[0], fields, context)


def _group(written: Any, depth: int = 1) -> _Group:
    if not isinstance(written, dict) or len(written) != 1 or depth > MOST_DEEP:
        raise BadInput({"filter": NOT_A_FILTER})
    [(key, parts)] = written.items()
    if key not in ("all", "any") or not isinstance(parts, list):
        raise BadInput({"filter": NOT_A_FILTER})
    return _Group(key == "any", [_part(part, depth) for part in parts])


def _part(written: Any, depth: int) -> "_Line | _Group":
    if not isinstance(written, dict):
        raise BadInput({"filter": NOT_A_FILTER})
    if "all" in written or "any" in written:
        return _group(written, depth + 1)
    return _Line(written.get("field"), written.get("op"), written.get("value"))


def _line(told: str) -> _Line:
    name, _, rest = told.partition("~")
    op, _, rest = rest.partition("~")
    values = [unquote(value) for value in rest.split("~")]
    return _Line(name, op, values if op in ("in", "between") else "~".join(values))


def typed(
    name: str, op: str, values: Sequence[str], fields: Mapping[str, Field], context: Context
) -> Condition:
    """Return the condition that somebody filled in. Raises BadInput for `op` or `value`."""
    try:
        field = _offered(fields, name, op)
    except Unreadable as problem:
        raise BadInput({"op": problem.sentence}) from problem
    value: Any = list(values) if op in ("in", "between") else next(iter(values), "")
    try:
        return _condition(field, op, value, lambda read_as, text: read_text(read_as, text, context))
    except Unreadable as problem:
        raise BadInput({"value": problem.sentence}) from problem


def _offered(fields: Mapping[str, Field], name: Any, op: Any) -> Field:
    field = fields.get(name) if isinstance(name, str) else None
    if field is None:
        raise Unreadable(NO_SUCH_FIELD)
    if op not in COMPARISONS[field.type]:
        raise Unreadable(NO_SUCH_COMPARISON)
    return field


def _filter(group: _Group, fields: Mapping[str, Field], context: Context) -> Filter:
    wrong: dict[str, str] = {}

    def each(group: _Group, at: Place) -> Filter:
        if len(at) >= MOST_DEEP:
            raise BadInput({"filter": NOT_A_FILTER})
        parts: list[Condition | Filter] = []
        for step, part in enumerate(group.parts):
            place = (*at, step)
            if isinstance(part, _Group):
                inner = each(part, place)
                parts += [inner] if inner else []
                continue
            try:
                field = _offered(fields, part.field, part.op)
                parts.append(
                    _condition(
                        field, part.op, part.value,
                        lambda read_as, one: read_json(read_as, one, context),
                    )
                )  # fmt: skip
            except Unreadable as problem:
                wrong[f"filter.{said(place)}"] = problem.sentence
        return Filter(tuple(parts), any=group.any)

    if _size(group) > MOST_CONDITIONS:
        raise BadInput({"filter": TOO_MANY})
    found = each(group, ())
    if wrong:
        raise BadInput(wrong)
    return found


def _size(group: _Group) -> int:
    return sum(_size(part) if isinstance(part, _Group) else 1 for part in group.parts)


def _condition(field: Field, op: str, value: Any, read_value: Any) -> Condition:
    """Return the condition with its value read. Raises Unreadable."""
    if op in BARE:
        return Condition(field.name, op)
    if op == "within":
        if not isinstance(value, str) or value not in SPANS:
            raise Unreadable(NOT_A_SPAN)
        return Condition(field.name, op, value)
    read_as = compared_as(field, op)
    if op not in ("in", "between"):
        return Condition(field.name, op, _one(field, read_as, value, read_value))
    if not isinstance(value, list) or not value or (op == "between" and len(value) != 2):
        raise Unreadable(MISSING)
    if len(value) > MOST_VALUES:
        raise Unreadable(TOO_LONG)
    several = tuple(_one(field, read_as, each, read_value) for each in value)
    if op == "between" and several[0] > several[1]:
        raise Unreadable(BACKWARDS)
    return Condition(field.name, op, tuple(dict.fromkeys(several)) if op == "in" else several)


def compared_as(field: Field, op: str) -> Field:
    """Return as what kind of field the values of a condition are read, plain and by themselves."""
    plain = Field(
        name="value", label=field.label, type=field.type, limit=max(field.limit, _LETTERS),
        choices=field.choices, options=field.options, refers_to=field.refers_to,
    )  # fmt: skip
    match field.type:
        case "datetime":
            return replace(plain, type="date")
        case "options":
            return replace(plain, type="option")
        case "phone" | "email" | "url" | "long_text" if op in ("contains", "begins"):
            return replace(plain, type="text", limit=_LETTERS)
        case _:
            return plain


def _one(field: Field, read_as: Field, value: Any, read_value: Any) -> Any:
    if field.type == "reference" and value in PEOPLE.get(field.refers_to, ()):
        return value
    held = read_value(read_as, value)
    if held is None:
        raise Unreadable(MISSING)
    return held


# ---------------------------------------------------------------- written


def written(wanted: Filter, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the filter as JSON says it."""
    parts = [
        written(part, fields) if isinstance(part, Filter) else _written(part, fields)
        for part in wanted.parts
    ]
    return {"any" if wanted.any else "all": parts}


def _written(condition: Condition, fields: Mapping[str, Field]) -> dict[str, Any]:
    line = {"field": condition.field, "op": condition.op}
    if condition.op not in BARE:
        line["value"] = _told(fields[condition.field], condition.value)
    return line


def query(wanted: Filter, fields: Mapping[str, Field]) -> list[tuple[str, str]]:
    """Return the parameters of an address that say the filter."""
    told = [("f", line) for part in wanted.parts for line in _lines(part, fields)]
    return [*told, ("any", "1")] if wanted.any and told else told


def _lines(part: Condition | Filter, fields: Mapping[str, Field]) -> Iterator[str]:
    if isinstance(part, Filter):
        yield "(any" if part.any else "(all"
        for inner in part.parts:
            yield from _lines(inner, fields)
        yield _CLOSES
        return
    value = _told(fields[part.field], part.value)
    values = value if isinstance(value, list) else [] if value is None else [value]
    yield "~".join([part.field, part.op, *map(_escaped, values)])


def _told(field: Field, value: Any) -> Any:
    if isinstance(value, tuple):
        return [_told(field, each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if field.type == "money" and isinstance(value, int):
        return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02}"
    return value


def _escaped(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.replace("%", "%25").replace("~", "%7E")
