"""In the morning everybody is told once how much of his is overdue."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from callcenter.interactions import overdue
from callcenter.interactions.models import Interaction
from callcenter.notices.models import Notification
from tests.fixtures.house import House

BAKU = ZoneInfo("Asia/Baku")
#: A Monday, eight in the morning in Baku.
MONDAY = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "is_one"),
    [
        ("2026-11-23T07:59", False),
        ("2026-11-23T08:00", True),
        ("2026-11-23T11:59", True),  # whoever's service began late
        ("2026-11-23T12:00", False),
        ("2026-11-22T09:00", False),  # a Sunday
    ],
)
def test_a_morning_is_that_of_a_working_day(local: str, is_one: bool) -> None:
    assert overdue.is_morning(datetime.fromisoformat(local)) is is_one


async def test_everybody_is_told_once_a_day_in_his_own_morning(house: House) -> None:
    anna = await house.person("anna")
    murad = await house.person("murad", time_zone="America/New_York")
    await house.person("idle")
    yesterday = MONDAY - timedelta(days=1)
    await plan(house, anna.id, yesterday, yesterday, MONDAY + timedelta(days=1))
    await plan(house, anna.id, yesterday, status="held")
    await plan(house, murad.id, yesterday)

    told = []
    for hours in (0, 1, 9, 24):
        at = MONDAY + timedelta(hours=hours)
        async with house.database.write() as session:
            await overdue.tell(session, at, BAKU)
        async with house.database.read() as session:
            rows = await session.scalars(select(Notification).order_by(Notification.at))
            told.append([(row.user_id, row.text) for row in rows])

    once = [(anna.id, "2")]
    assert told[:2] == [once, once]
    assert told[2] == [*once, (murad.id, "1")]
    assert told[3] == [*told[2], (anna.id, "2")]


async def plan(house: House, owner_id: int, *due: datetime, **facts: Any) -> None:
    async with house.database.write() as session:
        start = await session.scalar(select(Interaction.id).order_by(Interaction.id.desc())) or 0
        for number, at in enumerate(due, start + 1):
            session.add(
                Interaction(
                    id=number, kind="task", subject="Call", start_at=at, due_at=at,
                    owner_id=owner_id, created_at=at, updated_at=at,
                    **({"status": "planned"} | facts),
                )
            )  # fmt: skip
