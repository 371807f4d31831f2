"""Tasks: their steps, how they come again, who gave them to whom."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from callcenter.db import Database
from callcenter.entity import saving
from callcenter.errors import BadInput
from callcenter.interactions import access, checklist, series
from callcenter.interactions.checklist import Step
from callcenter.interactions.models import Interaction
from callcenter.interactions.participants import Taking
from callcenter.interactions.repeating import rule_of
from callcenter.jobs import Job
from callcenter.notices.models import Notification
from tests.fixtures.customers import NOW, Office, signed_in
from tests.interactions.diary import Diary, diary

__all__ = ["diary"]

DAILY = rule_of("daily", NOW.replace(tzinfo=None))
OWN = dict.fromkeys(("create", "read", "edit"), "own")


@pytest.fixture
async def both(database: Database) -> Diary:
    """A diary on each engine."""
    made = Diary(Office(database))
    await made.registry.load(database)
    return made


async def in_series(diary: Diary, row: Interaction) -> list[Interaction]:
    async with diary.database.read() as session:
        whole = select(Interaction).where(Interaction.series_id == row.id)
        return list(await session.scalars(whole.order_by(Interaction.recurs_at)))


async def test_what_is_done_comes_again_once_however_many_press(both: Diary) -> None:
    anna, zoe = await both.office.user("Anna"), await both.office.contact("Zoë")
    task = await both.add(
        anna, Taking(contact_id=zoe.id), kind="task", repeat=DAILY, zone="UTC",
        remind_at=NOW - timedelta(minutes=10), checklist=[Step(text="Ring"), Step(text="Write", done=True)],
    )  # fmt: skip

    presses = [both.change(anna, task, status="held") for _ in range(3)]
    await asyncio.gather(*presses)
    await both.change(anna, task, status="planned")
    await both.change(anna, task, status="missed")

    first, following = await in_series(both, task)
    assert (first.status, following.status) == ("missed", "planned")
    assert following.start_at == following.due_at == NOW + timedelta(days=1)
    assert following.remind_at == NOW + timedelta(days=1, minutes=-10)
    assert [step["done"] for step in following.checklist] == [False, False]
    assert [one[1] for one in await both.people(following)] == [zoe.id]
    stored = await both.database.fetch("SELECT next_action_at FROM contact WHERE id = ?1", zoe.id)
    assert stored[0][0] == round(following.due_at.timestamp() * 1000)


async def test_what_passes_comes_again_too_and_a_job_twice_done_makes_one(diary: Diary) -> None:
    anna = await diary.office.user("Anna")
    task = await diary.add(anna, kind="task", repeat=DAILY, zone="UTC")
    later = NOW + timedelta(hours=1)

    for _ in range(2):
        async with diary.database.write() as session:
            await series.passed(session, task.id, later)
    moved = (await in_series(diary, task))[1]
    async with diary.database.read() as session:
        due = {
            job.payload["id"]: job.run_at
            for job in await session.scalars(select(Job).where(Job.kind == series.JOB))
        }

    assert len(await in_series(diary, task)) == 2
    assert due == {task.id: NOW, moved.id: NOW + timedelta(days=1)}


async def test_one_that_was_moved_leaves_the_others_where_they_are(diary: Diary) -> None:
    anna = await diary.office.user("Anna")
    task = await diary.add(anna, kind="task", repeat=DAILY, zone="UTC")
    await diary.change(anna, task, start_at=NOW + timedelta(hours=5))
    await diary.change(anna, task, status="held")
    assert [row.start_at for row in await in_series(diary, task)] == [
        NOW + timedelta(hours=5), NOW + timedelta(days=1),
    ]  # fmt: skip


async def test_a_series_ends_when_somebody_says_so(diary: Diary) -> None:
    anna = await diary.office.user("Anna")
    task = await diary.add(anna, kind="task", repeat=DAILY, zone="UTC")
    await diary.change(anna, task, status="held", repeat=None)
    async with diary.database.write() as session:
        await series.passed(session, task.id, NOW + timedelta(days=2))
    assert len(await in_series(diary, task)) == 1
    async with diary.database.read() as session:
        assert (await session.scalars(select(Job))).all() == []


async def test_it_repeats_in_its_owners_zone(diary: Diary) -> None:
    anna = await diary.office.user("Anna", time_zone="Europe/Berlin")
    wall = datetime(2026, 10, 24, 10, tzinfo=UTC)
    # 12:00 in Berlin, on the day before its clocks are set back.
    task = await diary.add(
        anna, kind="task", start_at=wall, repeat=rule_of("daily", wall.replace(hour=12))
    )
    await diary.change(anna, task, status="held")
    assert [row.start_at for row in await in_series(diary, task)][1] == wall.replace(
        day=25, hour=11
    )


async def test_two_who_tick_at_once_both_have_their_way(both: Diary) -> None:
    anna, orxan = await both.office.user("Anna"), await both.office.user("Orxan")
    task = await both.add(anna, kind="task", checklist=checklist.of_lines("Ring\n\nWrite\nRing"))

    async def tick(user: Any, text: str) -> None:
        async with both.database.write() as session:
            deed = both._deed(session, user)
            row = await saving.locked(deed, task.id, "edit")
            steps = checklist.ticked(row.checklist, text, done=True)
            await saving.change(deed, task.id, {"checklist": steps}, None)

    await asyncio.gather(tick(anna, "Ring"), tick(orxan, "Write"))

    stored = (await both.stored(task)).checklist
    assert [(step["text"], step["by"]) for step in stored] == [
        ("Ring", anna.id), ("Write", orxan.id),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "steps",
    [
        [Step(text=" ")],
        [Step(text="x" * 201)],
        [Step(text="One"), Step(text="One ")],
        [Step(text=str(n)) for n in range(101)],
    ],
)
async def test_steps_that_cannot_be_are_refused(diary: Diary, steps: list[Step]) -> None:
    with pytest.raises(BadInput) as refusal:
        await diary.add(await diary.office.user("Anna"), kind="task", checklist=steps)
    assert set(refusal.value.fields) == {"checklist"}


async def test_who_gave_it_away_still_sees_it_until_it_is_taken(diary: Diary) -> None:
    anna, orxan = await diary.office.user("Anna"), await diary.office.user("Orxan")
    leyla = await diary.office.user("Leyla")
    task = await diary.add(anna, kind="task")

    await diary.change(anna, task, owner_id=orxan.id)
    assert await seen_by(diary, anna) == await seen_by(diary, orxan) == [task.id]
    assert (await diary.stored(task)).given_by_id == anna.id

    # It is handed on: now Orxan wants to know, and Anna does no more.
    await diary.change(orxan, task, owner_id=leyla.id)
    assert (await seen_by(diary, anna), await seen_by(diary, orxan)) == ([], [task.id])

    await diary.change(leyla, task, owner_id=orxan.id)
    await diary.change(orxan, task, owner_id=None)
    assert (await diary.stored(task)).given_by_id is None


async def test_who_gave_a_task_hears_once_what_came_of_it(diary: Diary) -> None:
    anna, orxan = await diary.office.user("Anna"), await diary.office.user("Orxan")
    given = await diary.add(anna, kind="task", subject="Offer", owner_id=orxan.id)
    off = await diary.add(anna, kind="task", subject="Visit", owner_id=orxan.id)
    own = await diary.add(anna, kind="task", subject="Own")
    await diary.change(anna, own, status="held")
    await diary.change(orxan, given, status="held", result_note="She takes 20.\nIn May.")
    await diary.change(orxan, given, result_note="She takes 30.")
    await diary.change(orxan, off, status="cancelled", result_note="Moved away")

    query = select(Notification).where(Notification.kind == "done").order_by(Notification.id)
    async with diary.database.read() as session:
        told = list(await session.scalars(query))
    assert [(one.user_id, one.by_id, one.text) for one in told] == [
        (anna.id, orxan.id, "✓ Offer: She takes 20."), (anna.id, orxan.id, "✗ Visit: Moved away"),
    ]  # fmt: skip


async def seen_by(diary: Diary, user: Any) -> list[int]:
    async with diary.database.read() as session:
        who = signed_in(user, interaction=OWN)
        return list(await session.scalars(select(Interaction.id).where(access.visible_to(who))))
