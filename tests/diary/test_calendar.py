"""The calendar as a browser meets it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from callcenter.agents.models import Role, Team, User
from callcenter.diary import calendar_pages
from callcenter.interactions import outcome_pages, pages
from callcenter.interactions.models import Interaction
from callcenter.interactions.participants import Taking
from tests.fixtures.house import Browser, House, Page
from tests.interactions.diary import Diary

ROUTES = [*calendar_pages.routes, *pages.routes, *outcome_pages.routes]
#: Ten o'clock in Baku, on the Monday after the house's Sunday.
TEN = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def own_only(crm: House, me: User) -> None:
    """Agents see what is their own."""
    own = {
        "interaction": dict.fromkeys(("create", "read", "edit"), "own"),
        "contact": {"read": "all"},
    }
    async with crm.database.write() as session:
        await session.execute(update(Role).where(Role.key == "agent").values(grants=own))


def entries(page: Page) -> list[str]:
    """Return what the calendar's things say, in order."""
    found = [
        one.partition("</span>" if one.startswith("covered") else "</a>")[0].partition(">")[2]
        for one in page.text.split('class="entry entry--')[1:]
    ]
    return [" ".join(re.sub(r"<[^>]*>", " ", one).split()) for one in found]


def fact(page: Page, row: Interaction, name: str) -> str:
    found = re.search(rf'<a[^>]*href="/interactions/{row.id}"[^>]*>', page.text)
    assert found
    held = re.search(rf'data-{name}="([^"]*)"', found[0])
    assert held, found[0]
    return held[1]


async def test_each_span_shows_what_one_has_to_do_on_ones_own_clock(
    anna: Browser, me: User, diary: Diary
) -> None:
    zoe = await diary.office.contact("Zoë", time_zone="Europe/Berlin")
    end = TEN + timedelta(minutes=45)
    offer = await diary.add(me, Taking(contact_id=zoe.id), start_at=TEN, end_at=end)
    await diary.add(me, subject="Novruz", kind="task", all_day=True, start_at=TEN)
    await diary.add(me, subject="Gone", start_at=TEN, status="cancelled", result_note="No")

    month = await anna.open("/calendar?day=2026-11-23")
    week = await anna.open("/calendar?span=week&day=2026-11-23")
    day = await anna.open("/calendar?span=day&day=2026-11-23")
    agenda = await anna.open("/calendar?span=agenda&day=2026-11-20")
    elsewhere = await anna.open("/calendar?span=day&day=2026-11-24")

    for page in (month, week, day, agenda):
        shown = " ".join(entries(page))
        for word in ("10:00", "Offer", "Zoë", "07:00 there", "Novruz"):
            assert word in shown
        assert "Gone" not in page.text
    assert (fact(week, offer, "from"), fact(week, offer, "till")) == ("600", "645")
    assert 'data-from="0" data-till="540"' in week.text
    assert entries(elsewhere) == []
    # The holidays of the company's country are named.
    assert "Victory Day" in month.text


async def test_a_colleagues_calendar_says_when_but_not_with_whom(
    crm: House, anna: Browser, me: User, diary: Diary
) -> None:
    orxan = await crm.person("orxan", name="Orxan")
    await diary.add(orxan, subject="Secret", start_at=TEN, end_at=TEN + timedelta(hours=1))
    shared = await diary.add(
        orxan, Taking(user_id=me.id), subject="Both", start_at=TEN + timedelta(hours=2)
    )

    both = await anna.open(f"/calendar?span=day&day=2026-11-23&who={me.id}&who={orxan.id}")
    week = await anna.open(f"/calendar?span=week&day=2026-11-23&who={me.id}&who={orxan.id}")
    month = await anna.open(f"/calendar?day=2026-11-23&who={me.id}&who={orxan.id}")

    for page in (both, week, month):
        assert "Secret" not in page.text
        assert "10:00 Busy" in " ".join(entries(page))
        assert f"/interactions/{shared.id}" in page.text
    # Side by side it stands with each of them, in a month once.
    assert both.text.count(f'href="/interactions/{shared.id}"') == 2
    assert month.text.count(f'href="/interactions/{shared.id}"') == 1
    assert week.text.count("<tr>") == 3


