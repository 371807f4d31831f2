"""People are told what they have not asked for: named, given something, reminded."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, one_of

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("kind", one_of("named", "given", "reminder"), nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_notification_user_id_user")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_notification_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    op.create_index("ix_notification_user_id", "notification", ["user_id", "id"])
    for name, column, condition in (
        ("unread", "user_id", "read_at IS NULL"), ("untold", "id", "told_at IS NULL"),
    ):  # fmt: skip
        op.create_index(
            f"ix_notification_{name}", "notification", [column],
            sqlite_where=sa.text(condition), postgresql_where=sa.text(condition),
        )  # fmt: skip
