"""What a form says of a rule: when, if, then; and a rule as its form shows it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from multidict import MultiMapping

from callcenter.entity import filters
from callcenter.entity.description import Condition, Entity, Field
from callcenter.entity.nesting import Filter
from callcenter.entity.reading import Context
from callcenter.errors import BadInput
from callcenter.rules import shapes, then
from callcenter.rules.models import TRIGGERS, Automation
from callcenter.server import secret_files
from callcenter.server.body import MISFIT, MISSING


def _(message: str) -> str:
    return message


#: So many conditions a form has room for.
MOST_LINES: Final = 8
NAME_LETTERS: Final = 120

TRIGGER_WORDS: Final = dict(
    zip(
        TRIGGERS,
        (_("When it is added"), _("When it is changed"), _("When a date comes")),
        strict=True,
    )
)
NOTHING_TO_DO: Final = _("Say what shall be done: choose at least one thing under “Then”.")


class RuleForm(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    trigger: str
    trigger_fields: list[str]
    date_field: str | None
    offset_min: int
    condition: dict[str, Any]
    actions: list[shapes.Action]
    active: bool
    on_import: bool


def read(
    entity: Entity, form: MultiMapping[Any], fields: Mapping[str, Field], context: Context
) -> RuleForm:
    """Return what was filled in. Raises BadInput, naming the inputs."""
    wrong: dict[str, str] = {}
    sent = then.Sent(entity, form, fields, context, wrong)
    name = sent.needed("name", NAME_LETTERS)
    trigger = _text(form, "trigger")
    if trigger not in TRIGGERS:
        wrong["trigger"] = MISFIT
    field = fields.get(_text(form, "date_field"))
    if trigger == "date" and (field is None or field.type != "datetime"):
        wrong["date_field"] = MISSING
    changed = [each for each in (_text(form, "changed_field"),) if each in fields]
    offset = sent.minutes("offset_min", 0, -then.WEEK_MIN)
    condition = _condition(form, fields, context, wrong)
    actions = then.read(sent)
    if not actions and not wrong:
        wrong[""] = NOTHING_TO_DO
    if wrong:
        raise BadInput(wrong)
    return RuleForm(
        name=name, trigger=trigger,
        trigger_fields=changed if trigger == "changed" else [],
        date_field=field.name if field is not None and trigger == "date" else None,
        offset_min=offset, condition=condition, actions=actions,
        active="active" in form, on_import="on_import" in form,
    )  # fmt: skip


def lines_in(form: MultiMapping[Any]) -> list[tuple[str, str, list[str]]]:
    """Return the conditions as they stand in a form: field, comparison, values."""
    return [
        (_text(form, f"field.{place}"), _text(form, f"op.{place}"),
         [str(each).strip() for each in form.getall(f"value.{place}", []) if str(each).strip()])
        for place in range(MOST_LINES)
    ]  # fmt: skip


def _condition(
    form: MultiMapping[Any],
    fields: Mapping[str, Field],
    context: Context,
    wrong: dict[str, str],
) -> dict[str, Any]:
    parts: list[Condition | Filter] = []
    for place, (name, op, values) in enumerate(lines_in(form)):
        if not name:
            continue
        try:
            parts.append(filters.typed(name, op, values, fields, context))
        except BadInput as problem:
            wrong[f"value.{place}"] = next(iter(problem.fields.values()))
    return filters.written(Filter(tuple(parts), any=_text(form, "any") == "1"), fields)


def values_of(rule: Automation) -> dict[str, str]:
    """Return the simple inputs of a rule's form; its conditions are shown line by line."""
    values = {
        "name": rule.name, "trigger": rule.trigger, "date_field": rule.date_field or "",
        "changed_field": next(iter(rule.trigger_fields), ""),
        "offset_min": str(rule.offset_min or ""), "any": "1" if "any" in rule.condition else "",
        "version": str(rule.version),
    }  # fmt: skip
    values |= {"active": "1"} if rule.active else {}
    values |= {"on_import": "1"} if rule.on_import else {}
    for action in shapes.read(rule.actions):
        kind = shapes.kind_of(action)
        values[f"do.{kind}"] = "1"
        for name in action.__struct_fields__:
            held = getattr(action, name)
            if name == "secret":
                # Only the name of a variable may be seen, not where a file lies.
                held = secret_files.shown(held)
            if held not in (None, False, ""):
                values[f"{kind}.{name}"] = "1" if held is True else str(held)
    for kind in ("involve", "tag"):
        if values.get(f"{kind}.remove"):
            values[f"{kind}.how"] = "remove"
    return values


def settable(fields: Mapping[str, Field]) -> Sequence[Field]:
    """Return the fields that a rule may set."""
    return [
        field
        for field in fields.values()
        if field.writable and field.virtual is None and field.name not in ("owner_id", "team_id")
        and field.type not in ("long_text", "options", "reference")
    ]  # fmt: skip


def _text(form: MultiMapping[Any], name: str) -> str:
    return str(form.get(name, "")).strip()
