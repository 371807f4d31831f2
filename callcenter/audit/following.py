"""Readers of the log that act on what changed: search texts, duplicates, rules.

A follower is woken when something it reads is committed on its own node. Followers on other nodes
are not told: what they miss, like what was committed just before a node was killed or by another
program, they find the next time they look.

How far a follower has read is stored in the transaction of what it does, or afterwards where doing
it twice is harmless. Its progress over lines that do not concern it is kept in memory only:
reading them again is cheap, and storing each step would cost one write for every write.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.audit.models import Audit
from callcenter.db import Database, Setting, Unavailable

log = structlog.get_logger()

State = dict[str, Any]

#: Changes that nobody announced are found after this time.
LOOK_S: Final = 5.0
#: On PostgreSQL a line may have to wait for an older transaction that nobody announces.
SECOND_LOOK_S: Final = 0.5
#: Changes that come in a burst are read together.
GATHER_S: Final = 0.02
#: At most this stretch of lines that concerned nobody is read again after a restart.
PASSED: Final = timedelta(minutes=1)


class Place:
    """How far a follower has read: stored with its work, or ahead of that in memory."""

    def __init__(self, name: str) -> None:
        self.name = name
        #: What is stored, and how far beyond it there was nothing to do.
        self._passed: tuple[State, State] | None = None

    async def find(self, session: AsyncSession) -> State | None:
        """Return how far it has read, None if that was never stored."""
        row = await session.get(Setting, self.name)
        if row is None or self._passed is None or self._passed[0] != row.value:
            # Nothing was read beyond it, or another node has moved on meanwhile.
            return row.value if row is not None else None
        return self._passed[1]

    async def keep(self, session: AsyncSession, state: State, at: datetime) -> None:
        """Store it, in the caller's transaction."""
        await session.merge(Setting(key=self.name, value=state, updated_at=at))

    async def go_on(self, database: Database, state: State, at: datetime) -> None:
        """Move on over lines that concerned nobody."""
        async with database.read() as session:
            row = await session.get(Setting, self.name)
        if row is not None and (row.value == state or at - row.updated_at < PASSED):
            self._passed = (row.value, state)
            return
        async with database.write() as session:
            await self.keep(session, state, at)


class Follower:
    """`app` runs `run`. `step` does what comes next and tells whether more follows."""

    def __init__(
        self,
        name: str,
        database: Database,
        step: Callable[[], Awaitable[bool]],
        *,
        rest: float = 0.0,
    ) -> None:
        """`rest` is the pause between steps, as a multiple of the time the last one took."""
        self._name, self._step, self._rest = name, step, rest
        self._second_look = database.is_postgresql
        self._news = asyncio.Event()
        database.when(Audit.__tablename__, self._news.set)

    async def run(self) -> None:
        """Follow, for ever."""
        clock = asyncio.get_running_loop().time
        was_news = True
        while True:
            self._news.clear()
            began = clock()
            if await self._try():
                await asyncio.sleep((clock() - began) * self._rest)
                continue
            soon = SECOND_LOOK_S if was_news and self._second_look else LOOK_S
            was_news = await self._is_news_within(soon)

    async def _try(self) -> bool:
        try:
            return await self._step()
        except Unavailable as error:
            log.warning("the database is away; later", follower=self._name, error=str(error))
        except Exception:
            log.exception("what changed could not be followed", follower=self._name)
        return False

    async def _is_news_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        await asyncio.sleep(GATHER_S)
        return True
