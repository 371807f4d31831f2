"""Which moves a process allows. Pure: it is handed the facts of the row, and reads no clock.

A strict process guarantees that a row in a stage fulfilled, when it entered, the rules of that
stage and of every open stage before it; so no stage is skipped without its work. Moving back needs
nothing, and losing a row needs only the rules of the lost stage. A manual process, or none,
refuses nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

Mode = Literal["strict", "manual", "none"]
Kind = Literal["open", "won", "lost"]
What = Literal["field", "document", "done", "approval"]


class Rules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What must be true before a row enters a stage."""

    #: Fields that have a value.
    fields: tuple[str, ...] = ()
    #: At least so many files.
    documents: int = 0
    #: Kinds of interaction of which at least one was held: "call", "meeting".
    done: tuple[str, ...] = ()
    #: Somebody who may approve has approved.
    approval: bool = False

    def __bool__(self) -> bool:
        return bool(self.fields or self.documents or self.done or self.approval)


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    pipeline_id: int
    kind: Kind = "open"
    rules: Rules = Rules()
    probability: int = 0
    max_days: int | None = None


class Pipeline(msgspec.Struct, frozen=True, kw_only=True):
    """A process with its stages in their order."""

    id: int
    entity: str
    mode: Mode = "manual"
    active: bool = True
    team_id: int | None = None
    respond_within_min: int | None = None
    stages: tuple[Stage, ...] = ()

    def stage(self, stage_id: int | None) -> Stage | None:
        return next((stage for stage in self.stages if stage.id == stage_id), None)

    @property
    def first(self) -> Stage | None:
        """Where a new row begins."""
        return next((stage for stage in self.stages if stage.kind == "open"), None)

    def ends(self, kind: Kind) -> Sequence[Stage]:
        return [stage for stage in self.stages if stage.kind == kind]


class Facts(NamedTuple):
    """What is true of a row that shall move."""

    #: Fields with their values, as they will be after the move.
    values: Mapping[str, Any]
    documents: int = 0
    #: Kinds of interaction that were held with it.
    done: frozenset[str] = frozenset()
    #: Stages for which it was approved.
    approved: frozenset[int] = frozenset()


class Refusal(NamedTuple):
    """One thing that is missing: by the rule of which stage, what, and which one or how many."""

    stage_id: int
    what: What
    which: str = ""


def refusals(
    pipeline: Pipeline, from_id: int | None, to_id: int, facts: Facts
) -> Sequence[Refusal]:
    """Return what is missing for a move; nothing if it is allowed.

    `from_id` is None for a row that is new, or comes from another pipeline.
    """
    if pipeline.mode != "strict" or from_id == to_id:
        return []
    target = pipeline.stage(to_id)
    if target is None:
        return []
    return [
        refusal
        for stage in _passed(pipeline, pipeline.stage(from_id), target)
        for refusal in _missing(stage, facts)
    ]


def kept(pipeline: Pipeline, stage_id: int | None, facts: Facts) -> Sequence[Refusal]:
    """Return which fields a row must not lose where it stands."""
    stage = pipeline.stage(stage_id)
    if pipeline.mode != "strict" or stage is None:
        return []
    passed = _passed(pipeline, None, stage)
    return [each for one in passed for each in _missing(one, facts) if each.what == "field"]


def _passed(pipeline: Pipeline, now: Stage | None, target: Stage) -> Iterator[Stage]:
    """Yield the stages whose rules a move has to fulfil."""
    if target.kind == "lost":
        yield target
        return
    order = [stage for stage in pipeline.stages if stage.kind == "open"]
    begun = order.index(now) + 1 if now in order else 0
    if target.kind == "won":
        yield from order[begun:]
        yield target
    else:
        yield from order[begun : order.index(target) + 1]


def _missing(stage: Stage, facts: Facts) -> Iterator[Refusal]:
    rules = stage.rules
    for name in rules.fields:
        if facts.values.get(name) in (None, "", [], {}):
            yield Refusal(stage.id, "field", name)
    if facts.documents < rules.documents:
        yield Refusal(stage.id, "document", str(rules.documents))
    for kind in rules.done:
        if kind not in facts.done:
            yield Refusal(stage.id, "done", kind)
    if rules.approval and stage.id not in facts.approved:
        yield Refusal(stage.id, "approval")
