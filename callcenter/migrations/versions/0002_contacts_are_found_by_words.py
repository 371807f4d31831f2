"""Contacts are found by the words of their names, each by its first letters.

The engines index words in their own ways; `callcenter.crm.contacts.search` asks them.
Whoever changes the table `contact` by copying it (a batch operation on SQLite) has to make
the triggers again.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Folded names are ASCII words, so the plainest tokenizer will do; without positions and
# sizes, which only phrases and ranking need, the index is a third as large. A beginning of a
# length that is not listed costs a merge of all its words: for a common name 10 ms, not 0.2.
SQLITE = (
    """
    CREATE VIRTUAL TABLE contact_search USING fts5(
        fold, content='contact', content_rowid='id',
        tokenize='ascii', prefix='2 3 4 5 6 7 8 9 10', detail=none, columnsize=0
    )
    """,
    """
    CREATE TRIGGER contact_search_insert AFTER INSERT ON contact BEGIN
        INSERT INTO contact_search(rowid, fold) VALUES (new.id, new.fold);
    END
    """,
    """
    CREATE TRIGGER contact_search_delete AFTER DELETE ON contact BEGIN
        INSERT INTO contact_search(contact_search, rowid, fold)
        VALUES ('delete', old.id, old.fold);
    END
    """,
    """
    CREATE TRIGGER contact_search_update AFTER UPDATE OF fold ON contact BEGIN
        INSERT INTO contact_search(contact_search, rowid, fold)
        VALUES ('delete', old.id, old.fold);
        INSERT INTO contact_search(rowid, fold) VALUES (new.id, new.fold);
    END
    """,
    "INSERT INTO contact_search(contact_search) VALUES ('rebuild')",
)

# Without fastupdate a search never has to read a list of late additions.
POSTGRESQL = (
    """
    CREATE INDEX ix_contact_search ON contact
    USING gin (to_tsvector('simple', fold)) WITH (fastupdate = off)
    WHERE deleted_at IS NULL
    """,
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
