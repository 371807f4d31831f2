"""Which rows of an entity somebody wants: the one grammar of lists, views, the API and export.

A filter is a few conditions that must all hold, or of which any must. A condition says a field,
how it is compared, and with what; which comparisons there are depends on the field's type:

    contains, begins (in any alphabet and without accents) · is, is_not · in (any of several)
    more, less, between (numbers, and days) · before, after · within (a span of `days.SPANS`)
    empty, filled

A moment is compared by its day, as the reader's calendar has it. Of a person "me" and "my_team"
may be said. Besides its JSON form a filter has one for addresses: a parameter `f` for each
condition ("f=city~is~Baku"), and `any=1` if any of them will do.

`conditions` makes SQL of it, `wording` words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final
from urllib.parse import unquote

from callcenter.entity.days import SPANS
from callcenter.entity.description import Condition, Entity, Field
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


@dataclass(frozen=True, slots=True)
class Filter:
    conditions: tuple[Condition, ...] = ()
    #: Whether one of the conditions is enough.
    any: bool = False

    def __bool__(self) -> bool:
        return bool(self.conditions)

    def __add__(self, condition: Condition) -> "Filter":
        return replace(self, conditions=(*self.conditions, condition))

    def without(self, place: int) -> "Filter":
        rest = self.conditions[:place] + self.conditions[place + 1 :]
        return replace(self, conditions=rest)


EVERYTHING: Final = Filter()


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


def read(written: Any, fields: Mapping[str, Field], context: Context) -> Filter:
    """Return the filter that JSON says. Raises BadInput, naming the condition by its place."""
    if not isinstance(written, dict) or len(written) > 1 or not set(written) <= {"all", "any"}:
        raise BadInput({"filter": NOT_A_FILTER})
    [(key, lines)] = written.items() or [("all", [])]
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise BadInput({"filter": NOT_A_FILTER})
    told = [(line.get("field"), line.get("op"), line.get("value")) for line in lines]
    return _filter(told, fields, context, is_any=key == "any")


def read_query(
    told: Iterable[str], fields: Mapping[str, Field], context: Context, *, is_any: bool = False
) -> Filter:
    """Return the filter of an address: `told` are its `f` parameters. Raises BadInput."""
    lines: list[tuple[Any, Any, Any]] = []
    for line in told:
        name, _, rest = line.partition("~")
        op, _, rest = rest.partition("~")
        values = [unquote(value) for value in rest.split("~")]
        lines.append((name, op, values if op in ("in", "between") else "~".join(values)))
    return _filter(lines, fields, context, is_any=is_any)


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


def _filter(
    told: Sequence[tuple[Any, Any, Any]],
    fields: Mapping[str, Field],
    context: Context,
    *,
    is_any: bool,
) -> Filter:
    if len(told) > MOST_CONDITIONS:
        raise BadInput({"filter": TOO_MANY})
    conditions: list[Condition] = []
    wrong: dict[str, str] = {}
    for place, (name, op, value) in enumerate(told):
        try:
            field = _offered(fields, name, op)
            conditions.append(
                _condition(field, op, value, lambda read_as, one: read_json(read_as, one, context))
            )
        except Unreadable as problem:
            wrong[f"filter.{place}"] = problem.sentence
    if wrong:
        raise BadInput(wrong)
    return Filter(tuple(conditions), any=is_any)


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
    lines = []
    for condition in wanted.conditions:
        line = {"field": condition.field, "op": condition.op}
        if condition.op not in BARE:
            line["value"] = _told(fields[condition.field], condition.value)
        lines.append(line)
    return {"any" if wanted.any else "all": lines}


def query(wanted: Filter, fields: Mapping[str, Field]) -> list[tuple[str, str]]:
    """Return the parameters of an address that say the filter."""
    told = []
    for condition in wanted.conditions:
        value = _told(fields[condition.field], condition.value)
        values = value if isinstance(value, list) else [] if value is None else [value]
        parts = [condition.field, condition.op, *map(_escaped, values)]
        told.append(("f", "~".join(parts)))
    return [*told, ("any", "1")] if wanted.any and told else told


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
