"""Which lines of the audit log concern which rule. Pure.

What a rule does is logged as a change by an automation, and may trigger other rules. So a line
that rules caused says how deep in the chain it is and what started the chain
("rules:<beginning>:<depth>"). Within one chain a rule runs once for a row, and no chain goes
deeper than `MOST_DEEP`; so no set of rules runs for ever.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

#: How many rules one may set off the next.
MOST_DEEP: Final = 5
_FROM_RULES: Final = re.compile(r"rules:([a-z]\d[\d.]{0,58}):(\d)")
#: Fields of a change that are no change by themselves.
_NO_NEWS: Final = frozenset(("version",))


class Line(NamedTuple):
    """A line of the log, as far as rules ask."""

    id: int
    entity: str
    entity_id: int
    action: str
    fields: Collection[str]
    actor_kind: str
    request_id: str | None = None


class Rule(NamedTuple):
    """A rule, as far as lines concern it."""

    id: int
    entity: str
    trigger: str
    fields: Collection[str] = ()
    on_import: bool = False


class Origin(NamedTuple):
    """Out of what a change came."""

    root: str
    depth: int

    def __str__(self) -> str:
        return f"rules:{self.root}:{self.depth}"

    def deeper(self) -> "Origin":
        return Origin(self.root, self.depth + 1)


def origin_of(line: Line) -> Origin:
    """Return out of what a line came: itself, unless a rule wrote it."""
    if line.actor_kind == "automation" and line.request_id:
        found = _FROM_RULES.fullmatch(line.request_id)
        if found is not None:
            return Origin(found[1], int(found[2]))
    return Origin(f"a{line.id}", 0)


def concerns(line: Line, rule: Rule) -> bool:
    """Tell whether a line may let a rule run."""
    if line.entity != rule.entity or origin_of(line).depth >= MOST_DEEP:
        return False
    if line.actor_kind == "import" and not rule.on_import:
        return False
    if rule.trigger == "created":
        return line.action == "create"
    changed = set(line.fields) - _NO_NEWS
    named = not rule.fields or not changed.isdisjoint(rule.fields)
    return rule.trigger == "changed" and line.action == "edit" and bool(changed) and named


def line_of(row: Any) -> Line | None:
    """Return a row of the log as rules read it; None if it is about no row."""
    if row.entity_id is None:
        return None
    diff: Mapping[str, Any] = row.diff
    return Line(
        row.id, row.entity, row.entity_id, row.action, tuple(diff), row.actor_kind, row.request_id
    )
