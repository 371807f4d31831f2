"""Where a contact is spoken of, and what becomes of it when he is to be forgotten.

The columns are those that a merge knows of (`merging.references`), so a room that is built later
has to say here what it wants done, or a test fails. Which interactions and leads are his says
`belongings`.
"""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from sqlalchemy import ColumnElement, MetaData, Table, and_

from callcenter.crm.merging.references import Reference, all_references

#: "delete": the rows go · "keep": they say nothing of the person · otherwise the columns that
#: are emptied.
Fate = Literal["delete", "keep"] | tuple[str, ...]

FATES: Final[dict[tuple[str, str], Fate]] = {
    ("address", "contact_id"): "delete",
    ("approval", "entity_id"): "delete",
    ("assignment", "entity_id"): "delete",
    ("audit", "contact_id"): ("diff",),
    ("audit", "entity_id"): ("diff",),
    ("automation_run", "entity_id"): "delete",
    ("call_intent", "contact_id"): ("number",),
    # Who works for a company that is forgotten still works somewhere.
    ("contact", "company_id"): "keep",
    ("contact", "merged_into_id"): "keep",
    ("contact_point", "contact_id"): "delete",
    ("duplicate", "a_id"): "delete",
    ("duplicate", "b_id"): "delete",
    ("file", "entity_id"): "delete",
    ("guest", "contact_id"): "delete",
    ("involvement", "entity_id"): "delete",
    ("lead", "contact_id"): (
        "person",
        "company",
        "phone",
        "email",
        "subject",
        "message",
        "lost_note",
        "utm",
        "raw",
        "external_id",
        "custom",
    ),
    # A merge keeps both rows as they were.
    ("merge", "winner_id"): "delete",
    ("merge", "loser_id"): "delete",
    ("notification", "entity_id"): "delete",
    ("participant", "contact_id"): ("text", "point"),
    ("preference", "contact_id"): "delete",
    ("relationship", "from_id"): "delete",
    ("relationship", "to_id"): "delete",
    ("search_text", "entity_id"): "delete",
    ("stage_event", "entity_id"): "delete",
    ("tagging", "entity_id"): "delete",
}

#: What becomes of rows that speak, by entity and id, of an interaction or a lead of his.
FATES_OF_HIS: Final[dict[str, Fate]] = {
    "approval": ("comment",),
    "assignment": "keep",
    "audit": ("diff",),
    "automation_run": "delete",
    "file": "delete",
    "involvement": "keep",
    "notification": "delete",
    "search_text": "delete",
    "stage_event": "keep",
    "tagging": "keep",
}


class Trace(NamedTuple):
    """Rows that speak of a contact, and what becomes of them."""

    reference: Reference
    fate: Fate

    @property
    def table(self) -> Table:
        return self.reference.table

    def of(self, ids: list[int]) -> ColumnElement[bool]:
        found: ColumnElement[bool] = self.reference.column.in_(ids)
        condition = self.reference.condition
        return found if condition is None else and_(found, condition)


def traces(metadata: MetaData) -> Iterator[Trace]:
    """Return where contacts are spoken of. Raises KeyError if nobody said what becomes of it."""
    for reference in all_references(metadata):
        yield Trace(reference, FATES[reference.table.name, reference.column.name])
