"""How the place is written where a PBX keeps its own log of channel events (CEL).

Either the file of Asterisk's `cel_custom`, as this service sees it, or the table of `cel_pgsql` or
`cel_odbc`. A password never stands in it. `ami.repair` reads from there.
"""

import asyncio
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError


def _(message: str) -> str:
    return message


SOURCE_FORM = _("Write csv:/path/to/the/file.csv or postgresql://user@host/database?table=cel.")
SOURCE_SECRET = _("Write the password in its own field, so that nobody reads it here.")
SOURCE_TABLE = _("A table is named by letters, digits and underscores, such as public.cel.")
NO_FILE = _("This file is not there, or not for this service: it cannot be read.")


async def wrong_with(source: str) -> str | None:
    """Return what is wrong with it, None if nothing is to be seen from here."""
    kind, _separator, where = source.partition(":")
    if kind == "csv":
        if not where.startswith("/"):
            return SOURCE_FORM
        return None if await asyncio.to_thread(_is_readable, Path(where)) else NO_FILE
    return _wrong_url(source)


def _is_readable(file: Path) -> bool:
    try:
        with file.open("rb"):
            return file.is_file()
    except OSError:
        return False


def _wrong_url(source: str) -> str | None:
    try:
        url = make_url(source)
    except (ArgumentError, ValueError):
        return SOURCE_FORM
    if url.drivername != "postgresql" or not url.database:
        return SOURCE_FORM
    if url.password is not None:
        return SOURCE_SECRET
    table = url.query.get("table", "cel")
    names = table.split(".") if isinstance(table, str) else []
    well_named = 0 < len(names) <= 2 and all(name.isidentifier() for name in names)
    return None if well_named else SOURCE_TABLE
