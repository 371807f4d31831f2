"""SQL for the hot paths, written once and said to each engine in its fastest form.

Parameters are written `?1`, `?2`..., as SQLite does; PostgreSQL reads `$1`.
"""

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import Dialect, FromClause, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

Row = Sequence[Any]
_LENGTH = re.compile(r"VARCHAR\(\d+\)")
_PARAMETER = re.compile(r"\?(\d+)")
_POSTGRESQL: Dialect = PGDialect_asyncpg()  # type: ignore[no-untyped-call]


@lru_cache(maxsize=512)
def dollar(sql: str) -> str:
    """Return `sql` with its parameters as PostgreSQL writes them."""
    return _PARAMETER.sub(r"$\1", sql)


class Insert:
    """Insert many rows of one table.

    Rows are sequences in the order of `columns`, with the values as stored: instants in
    milliseconds, JSON as text.
    """

    def __init__(self, table: Table | FromClause, columns: Sequence[str]) -> None:
        if not isinstance(table, Table):
            raise TypeError(f"{table} is not a table")
        self.table = table
        self.columns = tuple(columns)

    @cached_property
    def sqlite(self) -> str:
        """One row a time, for `executemany`."""
        places = ", ".join(f"?{place}" for place in range(1, len(self.columns) + 1))
        return f"{self._into} VALUES ({places}){self._conflict}"

    @cached_property
    def postgresql(self) -> str:
        """All rows in one statement: each parameter is a column."""
        types = [self._array_type(name) for name in self.columns]
        arrays = ", ".join(f"${place}::{array}[]" for place, (array, _) in enumerate(types, 1))
        names = ", ".join(f"c{place}" for place in range(1, len(types) + 1))
        chosen = ", ".join(f"c{place}{cast}" for place, (_, cast) in enumerate(types, 1))
        return (
            f"{self._into} SELECT {chosen} FROM unnest({arrays}) AS given({names})"  # noqa: S608
            f"{self._conflict}"
        )

    @property
    def _into(self) -> str:
        columns = ", ".join(f'"{name}"' for name in self.columns)
        return f'INSERT INTO "{self.table.name}" ({columns})'

    @property
    def _conflict(self) -> str:
        return ""

    def _array_type(self, name: str) -> tuple[str, str]:
        """Return the type a column's values are sent as, and the cast that stores them."""
        kind = self.table.c[name].type.dialect_impl(_POSTGRESQL)
        if isinstance(kind, JSONB):
            return "text", "::jsonb"
        # A cast to VARCHAR(80) would cut in silence; the column itself refuses what is too long.
        return _LENGTH.sub("VARCHAR", kind.compile(_POSTGRESQL).split(" COLLATE")[0]), ""


class Upsert(Insert):
    """Insert many rows of one table; a row whose key is there already is updated.

    `key` names the columns that identify a row (the primary key unless said). `newer` names a column
    that only rises: a row that does not raise it changes nothing, so writing twice or late is
    harmless. `keep` names columns that an update leaves alone; with every column kept, a row that
    is there already is left as it is.
    """

    def __init__(
        self,
        table: Table | FromClause,
        columns: Sequence[str],
        *,
        key: Sequence[str] = (),
        newer: str | None = None,
        keep: Sequence[str] = (),
    ) -> None:
        super().__init__(table, columns)
        self.key = tuple(key) or tuple(column.name for column in self.table.primary_key)
        self._newer = newer
        self._updated = [name for name in columns if name not in {*self.key, *keep}]

    def last_of_each(self, rows: Sequence[Row]) -> list[Row]:
        """Return `rows` without those a later one of the same key replaces.

        PostgreSQL refuses to touch a row twice in one statement.
        """
        places = [self.columns.index(name) for name in self.key]
        return list({tuple(row[place] for place in places): row for row in rows}.values())

    @property
    def _conflict(self) -> str:
        key = ", ".join(f'"{name}"' for name in self.key)
        if not self._updated:
            return f" ON CONFLICT ({key}) DO NOTHING"
        changes = ", ".join(f'"{name}" = excluded."{name}"' for name in self._updated)
        guard = self._newer and (
            f' WHERE excluded."{self._newer}" > "{self.table.name}"."{self._newer}"'
        )
        return f" ON CONFLICT ({key}) DO UPDATE SET {changes}{guard or ''}"


#: What is written together: SQL with the rows of its parameters.
Batch = Sequence[tuple[str | Upsert, Sequence[Row]]]
