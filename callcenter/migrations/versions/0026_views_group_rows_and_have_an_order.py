"""Views say by which field their rows stand in sections, and have an order."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("view", sa.Column("group", sa.String(60), nullable=False, server_default=""))
    op.add_column(
        "view", sa.Column("position", sa.BigInteger(), nullable=False, server_default="0")
    )
