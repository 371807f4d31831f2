"""Interactions are planned, answered and chained; people take part in them and answer."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

EXPECTED = "status = 'planned' AND deleted_at IS NULL"

#: Written out: Alembic would copy the table on SQLite, and with it lose what refers to it.
COLUMNS = (
    "interaction ADD COLUMN result_id {number} "
    "CONSTRAINT fk_interaction_result_id_option REFERENCES option (id)",
    "interaction ADD COLUMN result_note TEXT",
    "interaction ADD COLUMN due_at BIGINT",
    "interaction ADD COLUMN all_day BOOLEAN DEFAULT {no} NOT NULL",
    "interaction ADD COLUMN remind_at BIGINT",
    "interaction ADD COLUMN thread_id {number} "
    "CONSTRAINT fk_interaction_thread_id_interaction REFERENCES interaction (id)",
    "interaction ADD COLUMN priority VARCHAR(24) DEFAULT 'normal' NOT NULL "
    "CONSTRAINT ck_interaction_priority CHECK (priority IN ('low', 'normal', 'high'))",
    "interaction ADD COLUMN pinned BOOLEAN DEFAULT {no} NOT NULL",
    "participant ADD COLUMN response VARCHAR(24) CONSTRAINT ck_participant_response "
    "CHECK (response IN ('accepted', 'declined', 'tentative'))",
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    words = {"number": "INTEGER" if sqlite else "BIGINT", "no": "0" if sqlite else "false"}
    for column in COLUMNS:
        op.execute("ALTER TABLE " + column.format(**words))
    _index("thread_id", ["thread_id", "start_at", "id"], "thread_id IS NOT NULL")
    _index("due_at", ["due_at", "id"], EXPECTED)
    _index("owner_id_due_at", ["owner_id", "due_at", "id"], EXPECTED)
    _index("remind_at", ["remind_at"], "remind_at IS NOT NULL")


def _index(name: str, columns: list[str], condition: str) -> None:
    op.create_index(
        f"ix_interaction_{name}", "interaction", columns,
        sqlite_where=sa.text(condition), postgresql_where=sa.text(condition),
    )  # fmt: skip
