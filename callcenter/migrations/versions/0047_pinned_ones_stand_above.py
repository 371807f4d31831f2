"""Who takes part in what is pinned finds it by an index: it stands above his timeline."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    no = "0" if op.get_bind().dialect.name == "sqlite" else "false"
    # Written out: Alembic would copy the table on SQLite.
    op.execute(f"ALTER TABLE participant ADD COLUMN pinned BOOLEAN DEFAULT {no} NOT NULL")
    op.execute(
        "UPDATE participant SET pinned = true "
        "WHERE interaction_id IN (SELECT id FROM interaction WHERE pinned)"
    )
    where = sa.text("pinned")
    op.create_index(
        "ix_participant_pinned", "participant", ["contact_id", "at", "interaction_id"],
        sqlite_where=where, postgresql_where=where,
    )  # fmt: skip
