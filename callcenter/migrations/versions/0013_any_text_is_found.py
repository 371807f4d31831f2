"""Rows of every entity are found by the words of their texts.

The engines index words in their own ways; `callcenter.crm.finding.texts` asks them.
"""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import ID, ascii_text

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SQLITE = (
    """
    CREATE VIRTUAL TABLE text_search USING fts5(
        fold, content='search_text', content_rowid='id',
        tokenize='ascii', prefix='2 3 4 5 6', detail=none, columnsize=0
    )
    """,
    """
    CREATE TRIGGER text_search_insert AFTER INSERT ON search_text BEGIN
        INSERT INTO text_search(rowid, fold) VALUES (new.id, new.fold);
    END
    """,
    """
    CREATE TRIGGER text_search_delete AFTER DELETE ON search_text BEGIN
        INSERT INTO text_search(text_search, rowid, fold) VALUES ('delete', old.id, old.fold);
    END
    """,
    """
    CREATE TRIGGER text_search_update AFTER UPDATE OF fold ON search_text BEGIN
        INSERT INTO text_search(text_search, rowid, fold) VALUES ('delete', old.id, old.fold);
        INSERT INTO text_search(rowid, fold) VALUES (new.id, new.fold);
    END
    """,
)

# Without fastupdate a search never has to read a list of late additions.
POSTGRESQL = (
    """
    CREATE INDEX ix_text_search ON search_text
    USING gin (to_tsvector('simple', fold)) WITH (fastupdate = off)
    """,
)


def upgrade() -> None:
    op.create_table(
        "search_text",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("fold", ascii_text(4000), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_text")),
        sa.UniqueConstraint("entity", "entity_id", name=op.f("uq_search_text_entity_entity_id")),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
