"""What a form says of a pipeline or a stage, and what is wrong with it."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from callcenter.entity.admin import labels
from callcenter.entity.reading import chosen_id
from callcenter.errors import BadInput
from callcenter.process.engine import Rules
from callcenter.process.models import KINDS, MODES, Pipeline, Stage
from callcenter.server.body import MISFIT, whole_number


def _(message: str) -> str:
    return message


MODE_WORDS: Final = dict(
    zip(
        MODES,
        (
            _("Strict: a stage is entered when its rules hold"),
            _("By hand: people move cards as they see fit"),
            _("None: stages only sort the cards"),
        ),
        strict=True,
    )
)
KIND_WORDS: Final = dict(zip(KINDS, (_("Under way"), _("Won"), _("Lost")), strict=True))
#: What has to have taken place with somebody, of the kinds of interaction.
DONE: Final = ("call", "meeting", "visit", "email", "task")

DAYS: Final = _("Write a number of days from 1 to 1000, or nothing.")
MINUTES: Final = _("Write a number of minutes from 1 to 100000, or nothing.")
PERCENT: Final = _("Write a number from 0 to 100.")
FILES: Final = _("Write a number from 0 to 20.")


class PipelineForm(msgspec.Struct, frozen=True, kw_only=True):
    label: dict[str, str]
    mode: str = "manual"
    active: bool = True
    team_id: int | None = None
    respond_within_min: int | None = None

    def columns(self) -> dict[str, Any]:
        return {
            **labels.as_form(self.label), "mode": self.mode, "active": self.active,
            "team_id": self.team_id, "respond_within_min": self.respond_within_min,
        }  # fmt: skip


class StageForm(msgspec.Struct, frozen=True, kw_only=True):
    label: dict[str, str]
    kind: str = "open"
    color: str | None = None
    probability: int = 0
    max_days: int | None = None
    rules: Rules = Rules()

    def columns(self) -> dict[str, Any]:
        return {
            **labels.as_form(self.label), "kind": self.kind, "color": self.color,
            "probability": self.probability, "max_days": self.max_days,
            "entry_rules": msgspec.to_builtins(self.rules),
        }  # fmt: skip


def read_pipeline(values: Mapping[str, str], language: str) -> PipelineForm:
    """Return what a form says. Raises BadInput."""
    label = labels.read(values)
    wrong = labels.wrong(label, language)
    minutes, problem = _number(values, "respond_within_min", 1, 100_000, MINUTES)
    mode = values.get("mode", "manual")
    if mode not in MODES:
        wrong["mode"] = MISFIT
    if wrong := wrong | problem:
        raise BadInput(wrong)
    return PipelineForm(
        label=label, mode=mode, active="active" in values,
        team_id=chosen_id(values, "team_id"), respond_within_min=minutes,
    )  # fmt: skip


def read_stage(values: Mapping[str, str], fields: Mapping[str, str], language: str) -> StageForm:
    """Return what a form says; `fields` are those rules may ask for. Raises BadInput."""
    label = labels.read(values)
    wrong = labels.wrong(label, language)
    days, no_days = _number(values, "max_days", 1, 1000, DAYS)
    percent, no_percent = _number(values, "probability", 0, 100, PERCENT)
    files, no_files = _number(values, "documents", 0, 20, FILES)
    kind = values.get("kind", "open")
    if kind not in KINDS:
        wrong["kind"] = MISFIT
    rules = Rules(
        fields=tuple(name for name in fields if f"field.{name}" in values),
        documents=files or 0,
        done=tuple(each for each in DONE if f"done.{each}" in values),
        approval="approval" in values,
    )
    if wrong := wrong | no_days | no_percent | no_files:
        raise BadInput(wrong)
    return StageForm(
        label=label, kind=kind, color=values.get("color") or None, probability=percent or 0,
        max_days=days, rules=rules,
    )  # fmt: skip


def of_pipeline(row: Pipeline) -> dict[str, str]:
    """Return the values of a form as the pipeline stands."""
    values = labels.as_values(row.name) | {
        "mode": row.mode, "team_id": str(row.team_id or ""), "version": str(row.version),
        "respond_within_min": str(row.respond_within_min or ""),
    }  # fmt: skip
    return values | ({"active": "1"} if row.active else {})


def of_stage(row: Stage) -> dict[str, str]:
    """Return the values of a form as the stage stands."""
    rules = msgspec.convert(row.entry_rules, Rules)
    values = labels.as_values(row.name) | {
        "kind": row.kind, "color": row.color or "", "probability": str(row.probability),
        "max_days": str(row.max_days or ""), "documents": str(rules.documents or ""),
        "version": str(row.version),
    }  # fmt: skip
    values |= {f"field.{name}": "1" for name in rules.fields}
    values |= {f"done.{each}": "1" for each in rules.done}
    return values | ({"approval": "1"} if rules.approval else {})


def _number(
    values: Mapping[str, str], name: str, least: int, most: int, sentence: str
) -> tuple[int | None, dict[str, str]]:
    """Return the number a field holds, None if it is empty, and what is wrong with it."""
    text = values.get(name, "").strip()
    if not text:
        return None, {}
    number = whole_number(text)
    if number is None or not least <= number <= most:
        return None, {name: sentence}
    return number, {}
