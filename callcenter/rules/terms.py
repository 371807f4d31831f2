"""What becomes of an assignment: started in time, passed on, or given to somebody who arrives.

Each step is a job (`giving.TERM`, `SWEEP`, `RING`), so it is done once, on whichever node, and
survives a restart. `settled` hears at once that a phone was not picked up.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.calls.commands import Caller, PlaceCall
from callcenter.calls.models import CallIntent, CallLeg
from callcenter.db import Database
from callcenter.entity.registry import Registry
from callcenter.entity.saving import Deed
from callcenter.errors import Problem
from callcenter.events import RequestSettled
from callcenter.jobs import Job, Later
from callcenter.rules import acting, choosing, customers, giving, shapes
from callcenter.rules.giving import StateOf
from callcenter.rules.matching import Origin
from callcenter.rules.matter import Matter
from callcenter.rules.models import Assignment, Automation

#: Places a call: `calls.commands.Switchboard.place_call`.
Place = Callable[[Caller, PlaceCall], Awaitable[Any]]
#: Begins the id of a request that a rule makes.
INTENT: Final = "rule-give-"
_FINAL: Final = ("refused", "unknown")


class Terms:
    """`app` has the jobs' runner do these, and lets it hear what requests are settled."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        now: Callable[[], datetime],
        state_of: StateOf,
        place: Place,
        acted: Callable[[], None],
    ) -> None:
        self._database, self._registry, self._now = database, registry, now
        self._state_of, self._place, self._acted = state_of, place, acted

    async def term(self, job: Job) -> None:
        """Pass on what nobody has begun."""
        async with self._database.write() as session:
            given = await session.get(Assignment, job.payload["assignment"], with_for_update=True)
            if given is None or given.ended is not None:
                return
            if await self._still_rings(session, given):
                raise Later(self._now() + timedelta(seconds=5))
            await self._end(session, given)
        self._acted()

    async def sweep(self, job: Job) -> None:
        """Give to somebody who is there by now what nobody could be given."""
        async with self._database.write() as session:
            given = await session.get(Assignment, job.payload["assignment"], with_for_update=True)
            if given is None or given.ended is not None:
                return
            matter = await self._matter(session, given)
            waits = self._now() - given.at
            if matter is None or matter.row.owner_id is not None or waits > giving.SWEPT_FOR:
                self._over(given, "closed" if matter is None else "escalated")
                return
            people = await giving.candidates(matter, self._state_of)
            if choosing.choose(people, matter.action.how, giving.allowed(matter.action)) is None:
                raise Later(self._now() + timedelta(seconds=giving.SWEEP_S))
            self._over(given, "escalated")
            await giving.give(matter, self._state_of)
        self._acted()

    async def ring(self, job: Job) -> None:
        """Ring who got it; he hears the customer once he picks up."""
        async with self._database.write() as session:
            given = await session.get(Assignment, job.payload["assignment"], with_for_update=True)
            if given is None or given.ended is not None or given.user_id is None:
                return
            matter = await self._matter(session, given)
            number = (await customers.of(matter)).number if matter is not None else None
            if matter is None or number is None:
                return
            person = await session.get_one(User, given.user_id)
            given.intent_id = f"{INTENT}{given.id}"
            caller = Caller(user_id=person.id, name=person.name)
            wish = PlaceCall(
                intent_id=given.intent_id, number=number,
                contact_id=getattr(matter.row, "contact_id", None),
            )  # fmt: skip
        try:
            await self._place(caller, wish)
        except Problem:
            # He cannot be rung: the next one is.
            await self._pass(given.id)

    async def settled(self, event: RequestSettled) -> None:
        """Ring the next one as soon as one has not picked up."""
        if event.intent_id.startswith(INTENT) and event.status in _FINAL:
            await self._pass(int(event.intent_id.removeprefix(INTENT)))

    async def _pass(self, assignment_id: int) -> None:
        async with self._database.write() as session:
            given = await session.get(Assignment, assignment_id, with_for_update=True)
            if given is not None and given.ended is None:
                await self._end(session, given)
        self._acted()

    async def _end(self, session: AsyncSession, given: Assignment) -> None:
        """Say how it ended, and give it to the next if nobody has begun."""
        matter = await self._matter(session, given)
        if matter is None or not giving.is_open(matter.row):
            self._over(given, "closed")
        elif await self._has_begun(session, matter.row, given):
            self._over(given, "taken")
        elif matter.row.owner_id != given.user_id:
            # Somebody gave it away meanwhile: it is not the rule's any more.
            self._over(given, "closed")
        else:
            self._over(given, "passed")
            await session.flush()
            await giving.give(matter, self._state_of)

    def _over(self, given: Assignment, how: str) -> None:
        given.ended, given.ended_at = how, self._now()

    async def _matter(self, session: AsyncSession, given: Assignment) -> Matter | None:
        """Return what was given, as the rule would give it now; None if rule or row are gone."""
        rule = await session.get_one(Automation, given.automation_id)
        entity = self._registry[given.entity]
        model: Any = entity.model
        row = await session.scalar(
            select(model)
            .where(model.id == given.entity_id, model.deleted_at.is_(None))
            .with_for_update(of=model)
        )
        how = next(
            (one for one in shapes.read(rule.actions) if isinstance(one, shapes.Assign)), None
        )
        if row is None or how is None or not giving.is_open(row):
            return None
        origin = Origin(f"a{given.id}", 0)
        deed = Deed(
            session, self._registry, entity, acting.identity(self._registry), self._now(),
            acting.actor(origin),
        )  # fmt: skip
        return Matter(deed, row, rule, how)

    async def _has_begun(self, session: AsyncSession, row: Any, given: Assignment) -> bool:
        if given.intent_id is None:
            return await giving.has_begun(session, row, given)
        talked = (
            select(CallLeg.answer_at)
            .join(CallIntent, CallIntent.call_id == CallLeg.call_id)
            .where(CallIntent.id == given.intent_id, CallLeg.user_id == given.user_id)
        )
        answered = await session.scalar(talked.where(CallLeg.answer_at.is_not(None)).limit(1))
        return answered is not None or await giving.has_begun(session, row, given)

    async def _still_rings(self, session: AsyncSession, given: Assignment) -> bool:
        if given.intent_id is None:
            return False
        intent = await session.get(CallIntent, given.intent_id)
        return intent is not None and intent.status in ("asked", "placed")
