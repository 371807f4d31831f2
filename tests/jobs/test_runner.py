"""The runner does what is due, several jobs at once, and says what became of them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import select

from callcenter import jobs
from callcenter.db import Database
from callcenter.jobs import GiveUp, Job, Later, Runner
from callcenter.migrations import migrate
from tests.fixtures.house import Clock
from tests.fixtures.postgres import PostgresServer

LIMIT_S = 30


async def add(database: Database, kind: str, at: datetime, *keys: str) -> None:
    async with database.write() as session:
        for key in keys:
            await jobs.add(session, kind, {}, at, key)


async def found(database: Database, kind: str) -> list[Job]:
    async with database.read() as session:
        rows = await session.scalars(select(Job).where(Job.kind == kind).order_by(Job.key))
        return list(rows)


@asynccontextmanager
async def at_work(*runners: Runner) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(runner.run()) for runner in runners]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not is_so():
            await asyncio.sleep(0.01)


async def test_what_is_due_is_done_and_what_goes_wrong_is_kept(sqlite_database: Database) -> None:
    clock, did = Clock(), asyncio.Queue[str]()

    async def letter(job: Job) -> None:
        did.put_nowait(job.key)
        if job.key == "refused":
            raise GiveUp("There is no such address.")
        if job.key == "away" and job.attempts == 1:
            raise OSError("The server is away.")
        if job.key == "night" and clock.now.hour < 11:
            raise Later(clock.now + timedelta(hours=1))

    runner = Runner(sqlite_database, clock, {"letter": letter})
    await add(sqlite_database, "letter", clock.now, "away", "fine", "night", "refused")
    await add(sqlite_database, "letter", clock.now + timedelta(minutes=50), "soon")
    await add(sqlite_database, "unknown", clock.now, "of another version")

    async with asyncio.timeout(LIMIT_S), at_work(runner):
        first = {await did.get() for _ in range(4)}
        while any(job.locked_until for job in await found(sqlite_database, "letter")):
            await asyncio.sleep(0.01)
        clock.move(hours=1)
        runner.wake()
        second = {await did.get() for _ in range(3)}
        while sum(job.done_at is not None for job in await found(sqlite_database, "letter")) < 4:
            await asyncio.sleep(0.01)

    assert first == {"away", "fine", "night", "refused"}
    assert second == {"away", "night", "soon"}
    away, fine, night, refused, soon = await found(sqlite_database, "letter")
    assert [job.attempts for job in (away, fine, night, soon)] == [2, 1, 1, 1]
    assert (refused.done_at, refused.error) == (None, "There is no such address.")
    assert refused.failed_at == clock.now - timedelta(hours=1)
    assert [job.attempts for job in await found(sqlite_database, "unknown")] == [0]


async def test_a_kind_that_hangs_delays_no_other(sqlite_database: Database) -> None:
    clock, hanging, did = Clock(), [], asyncio.Event()

    async def hang(job: Job) -> None:
        hanging.append(job.key)
        await asyncio.Event().wait()

    async def remind(_job: Job) -> None:
        did.set()

    runner = Runner(sqlite_database, clock, {"letter": hang, "reminder": remind})
    early = clock.now - timedelta(minutes=1)
    await add(sqlite_database, "letter", early, *(str(n) for n in range(20)))
    await add(sqlite_database, "reminder", clock.now, "now")
    async with asyncio.timeout(LIMIT_S), at_work(runner):
        await did.wait()

    # It was ended in the midst of them: they are left to the next.
    assert len(hanging) == 4
    assert {job.done_at for job in await found(sqlite_database, "letter")} == {None}


async def test_a_long_job_keeps_its_lease(sqlite_database: Database) -> None:
    clock, began, go_on = Clock(), asyncio.Queue[int](), asyncio.Event()

    async def long(job: Job) -> None:
        began.put_nowait(job.attempts)
        await go_on.wait()

    await add(sqlite_database, "long", clock.now, "one")
    runner = Runner(sqlite_database, clock, {"long": long}, lease_s=0.3)
    async with asyncio.timeout(LIMIT_S), at_work(runner):
        await began.get()
        (before,) = await found(sqlite_database, "long")
        clock.move(seconds=60)
        while (await found(sqlite_database, "long"))[0].locked_until == before.locked_until:
            await asyncio.sleep(0.01)
        (kept,) = await found(sqlite_database, "long")
        go_on.set()
        while not (await found(sqlite_database, "long"))[0].done_at:
            await asyncio.sleep(0.01)

    assert kept.locked_until is not None
    assert kept.locked_until > clock.now
    assert began.empty()


async def test_two_nodes_share_the_work_and_do_each_job_once(postgres: PostgresServer) -> None:
    clock, did = Clock(), []
    wanted = {f"{n:03}" for n in range(120)}

    async def work(job: Job) -> None:
        did.append(job.key)
        await asyncio.sleep(0)

    async with postgres.database(migrate) as url, Database(url) as one, Database(url) as other:
        await add(one, "letter", clock.now, *wanted)
        runners = [Runner(each, clock, {"letter": work}) for each in (one, other)]
        async with at_work(*runners):
            await until(lambda: len(did) >= len(wanted))
        assert sorted(did) == sorted(wanted)
