"""The contacts of a team are found without passing all others."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_contact_team_id", "contact", ["team_id"])
