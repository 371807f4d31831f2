"""A job that is written down is done, by one node at a time, whatever happens to the nodes."""

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from callcenter import jobs
from callcenter.db import Database
from callcenter.jobs import Job, leases
from tests.sampling import examples

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)


async def put(database: Database, key: str = "", **more: Any) -> bool:
    async with database.write() as session:
        given = {"payload": {"n": 1}, "run_at": NOON} | more
        return await jobs.add(session, "letter", key=key, **given)


async def take(database: Database, at: datetime = NOON, limit: int = 10) -> list[Job]:
    async with database.write() as session:
        return list(await leases.take(session, ["letter", "round"], at, LEASE, limit))


async def all_of(database: Database) -> list[Job]:
    async with database.read() as session:
        return list(await session.scalars(select(Job).order_by(Job.run_at)))


async def test_what_has_a_name_is_written_down_once_and_moved_until_it_is_begun(
    database: Database,
) -> None:
    later = NOON + timedelta(hours=1)

    assert await put(database, "first") is True
    assert await put(database, "first", run_at=later) is False
    assert [job.run_at for job in await all_of(database)] == [NOON]
    assert await put(database, "first", run_at=later, payload={"n": 2}, replace=True) is True
    assert [(job.run_at, job.payload) for job in await all_of(database)] == [(later, {"n": 2})]
    (job,) = await take(database, later)
    assert await put(database, "first", run_at=NOON, replace=True) is False
    async with database.write() as session:
        await leases.done(session, job, later)
    assert await put(database, "first", run_at=NOON, replace=True) is False
    # Without a name each is one of its own.
    assert [await put(database), await put(database)] == [True, True]


async def test_what_is_dropped_is_not_done(database: Database) -> None:
    await put(database, "first")
    await put(database, "second")
    async with database.write() as session:
        await jobs.drop(session, "letter", "first")

    assert [job.key for job in await take(database)] == ["second"]


async def test_a_job_is_taken_once_and_again_only_when_its_node_is_silent(
    database: Database,
) -> None:
    await put(database, "early", run_at=NOON + timedelta(minutes=5))
    await put(database, "first")

    (job,) = await take(database)
    assert (job.key, job.attempts) == ("first", 1)
    assert await take(database, NOON + timedelta(seconds=29)) == []
    async with database.write() as session:
        assert await leases.keep(session, job, NOON + timedelta(seconds=50))
    assert await take(database, NOON + timedelta(seconds=31)) == []

    (again,) = await take(database, NOON + timedelta(seconds=50))
    async with database.write() as session:
        # He was thought dead, and comes too late.
        assert not await leases.keep(session, job, NOON + timedelta(hours=1))
        await leases.done(session, job, NOON)
    assert again.attempts == 2
    assert [row.done_at for row in await all_of(database)] == [None, None]
    async with database.write() as session:
        await leases.done(session, again, NOON + timedelta(seconds=51))
    assert await take(database, NOON + timedelta(minutes=4)) == []


async def test_a_failure_is_tried_again_with_growing_pauses_and_then_given_up(
    database: Database,
) -> None:
    await put(database, "first")
    at, pauses = NOON, []
    while taken := await take(database, at):
        async with database.write() as session:
            await leases.failed(session, taken[0], at, "the server says no")
        (job,) = await all_of(database)
        pauses.append((job.run_at - at).total_seconds())
        assert await take(database, job.run_at - timedelta(seconds=1)) == []
        at = job.run_at

    assert pauses[:-1] == list(leases.PAUSES_S)
    assert (job.attempts, job.error) == (leases.MOST_ATTEMPTS, "the server says no")
    assert job.failed_at is not None


async def test_what_cannot_succeed_is_given_up_at_once_and_a_pause_is_no_attempt(
    database: Database,
) -> None:
    await put(database, "first")
    tomorrow = NOON + timedelta(days=1)

    (job,) = await take(database)
    async with database.write() as session:
        await leases.put_off(session, job, tomorrow)
    (job,) = await take(database, tomorrow)
    assert job.attempts == 1
    async with database.write() as session:
        await leases.failed(session, job, tomorrow, "no such address", for_good=True)

    (job,) = await all_of(database)
    assert (job.failed_at, job.error) == (tomorrow, "no such address")


async def test_a_job_that_ends_the_service_each_time_is_given_up(database: Database) -> None:
    await put(database, "first")
    at = NOON
    while await take(database, at):
        at += LEASE

    (job,) = await all_of(database)
    assert (job.attempts, job.error) == (leases.MOST_ATTEMPTS, leases.DIED)
    assert job.failed_at == at


async def test_what_comes_again_keeps_its_beat_and_is_never_given_up(database: Database) -> None:
    hour = timedelta(hours=1)
    async with database.write() as session:
        await jobs.every(session, "round", hour, NOON)
        # Another node says the same.
        await jobs.every(session, "round", hour, NOON + timedelta(minutes=7))
    (job,) = await take(database)
    async with database.write() as session:
        await leases.done(session, job, NOON + timedelta(hours=2, minutes=5))
    (job,) = await all_of(database)
    assert job.run_at == NOON + 3 * hour

    at = job.run_at
    for _ in range(leases.MOST_ATTEMPTS + 2):
        (job,) = await take(database, at)
        async with database.write() as session:
            await leases.failed(session, job, at, "away")
        (job,) = await all_of(database)
        at = job.run_at
    assert job.failed_at is None
    async with database.write() as session:
        await jobs.every(session, "round", timedelta(minutes=5), at)
    (job,) = await take(database, at)
    assert job.every_s == 300


async def test_what_was_done_is_remembered_for_a_while(database: Database) -> None:
    await put(database, "first")
    (job,) = await take(database)
    async with database.write() as session:
        await leases.done(session, job, NOON)
        await leases.forget(session, NOON + timedelta(days=29))
    assert await put(database, "first") is False
    async with database.write() as session:
        await leases.forget(session, NOON + timedelta(days=31))
    assert await all_of(database) == []


STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "take", "done", "fail", "keep", "die"]), st.integers(0, 5)),
    max_size=30,
)


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_whatever_its_nodes_do_a_job_has_one_of_them_and_comes_to_its_end(
    sqlite_database: Database, steps: list[tuple[str, int]]
) -> None:
    """Nodes take it, end it, fail, and die; at last one of them goes on alone."""
    await clear(sqlite_database)
    await put(sqlite_database, "first")
    at, held = NOON, deque[tuple[Job, datetime]]()
    for step, wait in steps:
        at += timedelta(seconds=wait * 10)
        if step == "take":
            taken = await take(sqlite_database, at)
            assert not taken or all(until <= at for _, until in held)
            held.extend((job, at + LEASE) for job in taken)
        elif held and step == "die":
            held.popleft()
        elif held:
            job, until = held.popleft()
            async with sqlite_database.write() as session:
                if step == "done":
                    await leases.done(session, job, at)
                elif step == "fail":
                    await leases.failed(session, job, at, "away")
                elif await leases.keep(session, job, at + LEASE):
                    held.append((job, at + LEASE))
                else:
                    held.append((job, min(at, until)))

    at += timedelta(days=1)
    last = await take(sqlite_database, at)
    async with sqlite_database.write() as session:
        for job in last:
            await leases.done(session, job, at)
    (job,) = await all_of(sqlite_database)
    assert (job.done_at is None) != (job.failed_at is None)
    assert job.failed_at is None or job.attempts == leases.MOST_ATTEMPTS
    assert await take(sqlite_database, at + timedelta(days=1)) == []


async def clear(database: Database) -> None:
    async with database.write() as session:
        await session.execute(delete(Job))
