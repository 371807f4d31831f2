"""People choose how they are told, and when not; what they are told once has a key."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

KEPT = "id, user_id, kind, entity, entity_id, text, by_id, at, told_at, read_at"


def upgrade() -> None:
    # Kinds are the house's to name, so the list of them goes from the table; nothing refers to it.
    for name in ("user_id", "unread", "untold"):
        op.drop_index(f"ix_notification_{name}", "notification")
    op.rename_table("notification", "notification_before")
    if op.get_bind().dialect.name == "postgresql":
        for name in (
            "pk_notification",
            "fk_notification_user_id_user",
            "fk_notification_by_id_user",
        ):
            op.execute(f"ALTER TABLE notification_before DROP CONSTRAINT {name}")
    _notification()
    op.execute(
        f"INSERT INTO notification ({KEPT}, key, tell_at) SELECT {KEPT}, '', at "  # noqa: S608
        "FROM notification_before"
    )
    op.drop_table("notification_before")
    _indexes()
    op.create_table(
        "notice_wish",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("channels", JSON, nullable=False),
        sa.Column("sms_to", sa.String(20), nullable=True),
        sa.Column("quiet_from", sa.BigInteger(), nullable=True),
        sa.Column("quiet_to", sa.BigInteger(), nullable=True),
        sa.Column("quiet_days", JSON, nullable=False),
        sa.Column("reminders", JSON, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["user.id"], name=op.f("fk_notice_wish_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_wish")),
    )


def _notification() -> None:
    op.create_table(
        "notification",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("tell_at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("letter", sa.BigInteger(), nullable=True),
        sa.Column("sms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_notification_user_id_user")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_notification_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )


def _indexes() -> None:
    op.create_index("ix_notification_user_id", "notification", ["user_id", "id"])
    for name, columns, condition, unique in (
        ("uq_notification_key", ["user_id", "kind", "key"], "key <> ''", True),
        ("ix_notification_unread", ["user_id"], "read_at IS NULL", False),
        ("ix_notification_untold", ["tell_at", "id"], "told_at IS NULL", False),
        ("ix_notification_unsent", ["user_id"], "letter = 0 OR sms = 0", False),
    ):
        op.create_index(
            name, "notification", columns, unique=unique,
            sqlite_where=sa.text(condition), postgresql_where=sa.text(condition),
        )  # fmt: skip
