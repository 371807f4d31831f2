"""Below the text of a letter stands what it answers, and a way out is found by its link."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("letter") as letter:
        letter.add_column(sa.Column("quote", sa.Text(), server_default="", nullable=False))
    where = sa.text("opt_out <> ''")
    op.create_index(
        "ix_letter_opt_out", "letter", ["opt_out"], sqlite_where=where, postgresql_where=where
    )
