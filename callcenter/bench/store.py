"""`bench store`: calls that are over become rows, as fast as the writer can.

Beside it the same statements with the same rows in the same batches, by the bare driver: what the
database itself needs. What lies between the two is the writer's own work: spelling a call as rows,
finding what changed, handing over to the thread that writes.
"""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import asyncpg
from sqlalchemy import insert, make_url
from sqlalchemy.engine import URL

from callcenter import phone
from callcenter.agents import roles
from callcenter.agents.models import User
from callcenter.app import memory
from callcenter.bench.report import Figure, Report, over_rounds
from callcenter.bench.worker import watching
from callcenter.bus.memory import MemoryBus
from callcenter.calls.board import Board, LiveCall
from callcenter.calls.models import PbxRow
from callcenter.calls.writer import UNITS, Writer
from callcenter.db import Database
from callcenter.db.statements import Batch, Upsert
from callcenter.events import (
    CallAliased,
    CallBegan,
    CallEnded,
    CallEvent,
    CallStored,
    LegAnswered,
    LegEnded,
    LegRang,
    TalkBegan,
    TalkEnded,
)
from callcenter.migrations import migrate

Progress = Callable[[int, int], None]

_PBX: Final = 1
_PERSON: Final = 2_001
_AT: Final = 1_700_000_000.0
_ENDPOINT: Final = "PJSIP/2001"


class Size(NamedTuple):
    """How much is measured."""

    calls: int = 5_000
    rounds: int = 5


class Round(NamedTuple):
    """One round: seconds of the writer, of the bare driver; the greatest wait of the event loop."""

    writer_s: float
    bare_s: float
    visible_s: float
    lag_s: float
    rows: int
    wrong: list[str]


