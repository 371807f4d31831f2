"""Which keys the rows above had, on a dry run: on disk, since a file may have millions."""

import sqlite3
from collections.abc import Sequence
from hashlib import blake2b
from typing import Self

from callcenter.entity.importing.counterparts import Key


class OnDisk:
    """A file of SQLite's own that goes when it is closed."""

    def __enter__(self) -> Self:
        # Calls come one after the other, but not always from the thread that opened it.
        self._keys = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._keys.execute("CREATE TABLE keys (key INTEGER PRIMARY KEY) WITHOUT ROWID")
        return self

    def __exit__(self, *error: object) -> None:
        self._keys.close()

    def has(self, keys: Sequence[Key]) -> bool:
        places = ",".join("?" * len(keys))
        found = self._keys.execute(
            f"SELECT 1 FROM keys WHERE key IN ({places}) LIMIT 1",  # noqa: S608
            [_number(key) for key in keys],
        )
        return found.fetchone() is not None

    def add(self, keys: Sequence[Key]) -> None:
        self._keys.executemany(
            "INSERT OR IGNORE INTO keys VALUES (?)", [(_number(key),) for key in keys]
        )


def _number(key: Key) -> int:
    digest = blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
