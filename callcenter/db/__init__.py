"""Where rows live: the tables' common ground, sessions, and drivers for the hot paths.

SQLite by default (WAL, one writer at a time), PostgreSQL for more than one node; the same
SQL on both. `columns` is what tables are made of, `ids` draws their keys, `database` is how rooms
read and write, `question` what is asked again and again, `statements` how the hot paths say their
SQL, `blocks` how many rows go in at once, `plain` how texts are looked through; `sqlite` and
`postgresql` hold what differs.
"""

from callcenter.db.blocks import insert_block
from callcenter.db.columns import (
    Base,
    Id,
    Instant,
    Setting,
    Stamped,
    Versioned,
    ascii_text,
    millis,
    one_of,
)
from callcenter.db.database import Database, alone, announce
from callcenter.db.failures import CannotOpen, Refused, Unavailable
from callcenter.db.ids import new_id
from callcenter.db.plain import plain_text
from callcenter.db.question import Question, among, any_of
from callcenter.db.statements import Batch, Row, Upsert

__all__ = [
    "Base",
    "Batch",
    "CannotOpen",
    "Database",
    "Id",
    "Instant",
    "Question",
    "Refused",
    "Row",
    "Setting",
    "Stamped",
    "Unavailable",
    "Upsert",
    "Versioned",
    "alone",
    "among",
    "announce",
    "any_of",
    "ascii_text",
    "insert_block",
    "millis",
    "new_id",
    "one_of",
    "plain_text",
]
