"""Column types as revisions write them.

They say what is stored and stay as they are for ever: `callcenter.db` may change what a
type does in Python, an old revision must still make the old table.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def ascii_text(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def one_of(*words: str) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, create_constraint=True, length=24)
