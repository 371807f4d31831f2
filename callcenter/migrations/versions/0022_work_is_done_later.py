"""Work is done later, by whichever node comes first."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WAITING = "done_at IS NULL AND failed_at IS NULL"


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("run_at", sa.BigInteger(), nullable=False),
        sa.Column("every_s", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.String(500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    _index("uq_job_key", ["kind", "key"], "key <> ''", unique=True)
    _index("ix_job_waiting", ["run_at", "id"], WAITING)
    _index("ix_job_failed", ["failed_at", "id"], "failed_at IS NOT NULL")
    _index("ix_job_done", ["done_at"], "done_at IS NOT NULL")


def _index(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(
        name, "job", columns, unique=unique,
        sqlite_where=sa.text(where), postgresql_where=sa.text(where),
    )  # fmt: skip
