"""A copy of what was sent is kept in the mailbox."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mail_account") as table:
        table.add_column(
            sa.Column("sent_copy", sa.Boolean(), nullable=False, server_default=sa.true())
        )
