"""Calls that were asked for are found by their contact, when it is merged or erased."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_call_intent_contact_id", "call_intent", ["contact_id"])