async def test_a_full_day_shows_its_first_things_in_a_month_and_leads_to_the_others(
    anna: Browser, me: User, diary: Diary
) -> None:
    for number in range(6):
        await diary.add(me, subject=f"Task {number}", start_at=TEN + timedelta(minutes=number))
    over_two_days = TEN + timedelta(hours=20)
    await diary.add(me, subject="Fair", start_at=TEN, end_at=over_two_days)

    month = await anna.open("/calendar?day=2026-11-23")
    day = await anna.open("/calendar?span=day&day=2026-11-23")

    assert [entry.rpartition(" ")[2] for entry in entries(month)] == ["Fair", "0", "1", "2", "Fair"]
    assert "3 more" in month.text
    assert len(entries(day)) == 7


async def test_it_is_moved_and_made_longer_with_all_that_hangs_on_it(
    anna: Browser, me: User, diary: Diary
) -> None:
    end = TEN + timedelta(minutes=45)
    row = await diary.add(me, start_at=TEN, end_at=end, remind_at=TEN - timedelta(minutes=10))
    back = "/calendar?span=week&day=2026-11-23"
    form = {"id": row.id, "version": 1, "next": back, "to": "2026-11-24T11:15"}

    moved = await anna.submit("/calendar/move", form)
    after = await diary.stored(row)
    longer = await anna.submit("/calendar/move", form | {"version": 2, "minutes": 90})
    at_last = await diary.stored(row)

    later = timedelta(days=1, hours=1, minutes=15)
    assert (moved.status, moved.location, longer.status) == (303, back, 303)
    assert (after.start_at, after.end_at, after.due_at) == (TEN + later, end + later, TEN + later)
    assert after.remind_at == TEN + later - timedelta(minutes=10)
    assert (at_last.start_at, at_last.end_at) == (TEN + later, TEN + later + timedelta(minutes=90))


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"to": "soon"}, 422, "This is not a date and time"),
        ({"minutes": "0"}, 422, ""),
        ({"minutes": "many"}, 422, ""),
        ({"version": 1}, 409, "changed “When” meanwhile"),
    ],
)
async def test_what_cannot_be_moved_so_comes_back_with_a_sentence(
    anna: Browser, me: User, diary: Diary, typed: dict[str, Any], status: int, sentence: str
) -> None:
    row = await diary.add(me, start_at=TEN)
    await diary.change(me, row, start_at=TEN + timedelta(hours=1))
    form = {
        "id": row.id,
        "version": 2,
        "next": "/calendar?span=week&day=2026-11-23",
        "to": "2026-11-23T15:00",
    }
    refused = await anna.submit("/calendar/move", form | typed)
    assert refused.status == status
    assert 'role="alert"' in refused.text
    assert sentence in refused.text
    assert fact(refused, row, "from") == "660"


async def test_nobody_moves_what_he_may_only_see_as_busy(
    crm: House, anna: Browser, diary: Diary
) -> None:
    orxan = await crm.person("orxan")
    row = await diary.add(orxan, start_at=TEN)
    form = {"id": row.id, "version": 1, "to": "2026-11-24T11:15"}
    assert (await anna.submit("/calendar/move", form)).status == 404
    assert (await diary.stored(row)).start_at == TEN


async def test_the_hours_of_ones_team_are_left_white(crm: House, diary: Diary) -> None:
    early = {"country": "TR", "zone": "Europe/Istanbul", "week": [[[420, 900]]] * 7}
    async with crm.database.write() as session:
        at = crm.clock()
        session.add(
            Team(id=7, name="Early", calendar=early, queue_names=[], created_at=at, updated_at=at)
        )
    await crm.person("leyla", locale="en", time_zone="Europe/Istanbul", team_id=7)
    leyla = await crm.signed_in("leyla")
    page = await leyla.open("/calendar?span=day&day=2026-04-23")
    assert 'data-from="0" data-till="1440"' in page.text
    assert "National Sovereignty" in page.text
    page = await leyla.open("/calendar?span=day&day=2026-04-24")
    assert 'data-from="900" data-till="1440"' in page.text
