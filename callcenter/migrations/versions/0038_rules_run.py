"""Rules of administrators run, and give what comes in to people."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON, ascii_text, one_of

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "automation",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("trigger", one_of("created", "changed", "date"), nullable=False),
        sa.Column("trigger_fields", JSON, nullable=False),
        sa.Column("date_field", sa.String(80), nullable=True),
        sa.Column("offset_min", sa.BigInteger(), nullable=False),
        sa.Column("condition", JSON, nullable=False),
        sa.Column("actions", JSON, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("on_import", sa.Boolean(), nullable=False),
        sa.Column("looked_until", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation")),
    )
    op.create_table(
        "automation_run",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("automation_id", ID, nullable=False),
        sa.Column("key", ascii_text(60), nullable=False),
        sa.Column("root", ascii_text(60), nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", one_of("done", "failed"), nullable=False),
        sa.Column("steps", JSON, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automation.id"],
            name=op.f("fk_automation_run_automation_id_automation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_run")),
        sa.UniqueConstraint("automation_id", "key", name=op.f("uq_automation_run_automation_id_key")),
    )  # fmt: skip
    op.create_index("ix_automation_run_row", "automation_run", ["entity", "entity_id", "id"])
    op.create_index("ix_automation_run_root", "automation_run", ["root", "automation_id"])
    op.create_table(
        "assignment",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("automation_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("take_by", sa.BigInteger(), nullable=True),
        sa.Column("intent_id", sa.String(60), nullable=True),
        sa.Column("ended", one_of("taken", "passed", "escalated", "closed"), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automation.id"],
            name=op.f("fk_assignment_automation_id_automation"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_assignment_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )  # fmt: skip
    op.create_index("ix_assignment_row", "assignment", ["entity", "entity_id", "id"])
    op.create_index("ix_assignment_user_id", "assignment", ["user_id", "at"])
    is_open = sa.text("ended IS NULL")
    op.create_index(
        "ix_assignment_open", "assignment", ["at"], sqlite_where=is_open, postgresql_where=is_open
    )
