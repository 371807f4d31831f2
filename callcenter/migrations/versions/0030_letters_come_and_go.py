"""Mailboxes, letters, drafts and templates."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON, ascii_text, one_of

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SECURITIES = ("tls", "starttls", "none")


def upgrade() -> None:
    _accounts()
    _letters()
    op.create_table(
        "mail_draft",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("typed", JSON, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mail_draft_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_draft")),
    )
    op.create_index("ix_mail_draft_user_id", "mail_draft", ["user_id", "updated_at"])
    op.create_table(
        "template",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("is_offer", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
        sa.UniqueConstraint("name", name=op.f("uq_template_name")),
    )


def _accounts() -> None:
    op.create_table(
        "mail_account",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("sender", sa.String(120), nullable=False),
        sa.Column("address", ascii_text(254), nullable=False),
        sa.Column("owner_id", ID, nullable=True),
        sa.Column("team_id", ID, nullable=True),
        sa.Column("imap_host", sa.String(254), nullable=False),
        sa.Column("imap_port", sa.BigInteger(), nullable=False),
        sa.Column("imap_security", one_of(*SECURITIES), nullable=False),
        sa.Column("username", sa.String(254), nullable=False),
        sa.Column("secret_ref", sa.String(300), nullable=True),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("smtp_host", sa.String(254), nullable=False),
        sa.Column("smtp_port", sa.BigInteger(), nullable=False),
        sa.Column("smtp_security", one_of(*SECURITIES), nullable=False),
        sa.Column("smtp_username", sa.String(254), nullable=False),
        sa.Column("smtp_secret_ref", sa.String(300), nullable=True),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        *_versioned(),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_mail_account_owner_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_mail_account_team_id_team")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_account")),
        sa.UniqueConstraint("name", name=op.f("uq_mail_account_name")),
    )
    op.create_table(
        "mail_cursor",
        sa.Column("account_id", ID, autoincrement=False, nullable=False),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "trouble",
            one_of("unreachable", "tls", "sign-in", "folder", "secret", "refused"),
            nullable=True,
        ),
        sa.Column("says", sa.String(500), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["mail_account.id"],
            name=op.f("fk_mail_cursor_account_id_mail_account"),
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_mail_cursor")),
    )  # fmt: skip


def _letters() -> None:
    op.create_table(
        "letter",
        sa.Column("interaction_id", ID, autoincrement=False, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("message_id", ascii_text(998), nullable=False),
        sa.Column("in_reply_to", sa.Text(), nullable=False),
        sa.Column("references", JSON, nullable=False),
        sa.Column("addresses", JSON, nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column(
            "state", one_of("received", "waiting", "sent", "refused", "bounced"), nullable=False
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state_at", sa.BigInteger(), nullable=False),
        sa.Column("says", sa.String(500), nullable=True),
        sa.Column("cut", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("automatic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("to_answer", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("opt_out", ascii_text(64), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interaction.id"], ondelete="CASCADE",
            name=op.f("fk_letter_interaction_id_interaction"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["mail_account.id"], name=op.f("fk_letter_account_id_mail_account")
        ),
        sa.PrimaryKeyConstraint("interaction_id", name=op.f("pk_letter")),
    )  # fmt: skip
    op.create_index("uq_letter_message_id", "letter", ["account_id", "message_id"], unique=True)
    op.create_index("ix_letter_message_id", "letter", ["message_id"])
    for name, condition in (("received", "state = 'received'"), ("to_answer", "to_answer")):
        op.create_index(
            f"ix_letter_{name}", "letter", ["at", "interaction_id"],
            sqlite_where=sa.text(condition), postgresql_where=sa.text(condition),
        )  # fmt: skip


def _versioned() -> list[sa.Column[object]]:
    return [
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
    ]
