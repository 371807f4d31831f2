"""Hears of calls, letters and meetings, and notes which leads they have answered.

A call is linked to its contact a moment after it is stored, and a restart misses what happened in
between. So once a minute a round looks at every lead that is still waiting.
"""

from collections.abc import Callable, Collection, Coroutine
from datetime import datetime
from typing import Any, Final

from callcenter.bus import Bus
from callcenter.db import Database
from callcenter.events import CallStored, InteractionChanged
from callcenter.jobs import Job
from callcenter.leads import clock

KIND: Final = "lead-answers"


class Answers:
    """`app` hands `round` to the jobs; the rest it hears by the bus."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        now: Callable[[], datetime],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._database, self._now, self._spawn = database, now, spawn
        self._heard: set[int] = set()
        bus.listen(self._note, CallStored, InteractionChanged)

    def _note(self, event: CallStored | InteractionChanged) -> None:
        if event.interaction_id is None:
            return
        is_idle = not self._heard
        self._heard.add(event.interaction_id)
        if is_idle:
            self._spawn(self._settle())

    async def _settle(self) -> None:
        """Look at what was heard; whatever comes while one looks is looked at next."""
        heard, self._heard = self._heard, set()
        leads = {lead for one in heard for lead in await clock.touched(self._database, one)}
        await self._write(leads)

    async def round(self, _job: Job) -> None:
        async with self._database.read() as session:
            leads = await clock.waiting(session, self._now())
        await self._write(leads)

    async def _write(self, leads: Collection[int]) -> None:
        if leads:
            async with self._database.write() as session:
                await clock.settle(session, leads)
