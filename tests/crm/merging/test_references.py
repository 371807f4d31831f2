"""Whatever refers to a contact goes over to the winner, in rooms that are built later too."""

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from callcenter.crm.merging.references import STAY, Reference, references
from callcenter.db import Base
from callcenter.migrations import all_tables


def named(metadata: MetaData) -> dict[str, Reference]:
    return {f"{one.table.name}.{one.column.name}": one for one in references(metadata)}


def later() -> MetaData:
    """Tables as rooms that are built later may have them."""
    metadata = MetaData()
    Table("contact", metadata, Column("id", Integer, primary_key=True))
    Table(
        "deal", metadata,
        Column("id", Integer, primary_key=True),
        Column("contact_id", ForeignKey("contact.id")),
        Column("competitor_id", ForeignKey("contact.id")),
    )  # fmt: skip
    Table(
        "tagging", metadata,
        Column("tag_id", Integer, primary_key=True),
        Column("entity", String, primary_key=True),
        Column("entity_id", Integer, primary_key=True),
    )  # fmt: skip
    Table(
        "touch", metadata,
        Column("id", Integer, primary_key=True), Column("first_contact_at", Integer),
        Column("contact_id", Integer), Column("old_contact_id", Integer),
    )  # fmt: skip
    Table(
        "tie", metadata,
        Column("id", Integer, primary_key=True),
        Column("from_id", ForeignKey("contact.id")),
        Column("to_id", ForeignKey("contact.id")),
        CheckConstraint("from_id <> to_id"),
    )  # fmt: skip
    Table(
        "seat", metadata,
        Column("id", Integer, primary_key=True), Column("place", Integer),
        Column("contact_id", ForeignKey("contact.id")), UniqueConstraint("place", "contact_id"),
    )  # fmt: skip
    Table("unrelated", metadata, Column("id", Integer), Column("entity_id", Integer))
    return metadata


def test_foreign_keys_pairs_and_columns_called_so_are_all_found() -> None:
    found = named(later())

    assert set(found) == {
        "deal.contact_id", "deal.competitor_id", "tagging.entity_id", "touch.contact_id",
        "touch.old_contact_id", "tie.from_id", "tie.to_id", "seat.contact_id",
    }  # fmt: skip
    guarded = {name for name, reference in found.items() if reference.is_guarded}
    assert guarded == {"tagging.entity_id", "tie.from_id", "tie.to_id", "seat.contact_id"}
    assert found["tagging.entity_id"].condition is not None
    assert found["deal.contact_id"].condition is None


def test_every_column_that_may_hold_a_contact_is_moved_or_stays_for_a_reason() -> None:
    covered = {(one.table.name, one.column.name) for one in references(all_tables())} | set(STAY)
    suspects = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name == "contact" for key in column.foreign_keys)
        or "contact_id" in column.name
        or (column.name == "entity_id" and "entity" in table.columns)
    }

    assert suspects - covered == set()
    assert set(STAY) - suspects == set()


@pytest.mark.parametrize(
    "name",
    [
        "contact.company_id",
        "contact_point.contact_id",
        "participant.contact_id",
        "audit.contact_id",
    ],
)
def test_what_the_house_has_is_among_them(name: str) -> None:
    assert name in named(all_tables())
