"""Phones are shared: people sit down at them and leave; and agents may be at outside numbers."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seat",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("pbx_id", ID, nullable=False),
        sa.Column("endpoint", sa.String(length=120), nullable=False),
        sa.Column("extension", sa.String(length=40), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["pbx_id"], ["pbx.id"], name=op.f("fk_seat_pbx_id_pbx")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
    )
    op.create_index("uq_seat_endpoint", "seat", ["pbx_id", "endpoint"], unique=True)
    # Written out: Alembic would copy the table on SQLite, and with it lose what refers to it.
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE device ADD COLUMN seat_id {number} "
        "CONSTRAINT fk_device_seat_id_seat REFERENCES seat (id)"
    )
    op.add_column(
        "device", sa.Column("own_calls", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.add_column("user", sa.Column("desk_code", sa.String(length=12), nullable=True))
    op.create_index("uq_user_desk_code", "user", ["desk_code"], unique=True)
