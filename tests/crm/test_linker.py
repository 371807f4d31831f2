"""The linker goes on, whatever the database does to it."""

import asyncio

from sqlalchemy import text

from callcenter.bus.memory import MemoryBus
from callcenter.crm.linker import Linker
from callcenter.db import Database
from callcenter.events import CallStored

TEST_LIMIT_S = 30


async def test_what_cannot_be_linked_stops_nothing(sqlite_database: Database):
    bus = MemoryBus()
    linker = Linker(sqlite_database, bus)
    running = asyncio.create_task(linker.run())
    stored = CallStored(at=1.0, call_id=1, interaction_id=1, revision=1)

    async with sqlite_database.write() as session:
        await session.execute(text("ALTER TABLE participant RENAME TO elsewhere"))
    bus.publish(stored)
    async with asyncio.timeout(TEST_LIMIT_S):
        await linker.drain()
    async with sqlite_database.write() as session:
        await session.execute(text("ALTER TABLE elsewhere RENAME TO participant"))
    bus.publish(stored)
    async with asyncio.timeout(TEST_LIMIT_S):
        await linker.drain()

    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
