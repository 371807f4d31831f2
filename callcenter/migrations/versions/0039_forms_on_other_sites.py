"""Forms on other sites, what they count, and every submission."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON, ascii_text, one_of

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "web_form",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("key", ascii_text(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("title", JSON, nullable=False),
        sa.Column("thanks", JSON, nullable=False),
        sa.Column("confirmation", JSON, nullable=False),
        sa.Column("origins", JSON, nullable=False),
        sa.Column("source_id", ID, nullable=True),
        sa.Column("campaign", sa.String(120), nullable=True),
        sa.Column("owner_id", ID, nullable=True),
        sa.Column("team_id", ID, nullable=True),
        sa.Column("pipeline_id", ID, nullable=True),
        sa.Column("secret", ascii_text(64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_web_form_{column}_{table}"))
            for column, table in (
                ("source_id", "option"), ("owner_id", "user"), ("team_id", "team"),
                ("pipeline_id", "pipeline"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_form")),
        sa.UniqueConstraint("key", name=op.f("uq_web_form_key")),
    )  # fmt: skip
    op.create_table(
        "web_form_day",
        sa.Column("form_id", ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shown", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"], ["web_form.id"], name=op.f("fk_web_form_day_form_id_web_form")
        ),
        sa.PrimaryKeyConstraint("form_id", "day", name=op.f("pk_web_form_day")),
    )
    op.create_table(
        "web_submission",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("form_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", one_of("kept", "made", "failed", "spam"), nullable=False),
        sa.Column("lead_id", ID, nullable=True),
        sa.Column("ip", sa.String(45), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("sent", JSON, nullable=False),
        sa.Column("utm", JSON, nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["form_id"], ["web_form.id"], name=op.f("fk_web_submission_form_id_web_form")
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["lead.id"], name=op.f("fk_web_submission_lead_id_lead")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_submission")),
    )
    op.create_index("ix_web_submission_form_id", "web_submission", ["form_id", "id"])
    op.create_index("ix_web_submission_lead_id", "web_submission", ["lead_id"])
