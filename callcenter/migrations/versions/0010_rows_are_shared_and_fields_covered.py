"""Rows are shared with people who do not own them; roles hide, mask and lock fields."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON, one_of

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("role", sa.Column("fields", JSON, nullable=False, server_default="{}"))
    op.create_table(
        "involvement",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("role", one_of("co-executor", "follower"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_involvement_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_involvement")),
    )
    op.create_index(
        "uq_involvement", "involvement", ["entity", "entity_id", "user_id"], unique=True
    )
    op.create_index("ix_involvement_user_id", "involvement", ["user_id", "entity", "entity_id"])
