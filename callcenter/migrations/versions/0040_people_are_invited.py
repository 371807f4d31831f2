"""People are invited to a meeting by e-mail, answer, and know where it is."""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, JSON, ascii_text, one_of

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("interaction") as table:
        table.add_column(sa.Column("place", sa.String(300), nullable=True))
    with op.batch_alter_table("letter") as table:
        table.add_column(sa.Column("calendar", JSON, nullable=False, server_default="{}"))
    op.create_table(
        "guest",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("interaction_id", ID, nullable=False),
        sa.Column("address", ascii_text(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("contact_id", ID, nullable=True),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("token", ascii_text(64), nullable=False),
        sa.Column("organizer", sa.String(254), nullable=False),
        sa.Column("method", one_of("request", "cancel"), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("told", JSON, nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("state", one_of("waiting", "sent", "refused", "bounced"), nullable=False),
        sa.Column("message_id", ascii_text(998), nullable=False),
        sa.Column("says", sa.String(500), nullable=True),
        sa.Column("response", one_of("accepted", "declined", "tentative"), nullable=True),
        sa.Column("response_at", sa.BigInteger(), nullable=True),
        sa.Column("response_to", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interaction.id"], ondelete="CASCADE",
            name=op.f("fk_guest_interaction_id_interaction"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_guest_contact_id_contact")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_guest_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest")),
        sa.UniqueConstraint(
            "interaction_id", "address", name=op.f("uq_guest_interaction_id_address")
        ),
        sa.UniqueConstraint("token", name=op.f("uq_guest_token")),
    )  # fmt: skip
    op.create_index("ix_guest_message_id", "guest", ["message_id"])
    op.create_index("ix_guest_contact_id", "guest", ["contact_id"])
