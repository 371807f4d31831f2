"""Administrators say when the company and its teams work."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcenter.agents.models import Team
from callcenter.company import hours_pages
from callcenter.db import Database
from callcenter.diary import worktime
from callcenter.diary.hours_form import WEEK
from callcenter.diary.worktime import Worktime
from tests.fixtures.house import Browser, House, house_on

OFFICE = dict.fromkeys(WEEK[:5], "9-18")


@pytest.fixture
async def office(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house_on(sqlite_database, tmp_path, routes=hours_pages.routes) as house:
        at = house.clock()
        async with house.database.write() as session:
            team = {"calendar": {}, "queue_names": [], "created_at": at, "updated_at": at}
            session.add(Team(id=7, name="Sales", **team))
        yield house


@pytest.fixture
async def admin(office: House) -> Browser:
    await office.person("boss", "admin", locale="en")
    return await office.signed_in("boss")


async def worked(office: House, team_id: int | None = None) -> Worktime:
    async with office.database.read() as session:
        return await worktime.of_team(session, team_id, "Asia/Baku")


async def test_the_companys_hours_count_for_a_team_until_it_has_its_own(
    office: House, admin: Browser
) -> None:
    company = OFFICE | {"country": "AZ", "days": "2026-12-31 9-13", "version": 1}
    own = {WEEK[5]: "10-14", "zone": "Europe/Istanbul", "country": "TR", "version": 1, "own": "1"}

    saved = await admin.submit("/admin/hours", company)
    assert (saved.status, await worked(office, 7)) == (303, await worked(office))
    assert (await worked(office)).hours.week[0] == ((540, 1080),)

    await admin.submit("/admin/hours/7", own)
    assert (await worked(office, 7)).hours.zone == "Europe/Istanbul"
    assert (await worked(office, 7)).hours.week == ((), (), (), (), (), ((600, 840),), ())
    page = await admin.open("/admin/hours/7")
    for word in ("10:00-14:00", "Republic Day", "Saturday"):
        assert word in page.text

    await admin.submit("/admin/hours/7", {"version": page.value("version")})
    assert await worked(office, 7) == await worked(office)
    page = await admin.open("/admin/hours?saved=1")
    for word in ("2026-12-31 09:00-13:00", "Saved.", "Sales"):
        assert word in page.text


async def test_two_who_change_the_hours_are_told_of_each_other(
    office: House, admin: Browser
) -> None:
    for address, first in (("/admin/hours", {}), ("/admin/hours/7", {"own": "1"})):
        for typed, status in (("9-18", 303), ("10-18", 409)):
            answer = await admin.submit(address, {WEEK[0]: typed, "version": 1, **first})
            assert answer.status == status, (address, typed)


async def test_hours_that_cannot_be_come_back_as_typed(office: House, admin: Browser) -> None:
    refused = await admin.submit("/admin/hours", {WEEK[0]: "in the morning", "version": 1})
    assert (refused.status, "in the morning" in refused.text) == (422, True)
    assert 'id="e-day_0"' in refused.text
    await office.person("anna", locale="en")
    assert (await (await office.signed_in("anna")).open("/admin/hours")).status == 403
