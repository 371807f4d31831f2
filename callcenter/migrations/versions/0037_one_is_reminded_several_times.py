"""One can be reminded of something several times."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("interaction", sa.Column("reminders", sa.String(40), nullable=True))
    op.execute(
        "UPDATE interaction SET reminders = CAST(COALESCE(remind_min, (start_at - remind_at) / 60000) "
        "AS VARCHAR(40)) WHERE remind_min >= 0 OR (remind_min IS NULL AND remind_at <= start_at)"
    )
    # Written out: Alembic would copy the table on SQLite.
    op.execute("ALTER TABLE interaction DROP COLUMN remind_min")
