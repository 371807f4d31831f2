"""A file of customers comes in among very many: every row is looked for by its number and address.

One in ten is there already and is left alone; the others are new. Meanwhile phones ring: a number
is looked up and a row is written every few milliseconds, as the call record does. Whatever the
import does to the event loop, to look-ups and to other writers is seen there.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from callcenter.bench import crowd
from callcenter.bench.report import Figure, over_rounds, percentile
from callcenter.bench.worker import rss_mib, watching
from callcenter.crm.lookup import who_is
from callcenter.db import Database, new_id
from callcenter.entity.importing.batches import Options
from callcenter.entity.importing.desk import Desk, counts_of
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.importing.store import Store
from callcenter.entity.importing.working import Imports
from callcenter.entity.registry import Registry
from callcenter.server.actor import SYSTEM
from callcenter.server.identity import Identity

_HEADING: Final = "Ad;Soyad;Mobil telefon;E-poçt;Şəhər"
_KNOWN: Final = 10
#: Numbers of this operator nobody of the crowd has.
_NEW: Final = "040"
_MS: Final = 1_000
#: A phone rings so often.
_RINGS_S: Final = 0.02
#: The memory counts from when so much of the file is in: by then everything has been done once.
_WARM: Final = 0.1
#: What a call writes: a row of its own, as small as can be.
_WRITE: Final = "UPDATE contact SET next_action_at = NULL WHERE id = ?1"


class Brought(NamedTuple):
    rows_per_s: float
    #: The same by this process's time on the processor: on a busy machine it says more.
    rows_per_cpu_s: float
    #: How late the event loop came back, how long look-ups and other writers took.
    lags_s: list[float]
    lookups_s: list[float]
    writes_s: list[float]
    growth_mib: float
    undone_per_s: float
    wrong: list[str]


async def bring_in(
    database: Database,
    registry: Registry,
    who: Identity,
    regions: Sequence[str],
    folder: Path,
    rows: int,
    number: int,
) -> Brought:
    """Import file `number` of `rows` rows, and take it back."""

    async def identity_of(_user_id: int) -> Identity:
        return who

    store = Store(folder / "imports")
    store.make()
    imports = Imports(database, registry, store, identity_of, regions, time.time)
    now = datetime.now(UTC)
    desk = Desk(imports, who, now, SYSTEM, "az")
    batch_id = new_id(now.timestamp())
    _write(store.upload(batch_id), rows, number)
    batch = await desk.receive(batch_id, registry["contact"], "crowd.csv", Options())
    batch = await desk.go(batch, "importing")
    cpu_s = time.process_time()
    with watching() as watch:
        async with _calls(database) as calls, _memory(batch, rows) as memory:
            spent = await _worked(imports, batch)
    cpu_s = time.process_time() - cpu_s
    wrong = _wrong(await desk.find(batch_id), rows, calls.wrong)
    batch = await desk.go(await desk.find(batch_id), "undoing")
    added = counts_of(batch).added
    undone = added / await _worked(imports, batch)
    if counts_of(done := await desk.find(batch_id)).undone != added:
        wrong.append(f"{counts_of(done)} after {added} rows were taken back")
    return Brought(
        rows / spent,
        rows / cpu_s,
        watch.lags_s,
        calls.lookups_s,
        calls.writes_s,
        memory.growth_mib,
        undone,
        wrong,
    )


async def _worked(imports: Imports, batch: ImportBatch) -> float:
    began = time.perf_counter()
    await imports.work(batch)
    return time.perf_counter() - began


def _write(path: Path, rows: int, number: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEADING)
        for index in range(rows):
            local = f"{_NEW}{1_000_000 + number * rows + index}"
            if index % _KNOWN == 0:
                local = f"0{crowd.norm(index // _KNOWN)[4:]}"
            who = f"{number}.{index}"
            file.write(f"\nAygün;Yeni{who};{local};yeni{who}@example.az;Bakı")


def _wrong(batch: ImportBatch, rows: int, unknown: int) -> list[str]:
    new = rows - len(range(0, rows, _KNOWN))
    counts = counts_of(batch)
    wrong = [] if counts.added == new else [f"{counts} after {rows} rows, {new} of them new"]
    return wrong + ([f"{unknown} callers were not known"] if unknown else [])


# ---------------------------------------------------------------- meanwhile


class _Calls:
    """Phones that ring meanwhile."""

    def __init__(self) -> None:
        self.lookups_s = [0.0]
        self.writes_s = [0.0]
        self.wrong = 0

    async def ring(self, database: Database, index: int) -> None:
        began = time.perf_counter()
        found = await who_is(database, crowd.norm(index), ())
        self.lookups_s.append(time.perf_counter() - began)
        self.wrong += not found.candidates
        began = time.perf_counter()
        await database.apply([(_WRITE, [(crowd.contact_id(index),)])])
        self.writes_s.append(time.perf_counter() - began)


@asynccontextmanager
async def _calls(database: Database) -> AsyncIterator[_Calls]:
    calls = _Calls()

    async def go_on() -> None:
        index = 0
        while True:
            await calls.ring(database, index % 100)
            index += 1
            await asyncio.sleep(_RINGS_S)

    task = asyncio.create_task(go_on())
    try:
        yield calls
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class _Memory:
    growth_mib = 0.0


@asynccontextmanager
async def _memory(batch: ImportBatch, rows: int) -> AsyncIterator[_Memory]:
    """Watch the memory from when the first tenth of the rows is in."""
    memory = _Memory()

    async def look() -> None:
        warm = 0.0
        while True:
            held = rss_mib()
            warm = warm or (held if batch.rows_done >= rows * _WARM else 0.0)
            memory.growth_mib = max(memory.growth_mib, held - warm if warm else 0.0)
            await asyncio.sleep(_RINGS_S)

    task = asyncio.create_task(look())
    try:
        yield memory
    finally:
        task.cancel()


# ---------------------------------------------------------------- told


def told_of(brought: Sequence[Brought]) -> dict[str, Figure]:
    """Return the figures of so many files."""
    figures = {"import_rows_per_s": over_rounds([one.rows_per_s for one in brought])}
    figures["import_rows_per_cpu_s"] = over_rounds([one.rows_per_cpu_s for one in brought])
    figures["undo_rows_per_s"] = over_rounds([one.undone_per_s for one in brought])
    figures["import_rss_growth_mib"] = over_rounds([one.growth_mib for one in brought])
    for name, series in (
        ("loop_lag", [one.lags_s for one in brought]),
        ("lookup", [one.lookups_s for one in brought]),
        ("write", [one.writes_s for one in brought]),
    ):
        figures[f"import_{name}_ms_p99"] = over_rounds(
            [percentile(each, 99) * _MS for each in series]
        )
        figures[f"import_{name}_ms_max"] = over_rounds([max(each) * _MS for each in series])
    return figures


def wrong_with(brought: Sequence[Brought]) -> list[str]:
    return [what for one in brought for what in one.wrong]
