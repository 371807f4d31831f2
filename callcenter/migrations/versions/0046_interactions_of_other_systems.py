"""Interactions that another system tells are known by its own id."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ascii_text

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_WHERE = sa.text("external_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("interaction") as table:
        table.add_column(sa.Column("external_id", ascii_text(80)))
    op.create_index(
        "ix_interaction_external_id",
        "interaction",
        ["external_id"],
        sqlite_where=_WHERE,
        postgresql_where=_WHERE,
    )
