"""A board of a million leads is counted and added up along one index, whoever looks at it."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_BOARD = ("pipeline_id", "stage_id", "updated_at", "id", "currency", "amount")
_LIVE = "deleted_at IS NULL"


def upgrade() -> None:
    op.drop_index("ix_lead_board", "lead")
    _index("ix_lead_board", (*_BOARD, "deleted_at"), _LIVE)
    for owner, other in (("owner_id", "team_id"), ("team_id", "owner_id")):
        columns = (owner, *_BOARD, other, "deleted_at")
        _index(f"ix_lead_{owner}_board", columns, f"{owner} IS NOT NULL AND {_LIVE}")
    _index("ix_lead_open", ("owner_id",), f"closed_at IS NULL AND owner_id IS NOT NULL AND {_LIVE}")


def _index(name: str, columns: tuple[str, ...], where: str) -> None:
    op.create_index(
        name, "lead", list(columns), sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
