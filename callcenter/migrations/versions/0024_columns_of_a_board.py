"""Each column of the board of contacts is read along an index."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live = sa.text("deleted_at IS NULL")
    op.create_index(
        "ix_contact_lifecycle_fold", "contact", ["lifecycle", "fold", "id"], sqlite_where=live,
        postgresql_where=live,
    )  # fmt: skip
