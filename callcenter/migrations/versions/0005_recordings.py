"""What was recorded of a call, where the files can be had, and who may hear them."""

import json

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROOT = "/var/spool/asterisk/monitor"
#: What the roles that every installation begins with may do from now on.
GRANTS = {
    "admin": dict.fromkeys(("create", "read", "edit", "delete", "export"), "all"),
    "supervisor": {"read": "all", "export": "all"},
    "agent": {"read": "own"},
    "integrator": {"read": "all", "export": "all"},
}


def upgrade() -> None:
    op.create_table(
        "call_recording",
        sa.Column("call_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=150), nullable=False),
        sa.Column("file", sa.String(length=500), nullable=True),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("muted", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name=op.f("fk_call_recording_call_id_call")
        ),
        sa.PrimaryKeyConstraint("call_id", "seq", name=op.f("pk_call_recording")),
    )
    for name, default in (("recordings_at", ""), ("recordings_root", ROOT)):
        op.add_column(
            "pbx",
            sa.Column(name, sa.String(length=300), server_default=default, nullable=False),
        )
    op.add_column("pbx", sa.Column("recordings_secret_ref", sa.String(length=300), nullable=True))
    _grant()


def _grant() -> None:
    roles = sa.table("role", sa.column("id", ID), sa.column("key"), sa.column("grants", JSON))
    connection = op.get_bind()
    known = roles.c.key.in_(GRANTS)
    for row in connection.execute(sa.select(roles.c.id, roles.c.key, roles.c.grants).where(known)):
        grants = json.loads(row.grants) if isinstance(row.grants, str) else row.grants
        grants.setdefault("recording", GRANTS[row.key])
        connection.execute(roles.update().where(roles.c.id == row.id).values(grants=grants))
