"""People new to the product have a tour on their desk; those who know it have had it."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import JSON

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user", sa.Column("learned", JSON, server_default='["closed"]', nullable=False))
