"""A file of customers comes in among very many: every row is looked for by its number and address.

One in ten is there already and is left alone, one in a thousand cannot be read and stands in the
file of errors; the others are new. Meanwhile (`meanwhile`) phones ring and somebody looks at a list.
Whatever the import does to the event loop, to questions and to other writers is seen there.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from callcenter.bench import crowd
from callcenter.bench.meanwhile import at_work, memory_of
from callcenter.bench.questions import Crm, first_page, importer
from callcenter.bench.report import Figure, over_rounds, percentile
from callcenter.bench.worker import watching
from callcenter.db import new_id
from callcenter.entity.importing.desk import Desk, counts_of
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.importing.store import Store
from callcenter.entity.importing.working import Imports
from callcenter.server.actor import SYSTEM
from callcenter.server.identity import Identity

_HEADING: Final = "Ad;Soyad;Mobil telefon;E-poçt;Şəhər"
_KNOWN: Final = 10
_BROKEN: Final = 1_000
#: Numbers of this operator nobody of the crowd has.
_NEW: Final = "040"
_MS: Final = 1_000


class Brought(NamedTuple):
    rows_per_s: float
    #: The same by this process's time on the processor: on a busy machine it says more.
    rows_per_cpu_s: float
    #: How late the event loop came back, how long look-ups, other writers and lists took.
    lags_s: list[float]
    lookups_s: list[float]
    writes_s: list[float]
    lists_s: list[float]
    growth_mib: float
    undone_per_s: float
    wrong: list[str]


async def bring_in(
    crm: Crm, regions: Sequence[str], folder: Path, rows: int, number: int
) -> Brought:
    """Import file `number` of `rows` rows, and take it back."""

    async def identity_of(_user_id: int) -> Identity:
        return importer()

    store = Store(folder / "imports")
    store.make()
    imports = Imports(crm.database, crm.registry, store, identity_of, regions, time.time)
    now = datetime.now(UTC)
    desk = Desk(imports, importer(), now, SYSTEM, "az")
    batch_id = new_id(now.timestamp())
    _write(store.upload(batch_id), rows, number)
    batch = await desk.receive(batch_id, crm.contact, "crowd.csv")
    batch = await desk.go(batch, "importing")
    cpu_s = time.process_time()
    with watching() as watch:
        async with (
            at_work(crm.database, first_page(crm)) as office,
            memory_of(batch, rows) as memory,
        ):
            spent = await _worked(imports, batch)
    cpu_s = time.process_time() - cpu_s
    wrong = _wrong(await desk.find(batch_id), rows, store, office.unknown)
    batch = await desk.go(await desk.find(batch_id), "undoing")
    added = counts_of(batch).added
    undone = added / await _worked(imports, batch)
    if counts_of(done := await desk.find(batch_id)).undone != added:
        wrong.append(f"{counts_of(done)} after {added} rows were taken back")
    return Brought(
        rows / spent,
        rows / cpu_s,
        watch.lags_s,
        office.lookups_s,
        office.writes_s,
        office.lists_s,
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
            mail = "@" if index % _BROKEN else " "
            file.write(f"\nAygün;Yeni{who};{local};yeni{who}{mail}example.az;Bakı")


def _wrong(batch: ImportBatch, rows: int, store: Store, unknown: int) -> list[str]:
    broken = len(range(0, rows, _BROKEN))
    new = rows - len(range(0, rows, _KNOWN))
    counts = counts_of(batch)
    wrong = []
    if (counts.added, counts.wrong) != (new, broken):
        wrong.append(f"{counts} after {rows} rows, {new} of them new and {broken} broken")
    with store.report(batch.id, "errors").open("rb") as file:
        if (told := sum(1 for _line in file) - 1) != broken:
            wrong.append(f"{told} rows in the file of errors, and {broken} are broken")
    return wrong + ([f"{unknown} callers were not known"] if unknown else [])


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
        ("list", [one.lists_s for one in brought]),
    ):
        figures[f"import_{name}_ms_p99"] = over_rounds(
            [percentile(each, 99) * _MS for each in series]
        )
        figures[f"import_{name}_ms_max"] = over_rounds([max(each) * _MS for each in series])
    return figures


def wrong_with(brought: Sequence[Brought]) -> list[str]:
    return [what for one in brought for what in one.wrong]
