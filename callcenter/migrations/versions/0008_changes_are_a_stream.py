"""Changes are a stream: lines of the audit log are read in an order that misses none.

Lines of before all have `seq` 0 and stand in the order of their ids. Whoever changes the
table `audit` by copying it (a batch operation on SQLite) has to make the trigger again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Writers queue, so the next number is the next line.
SQLITE = (
    """
    CREATE TRIGGER audit_seq AFTER INSERT ON audit BEGIN
        UPDATE audit SET seq = (SELECT max(seq) FROM audit) + 1 WHERE id = new.id;
    END
    """,
)

# The offset is 0 until a backup is restored into another server, see `callcenter.audit.settle`.
POSTGRESQL = (
    "CREATE SEQUENCE audit_offset AS bigint MINVALUE 0 START 0",
    """
    CREATE FUNCTION audit_seq() RETURNS bigint LANGUAGE sql VOLATILE AS $$
        SELECT pg_current_xact_id()::text::bigint + last_value FROM audit_offset
    $$
    """,
    "ALTER TABLE audit ALTER COLUMN seq SET DEFAULT audit_seq()",
)


def upgrade() -> None:
    op.add_column("audit", sa.Column("seq", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("ix_audit_seq", "audit", ["seq", "id"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
