"""What a form says of a rule: when, if, then; and a rule as its form shows it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from multidict import MultiMapping

from callcenter.entity import filters
from callcenter.entity.description import Condition, Field
from callcenter.entity.nesting import Filter
from callcenter.entity.reading import Context, Unreadable, read_text
from callcenter.errors import BadInput
from callcenter.rules import shapes
from callcenter.rules.models import TRIGGERS, Automation
from callcenter.server.body import MISFIT, MISSING, whole_number


def _(message: str) -> str:
    return message


#: So many conditions a form has room for.
MOST_LINES: Final = 8
NAME_LETTERS: Final = 120
SUBJECT_LETTERS: Final = 200
WEEK_MIN: Final = 7 * 24 * 60

TRIGGER_WORDS: Final = dict(
    zip(
        TRIGGERS,
        (_("When it is added"), _("When it is changed"), _("When a date comes")),
        strict=True,
    )
)
HOW_WORDS: Final = {"turn": _("In turn"), "load": _("To who has least to do")}
WHOM_WORDS: Final = {
    shapes.OWNER: _("Who is responsible"), shapes.HEAD: _("The head of the team"),
}  # fmt: skip

NOTHING_TO_DO: Final = _("Say what shall be done: choose at least one thing under “Then”.")
WHO_GETS_IT: Final = _("Choose the person or the team that gets it.")
MINUTES: Final = _("Write a number of minutes, at most a week (10080).")


class RuleForm(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    trigger: str
    trigger_fields: list[str]
    date_field: str | None
    offset_min: int
    condition: dict[str, Any]
    actions: list[Any]
    active: bool
    on_import: bool


def read(form: MultiMapping[Any], fields: Mapping[str, Field], context: Context) -> RuleForm:
    """Return what was filled in. Raises BadInput, naming the inputs."""
    wrong: dict[str, str] = {}
    name = _text(form, "name")
    if not name:
        wrong["name"] = MISSING
    trigger = _text(form, "trigger")
    if trigger not in TRIGGERS:
        wrong["trigger"] = MISFIT
    field = fields.get(_text(form, "date_field"))
    if trigger == "date" and (field is None or field.type != "datetime"):
        wrong["date_field"] = MISSING
    changed = [each for each in (_text(form, "changed_field"),) if each in fields]
    offset = _number(form, "offset_min", 0, -WEEK_MIN, wrong)
    condition = _condition(form, fields, context, wrong)
    actions = _actions(form, fields, context, wrong)
    if not actions and not wrong:
        wrong[""] = NOTHING_TO_DO
    if wrong:
        raise BadInput(wrong)
    return RuleForm(
        name=name[:NAME_LETTERS], trigger=trigger,
        trigger_fields=changed if trigger == "changed" else [],
        date_field=field.name if field is not None and trigger == "date" else None,
        offset_min=offset, condition=condition, actions=shapes.written(actions),
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


def _actions(
    form: MultiMapping[Any],
    fields: Mapping[str, Field],
    context: Context,
    wrong: dict[str, str],
) -> list[shapes.Action]:
    actions: list[shapes.Action] = []
    if "do.assign" in form:
        actions.append(_assign(form, wrong))
    if "do.task" in form:
        subject = _text(form, "task.subject")[:SUBJECT_LETTERS]
        if not subject:
            wrong["task.subject"] = MISSING
        within = _number(form, "task.within_min", 60, 1, wrong)
        whom = _text(form, "task.whom") or shapes.OWNER
        actions.append(shapes.AddTask(subject=subject, within_min=within, whom=whom))
    if "do.notify" in form:
        actions.append(shapes.Notify(whom=_text(form, "notify.whom") or shapes.OWNER))
    if "do.set" in form:
        actions.append(_set(form, fields, context, wrong))
    if "do.involve" in form:
        user_id = whole_number(_text(form, "involve.user_id"))
        if user_id is None:
            wrong["involve.user_id"] = MISSING
        remove = _text(form, "involve.how") == "remove"
        actions.append(shapes.Involve(user_id=user_id or 0, remove=remove))
    return actions


def _assign(form: MultiMapping[Any], wrong: dict[str, str]) -> shapes.Assign:
    user_id = whole_number(_text(form, "assign.user_id"))
    team_id = whole_number(_text(form, "assign.team_id"))
    if user_id is None and team_id is None:
        wrong["assign.team_id"] = WHO_GETS_IT
    within = _number(form, "assign.take_within_min", 0, 1, wrong)
    how: shapes.How = "load" if _text(form, "assign.how") == "load" else "turn"
    return shapes.Assign(
        user_id=user_id, team_id=team_id, how=how, only_present="assign.only_present" in form,
        take_within_min=within or None, ring="assign.ring" in form,
    )  # fmt: skip


def _set(
    form: MultiMapping[Any],
    fields: Mapping[str, Field],
    context: Context,
    wrong: dict[str, str],
) -> shapes.SetField:
    field, value = fields.get(_text(form, "set.field")), _text(form, "set.value")
    if field is None or not field.writable:
        wrong["set.field"] = MISSING
        return shapes.SetField(field="")
    try:
        read_text(field, value, context)
    except Unreadable as problem:
        wrong["set.value"] = problem.sentence
    return shapes.SetField(field=field.name, value=value, language=context.language)


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
        kind = str(action.__struct_config__.tag)
        values[f"do.{kind}"] = "1"
        for name in action.__struct_fields__:
            held = getattr(action, name)
            if held not in (None, False, ""):
                values[f"{kind}.{name}"] = "1" if held is True else str(held)
    if values.get("involve.remove"):
        values["involve.how"] = "remove"
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


def _number(
    form: MultiMapping[Any], name: str, otherwise: int, least: int, wrong: dict[str, str]
) -> int:
    text = _text(form, name)
    if not text:
        return otherwise
    number = whole_number(text.removeprefix("-"))
    if number is None:
        wrong[name] = MINUTES
        return otherwise
    number = -number if text.startswith("-") else number
    if not least <= number <= WEEK_MIN:
        wrong[name] = MINUTES
    return number
