"""Leads say who asks in his own words, and what his contact was before he was won."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import JSON, ascii_text

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("lead") as batch:
        batch.add_column(sa.Column("person", sa.String(200), nullable=True))
        batch.add_column(sa.Column("company", sa.String(200), nullable=True))
        batch.add_column(sa.Column("phone", ascii_text(40), nullable=True))
        batch.add_column(sa.Column("email", ascii_text(254), nullable=True))
        batch.add_column(sa.Column("was", JSON, nullable=False, server_default="{}"))
    with op.batch_alter_table("lead") as batch:
        batch.alter_column("was", server_default=None)
