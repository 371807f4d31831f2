"""Places the calls that rules planned, each at its time: first the person's phone, then the customer's.

Whoever is busy then is rung a little later; who is not there has the planned call, and its reminder.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from callcenter.agents.models import User
from callcenter.calls.commands import Caller, PlaceCall
from callcenter.db import Database
from callcenter.errors import Problem
from callcenter.interactions.models import Interaction
from callcenter.jobs import Job, Later
from callcenter.rules.choosing import presence_of
from callcenter.rules.giving import StateOf

log = structlog.get_logger()

#: Places a call: `calls.commands.Switchboard.place_call`.
Place = Callable[[Caller, PlaceCall], Awaitable[Any]]
INTENT: Final = "rule-call-"
AGAIN: Final = timedelta(seconds=30)
#: Whoever is busy for so long calls when he can.
TRIED_FOR: Final = timedelta(minutes=15)


class Calling:
    """`app` gives `place` to the jobs."""

    def __init__(
        self, database: Database, now: Callable[[], datetime], state_of: StateOf, place: Place
    ) -> None:
        self._database, self._now = database, now
        self._state_of, self._place = state_of, place

    async def place(self, job: Job) -> None:
        async with self._database.read() as session:
            row = await session.get(Interaction, job.payload["interaction"])
            if row is None or row.deleted_at is not None or row.status != "planned":
                return
            person = await session.get(User, row.owner_id or 0)
        if person is None or self._now() - row.start_at > TRIED_FOR:
            return
        if row.start_at > self._now():
            # Somebody has moved it.
            raise Later(row.start_at)
        presence = presence_of(self._state_of(person.id))
        if presence == "away":
            return
        if presence == "busy":
            raise Later(self._now() + AGAIN)
        wish = PlaceCall(intent_id=f"{INTENT}{row.id}", number=job.payload["number"])
        try:
            await self._place(Caller(user_id=person.id, name=person.name), wish)
        except Problem as problem:
            log.warning("a planned call could not be placed", interaction=row.id, why=str(problem))
