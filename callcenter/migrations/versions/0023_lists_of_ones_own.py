"""The contacts of one owner, or one team, are listed in any order without passing others."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ORDERS = ("fold", "updated_at", "created_at", "last_contact_at", "next_action_at")


def upgrade() -> None:
    for order in ORDERS:
        for owner in ("owner_id", "team_id"):
            _index(
                f"{owner}_{order}",
                [owner, order, "id"],
                f"{owner} IS NOT NULL AND deleted_at IS NULL",
            )
    _index("deleted_at", ["deleted_at", "id"], "deleted_at IS NOT NULL")
    # What they found is found by the new ones, and by the trash's.
    for name in ("owner_id", "team_id"):
        op.drop_index(f"ix_contact_{name}", "contact")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        f"ix_contact_{name}", "contact", columns, sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )  # fmt: skip
