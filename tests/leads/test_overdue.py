"""Who is told that a lead waits too long, and when nobody is."""

from datetime import datetime, timedelta

from sqlalchemy import select

from callcenter.agents.models import Team
from callcenter.db import new_id
from callcenter.jobs import Job
from callcenter.leads.overdue import KIND, Overdue
from callcenter.notices.models import Notification
from callcenter.process.pipelines import Pipelines
from tests.fixtures.customers import NOW
from tests.leads.desk import Desk

ZONE = "Asia/Baku"


async def told(desk: Desk) -> list[tuple[str, int]]:
    async with desk.office.database.read() as session:
        rows = await session.scalars(select(Notification).order_by(Notification.kind.desc()))
        return [(row.kind, row.user_id) for row in rows]


async def waiting(desk: Desk) -> list[Job]:
    async with desk.office.database.read() as session:
        query = select(Job).where(Job.kind == KIND).order_by(Job.run_at)
        return list(await session.scalars(query))


async def test_the_owner_is_told_and_then_the_head_each_once(desk: Desk) -> None:
    office, anna = desk.office, desk.anna
    head = await office.user("Head")
    async with office.database.write() as session:
        team = Team(id=new_id(1), name="Front", head_id=head.id, created_at=NOW, updated_at=NOW)
        session.add(team)
    pipelines = Pipelines(("lead",))
    async with office.database.read() as session:
        await pipelines.load(session)
    now = NOW
    overdue = Overdue(office.database, pipelines, lambda: now, ZONE)
    lead = await desk.add(owner_id=anna.id, team_id=team.id)

    [first] = await waiting(desk)
    assert first.run_at == lead.respond_by
    await overdue.tell(first)
    assert await told(desk) == []  # its time has not passed
    now = first.run_at + timedelta(minutes=1)
    # A job may be done twice; whoever it tells is told once.
    await overdue.tell(first)
    await overdue.tell(first)
    assert await told(desk) == [("late_lead", anna.id)]

    _, second = await waiting(desk)
    assert second.run_at == datetime.fromisoformat("2026-11-23T06:00:00+00:00")
    now = second.run_at
    await overdue.tell(second)
    await overdue.tell(second)
    assert await told(desk) == [("late_lead", anna.id), ("escalated", head.id)]


async def test_nobody_is_told_of_a_lead_that_is_closed(desk: Desk) -> None:
    lead = await desk.add(owner_id=desk.anna.id)
    await desk.change(lead, stage_id=desk.stage("converted"))
    later = NOW + timedelta(days=9)
    overdue = Overdue(desk.office.database, Pipelines(), lambda: later, ZONE)

    for job in await waiting(desk):
        await overdue.tell(job)
    assert await told(desk) == []
