"""Tasks have steps, come again, are given from one to another, and go out to calendars."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("interaction") as table:
        table.add_column(sa.Column("remind_min", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("given_by_id", ID, nullable=True))
        table.add_column(sa.Column("checklist", JSON, server_default="[]", nullable=False))
        table.add_column(sa.Column("repeat", sa.String(300), nullable=True))
        table.add_column(sa.Column("zone", sa.String(64), nullable=True))
        table.add_column(sa.Column("series_id", ID, nullable=True))
        table.add_column(sa.Column("recurs_at", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("ics_uid", sa.String(300), nullable=True))
        table.add_column(sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False))
        table.create_foreign_key(
            op.f("fk_interaction_given_by_id_user"), "user", ["given_by_id"], ["id"]
        )
        table.create_foreign_key(
            op.f("fk_interaction_series_id_interaction"), "interaction", ["series_id"], ["id"]
        )
    for name, columns, condition, unique in (
        ("uq_interaction_series", ["series_id", "recurs_at"], "series_id IS NOT NULL", True),
        ("ix_interaction_given_by_id", ["given_by_id", "due_at"], "given_by_id IS NOT NULL", False),
        ("ix_interaction_ics_uid", ["ics_uid"], "ics_uid IS NOT NULL", False),
    ):
        op.create_index(
            name, "interaction", columns, unique=unique,
            sqlite_where=sa.text(condition), postgresql_where=sa.text(condition),
        )  # fmt: skip
