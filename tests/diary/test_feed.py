"""One's calendar in other programs, as a browser and those programs meet it."""

import re
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from aiohttp import FormData
from sqlalchemy import select, update

from callcenter.agents.models import Role, User
from callcenter.diary import calendar_pages, feed_pages
from callcenter.interactions.models import Interaction
from callcenter.interactions.participants import Taking
from tests.diary.test_ics import file
from tests.fixtures.house import Browser, House, Page
from tests.interactions.diary import Diary

ROUTES = [*calendar_pages.routes, *feed_pages.routes]
TEN = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
OWN = {"interaction": dict.fromkeys(("create", "read", "edit"), "own"), "contact": {"read": "all"}}


@pytest.fixture
async def me(crm: House) -> User:
    person = await crm.person("anna", locale="en", time_zone="Asia/Baku")
    async with crm.database.write() as session:
        await session.execute(update(Role).where(Role.key == "agent").values(grants=OWN))
    return person


async def link(browser: Browser) -> str:
    page = await browser.submit("/calendar/feed", {"deed": "make"})
    found = re.search(r'value="http[^"]*(/calendar/feed\.ics\?key=[^"]+)"', page.text)
    assert found, page.text
    return found[1]


async def test_a_secret_link_shows_what_its_maker_may_read_and_no_more(
    crm: House, anna: Browser, me: User, diary: Diary
) -> None:
    orxan = await crm.person("orxan")
    await diary.add(me, subject="Offer", start_at=TEN, end_at=TEN + timedelta(hours=1))
    await diary.add(orxan, Taking(user_id=me.id), subject="Invited", start_at=TEN)
    await diary.add(orxan, subject="Secret", start_at=TEN)
    await diary.add(me, subject="Long ago", start_at=TEN - timedelta(days=200))
    address = await link(anna)
    program = await crm.browser()

    read = await program.open(address)
    again = await program.open(address, If_None_Match=read.headers["ETag"])
    await diary.add(me, subject="New", start_at=TEN)
    changed = await program.open(address, If_None_Match=read.headers["ETag"])

    events = icalendar.Calendar.from_ical(read.text).walk("VEVENT")
    assert {str(event["SUMMARY"]) for event in events} == {"Offer", "Invited"}
    assert read.headers["Content-Type"].startswith("text/calendar")
    assert (again.status, again.text) == (304, "")
    assert (changed.status, "New" in changed.text) == (200, True)
    # It lets nobody in anywhere else.
    assert (await program.open("/calendar")).status in (303, 401)


async def test_a_link_that_is_withdrawn_or_made_anew_leads_nowhere(
    crm: House, anna: Browser, me: User
) -> None:
    first, program = await link(anna), await crm.browser()
    second = await link(anna)
    assert (await program.open(first)).status == 404
    assert (await program.open(second)).status == 200
    await anna.submit("/calendar/feed", {"deed": "withdraw"})
    assert (await program.open(second)).status == 404
    for wrong in ("/calendar/feed.ics", "/calendar/feed.ics?key=", "/calendar/feed.ics?key=x"):
        assert (await program.open(wrong)).status == 404

    third = await link(anna)
    async with crm.database.write() as session:
        await session.execute(update(User).values(active=False))
    assert (await program.open(third)).status == 404


async def upload(browser: Browser, data: bytes) -> Page:
    form = FormData()
    form.add_field("csrf_token", browser.token)
    form.add_field("file", data, filename="c.ics", content_type="text/calendar")
    return await browser.request(
        "POST", "/calendar/import", data=form, headers={"Origin": browser.origin}
    )


async def bring(browser: Browser, data: bytes) -> Page:
    seen = await upload(browser, data)
    assert seen.status == 200
    return await browser.submit("/calendar/import/now", {"data": seen.value("data")})


async def rows(crm: House) -> list[Interaction]:
    async with crm.database.read() as session:
        return list(await session.scalars(select(Interaction).order_by(Interaction.start_at)))


