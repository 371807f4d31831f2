"""Administrators see what was given up and why, have it done again, and try how messages go out."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from callcenter import jobs
from callcenter.audit import Audit
from callcenter.jobs import Job, leases
from callcenter.post.sms import Sms
from callcenter.settings import Settings
from tests.service.office import PretendOffice
from tests.service.screen import TEST_LIMIT_S


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, sms_url="file:sms.jsonl")


async def job(office: PretendOffice, key: str) -> Job | None:
    async with office.house.database.read() as session:
        return await session.scalar(select(Job).where(Job.kind == "sms", Job.key == key))


async def given_up(office: PretendOffice, key: str, error: str) -> int:
    """Write down a message that could not be sent."""
    at = office.house.now()
    async with office.house.database.write() as session:
        sms = Sms(to="+994501234567", text="Salam", id=key)
        await jobs.add(session, "sms", msgspec.to_builtins(sms), at, key)
        row = (await session.scalars(select(Job).where(Job.key == key))).one()
        row.failed_at, row.error, row.attempts = at, error, leases.MOST_ATTEMPTS
    return row.id


async def test_what_was_given_up_is_seen_done_again_or_dropped(office: PretendOffice) -> None:
    admin, anna = await office.agent("Admin", role="admin"), await office.agent("Anna")
    again = await given_up(office, "one", "no credit")
    drop = await given_up(office, "two", "no such number")
    async with office.house.database.write() as session:
        later = office.house.now().replace(year=2040)
        await jobs.add(session, "of another version", {}, later, "x")

    async with office.browser(admin) as screen, office.browser(anna) as hers:
        listed = await screen.open("/admin/jobs")
        await screen.browser.submit(f"/admin/jobs/{again}/again", {})
        await screen.browser.submit(f"/admin/jobs/{drop}/drop", {})
        gone = await screen.browser.submit(f"/admin/jobs/{drop}/drop", {})
        async with asyncio.timeout(TEST_LIMIT_S):
            while not ((found := await job(office, "one")) and found.done_at):
                await asyncio.sleep(0.02)
        after = await screen.open("/admin/jobs")
        waiting = await screen.open("/admin/jobs?show=waiting")
        forbidden = [
            await hers.open("/admin/jobs"), await hers.open("/admin/sms"),
            await hers.browser.submit(f"/admin/jobs/{again}/again", {}),
        ]  # fmt: skip
        async with office.house.database.read() as session:
            deeds = await session.scalars(select(Audit.action).where(Audit.entity == "job"))

    assert ("no credit" in listed.text, "no such number" in listed.text) == (True, True)
    assert (gone.status, await job(office, "two")) == (404, None)
    assert "Nothing was given up" in after.text
    assert ("Nobody does this" in waiting.text, "Comes again" in waiting.text) == (True, True)
    assert [page.status for page in forbidden] == [403, 403, 403]
    assert sorted(deeds) == ["again", "delete"]
    assert messages(office) == ["Salam"]


async def test_a_message_is_tried_and_its_length_is_told(office: PretendOffice) -> None:
    admin = await office.agent("Admin", role="admin")
    async with office.browser(admin) as screen:
        await screen.open("/admin/sms")
        wrong = await screen.browser.submit("/admin/sms", {"to": "101", "text": ""})
        sent = await screen.browser.submit("/admin/sms", {"to": "0501234567", "text": "Salam, Əli"})
        length = await screen.open("/admin/sms/length?text=" + "%C9%99" * 71)

    assert (wrong.status, "This is no phone number" in wrong.text) == (422, True)
    assert (sent.status, "Sent. The provider says" in sent.text) == (200, True)
    assert ("71 of 134 letters" in length.text, "2 messages" in length.text) == (True, True)
    assert messages(office) == ["Salam, Əli"]


def messages(office: PretendOffice) -> list[str]:
    lines = Path(office.settings.data, "sms.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Sms).text for line in lines]
