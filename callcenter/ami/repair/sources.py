"""Where a PBX keeps its CEL, and how the stories that a gap touched are read from there.

Only what is needed is read: the gap, and from the beginning of those calls that it touched. A call's
beginning stands in its name, for Asterisk names it by the second in which it began.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Iterable
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import asyncpg
from sqlalchemy import make_url

from callcenter.ami.repair.files import LIMIT_BYTES, TooMuch, read_since
from callcenter.ami.repair.rows import CelRow, from_columns

#: Rows of a call stand a little before and after the gap that cut it.
MARGIN_S: Final = 5.0
#: No call that matters began earlier.
LOOK_BACK_S: Final = 24 * 3600.0
#: How far back a call is looked for whose name does not say when it began.
UNNAMED_S: Final = 2 * 3600.0

_STAMP: Final = re.compile(r"(?:.*-)?(\d{9,11})\.\d+")
_CONNECT_S: Final = 10
_ANSWER_S: Final = 120
_PREFETCH: Final = 1000
LIMIT_ROWS: Final = LIMIT_BYTES // 256


class CelUnreadable(Exception):
    """The source cannot be read now; the text says why, for the operator."""


class Source(Protocol):
    """One PBX's CEL."""

    def since(self, at: float) -> AsyncIterator[CelRow]:
        """Yield what happened since `at`. Raises CelUnreadable."""
        ...


class Stories(NamedTuple):
    """All rows of the calls that a span touched."""

    rows: list[CelRow]
    #: The time of the newest row there is; None if there is none since the span began.
    newest: float | None


async def stories(source: Source, from_at: float, to_at: float) -> Stories:
    """Return the stories of all calls that did anything between two instants, as far as they went."""
    begin, end = from_at - MARGIN_S, to_at + MARGIN_S
    rows = [row async for row in source.since(begin)]
    touched = _grown(rows, {row.linkedid for row in rows if row.at <= end})
    earliest = _earliest(rows, touched, begin)
    if earliest < begin:
        since = max(earliest - 1.0, begin - LOOK_BACK_S)
        rows = [row async for row in source.since(since)]
        touched = _grown(rows, touched)
    newest = max((row.at for row in rows), default=None)
    return Stories([row for row in rows if row.linkedid in touched], newest)


def _grown(rows: Iterable[CelRow], linkedids: Collection[str]) -> set[str]:
    """Return `linkedids` with those that their channels had before or after: one call, two names."""
    named: dict[str, set[str]] = {}
    channels: dict[str, set[str]] = {}
    for row in rows:
        named.setdefault(row.uniqueid, set()).add(row.linkedid)
        channels.setdefault(row.linkedid, set()).add(row.uniqueid)
    found, todo = set(linkedids), list(linkedids)
    while todo:
        for uid in channels.get(todo.pop(), ()):
            fresh = named[uid] - found
            found |= fresh
            todo += fresh
    return found


def _earliest(rows: Iterable[CelRow], linkedids: Collection[str], begin: float) -> float:
    seen = {row.uniqueid for row in rows if row.kind == "CHAN_START"}
    earliest = begin
    for linkedid in linkedids:
        if linkedid not in seen:
            stamp = _STAMP.fullmatch(linkedid)
            earliest = min(earliest, float(stamp[1]) if stamp else begin - UNNAMED_S)
    return earliest


# ---------------------------------------------------------------- a file


class CsvFile:
    """The file that Asterisk's `cel_custom` writes."""

    def __init__(self, path: Path, zone: tzinfo) -> None:
        self._path = path
        self._zone = zone

    async def since(self, at: float) -> AsyncIterator[CelRow]:
        try:
            rows = await asyncio.to_thread(lambda: list(read_since(self._path, at, self._zone)))
        except OSError as error:
            reason = str(error) if isinstance(error, TooMuch) else error.strerror or str(error)
            raise CelUnreadable(f"{self._path} cannot be read: {reason}") from error
        for row in rows:
            yield row


# ---------------------------------------------------------------- a table


class Table:
    """The table that `cel_pgsql` or `cel_odbc` fills."""

    def __init__(self, url: str, name: str, zone: tzinfo) -> None:
        """`url` is for PostgreSQL, password and all; `name` may have a schema before it."""
        self._url = url
        self._name = name
        self._zone = zone

    async def since(self, at: float) -> AsyncIterator[CelRow]:
        try:
            async with asyncio.timeout(_ANSWER_S):
                rows = await self._read(at)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            why = str(error) or type(error).__name__
            raise CelUnreadable(f"the table {self._name} cannot be read: {why}") from error
        for row in rows:
            yield row

    async def _read(self, at: float) -> list[CelRow]:
        table = ".".join(f'"{part}"' for part in self._name.replace('"', "").split("."))
        connection = await asyncpg.connect(self._url, timeout=_CONNECT_S)
        try:
            # The name of a table cannot be a parameter; it is quoted, and was checked when entered.
            query = (
                f"SELECT * FROM {table} WHERE eventtime >= $1 ORDER BY eventtime LIMIT {LIMIT_ROWS}"  # noqa: S608
            )
            async with connection.transaction(readonly=True):
                statement = await connection.prepare(query)
                since = self._as_stored(at, statement.get_parameters()[0].name)
                rows = [
                    from_columns(dict(found), self._zone)
                    async for found in statement.cursor(since, prefetch=_PREFETCH)
                ]
        finally:
            await connection.close()
        if len(rows) >= LIMIT_ROWS:
            # What is cut short tells calls without their ends.
            raise TooMuch(f"more than {LIMIT_ROWS} rows would have to be read")
        return [row for row in rows if row is not None]

    def _as_stored(self, at: float, kind: str) -> datetime | float | Decimal | str:
        """Return an instant as the column has it: sites have made it all of these."""
        moment = datetime.fromtimestamp(at, UTC)
        local = moment.astimezone(self._zone).replace(tzinfo=None)
        match kind:
            case "timestamptz":
                return moment
            case "timestamp":
                return local
            case "numeric":
                return Decimal(at)
            case "int2" | "int4" | "int8":
                return int(at)
            case "text" | "varchar" | "bpchar":
                return local.isoformat(" ")
            case _:
                return at


# ---------------------------------------------------------------- as it is written


def source_of(written: str, password: str | None, time_zone: str) -> Source:
    """Return the source that an administrator named (`calls.cel_sources` says how)."""
    try:
        zone: tzinfo = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = UTC
    kind, _, where = written.partition(":")
    if kind == "csv":
        return CsvFile(Path(where), zone)
    url = make_url(written)
    name = str(url.query.get("table", "cel"))
    bare = url.set(query={}, password=password)
    return Table(bare.render_as_string(hide_password=False), name, zone)
