"""Tells people's open pages what they are to know, once, and reminds them in time.

Notices are written in the transaction of what they tell of; whoever ends one says `tell_soon`.
What was missed, as by a restart, is told with the next round.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Database
from callcenter.live.hub import Hub
from callcenter.live.protocol import Notice
from callcenter.notices import notices

log = structlog.get_logger()

#: How late a reminder may be.
ROUND_S: Final = 20.0

#: Writes down what is due by a moment.
Due = Callable[[AsyncSession, datetime], Awaitable[None]]


class Teller:
    """`app` runs `run`; `due` are the rooms that remind people of something."""

    def __init__(
        self,
        database: Database,
        hub: Hub,
        now: Callable[[], datetime],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        due: tuple[Due, ...] = (),
    ) -> None:
        self._database, self._hub, self._now, self._spawn = database, hub, now, spawn
        self._due = due

    def tell_soon(self) -> None:
        self._spawn(self.tell())

    async def run(self) -> None:
        """Remind, for ever."""
        while True:
            try:
                await self.remind()
            except Exception:
                # The next round tells them; nobody is reminded twice.
                log.exception("people could not be reminded")
            await asyncio.sleep(ROUND_S)

    async def remind(self) -> None:
        """Write down what is due by now, and tell it."""
        async with self._database.write() as session:
            for due in self._due:
                await due(session, self._now())
        await self.tell()

    async def tell(self) -> None:
        """Tell what nobody was told of yet."""
        async with self._database.write() as session:
            untold = await notices.take_untold(session, self._now())
        for told in untold:
            notice: Any = told.notice
            self._hub.say(
                notice.user_id,
                Notice(
                    seq=0, kind=notice.kind, entity=notice.entity, entity_id=notice.entity_id,
                    title=notice.text, by=told.by,
                ),
            )  # fmt: skip