async def test_a_file_is_looked_at_and_brought_in_once_however_often(
    crm: House, anna: Browser, me: User
) -> None:
    data = file(
        "UID:a|SUMMARY:Dentist|DTSTART:20261123T100000|DTEND:20261123T110000",
        "UID:b|SUMMARY:Daily|DTSTART:20261124T090000|RRULE:FREQ=DAILY;COUNT=3",
    )
    seen = await upload(anna, data)
    assert (seen.text.count("Is added"), await rows(crm)) == (4, [])

    assert (await bring(anna, data)).location == "/calendar"
    first = await rows(crm)
    again = await upload(anna, data)
    await bring(anna, data)
    assert again.text.count("Stays as it is") == 4
    assert [(row.id, row.version) for row in await rows(crm)] == [(row.id, 1) for row in first]
    assert (first[0].subject, first[0].start_at, first[0].owner_id) == ("Dentist", TEN, me.id)

    # The other program moved one and called another off.
    await bring(anna, file(
        "UID:a|SUMMARY:Dentist|DTSTART:20261123T120000|SEQUENCE:1",
        "UID:b|SUMMARY:Daily|DTSTART:20261124T090000|RRULE:FREQ=DAILY;COUNT=3|STATUS:CANCELLED",
    ))  # fmt: skip
    after = await rows(crm)
    assert {row.id for row in after} == {row.id for row in first}
    assert [row.status for row in after] == ["planned", "cancelled", "cancelled", "cancelled"]
    assert after[0].start_at == TEN + timedelta(hours=2)


async def test_what_is_no_calendar_comes_back_with_a_sentence(anna: Browser) -> None:
    for data in (b"", b"PK\x03\x04"):
        refused = await upload(anna, data)
        assert (refused.status, "is no calendar" in refused.text) == (422, True)
    refused = await anna.submit("/calendar/import/now", {"data": "%%%"})
    assert refused.status == 422


async def test_what_a_file_brought_is_taken_back_but_for_what_was_worked_with(
    crm: House, anna: Browser, me: User, diary: Diary
) -> None:
    await bring(anna, file(
        "UID:a|SUMMARY:Dentist|DTSTART:20261123T100000", "UID:b|SUMMARY:Offer|DTSTART:20261124T100000",
        "UID:c|SUMMARY:Gym|DTSTART:20261125T100000",
    ))  # fmt: skip
    first = {row.ics_uid: row for row in await rows(crm)}
    later = await bring(anna, file(
        "UID:a|SUMMARY:Dentist|DTSTART:20261123T120000|LOCATION:Nizami 5",
        "UID:b|SUMMARY:Offer|DTSTART:20261124T130000", "UID:d|SUMMARY:New|DTSTART:20261126T100000",
        "UID:e|SUMMARY:Kept|DTSTART:20261127T100000",
    ))  # fmt: skip
    assert later.location == "/calendar"
    held = {row.ics_uid: row for row in await rows(crm)}
    await diary.change(me, held["b"], start_at=TEN + timedelta(days=9), end_at=None)
    await diary.change(me, held["e"], body="Bring the papers")
    page = await anna.open("/calendar/feed")
    newest = page.value("id")
    assert page.text.count("/calendar/import/undo") == 2

    await crm.person("orxan")
    orxan = await crm.signed_in("orxan")
    assert (await orxan.submit("/calendar/import/undo", {"id": newest})).status == 404
    assert (await anna.submit("/calendar/import/undo", {"id": newest})).status == 303
    assert (await anna.submit("/calendar/import/undo", {"id": newest})).status == 404

    after = {row.ics_uid: row for row in await rows(crm)}
    assert (after["a"].start_at, after["a"].place) == (first["a"].start_at, None)
    assert after["b"].start_at == TEN + timedelta(days=9)
    assert after["c"].version == 1
    assert after["d"].deleted_at is not None
    assert after["e"].deleted_at is None
    page = await anna.open("/calendar/feed")
    assert "Taken back." in page.text
    assert "Offer: Somebody has changed this since." in page.text
    assert "Kept: Somebody has changed the record since." in page.text
    assert "Gym" not in page.text
