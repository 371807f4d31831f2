"""What stands in people's calendars is found without passing their calls."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_IN_CALENDAR = (
    "deleted_at IS NULL AND status <> 'cancelled' AND "
    "(status = 'planned' OR kind IN ('meeting', 'visit', 'task'))"
)
_INVITED = "role = 'attendee' AND user_id IS NOT NULL"


def upgrade() -> None:
    for name, table, columns, condition in (
        ("ix_interaction_calendar", "interaction", ["owner_id", "start_at"], _IN_CALENDAR),
        ("ix_participant_invited", "participant", ["user_id", "at", "interaction_id"], _INVITED),
    ):
        op.create_index(
            name, table, columns,
            sqlite_where=sa.text(condition), postgresql_where=sa.text(condition),
        )  # fmt: skip
