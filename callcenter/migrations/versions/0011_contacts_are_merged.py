"""Contacts that are one are found, and merged into one."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON, one_of

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    # Added and not copied: SQLite would lose the triggers of the search with the old table.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE contact ADD COLUMN merged_into_id {kind} "
        "CONSTRAINT fk_contact_merged_into_id_contact REFERENCES contact (id)"
    )
    op.create_index("ix_contact_merged_into_id", "contact", ["merged_into_id"])
    _make_duplicate()
    _make_merge()


def _make_duplicate() -> None:
    op.create_table(
        "duplicate",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("a_id", ID, nullable=False),
        sa.Column("b_id", ID, nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("state", one_of("open", "different", "merged"), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("a_id < b_id", name=op.f("ck_duplicate_a_id")),
        sa.ForeignKeyConstraint(
            ["a_id"], ["contact.id"], name=op.f("fk_duplicate_a_id_contact"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["b_id"], ["contact.id"], name=op.f("fk_duplicate_b_id_contact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate")),
    )
    op.create_index("uq_duplicate", "duplicate", ["a_id", "b_id"], unique=True)
    op.create_index("ix_duplicate_b_id", "duplicate", ["b_id"])
    op.create_index(
        "ix_duplicate_open", "duplicate", ["score", "id"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def _make_merge() -> None:
    op.create_table(
        "merge",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("winner_id", ID, nullable=False),
        sa.Column("loser_id", ID, nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("snapshot", JSON, nullable=False),
        sa.Column("moved", JSON, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["winner_id"], ["contact.id"], name=op.f("fk_merge_winner_id_contact")
        ),
        sa.ForeignKeyConstraint(
            ["loser_id"], ["contact.id"], name=op.f("fk_merge_loser_id_contact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index("ix_merge_winner_id", "merge", ["winner_id", "id"])
    op.create_index("ix_merge_loser_id", "merge", ["loser_id", "id"])
