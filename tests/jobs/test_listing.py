"""What was given up is listed page by page, and the doctor counts it."""

from datetime import UTC, datetime, timedelta

from callcenter import jobs
from callcenter.db import Database
from callcenter.doctor import examine_jobs
from callcenter.jobs import leases, listing

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


async def test_jobs_are_listed_page_by_page_and_counted(database: Database) -> None:
    well = await examine_jobs(database, NOON)
    async with database.write() as session:
        for number in range(60):
            await jobs.add(session, "sms", {}, NOON + timedelta(seconds=number // 3), str(number))
        for job in await leases.take(session, ["sms"], NOON, timedelta(minutes=1), 2):
            await leases.failed(session, job, NOON, "no credit", for_good=True)
    async with database.read() as session:
        first, after = await listing.page(session, failed=False)
        rest, end = await listing.page(session, failed=False, after=after)
        failed, _ = await listing.page(session, failed=True)
        older, _ = await listing.page(session, failed=True, after=failed[0].id)
        counts = await listing.counts(session, NOON)
    noted = await examine_jobs(database, NOON)
    late = await examine_jobs(database, NOON + timedelta(hours=1))

    waiting = [job.key for job in (*first, *rest)]
    assert (len(first), len(waiting), len(set(waiting)), end) == (50, 58, 58, None)
    assert [job.run_at for job in (*first, *rest)] == sorted(job.run_at for job in (*first, *rest))
    assert [job.id for job in older] == [job.id for job in failed[1:]]
    assert (counts.failed, counts.waiting, counts.late) == (2, 58, 0)
    assert [one.state for one in (well, noted, late)] == ["good", "note", "missing"]
    assert "given up: 2" in noted.text("sentence")
    assert "nobody does them: 58" in late.text("sentence")


async def test_what_somebody_is_at_is_not_begun_a_second_time(sqlite_database: Database) -> None:
    async with sqlite_database.write() as session:
        await jobs.add(session, "sms", {}, NOON, "one")
        (job,) = await leases.take(session, ["sms"], NOON, timedelta(minutes=1), 1)
    async with sqlite_database.write() as session:
        assert await listing.again(session, job.id, NOON) is None
        await leases.failed(session, job, NOON, "no credit", for_good=True)
    async with sqlite_database.write() as session:
        again = await listing.again(session, job.id, NOON)
        assert again is not None
        assert [each.id for each in await leases.take(session, ["sms"], NOON, timedelta(0), 1)] == [
            job.id
        ]
