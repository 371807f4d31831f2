"""What a rule has done, and what it would have done.

Templates: rules/runs.html and rules/run_rows.html (rule, entity, runs [AutomationRun], called
{row: title}, kinds, people {id: name}, before, only) · rules/rehearsal.html and
rules/would_rows.html (rule, entity, rows [Would], people, before, days, choices, says).
"""

from collections.abc import Iterable
from typing import Any, Final

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.entity import editing
from callcenter.entity.keys import ENTITIES
from callcenter.errors import BadInput
from callcenter.rules import shapes
from callcenter.rules.in_pages import DONE_WORDS, entity_named
from callcenter.rules.models import STATUSES, Automation, AutomationRun
from callcenter.rules.rehearsing import Page, rehearse
from callcenter.server.body import number_in
from callcenter.server.identity import administrator
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import render

routes = web.RouteTableDef()

PAGE_ROWS: Final = 50
#: So many days back a rehearsal goes.
DAYS: Final = (1, 7, 30, 90)


@routes.get(r"/admin/rules/{id:\d+}/runs")
async def runs(request: web.Request) -> web.Response:
    administrator(request)
    rule = await editing.found(request, Automation)
    entity = entity_named(request, rule.entity)
    outcome = request.query.get("outcome", "")
    query = select(AutomationRun).where(AutomationRun.automation_id == rule.id)
    if outcome in STATUSES:
        query = query.where(AutomationRun.status == outcome)
    if (before := number_in(request.query, "before")) is not None:
        query = query.where(AutomationRun.id < before)
    model: Any = entity.model
    title = getattr(model, entity.title)
    async with request.app[DATABASE].read() as session:
        query = query.order_by(AutomationRun.id.desc()).limit(PAGE_ROWS + 1)
        rows = list(await session.scalars(query))
        more, rows = len(rows) > PAGE_ROWS, rows[:PAGE_ROWS]
        ids = [row.entity_id for row in rows]
        names = await session.execute(select(model.id, title).where(model.id.in_(ids)))
        called = {row[0]: row[1] for row in names}
        steps = [step for row in rows for step in row.steps]
        people = await _people(session, (step.get("user_id") for step in steps))
    template = "rules/runs.html" if before is None else "rules/run_rows.html"
    return render(
        request, template, rule=rule, entity=entity, runs=rows, called=called, kinds=DONE_WORDS,
        people=people, before=rows[-1].id if more else None, outcome=outcome if outcome in STATUSES else "",
    )  # fmt: skip


@routes.get(r"/admin/rules/{id:\d+}/rehearsal")
async def rehearsal(request: web.Request) -> web.Response:
    administrator(request)
    rule = await editing.found(request, Automation)
    entity = entity_named(request, rule.entity)
    asked, before = number_in(request.query, "days"), number_in(request.query, "before")
    days = asked if asked in DAYS else DAYS[1]
    is_broken = False
    async with request.app[DATABASE].read() as session:
        registry, now = request.app[ENTITIES], request.app[CLOCK]()
        try:
            page = await rehearse(session, registry, rule, days, now, before)
        except BadInput:
            page, is_broken = Page([], None), True
        people = await _people(session, (row.actor_id for row in page.rows))
    template = "rules/rehearsal.html" if before is None else "rules/would_rows.html"
    return render(
        request, template, rule=rule,
        entity=entity, rows=page.rows, before=page.before, people=people, days=days, choices=DAYS,
        is_broken=is_broken, kinds=DONE_WORDS,
        deeds=[shapes.kind_of(action) for action in shapes.read(rule.actions)],
    )  # fmt: skip


async def _people(session: AsyncSession, ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {each for each in ids if each is not None}
    rows = await session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}
