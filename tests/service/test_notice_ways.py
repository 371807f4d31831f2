"""Notices reach people in the way they chose: by letter, by SMS, and never in their quiet hours."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from callcenter.agents.models import User
from callcenter.jobs import Job
from callcenter.notices import notices
from callcenter.post.sms import Sms
from callcenter.settings import Settings
from tests.fixtures.mail import Letterbox
from tests.service.office import Person, PretendOffice
from tests.service.screen import TEST_LIMIT_S, Screen


@pytest.fixture
def settings(settings: Settings, letterbox: Letterbox) -> Settings:
    return msgspec.structs.replace(
        settings, smtp_url=f"{letterbox.url}?from=crm@dalga.example", sms_url="file:sms.jsonl"
    )  # fmt: skip


async def told(office: PretendOffice, person: Person, *titles: str, kind: str = "rule") -> None:
    """Tell somebody of things, all at once."""
    async with office.house.database.write() as session:
        for number, title in enumerate(titles):
            row = ("user", number, title)
            await notices.add(session, [person.id], kind, row, None, office.house.now())
    await office.house.teller.tell()


async def choose(screen: Screen, *channels: str, **more: str) -> Any:
    await screen.open("/notices/choices")
    values = [("channels", each) for each in channels]
    values += [(name, value) for name, value in {"version": "1", **more}.items()]
    return await screen.browser.submit("/notices/choices", values)


async def test_what_comes_at_once_is_one_letter_and_one_message(
    office: PretendOffice, letterbox: Letterbox
) -> None:
    anna = await office.agent("Anna")
    await with_address(office, anna, "anna@dalga.example")
    async with office.browser(anna) as screen:
        chosen = await choose(screen, "rule:email", "rule:sms", sms_to="050 123 45 67")
        assert chosen.status == 303, chosen.text
        await told(office, anna, "Call Zoë", "Look at the invoice")
        await told(office, anna, "And this")
        office.skip(seconds=40)
        office.house.jobs.wake()
        letter = (await letterbox.next()).message
        await all_done(office, "notice-letter", "notice-sms")

    text = letter.get_body().get_content()
    assert (letter["To"], letter["Subject"]) == ("anna@dalga.example", "3 new notices")
    assert f"A rule says: Call Zoë\n{office.house.address}/notices/" in text.replace("\r\n", "\n")
    assert "And this" in text
    assert len(letterbox.letters) == 1
    (message,) = sent_messages(office)
    assert (message.to, message.text) == ("+994501234567", "callcenter: 3 new notices")


async def test_a_letter_that_failed_is_the_same_letter_again(
    office: PretendOffice, letterbox: Letterbox
) -> None:
    anna = await office.agent("Anna")
    await with_address(office, anna, "anna@dalga.example")
    async with office.browser(anna) as screen:
        await choose(screen, "rule:email")
        await told(office, anna, "Call Zoë")
        # The server takes the letter, and the service is killed before it can note so.
        office.skip(seconds=40)
        office.house.jobs.wake()
        first = (await letterbox.next()).message
        (done,) = await all_done(office, "notice-letter")
        letterbox.letters.clear()
        await begin_again(office, done)
        await told(office, anna, "Something else")
        again = (await letterbox.next()).message

    assert again["Message-ID"] == first["Message-ID"]
    assert again.get_body().get_content() == first.get_body().get_content()


async def test_quiet_hours_are_kept_and_what_came_then_is_told_when_they_end(
    office: PretendOffice,
) -> None:
    anna = await office.agent("Anna")
    now = datetime.now(UTC).astimezone(office.house.zone)
    hours = {
        "quiet_from": (now - timedelta(hours=1)).strftime("%H:%M"),
        "quiet_to": (now + timedelta(hours=2)).strftime("%H:%M"),
    }
    async with office.browser(anna) as screen:
        refused = await choose(screen, quiet_from="22:00")
        assert (await choose(screen, "rule:page", "escalated:desktop", **hours)).status == 303
        await told(office, anna, "Can wait")
        await told(office, anna, "Cannot", kind="escalated")
        first = await screen.next("notice")
        listed, count = await screen.open("/notices"), await screen.open("/notices/count")
        office.skip(hours=2, minutes=1)
        await office.house.teller.tell()
        second = await screen.next("notice", lambda each: each["title"] == "Can wait")

    assert (refused.status, "when it ends" in refused.text) == (422, True)
    assert (first["title"], first["page"], first["desktop"]) == ("Cannot", False, True)
    assert ("Again: " in listed.text, "1 new notice" in count.text) == (True, True)
    # What is true of a notice by itself is not said.
    assert "page" not in second
    assert "desktop" not in second


async def test_what_is_put_off_comes_again_and_one_can_try_how_it_comes(
    office: PretendOffice, letterbox: Letterbox
) -> None:
    anna, orxan = await office.agent("Anna"), await office.agent("Orxan")
    await with_address(office, anna, "anna@dalga.example")
    async with office.browser(anna) as hers, office.browser(orxan) as his:
        await told(office, anna, "Call Zoë")
        notice = await hers.next("notice")
        await his.open("/notices")
        stranger = [
            await his.open(f"/notices/{notice['id']}"),
            await his.open(f"/notices/{notice['id']}/news"),
        ]
        await his.browser.submit(f"/notices/{notice['id']}/snooze", {"for": "60"})
        await his.browser.submit(f"/notices/{notice['id']}/read", {})
        news = await hers.open(f"/notices/{notice['id']}/news?more=2", HX_Request="true")
        await hers.open("/notices")
        odd = await hers.browser.submit(f"/notices/{notice['id']}/snooze", {"for": "a year"})
        await hers.browser.submit(f"/notices/{notice['id']}/snooze", {"for": "60"})
        waiting = await hers.open("/notices/count")
        office.skip(minutes=61)
        await office.house.teller.tell()
        again = await hers.next("notice")
        await hers.browser.submit("/notices/try", {})
        trial = await hers.next("notice", lambda each: each["kind"] == "trial")
        office.skip(seconds=40)
        office.house.jobs.wake()
        letter = (await letterbox.next()).message
        await hers.browser.submit("/notices/read", {})
        after = await hers.open("/notices?show=new")

    assert [page.status for page in stranger] == [404, 404]
    assert ("Call Zoë" in news.text, "and 2 more" in news.text) == (True, True)
    assert (odd.status, "new notice" in waiting.text) == (422, False)
    assert again["id"] == notice["id"]
    assert trial["desktop"] is True
    assert "A notice is on its way to you." in letter["Subject"]
    assert "Nothing of that kind" in after.text


async def with_address(office: PretendOffice, person: Person, address: str) -> None:
    async with office.house.database.write() as session:
        await session.execute(update(User).where(User.id == person.id).values(email=address))


async def all_done(office: PretendOffice, *kinds: str) -> list[Job]:
    """Wait until every job of these kinds is done; return them."""
    async with asyncio.timeout(TEST_LIMIT_S):
        while True:
            async with office.house.database.read() as session:
                found = list(await session.scalars(select(Job).where(Job.kind.in_(kinds))))
            if found and all(job.done_at for job in found):
                return found
            await asyncio.sleep(0.02)


async def begin_again(office: PretendOffice, job: Job) -> None:
    async with office.house.database.write() as session:
        await session.execute(update(Job).where(Job.id == job.id).values(done_at=None))
    office.house.jobs.wake()


def sent_messages(office: PretendOffice) -> list[Sms]:
    lines = Path(office.settings.data, "sms.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Sms) for line in lines]
