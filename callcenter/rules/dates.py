"""Runs rules for rows whose date has come.

How far dates were looked at is stored together with what was done, and otherwise only now and
then: after a restart some rows are looked at again, and a rule runs only once for a date.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Database
from callcenter.entity.conditions import Asker, condition_of
from callcenter.entity.description import Condition
from callcenter.entity.reading import stored
from callcenter.entity.registry import Registry
from callcenter.entity.saving import stored_as
from callcenter.errors import BadInput
from callcenter.rules import acting
from callcenter.rules.matching import Line, Origin
from callcenter.rules.models import Automation
from callcenter.rules.running import Running, condition

BATCH: Final = 200
#: Dates that came while the service was away are made good so far back.
LATE: Final = timedelta(days=2)
#: So often it is kept that nothing was to be done.
KEPT: Final = timedelta(minutes=10)
#: After every row of a moment.
_LAST_ID: Final = 2**53

#: A row and its date, which is where a look goes on.
Due = tuple[int, datetime]


class Dates:
    def __init__(
        self, database: Database, registry: Registry, now: Callable[[], datetime], running: Running
    ) -> None:
        self._database, self._registry, self._now = database, registry, now
        self._running = running
        #: Up to when the dates of a rule were looked at.
        self._looked: dict[int, datetime] = {}

    async def run(self, rule: Automation) -> int:
        """Let a rule run for the rows whose date came since the last look; return how many did."""
        now, kept = self._now(), rule.looked_until or self._now()
        since = max(kept, self._looked.get(rule.id, kept), now - LATE)
        did, seen = 0, (_LAST_ID, since - timedelta(minutes=rule.offset_min))
        while rows := await self._due(rule, seen, now):
            for row_id, moment in rows:
                key = f"d{row_id}.{round(moment.timestamp() * 1000)}"
                line = Line(0, rule.entity, row_id, "date", (), "system")
                did += await self._running.run(rule, key, line, Origin(key, 0))
            seen = rows[-1]
        self._looked[rule.id] = now
        if did or rule.looked_until is None or now - kept >= KEPT:
            async with self._database.write() as session:
                (await session.get_one(Automation, rule.id)).looked_until = now
        return did

    async def _due(self, rule: Automation, seen: Due, now: datetime) -> Sequence[Due]:
        async with self._database.read() as session:
            try:
                return await due(session, self._registry, rule, seen, now)
            except BadInput:
                # A field of its condition is gone; the rule's page says so.
                return []


async def due(
    session: AsyncSession, registry: Registry, rule: Automation, seen: Due, now: datetime
) -> Sequence[Due]:
    """Return the next rows after `seen` whose date, moved as the rule says, has come by `now`.

    Raises BadInput if a field of the rule is gone.
    """
    entity = registry[rule.entity]
    field = registry.fields(entity.name).get(rule.date_field or "")
    if field is None:
        return []
    model: Any = entity.model
    moment = stored_as(entity.model, field)
    after = stored(field, seen[1])
    asker = Asker(acting.identity(registry), now, str(registry.zone))
    rows = await session.execute(
        select(model.id, moment)
        .where(
            model.deleted_at.is_(None),
            condition_of(Condition(field.name, "filled"), entity, field, asker),
            moment <= stored(field, now - timedelta(minutes=rule.offset_min)),
            or_(moment > after, and_(moment == after, model.id > seen[0])),
            condition(registry, rule, now),
        )
        .order_by(moment, model.id)
        .limit(BATCH)
    )  # fmt: skip
    return [(row[0], _moment(row[1])) for row in rows]


def _moment(held: datetime | str) -> datetime:
    """Return a date as it is held; of a field that administrators added, as text."""
    moment = held if isinstance(held, datetime) else datetime.fromisoformat(held)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
