"""Gaps are repaired from the PBX's own account of its calls (CEL).

`call.told` keeps what was seen of a call that a gap touched: its repair begins with it.
"""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import JSON

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pbx", sa.Column("cel_source", sa.String(length=500), nullable=True))
    op.add_column("pbx", sa.Column("cel_secret_ref", sa.String(length=300), nullable=True))
    op.add_column("call", sa.Column("told", JSON, nullable=True))
