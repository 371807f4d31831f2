"""`bench import`: a very long file comes in while phones ring, and is taken back."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from callcenter.app import memory
from callcenter.app.entities import registry_of
from callcenter.bench import crowd
from callcenter.bench.bringing import Brought, bring_in, told_of
from callcenter.bench.questions import REGIONS, Crm
from callcenter.bench.report import Report
from callcenter.db import Database

Progress = Callable[[int, int], None]


class Size(NamedTuple):
    """How much is measured."""

    rows: int = 20_000
    contacts: int = 100_000


def run(size: Size, progress: Progress, url: str = "") -> Report:
    """Measure in a SQLite file of its own, or in the database at `url`, which must be empty."""
    with tempfile.TemporaryDirectory(prefix="callcenter-bench-") as folder:
        place = url or f"sqlite:///{Path(folder) / 'crowd.db'}"
        crowd.fill(place, size.contacts, lambda done, of: progress(done, 2 * of))
        brought = asyncio.run(_measure(place, size, Path(folder)))
    progress(2, 2)
    return Report(
        bench="import", figures=told_of([brought]), sizes=size._asdict(), missing={},
        wrong=brought.wrong,
    )  # fmt: skip


async def _measure(url: str, size: Size, folder: Path) -> Brought:
    registry = registry_of(REGIONS)
    async with Database(url) as database:
        await registry.load(database)
        memory.spare()
        crm = Crm(database, registry, registry["contact"], size.contacts)
        return await bring_in(crm, REGIONS, folder, size.rows, 0)
