"""Inquiries are kept, and go through the stages of a process."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON, ascii_text, one_of

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_LIVE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    _pipelines()
    _leads()
    with op.batch_alter_table("interaction") as batch:
        batch.add_column(sa.Column("lead_id", ID, nullable=True))
        batch.create_foreign_key(op.f("fk_interaction_lead_id_lead"), "lead", ["lead_id"], ["id"])
    has_lead = sa.text("lead_id IS NOT NULL")
    op.create_index(
        "ix_interaction_lead_id", "interaction", ["lead_id", "start_at"],
        sqlite_where=has_lead, postgresql_where=has_lead,
    )  # fmt: skip


def _pipelines() -> None:
    op.create_table(
        "pipeline",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("key", ascii_text(40), nullable=False),
        sa.Column("name", JSON, nullable=False),
        sa.Column("mode", one_of("strict", "manual", "none"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("team_id", ID, nullable=True),
        sa.Column("respond_within_min", sa.BigInteger(), nullable=True),
        *_edited(),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_pipeline_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline")),
    )
    op.create_table(
        "stage",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("pipeline_id", ID, nullable=False),
        sa.Column("key", ascii_text(40), nullable=False),
        sa.Column("name", JSON, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", one_of("open", "won", "lost"), nullable=False),
        sa.Column("color", sa.String(20), nullable=True),
        sa.Column("probability", sa.BigInteger(), nullable=False),
        sa.Column("entry_rules", JSON, nullable=False),
        sa.Column("max_days", sa.BigInteger(), nullable=True),
        *_edited(),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["pipeline.id"], name=op.f("fk_stage_pipeline_id_pipeline")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
    )
    op.create_index("ix_stage_pipeline_id", "stage", ["pipeline_id", "position"])
    op.create_table(
        "stage_event",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("pipeline_id", ID, nullable=False),
        sa.Column("from_stage_id", ID, nullable=True),
        sa.Column("to_stage_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_stage_event_{column}_{table}")
            )
            for column, table in (
                ("pipeline_id", "pipeline"), ("from_stage_id", "stage"), ("to_stage_id", "stage"),
                ("user_id", "user"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_event")),
    )  # fmt: skip
    op.create_index("ix_stage_event_row", "stage_event", ["entity", "entity_id", "at", "id"])
    op.create_index("ix_stage_event_stage", "stage_event", ["to_stage_id", "at"])


def _leads() -> None:
    op.create_table(
        "lead",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("contact_id", ID, nullable=True),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("channel", one_of("call", "web", "email", "chat", "visit", "import", "api", "other"), nullable=False),
        sa.Column("source_id", ID, nullable=True),
        sa.Column("campaign", sa.String(120), nullable=True),
        sa.Column("product", sa.String(200), nullable=True),
        sa.Column("region", sa.String(120), nullable=True),
        sa.Column("business_line_id", ID, nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.Column("interest", one_of("unknown", "cold", "warm", "hot"), nullable=False),
        sa.Column("pipeline_id", ID, nullable=True),
        sa.Column("stage_id", ID, nullable=True),
        sa.Column("stage_at", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", ID, nullable=True),
        sa.Column("team_id", ID, nullable=True),
        sa.Column("respond_by", sa.BigInteger(), nullable=True),
        sa.Column("first_response_at", sa.BigInteger(), nullable=True),
        sa.Column("next_action_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("lost_reason_id", ID, nullable=True),
        sa.Column("lost_note", sa.Text(), nullable=True),
        sa.Column("utm", JSON, nullable=False),
        sa.Column("raw", JSON, nullable=False),
        sa.Column("external_id", ascii_text(80), nullable=True),
        sa.Column("custom", JSON, nullable=False),
        *_edited(),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_lead_{column}_{table}")
            )
            for column, table in (
                ("contact_id", "contact"), ("source_id", "option"), ("business_line_id", "option"),
                ("lost_reason_id", "option"), ("pipeline_id", "pipeline"), ("stage_id", "stage"),
                ("owner_id", "user"), ("team_id", "team"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
    )  # fmt: skip
    for name, columns in (
        ("updated_at", ["updated_at", "id"]), ("created_at", ["created_at", "id"]),
        ("next_action_at", ["next_action_at", "id"]),
        ("board", ["pipeline_id", "stage_id", "updated_at", "id"]),
        ("owner_id", ["owner_id", "updated_at", "id"]), ("team_id", ["team_id", "updated_at", "id"]),
    ):  # fmt: skip
        op.create_index(
            f"ix_lead_{name}", "lead", columns, sqlite_where=_LIVE, postgresql_where=_LIVE
        )
    op.create_index("ix_lead_contact_id", "lead", ["contact_id", "created_at"])
    op.create_index("ix_lead_number", "lead", ["number"])
    op.create_index("ix_lead_external_id", "lead", ["external_id"])


def _edited() -> list[sa.Column[int]]:
    return [
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
    ]
