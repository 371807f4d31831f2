"""The leads of a person and of a team are read in each of their orders along an index."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for owner in ("owner_id", "team_id"):
        op.drop_index(f"ix_lead_{owner}", "lead")
        for order in ("updated_at", "created_at", "next_action_at"):
            where = sa.text(f"{owner} IS NOT NULL AND deleted_at IS NULL")
            op.create_index(
                f"ix_lead_{owner}_{order}", "lead", [owner, order, "id"],
                sqlite_where=where, postgresql_where=where,
            )  # fmt: skip
