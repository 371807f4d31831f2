"""A file of customers comes in among very many: every row is looked for by its number and address.

One in ten is there already and is left alone; the others are new.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from callcenter.bench import crowd
from callcenter.bench.worker import watching
from callcenter.db import Database, new_id
from callcenter.entity.importing.batches import Options
from callcenter.entity.importing.desk import Desk, counts_of
from callcenter.entity.importing.store import Store
from callcenter.entity.importing.working import Imports
from callcenter.entity.registry import Registry
from callcenter.server.actor import SYSTEM
from callcenter.server.identity import Identity

_HEADING: Final = "Ad;Soyad;Mobil telefon;E-poçt;Şəhər"
_KNOWN: Final = 10
#: Numbers of this operator nobody of the crowd has.
_NEW: Final = "040"


class Brought(NamedTuple):
    rows_per_s: float
    lag_s: float
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
    """Import file `number` of `rows` rows."""

    async def identity_of(_user_id: int) -> Identity:
        return who

    store = Store(folder / "imports")
    store.make()
    imports = Imports(database, registry, store, identity_of, regions, time.time)
    now = datetime.now(UTC)
    desk = Desk(imports, who, now, SYSTEM, "az")
    batch_id = new_id(now.timestamp())
    store.upload(batch_id).write_text(_file(rows, number), "utf-8")
    batch = await desk.receive(batch_id, registry["contact"], "crowd.csv", Options())
    batch = await desk.go(batch, "importing")
    with watching() as watch:
        began = time.perf_counter()
        await imports.work(batch)
        spent = time.perf_counter() - began
    counts = counts_of(await desk.find(batch_id))
    new = rows - len(range(0, rows, _KNOWN))
    wrong = [] if counts.added == new else [f"{counts} after {rows} rows, {new} of them new"]
    return Brought(rows / spent, max(watch.lags_s), wrong)


def _file(rows: int, number: int) -> str:
    lines = [_HEADING]
    for index in range(rows):
        local = f"{_NEW}{1_000_000 + number * rows + index}"
        if index % _KNOWN == 0:
            local = f"0{crowd.norm(index)[4:]}"
        who = f"{number}.{index}"
        lines.append(f"Aygün;Yeni{who};{local};yeni{who}@example.az;Bakı")
    return "\n".join(lines)