class _Kept:
    """A database that remembers what it was given to write."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.batches: list[Batch] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    async def apply(self, batch: Batch) -> None:
        self.batches.append(batch)
        await self._database.apply(batch)


def run(size: Size, progress: Progress, url: str = "") -> Report:
    """Measure in a SQLite file of its own, or in the database at `url`, which must be empty."""
    with tempfile.TemporaryDirectory(prefix="callcenter-bench-") as folder:
        places = (url, url) if url else (f"sqlite:///{folder}/one.db", f"sqlite:///{folder}/two.db")
        rounds = asyncio.run(_rounds(*places, size, progress))
    figures: dict[str, Figure] = {
        "calls_per_s": over_rounds([size.calls / one.writer_s for one in rounds]),
        "rows_per_call": over_rounds([one.rows / size.calls for one in rounds]),
        "ratio_to_bare_driver": over_rounds([one.bare_s / one.writer_s for one in rounds]),
        "visible_after_ms_max": over_rounds([one.visible_s * 1000 for one in rounds]),
        "loop_lag_ms_max": over_rounds([one.lag_s * 1000 for one in rounds]),
    }
    wrong = [what for one in rounds for what in one.wrong]
    return Report(bench="store", figures=figures, sizes=size._asdict(), missing={}, wrong=wrong)


async def _rounds(url: str, other: str, size: Size, progress: Progress) -> list[Round]:
    for place in dict.fromkeys((url, other)):
        await _furnish(place)
    rounds = []
    async with Database(url) as database:
        for number in range(size.rounds + 1):
            one = await _round(database, make_url(other), number, size.calls)
            # Round 0 warms up.
            if number:
                rounds.append(one)
            progress(number + 1, size.rounds + 1)
    return rounds


async def _round(database: Database, other: URL, number: int, calls: int) -> Round:
    kept: Any = _Kept(database)
    bus = MemoryBus()
    board = Board(lambda _pbx, endpoint: _PERSON if endpoint == _ENDPOINT else None)
    writer = Writer(kept, bus, board, lambda _pbx, raw: phone.read(raw, ("AZ",)))
    stored: set[int] = set()
    bus.listen(lambda event: stored.add(event.call_id), CallStored)
    for index in range(calls):
        for event in _call(number * calls + index):
            board.apply(event)
    units = list(board.kept())
    # As the service does: a search through all of this would be taken for the writer's work.
    memory.spare()
    with watching() as watch:
        began = time.perf_counter()
        visible_s = await _write(writer, database, units)
        writer_s = time.perf_counter() - began
    wrong = [] if len(stored) == calls else [f"{len(stored)} of {calls} calls are stored"]
    rows = sum(len(each) for batch in kept.batches for _, each in batch)
    return Round(
        writer_s, await _bare(other, kept.batches), visible_s, max(watch.lags_s), rows, wrong
    )


async def _write(writer: Writer, database: Database, units: list[LiveCall]) -> float:
    """Write as `Writer.run` does; return the longest time until a reader saw a batch."""
    longest = 0.0
    for begin in range(0, len(units), UNITS):
        some = units[begin : begin + UNITS]
        handed = time.perf_counter()
        await writer.write(some)
        rows = await database.fetch(
            "SELECT count(*) FROM call WHERE pbx_id = ?1 AND first_uniqueid = ?2", _PBX,
            some[-1].call.id,
        )  # fmt: skip
        if not rows[0][0]:
            raise AssertionError("what was written is not there")
        longest = max(longest, time.perf_counter() - handed)
    return longest


# ---------------------------------------------------------------- the bare driver


async def _bare(url: URL, batches: list[Batch]) -> float:
    if url.get_backend_name() == "sqlite":
        return await asyncio.to_thread(_bare_sqlite, str(url.database), batches)
    connection = await asyncpg.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    try:
        began = time.perf_counter()
        for batch in batches:
            async with connection.transaction():
                for statement, rows in batch:
                    if isinstance(statement, Upsert) and rows:
                        columns = zip(*statement.last_of_each(rows), strict=True)
                        await connection.execute(statement.postgresql, *map(list, columns))
        return time.perf_counter() - began
    finally:
        await connection.close()


def _bare_sqlite(file: str, batches: list[Batch]) -> float:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        began = time.perf_counter()
        for batch in batches:
            connection.execute("BEGIN IMMEDIATE")
            for statement, rows in batch:
                sql = statement.sqlite if isinstance(statement, Upsert) else statement
                connection.executemany(sql, rows)
            connection.execute("COMMIT")
        return time.perf_counter() - began


# ---------------------------------------------------------------- what is stored


async def _furnish(url: str) -> None:
    await migrate(url)
    at = datetime.fromtimestamp(_AT, UTC)
    stamp = {"created_at": at, "updated_at": at}
    async with Database(url) as database, database.write() as session:
        role = (await roles.seed(session, at))["agent"]
        session.add(
            PbxRow(id=_PBX, name="bench", host="h", username="u", secret_ref="", trunks=[], **stamp)
        )
        await session.execute(
            insert(User),
            [{"id": _PERSON, "login": "bench", "name": "Bench", "role_id": role.id, **stamp}],
        )


def _call(index: int) -> Iterator[CallEvent]:
    """A customer calls, an agent answers, they talk."""
    at = _AT + index * 0.01
    uid, leg = f"{at:.2f}.{2 * index}", f"{at:.2f}.{2 * index + 1}"
    fact: dict[str, Any] = {"pbx": _PBX, "call": uid}
    number = f"050{2_000_000 + index % 7_000_000}"
    yield CallBegan(
        at=at, direction="inbound", origin="trunk", caller=number, trunk="PJSIP/trunk", **fact
    )
    yield CallAliased(at=at, alias=leg, **fact)
    yield LegRang(
        at=at,
        leg=uid,
        party="customer",
        endpoint="PJSIP/trunk",
        number=number,
        how_in="dial",
        **fact,
    )
    yield LegRang(at=at, leg=leg, party="agent", endpoint=_ENDPOINT, how_in="ring", **fact)
    yield LegAnswered(at=at + 5, leg=leg, **fact)
    yield LegAnswered(at=at + 5, leg=uid, **fact)
    yield TalkBegan(at=at + 5, leg=leg, **fact)
    yield TalkEnded(at=at + 65, leg=leg, **fact)
    yield LegEnded(at=at + 65, leg=leg, result="answered", **fact)
    yield LegEnded(at=at + 65, leg=uid, result="answered", **fact)
    yield CallEnded(at=at + 65, ended_by="customer", cause=16, **fact)
