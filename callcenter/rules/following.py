"""Reads the stream of changes and lets rules run: each once for a line, whoever reads it.

A run is written down in the transaction of what it does, under a unique key; so a service that is
killed, or a second node that reads the same line, does nothing twice. A rule that fails does
nothing at all, and its run says why.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.audit import Cursor
from callcenter.bus import Bus
from callcenter.db import Database, Setting, Unavailable, new_id
from callcenter.db.once import add_once
from callcenter.entity.conditions import Asker, condition_of, meets
from callcenter.entity.description import Condition
from callcenter.entity.filters import read as read_filter
from callcenter.entity.reading import Context
from callcenter.entity.registry import Registry
from callcenter.entity.saving import stored_as
from callcenter.errors import Problem
from callcenter.events import ContactChanged, InteractionChanged
from callcenter.rules import acting
from callcenter.rules.giving import StateOf
from callcenter.rules.matching import Line, Origin, Rule, concerns, line_of, origin_of
from callcenter.rules.models import Automation, AutomationRun

log = structlog.get_logger()

STATE: Final = "rules"
BATCH: Final = 200
#: Changes that nobody announced, and dates that have come, are found after this time.
PERIOD_S: Final = 1.0
#: Dates that came while the service was away are made good so far back.
LATE: Final = timedelta(days=2)


class Follower:
    """`app` runs `run`; it hears of changes by the bus, and looks for the others."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        registry: Registry,
        now: Callable[[], datetime],
        state_of: StateOf,
        acted: Callable[[], None] = lambda: None,
    ) -> None:
        """`acted` is called when rules have done something: there may be jobs and notices."""
        self._database, self._registry, self._now = database, registry, now
        self._state_of, self._acted = state_of, acted
        self._work = asyncio.Event()
        bus.listen(lambda _event: self._work.set(), InteractionChanged, ContactChanged)

    async def run(self) -> None:
        """Let rules run, for ever."""
        while True:
            self._work.clear()
            try:
                if await self.step():
                    continue
            except Unavailable as error:
                log.warning("the database is away; rules run later", error=str(error))
            except Exception:
                log.exception("rules could not run")
            try:
                async with asyncio.timeout(PERIOD_S):
                    await self._work.wait()
            except TimeoutError:
                continue

    async def step(self) -> bool:
        """Let the rules run that the next lines concern, and those whose date has come.

        Return whether more follows.
        """
        async with self._database.read() as session:
            rules = await _active(session)
            state = await session.get(Setting, STATE)
            begun = Cursor.read(state.value["after"]) if state is not None else None
            after = begun or await audit.newest(session)
            stretch = await audit.read(session, after, BATCH)
            lines = [line for row in stretch.lines if (line := line_of(row)) is not None]
        did = 0
        for line in lines:
            for rule in rules:
                if concerns(line, _as_rule(rule)):
                    did += await self._run(rule, f"a{line.id}", line, origin_of(line))
        for rule in rules:
            if rule.trigger == "date":
                did += await self._dates(rule)
        if did:
            self._acted()
        if begun is None or stretch.after != begun:
            await self._remember(stretch.after)
        return stretch.more

    async def _remember(self, after: Cursor) -> None:
        async with self._database.write() as session:
            value = {"after": str(after)}
            await session.merge(Setting(key=STATE, value=value, updated_at=self._now()))

    async def _run(self, rule: Automation, key: str, line: Line, origin: Origin) -> int:
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
                        session, self._registry, rule, row, origin, self._now(), self._state_of
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
            model.id == row_id, model.deleted_at.is_(None), self._condition(rule)
        )
        return await session.scalar(query.with_for_update(of=model))

    def _condition(self, rule: Automation) -> Any:
        entity, fields = self._registry[rule.entity], self._registry.fields(rule.entity)
        context = Context(self._registry, (), "en", str(self._registry.zone))
        asker = Asker(acting.identity(self._registry), self._now(), str(self._registry.zone))
        return meets(read_filter(rule.condition, fields, context), entity, fields, asker)

    # ------------------------------------------------------------ dates

    async def _dates(self, rule: Automation) -> int:
        """Let a rule run for the rows whose date has come since it was last looked at."""
        now = self._now()
        since = max(rule.looked_until or now, now - LATE)
        shift = timedelta(minutes=rule.offset_min)
        entity, fields = self._registry[rule.entity], self._registry.fields(rule.entity)
        field = fields.get(rule.date_field or "")
        if field is None:
            return 0
        model: Any = entity.model
        moment = stored_as(entity.model, field)
        asker = Asker(acting.identity(self._registry), now, str(self._registry.zone))
        filled = condition_of(Condition(field.name, "filled"), entity, field, asker)
        async with self._database.read() as session:
            rows = await session.execute(
                select(model.id, moment)
                .where(
                    model.deleted_at.is_(None), filled, moment > since - shift,
                    moment <= now - shift, self._condition(rule),
                )
                .order_by(moment, model.id)
                .limit(BATCH)
            )  # fmt: skip
            due = list(rows)
        did = 0
        for row_id, at in due:
            key = f"d{row_id}.{round(at.timestamp() * 1000)}"
            line = Line(0, rule.entity, row_id, "date", (), "system")
            did += await self._run(rule, key, line, Origin(key, 0))
        looked = due[-1][1] + shift if len(due) == BATCH else now
        async with self._database.write() as session:
            stored = await session.get_one(Automation, rule.id)
            stored.looked_until = looked
        return did


async def _active(session: AsyncSession) -> Sequence[Automation]:
    rows = await session.scalars(
        select(Automation)
        .where(Automation.active, Automation.deleted_at.is_(None))
        .order_by(Automation.position, Automation.id)
    )
    return list(rows)


def _as_rule(row: Automation) -> Rule:
    return Rule(row.id, row.entity, row.trigger, tuple(row.trigger_fields), row.on_import)


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
