"""Reads the stream of changes and runs the rules they concern; runs those of dates as well."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.audit import Cursor, Place
from callcenter.db import Database
from callcenter.entity.registry import Registry
from callcenter.rules.dates import Dates
from callcenter.rules.matching import Rule, concerns, line_of, origin_of
from callcenter.rules.means import Means
from callcenter.rules.models import Automation
from callcenter.rules.running import Running

STATE: Final = "rules"
BATCH: Final = 200
#: However much changes, dates are looked at no more often.
DATES: Final = timedelta(seconds=5)


class Follower:
    """`app` runs `run`."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        now: Callable[[], datetime],
        means: Means,
        acted: Callable[[], None] = lambda: None,
    ) -> None:
        """`acted` is called when rules have done something: there may be jobs and notices."""
        self._database, self._now, self._acted = database, now, acted
        self._place = Place(STATE)
        self._running = Running(database, registry, now, means)
        self._dates = Dates(database, registry, now, self._running)
        self._dates_at: datetime | None = None
        self.run = audit.Follower(STATE, database, self.step).run

    async def step(self) -> bool:
        """Let the rules run that the next lines concern, and those whose date has come.

        Return whether more follows.
        """
        async with self._database.read() as session:
            rules = await active(session)
            state = await self._place.find(session)
            after = Cursor.read(state["after"]) if state is not None else None
            after = after or await audit.newest(session)
            stretch = await audit.read(session, after, BATCH)
        lines = [line for row in stretch.lines if (line := line_of(row)) is not None]
        did = 0
        for line in lines:
            for rule in rules:
                if concerns(line, as_rule(rule)):
                    did += await self._running.run(rule, f"a{line.id}", line, origin_of(line))
        if did:
            async with self._database.write() as session:
                await self._place.keep(session, {"after": str(stretch.after)}, self._now())
        else:
            await self._place.go_on(self._database, {"after": str(stretch.after)}, self._now())
        if did + await self._look_at_dates(rules):
            self._acted()
        return stretch.more

    async def _look_at_dates(self, rules: Sequence[Automation]) -> int:
        now = self._now()
        if self._dates_at is not None and now - self._dates_at < DATES:
            return 0
        self._dates_at = now
        return sum([await self._dates.run(rule) for rule in rules if rule.trigger == "date"])


async def active(session: AsyncSession) -> Sequence[Automation]:
    rows = await session.scalars(
        select(Automation)
        .where(Automation.active, Automation.deleted_at.is_(None))
        .order_by(Automation.position, Automation.id)
    )
    return list(rows)


def as_rule(row: Automation) -> Rule:
    return Rule(row.id, row.entity, row.trigger, tuple(row.trigger_fields), row.on_import)
