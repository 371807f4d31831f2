"""What has no next action stands in one list until it has one, or is closed."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from callcenter.agents.models import User
from callcenter.db import Database
from callcenter.diary import loose_pages
from callcenter.interactions import outcome_pages, pages
from callcenter.interactions.participants import Taking
from tests.fixtures.house import Browser, House, house_on
from tests.interactions.diary import Diary

ROUTES = [*loose_pages.routes, *pages.routes, *outcome_pages.routes]


@pytest.fixture
async def crm(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house_on(database, tmp_path, routes=ROUTES) as house:
        yield house


@pytest.fixture
async def me(crm: House) -> User:
    return await crm.person("anna", "supervisor", locale="en", time_zone="Asia/Baku")


async def count(browser: Browser) -> int:
    text = (await browser.open("/next-actions/count")).text
    return int(text.rpartition("</span>")[0].rpartition(">")[2] or 0)


async def test_a_missed_call_stands_there_until_the_caller_was_talked_with(
    crm: House, anna: Browser, diary: Diary
) -> None:
    at = crm.clock()
    first = await diary.office.call("+994501112233", result="abandoned", at=at - timedelta(hours=2))
    await diary.office.call("+994552223344", result="abandoned", at=at - timedelta(days=20))
    answered = {"result": "answered", "answer_at": at}
    await diary.office.call("+994703334455", result="abandoned", at=at - timedelta(hours=3))
    await diary.office.call("+994703334455", at=at - timedelta(hours=1), **answered)

    page = await anna.open("/next-actions")
    assert "Missed calls without a call back" in page.text
    assert f'href="/calls/{first.id}"' in page.text
    assert await count(anna) == page.text.count("data-row-keys") == 1

    # A call back reaches the caller: the call leaves the list by itself.
    await diary.office.call("+994501112233", direction="out", at=at, **answered)
    assert await count(anna) == 0
    assert "Everything has a next action" in (await anna.open("/next-actions")).text


async def test_a_missed_call_is_closed_or_planned(
    crm: House, anna: Browser, diary: Diary, me: User
) -> None:
    at = crm.clock()
    calls = [
        await diary.office.call(f"+99450111223{n}", result="abandoned", at=at - timedelta(hours=1))
        for n in range(2)
    ]
    assert await count(anna) == 2

    closed = await anna.submit("/next-actions/close", {"what": "missed", "id": calls[0].id})
    await diary.add(
        me,
        subject="Ring back",
        kind="call",
        start_at=at + timedelta(hours=1),
        thread_id=calls[1].id,
    )

    assert (closed.status, closed.location) == (303, "/next-actions")
    assert (await diary.stored(calls[0])).result_note == "No call back"
    assert await count(anna) == 0


async def test_what_is_overdue_and_whom_nothing_is_planned_with_stand_there(
    crm: House, anna: Browser, diary: Diary, me: User
) -> None:
    at = crm.clock()
    begun = {"owner_id": me.id, "lifecycle": "prospect", "last_contact_at": at - timedelta(days=9)}
    zoe = await diary.office.contact("Zoë", **begun)
    leyla = await diary.office.contact("Leyla", **begun)
    await diary.office.contact("Nigar", lifecycle="prospect", last_contact_at=at)
    await diary.office.contact("Quiet", **begun | {"do_not_contact_at": at})
    late = await diary.add(
        me, Taking(contact_id=leyla.id), kind="task", start_at=at - timedelta(days=1)
    )

    page = await anna.open("/next-actions")
    shown = [word for word in ("Zoë", "Offer", "Nigar", "Quiet") if word in page.text]
    assert shown == ["Zoë", "Offer"]
    assert page.text.count("data-row-keys") == await count(anna) == 2

    # Once it is done, its customer has nothing planned either.
    await anna.submit("/next-actions/close", {"what": "overdue", "id": late.id})
    assert (await diary.stored(late)).status == "held"
    page = await anna.open("/next-actions")
    assert "Leyla" in page.text
    await anna.submit("/next-actions/close", {"what": "customers", "id": leyla.id})
    await diary.add(me, Taking(contact_id=zoe.id), start_at=at + timedelta(days=1))
    assert await count(anna) == 0


async def test_what_is_not_there_cannot_be_closed(anna: Browser) -> None:
    for wrong in (
        {},
        {"what": "missed", "id": 5},
        {"what": "overdue", "id": 5},
        {"what": "x", "id": 1},
    ):
        assert (await anna.submit("/next-actions/close", wrong)).status == 404
