"""Whose hours count for a team."""

from datetime import date
from typing import Any

from callcenter.agents.models import Team
from callcenter.db import Database, Setting
from callcenter.diary import worktime
from callcenter.diary.hours import OFFICE, Hours
from tests.fixtures.customers import NOW

EARLY = {"zone": "Europe/Istanbul", "country": "TR", "week": [[[420, 900]]] * 5 + [[], []]}


async def test_a_team_works_as_the_nearest_team_above_that_says_when(
    sqlite_database: Database,
) -> None:
    async with sqlite_database.write() as session:
        session.add_all([_team(1, None, {}), _team(2, 1, EARLY), _team(3, 2, {})])
        session.add_all([circle := _team(4, None, {}), _team(5, 4, {})])
        await session.flush()
        circle.parent_id = 5

    async with sqlite_database.read() as session:
        plain = await worktime.of_team(session, 1, "Asia/Baku")
        early = await worktime.of_team(session, 3, "Asia/Baku")
        # Teams in a circle end at the company's, too.
        of_a_circle = await worktime.of_team(session, 4, "Asia/Baku")

    assert plain.hours == Hours("Asia/Baku", (OFFICE,) * 5 + ((), ()))
    assert plain == of_a_circle
    assert early.hours.zone == "Europe/Istanbul"
    assert early.hours.of(date(2026, 11, 23), early.holidays) == ((420, 900),)
    assert early.hours.of(date(2026, 4, 23), early.holidays) == ()


async def test_the_companys_hours_count_for_everybody_else(sqlite_database: Database) -> None:
    days = {"2026-11-23": [], "2026-11-22": [[600, 660]]}
    async with sqlite_database.write() as session:
        session.add(_team(1, None, {}))
        session.add(
            Setting(
                key=worktime.KEY, value={"country": "", "days": days, "version": 2}, updated_at=NOW
            )
        )

    async with sqlite_database.read() as session:
        teams = await worktime.of_teams(session, "Asia/Baku")

    assert teams(1) == teams(None)
    assert teams(1).hours.of(date(2026, 11, 23)) == ()
    assert teams(1).hours.of(date(2026, 11, 22)) == ((600, 660),)
    assert date(2026, 1, 1) not in teams(1).holidays


def _team(id_: int, above: int | None, calendar: dict[str, Any]) -> Team:
    return Team(
        id=id_, name=f"Team {id_}", parent_id=above, calendar=calendar, queue_names=[],
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
