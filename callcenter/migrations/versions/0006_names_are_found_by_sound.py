"""Contacts are found by how their names sound, too.

The keys are made by the product's own function: a later one that makes others has to make all anew.
"""

import sqlalchemy as sa
from alembic import op

from callcenter.crm.sounds import stored
from callcenter.migrations.kinds import ID, ascii_text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LETTERS = 600
BATCH = 5_000

SQLITE = (
    "DROP TRIGGER contact_search_insert",
    "DROP TRIGGER contact_search_delete",
    "DROP TRIGGER contact_search_update",
    "DROP TABLE contact_search",
    """
    CREATE VIRTUAL TABLE contact_search USING fts5(
        fold, phon, content='contact', content_rowid='id',
        tokenize='ascii', prefix='2 3 4 5 6 7 8 9 10', detail=none, columnsize=0
    )
    """,
    """
    CREATE TRIGGER contact_search_insert AFTER INSERT ON contact BEGIN
        INSERT INTO contact_search(rowid, fold, phon) VALUES (new.id, new.fold, new.phon);
    END
    """,
    """
    CREATE TRIGGER contact_search_delete AFTER DELETE ON contact BEGIN
        INSERT INTO contact_search(contact_search, rowid, fold, phon)
        VALUES ('delete', old.id, old.fold, old.phon);
    END
    """,
    """
    CREATE TRIGGER contact_search_update AFTER UPDATE OF fold, phon ON contact BEGIN
        INSERT INTO contact_search(contact_search, rowid, fold, phon)
        VALUES ('delete', old.id, old.fold, old.phon);
        INSERT INTO contact_search(rowid, fold, phon) VALUES (new.id, new.fold, new.phon);
    END
    """,
    "INSERT INTO contact_search(contact_search) VALUES ('rebuild')",
)
POSTGRESQL = (
    "DROP INDEX ix_contact_search",
    """
    CREATE INDEX ix_contact_search ON contact
    USING gin (to_tsvector('simple', fold || ' ' || phon)) WITH (fastupdate = off)
    WHERE deleted_at IS NULL
    """,
)


def upgrade() -> None:
    op.add_column(
        "contact", sa.Column("phon", ascii_text(LETTERS), server_default="", nullable=False)
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        _hear_all()
    for statement in SQLITE[:4] if sqlite else POSTGRESQL:
        op.execute(statement)
    if sqlite:
        _hear_all()
        for statement in SQLITE[4:]:
            op.execute(statement)


def _hear_all() -> None:
    contact = sa.table("contact", sa.column("id", ID), sa.column("name"), sa.column("phon"))
    connection, last = op.get_bind(), 0
    change = (
        contact.update().where(contact.c.id == sa.bindparam("of")).values(phon=sa.bindparam("key"))
    )
    while rows := connection.execute(
        sa.select(contact.c.id, contact.c.name)
        .where(contact.c.id > last)
        .order_by(contact.c.id)
        .limit(BATCH)
    ).all():
        last = rows[-1].id
        connection.execute(change, [{"of": i, "key": stored(n, LETTERS)} for i, n in rows])
