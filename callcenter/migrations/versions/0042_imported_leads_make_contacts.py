"""Imported leads are found by number and address, and what was made for a row goes with it."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for way in ("phone", "email"):
        where = sa.text(f"{way} IS NOT NULL AND deleted_at IS NULL")
        op.create_index(f"ix_lead_{way}", "lead", [way], sqlite_where=where, postgresql_where=where)
    with op.batch_alter_table("import_row") as batch:
        batch.add_column(sa.Column("kind", sa.String(40)))
