"""What goes on while a file comes in: phones ring, somebody looks at a list, and the memory is watched."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from callcenter.bench import crowd
from callcenter.bench.questions import Ask
from callcenter.bench.worker import rss_mib
from callcenter.crm.lookup import who_is
from callcenter.db import Database
from callcenter.entity.importing.models import ImportBatch

#: A phone rings so often, and at every so many calls somebody asks for the list.
_RINGS_S: Final = 0.02
_LIST: Final = 10
#: The memory counts from when so much of the file is in: by then everything has been done once.
_WARM: Final = 0.1
#: What a call writes: a row of its own, as small as can be.
_WRITE: Final = "UPDATE contact SET next_action_at = NULL WHERE id = ?1"


class Office:
    """People at work, and how long they waited."""

    def __init__(self, database: Database, page: Ask) -> None:
        self._database = database
        self._page = page
        self.lookups_s = [0.0]
        self.writes_s = [0.0]
        self.lists_s = [0.0]
        #: Callers who should be known and were not.
        self.unknown = 0

    async def _ring(self, index: int) -> None:
        began = time.perf_counter()
        found = await who_is(self._database, crowd.norm(index), ())
        self.lookups_s.append(time.perf_counter() - began)
        self.unknown += not found.candidates
        began = time.perf_counter()
        await self._database.apply([(_WRITE, [(crowd.contact_id(index),)])])
        self.writes_s.append(time.perf_counter() - began)

    async def _look(self) -> None:
        began = time.perf_counter()
        await self._page(random.Random(0))
        self.lists_s.append(time.perf_counter() - began)

    async def go_on(self) -> None:
        index = 0
        while True:
            await self._ring(index % 100)
            if index % _LIST == 0:
                await self._look()
            index += 1
            await asyncio.sleep(_RINGS_S)


@asynccontextmanager
async def at_work(database: Database, page: Ask) -> AsyncIterator[Office]:
    office = Office(database, page)
    task = asyncio.create_task(office.go_on())
    try:
        yield office
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Memory:
    growth_mib = 0.0


@asynccontextmanager
async def memory_of(batch: ImportBatch, rows: int) -> AsyncIterator[Memory]:
    """Watch the memory from when the first tenth of the rows is in."""
    memory = Memory()

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
