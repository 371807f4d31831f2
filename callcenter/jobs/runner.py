"""Does what is due, several jobs at a time; every node has one, and each job is done by one of them.

While a job is being done its lease is renewed, so a job may take long and a dead node is still
noticed soon. Of one kind only some are done at once: a mail server that hangs delays letters,
and nothing else.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from callcenter.db import Database
from callcenter.jobs import leases
from callcenter.jobs.models import Job

log = structlog.get_logger()

Handler = Callable[[Job], Awaitable[None]]

#: So many jobs are done at once on a node, and so many of one kind.
AT_ONCE: Final = 8
OF_A_KIND: Final = 4
#: How long a dead node's jobs lie.
LEASE_S: Final = 15.0
#: What another node has added is found after this time.
ROUND_S: Final = 2.0
#: A job that takes longer hangs.
LIMIT_S: Final = 600.0


class Later(Exception):
    """It is no time for this job: it is put off, and that was no attempt."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


class GiveUp(Exception):
    """Trying again would not help; the text says why, to an administrator."""


class Runner:
    """`app` runs `run` and says which handler does which kind; `wake` tells that something is due."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        handlers: Mapping[str, Handler],
        *,
        lease_s: float = LEASE_S,
    ) -> None:
        self._database, self._now, self._handlers = database, now, handlers
        self._lease_s = lease_s
        self._awake = asyncio.Event()
        self._doing: dict[int, str] = {}

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of job that can be done here."""
        return frozenset(self._handlers)

    def wake(self) -> None:
        self._awake.set()

    async def run(self) -> None:
        """Do what is due, for ever. What was begun when this ends is left to the next."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._awake.clear()
                try:
                    for job in await self._take():
                        self._doing[job.id] = job.kind
                        group.create_task(self._do(job))
                except Exception:
                    log.exception("jobs could not be taken")
                await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(ROUND_S):
                await self._awake.wait()
        except TimeoutError:
            return

    async def _take(self) -> Sequence[Job]:
        room = AT_ONCE - len(self._doing)
        busy = Counter(self._doing.values())
        kinds = [kind for kind in self._handlers if busy[kind] < OF_A_KIND]
        if room <= 0 or not kinds or not await self._is_any_due(kinds):
            return ()
        lease = timedelta(seconds=self._lease_s)
        async with self._database.write() as session:
            return await leases.take(
                session, kinds, self._now(), lease, min(room, OF_A_KIND), self._doing
            )

    async def _is_any_due(self, kinds: Sequence[str]) -> bool:
        # A look costs nothing; a turn to write would be asked for every other second.
        async with self._database.read() as session:
            return await leases.is_any_due(session, kinds, self._now(), self._doing)

    async def _do(self, job: Job) -> None:
        try:
            await self._settle(job, await self._outcome(job))
        except Exception:
            # Its lease ends, and then it is done again.
            log.exception("what became of a job could not be stored", job_kind=job.kind)
        finally:
            del self._doing[job.id]
            # There is room for the next.
            self.wake()

    async def _outcome(self, job: Job) -> Exception | None:
        """Do a job while its lease is kept; return why it is not done, if it is not."""
        keeping = asyncio.create_task(self._keep(job))
        try:
            async with asyncio.timeout(LIMIT_S):
                await self._handlers[job.kind](job)
        except (Later, GiveUp) as said:
            return said
        except Exception as error:
            log.exception("a job failed", job_kind=job.kind, job=job.id, attempt=job.attempts)
            return error
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])
        return None

    async def _keep(self, job: Job) -> None:
        """Renew the lease. Who lost it goes on: being done twice shows once."""
        is_mine = True
        while is_mine:
            await asyncio.sleep(self._lease_s / 3)
            try:
                async with self._database.write() as session:
                    until = self._now() + timedelta(seconds=self._lease_s)
                    is_mine = await leases.keep(session, job, until)
            except Exception:
                log.exception("a lease could not be renewed", job_kind=job.kind)

    async def _settle(self, job: Job, problem: Exception | None) -> None:
        at = self._now()
        async with self._database.write() as session:
            match problem:
                case None:
                    await leases.done(session, job, at)
                case Later():
                    await leases.put_off(session, job, problem.until)
                case _:
                    text = str(problem) or type(problem).__name__
                    for_good = isinstance(problem, GiveUp)
                    await leases.failed(session, job, at, text, for_good=for_good)
