"""What is said of each value of a list besides the value: which kind of number, since when a tie stands.

In a file these are columns of their own beside the value's, "Phone 2" and "Phone 2: Kind", and of
several values in one cell the facts stand in the same order, with bars between them. A fact's
column goes to a field of its own, which is called "phone:label".
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from callcenter.entity.description import Field

MARK: Final = ":"
#: Between values that share a cell, and between their facts.
BAR: Final = " | "


def with_facts(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Return the fields, each followed by what may be said of its values."""
    return {one.name: one for field in fields.values() for one in (field, *facts_of(field))}


def facts_of(field: Field) -> Sequence[Field]:
    """Return the fields that a file's columns of facts go to."""
    if field.virtual is None:
        return ()
    return [
        replace(
            fact, name=f"{field.name}{MARK}{fact.name}", of=field.label,
            aliases=tuple(
                f"{alias} {word}" for alias in (field.name, *field.aliases) for word in fact.aliases
            ),
        )
        for fact in field.virtual.facts
    ]  # fmt: skip


def list_of(name: str) -> str:
    """Return the list of whose values a fact is said, "" if this is the name of no fact."""
    before, mark, _fact = name.partition(MARK)
    return before if mark else ""


def fact_of(name: str) -> str:
    return name.partition(MARK)[2]
