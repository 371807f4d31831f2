"""A filter in words: "City is Baku", "Created in the last 7 days"."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from callcenter.entity.days import SPANS
from callcenter.entity.description import Condition, Field
from callcenter.entity.filters import BARE, ME, MY_TEAM, compared_as
from callcenter.entity.nesting import Filter, Place
from callcenter.entity.registry import label_in
from callcenter.entity.showing import Showing
from callcenter.server.i18n import translate_to


def _(message: str) -> str:
    return message


#: Each comparison by itself, as it is offered.
OFFERED = {
    "contains": _("contains"),
    "begins": _("begins with"),
    "is": _("is"),
    "is_not": _("is not"),
    "in": _("is one of"),
    "more": _("is more than"),
    "less": _("is less than"),
    "between": _("is between"),
    "before": _("is before"),
    "after": _("is after"),
    "within": _("is within"),
    "empty": _("is empty"),
    "filled": _("is not empty"),
}
#: Each comparison in a sentence.
SENTENCES = {
    "contains": _("{field} contains “{value}”"),
    "begins": _("{field} begins with “{value}”"),
    "is": _("{field} is {value}"),
    "is_not": _("{field} is not {value}"),
    "in": _("{field} is {value}"),
    "more": _("{field} is more than {value}"),
    "less": _("{field} is less than {value}"),
    "between": _("{field} is between {low} and {high}"),
    "before": _("{field} is before {value}"),
    "after": _("{field} is after {value}"),
    "within": _("{field} is within {value}"),
    "empty": _("{field} is empty"),
    "filled": _("{field} is not empty"),
}
PEOPLE = {ME: _("me"), MY_TEAM: _("my team")}
OR = _("or")


class Said(NamedTuple):
    """One part of a filter: a condition as a sentence, or a group with what stands in it."""

    place: Place
    sentence: str = ""
    parts: Sequence["Said"] = ()
    any: bool = False


def words(
    wanted: Filter, fields: Mapping[str, Field], showing: Showing, at: Place = ()
) -> list[Said]:
    """Return each part of a filter in words."""
    told = []
    for step, part in enumerate(wanted.parts):
        place = (*at, step)
        if isinstance(part, Filter):
            told.append(Said(place, "", words(part, fields, showing, place), part.any))
        else:
            told.append(Said(place, sentence(part, fields[part.field], showing)))
    return told


def sentence(condition: Condition, field: Field, showing: Showing) -> str:
    label, op, value = label_in(field, showing.language), condition.op, condition.value
    told: dict[str, str] = {"field": label}
    if op == "between":
        told["low"], told["high"] = (value_in_words(field, op, each, showing) for each in value)
    elif op == "in":
        either = f" {translate_to(showing.language, OR)} "
        told["value"] = either.join(value_in_words(field, op, each, showing) for each in value)
    elif op not in BARE:
        told["value"] = value_in_words(field, op, value, showing)
    return translate_to(showing.language, SENTENCES[op], **told)


def value_in_words(field: Field, op: str, value: Any, showing: Showing) -> str:
    """Return one value of a condition as a person reads it."""
    if op == "within":
        return translate_to(showing.language, SPANS[value])
    if field.type == "reference" and value in PEOPLE:
        return translate_to(showing.language, PEOPLE[value])
    return showing.text(compared_as(field, op), value) or "–"


def referred(wanted: Filter, fields: Mapping[str, Field]) -> list[tuple[Field, Any]]:
    """Return what the filter refers to, for `showing.names_of`."""
    return [
        (fields[condition.field], value)
        for condition in wanted.conditions()
        if fields[condition.field].type == "reference" and condition.op not in BARE
        for value in (condition.value if condition.op == "in" else (condition.value,))
        if not isinstance(value, str)
    ]
