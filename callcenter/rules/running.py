"""Runs a rule for a row: once for each occasion, however many try.

A run is recorded in the transaction of what it does, under a unique key. So a service that is
killed, or a second node that reads the same line, does nothing twice. A rule that fails does
nothing at all, and its run says why.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Database, Unavailable, new_id
from callcenter.db.once import add_once
from callcenter.entity.conditions import Asker, meets
from callcenter.entity.filters import read as read_filter
from callcenter.entity.reading import Context
from callcenter.entity.registry import Registry
from callcenter.errors import Problem
from callcenter.rules import acting
from callcenter.rules.matching import Line, Origin
from callcenter.rules.means import Means
from callcenter.rules.models import Automation, AutomationRun

log = structlog.get_logger()


class Running:
    def __init__(
        self,
        database: Database,
        registry: Registry,
        now: Callable[[], datetime],
        means: Means,
    ) -> None:
        self._database, self._registry, self._now = database, registry, now
        self._means = means

    async def run(self, rule: Automation, key: str, line: Line, origin: Origin) -> int:
        """Let a rule run for a row if the row is such; return how many did."""
        try:
            return await self._try(rule, key, line, origin)
        except Unavailable:
            raise
        except Exception as error:
            # A rule that breaks must not hold up the others, nor be tried for ever.
            log.exception("a rule broke", rule=rule.name)
            async with self._database.write() as session:
                run = self._row(rule, key, line, origin)
                run |= {"status": "failed", "error": f"{type(error).__name__}: {error}"[:1000]}
                await add_once(session, AutomationRun, [run], ("automation_id", "key"))
            return 0

    def _row(self, rule: Automation, key: str, line: Line, origin: Origin) -> dict[str, Any]:
        return {
            "id": new_id(self._now().timestamp()), "automation_id": rule.id, "key": key,
            "root": origin.root, "entity": line.entity, "entity_id": line.entity_id,
            "at": self._now(), "status": "done", "steps": [], "error": None,
        }  # fmt: skip

    async def _try(self, rule: Automation, key: str, line: Line, origin: Origin) -> int:
        async with self._database.write() as session:
            row = await self._such(session, rule, line.entity_id)
            if row is None or await _ran(session, rule, line, origin):
                return 0
            run = self._row(rule, key, line, origin)
            ids = await add_once(session, AutomationRun, [run], ("automation_id", "key"))
            if not ids:
                return 0
            stored = await session.get_one(AutomationRun, ids[0])
            try:
                async with session.begin_nested():
                    stored.steps = await acting.act(
                        session, self._registry, rule, row, origin, self._now(), self._means, ids[0]
                    )
            except Problem as problem:
                stored.status, stored.error = "failed", acting.told(problem)
                log.warning("a rule could not do what it says", rule=rule.name, error=stored.error)
        return 1

    async def _such(self, session: AsyncSession, rule: Automation, row_id: int) -> Any:
        """Return the row if the rule's condition holds for it."""
        entity = self._registry[rule.entity]
        model: Any = entity.model
        query = select(model).where(
            model.id == row_id,
            model.deleted_at.is_(None),
            condition(self._registry, rule, self._now()),
        )
        return await session.scalar(query.with_for_update(of=model))


def condition(registry: Registry, rule: Automation, now: datetime) -> ColumnElement[bool]:
    """Return what must be true of a row for a rule to run. Raises BadInput if a field is gone."""
    entity, fields = registry[rule.entity], registry.fields(rule.entity)
    asker = Asker(acting.identity(registry), now, str(registry.zone))
    context = Context(registry, (), "en", asker.zone)
    return meets(read_filter(rule.condition, fields, context), entity, fields, asker)


async def _ran(session: AsyncSession, rule: Automation, line: Line, origin: Origin) -> bool:
    """Tell whether the rule ran for this row already, out of the same beginning."""
    return bool(
        await session.scalar(
            select(
                exists().where(
                    AutomationRun.automation_id == rule.id, AutomationRun.root == origin.root,
                    AutomationRun.entity == line.entity,
                    AutomationRun.entity_id == line.entity_id,
                )
            )
        )
    )  # fmt: skip
