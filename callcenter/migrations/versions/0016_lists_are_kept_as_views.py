"""People keep lists, boards and calendars under a name."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON, one_of

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "view",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", one_of("list", "board", "calendar"), nullable=False),
        sa.Column("filter", JSON, nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("sort", sa.String(60), nullable=False),
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("shared_team_id", ID, nullable=True),
        sa.Column("for_everybody", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_view_owner_id_user")),
        sa.ForeignKeyConstraint(
            ["shared_team_id"], ["team.id"], name=op.f("fk_view_shared_team_id_team")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_view")),
    )
    op.create_index("ix_view_entity", "view", ["entity", "owner_id"])
    op.create_table(
        "first_view",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("view_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_first_view_user_id_user")),
        sa.ForeignKeyConstraint(["view_id"], ["view.id"], name=op.f("fk_first_view_view_id_view")),
        sa.PrimaryKeyConstraint("user_id", "entity", name=op.f("pk_first_view")),
    )
