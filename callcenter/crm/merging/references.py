"""Every column of the database that says which contact a row belongs to.

They are read from the tables themselves: foreign keys to `contact`, pairs of entity and id, and
columns that name a contact without a foreign key. So rooms that are built later are covered
without being named here; a column that should keep its contact needs a reason in `STAY`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import CheckConstraint, Column, ColumnElement, MetaData, Table, UniqueConstraint

ENTITY: Final = "contact"
#: What refers to a contact and stays with it, and why.
STAY: Final = {
    ("contact", "merged_into_id"): "whoever was merged into the loser is found by way of it",
    ("audit", "entity_id"): "what happened to a record is told of that record for ever",
    ("duplicate", "a_id"): "what was said of a pair holds for that pair, and is needed again by an undo",
    ("duplicate", "b_id"): "the same",
    ("search_text", "entity_id"): "contacts have an index of their own",
    ("merge", "winner_id"): "a merge tells of the two it joined",
    ("merge", "loser_id"): "the same",
}  # fmt: skip
#: Tables whose rows tie two contacts to each other: one that would lead to itself says nothing.
TIES: Final = frozenset({"relationship"})


@dataclass(frozen=True)
class Reference:
    """A column that holds a contact's id, in the rows for which `condition` is true."""

    table: Table
    column: Column[Any]

    @cached_property
    def condition(self) -> ColumnElement[bool] | None:
        return self.table.c.entity == ENTITY if self.column.name == "entity_id" else None

    @cached_property
    def is_guarded(self) -> bool:
        """Whether a key or a check speaks of the column, so that a row may not be let through."""
        named = any(self.column.name in columns for columns in _guards(self.table))
        return named or bool(self.ends)

    @cached_property
    def ends(self) -> tuple[Column[Any], ...]:
        """Return the other ends of a tie."""
        if self.table.name not in TIES:
            return ()
        columns = (column for column in self.table.columns if column is not self.column)
        return tuple(column for column in columns if _speaks_of_contacts(self.table, column))


def references(metadata: MetaData) -> list[Reference]:
    """Return what a merge moves, in a fixed order."""
    return [
        reference
        for reference in all_references(metadata)
        if (reference.table.name, reference.column.name) not in STAY
    ]


def all_references(metadata: MetaData) -> list[Reference]:
    """Return every column that says which contact a row belongs to, in a fixed order."""
    return [Reference(table, column) for table, column in _all(metadata)]


def _all(metadata: MetaData) -> Iterator[tuple[Table, Column[Any]]]:
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        for column in table.columns:
            if _speaks_of_contacts(table, column):
                yield table, column


def _speaks_of_contacts(table: Table, column: Column[Any]) -> bool:
    if any(key.column.table.name == ENTITY for key in column.foreign_keys):
        return True
    if column.name == "entity_id":
        return "entity" in table.columns
    return column.name == "contact_id" or column.name.endswith("_contact_id")


def _guards(table: Table) -> Iterator[list[str]]:
    """Return the columns of each key and check of a table."""
    yield [column.name for column in table.primary_key.columns]
    for index in table.indexes:
        if index.unique:
            yield [column.name for column in index.columns]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield [column.name for column in constraint.columns]
        elif isinstance(constraint, CheckConstraint):
            text = str(constraint.sqltext)
            yield [column.name for column in table.columns if column.name in text]
