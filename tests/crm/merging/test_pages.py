"""Duplicates and merging over HTTP, as a browser meets them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.crm.contacts import pages as contacts_pages
from callcenter.crm.contacts.models import Contact
from callcenter.crm.duplicates import pages as duplicates_pages
from callcenter.crm.duplicates.models import Duplicate
from callcenter.crm.duplicates.scan import step
from callcenter.crm.merging import forwarding, pages
from callcenter.db import Database
from callcenter.events import ContactChanged
from tests.fixtures.customers import NOW, Office
from tests.fixtures.house import Browser, House, house_on

ROOMS = (pages, duplicates_pages, contacts_pages)


@pytest.fixture
async def crm(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    routes = [*(route for room in ROOMS for route in room.routes)]
    async with house_on(
        sqlite_database, tmp_path, routes=routes, middlewares=[forwarding.lead_on]
    ) as house:
        yield house


@pytest.fixture
def office(crm: House) -> Office:
    return Office(crm.database)


@pytest.fixture
async def boss(crm: House) -> Browser:
    await crm.person("boss", "supervisor", name="Boss")
    browser = await crm.signed_in("boss")
    browser.headers["Accept-Language"] = "en"
    return browser


@pytest.fixture
async def twins(office: Office) -> tuple[Contact, Contact]:
    twins = (
        await office.contact("Zoya Quliyeva", "0502345678", city="Bakı"),
        await office.contact("Zoya Guliyeva", "0502345678", city="Gəncə", title="Direktor"),
    )
    while await step(office.database, NOW):
        pass
    return twins


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


async def test_a_pair_is_shown_compared_merged_and_undone(
    crm: House, boss: Browser, twins: tuple[Contact, Contact]
) -> None:
    a, b = twins
    listed = await boss.open("/duplicates")
    assert f"/contacts/{a.id}/merge?with={b.id}" in listed.text
    assert "Name sounds the same" in words(listed.text)

    compared = await boss.open(f"/contacts/{a.id}/merge?with={b.id}")
    assert compared.status == 200
    assert (compared.value("seen_winner"), compared.value("seen_loser")) == ("1", "1")
    assert re.search(r'name="take:city" value="winner" checked', compared.text)
    assert re.search(r'name="take:title" value="loser" checked', compared.text)

    crm.events.clear()
    form = {"loser": b.id, "seen_winner": 1, "seen_loser": 1, "take:city": "loser"}
    merged = await boss.submit(f"/contacts/{a.id}/merge", form)
    assert (merged.status, merged.location) == (303, f"/contacts/{a.id}/merges")
    assert [event.contact_id for event in crm.events if isinstance(event, ContactChanged)] == [
        a.id, b.id,
    ]  # fmt: skip
    told = await boss.open(merged.location)
    (undo,) = re.findall(r'action="(/merges/\d+/undo)"', told.text)
    assert "“Zoya Guliyeva” went into “Zoya Quliyeva”" in words(told.text)

    undone = await boss.submit(undo)
    assert undone.status == 200
    assert "The merge is undone. Everything is as it was." in words(undone.text)
    assert (await boss.open(f"/contacts/{b.id}")).status == 200


async def test_what_could_not_be_put_back_is_said(
    crm: House, boss: Browser, twins: tuple[Contact, Contact]
) -> None:
    a, b = twins
    form = {"loser": b.id, "seen_winner": 1, "seen_loser": 1, "take:city": "loser"}
    told = await boss.open((await boss.submit(f"/contacts/{a.id}/merge", form)).location)
    async with crm.database.write() as session:
        (await session.get_one(Contact, a.id)).city = "Şəki"
    (undo,) = re.findall(r'action="(/merges/\d+/undo)"', told.text)

    undone = await boss.submit(undo)

    assert "City was changed since: it stays “Şəki”." in words(undone.text)


async def test_old_links_and_ids_lead_to_the_winner(
    boss: Browser, twins: tuple[Contact, Contact]
) -> None:
    a, b = twins
    await boss.submit(f"/contacts/{a.id}/merge", {"loser": b.id, "seen_winner": 1, "seen_loser": 1})

    page = await boss.open(f"/contacts/{b.id}/timeline?after=1.1")
    read = await boss.call("GET", f"/api/v1/contacts/{b.id}")
    changed = await boss.call("PATCH", f"/api/v1/contacts/{b.id}", {"city": "Şəki"})
    nobody = await boss.open("/contacts/5")

    assert (page.status, page.location) == (308, f"/contacts/{a.id}/timeline?after=1.1")
    assert (read.status, read.location) == (308, f"/api/v1/contacts/{a.id}")
    assert (changed.status, changed.json["error"]["code"]) == (409, "merged-into")
    assert str(a.id) in changed.json["error"]["message"]
    assert nobody.status == 404


async def test_who_chose_from_an_older_version_looks_again_with_his_choices(
    boss: Browser, twins: tuple[Contact, Contact]
) -> None:
    a, b = twins
    form = {"loser": b.id, "seen_winner": 7, "seen_loser": 1, "take:city": "loser"}

    again = await boss.submit(f"/contacts/{a.id}/merge", form)

    assert again.status == 409
    assert "One of the two contacts was changed meanwhile." in words(again.text)
    assert re.search(r'name="take:city" value="loser" checked', again.text)


async def test_different_people_leave_the_list(
    crm: House, boss: Browser, twins: tuple[Contact, Contact]
) -> None:
    async with crm.database.read() as session:
        (pair_id,) = await session.scalars(select(Duplicate.id))
    a, _ = twins
    assert "May be the same as" in words((await boss.open(f"/contacts/{a.id}/likeness")).text)

    done = await boss.submit(f"/duplicates/{pair_id}/different?next=/contacts/{a.id}")

    assert (done.status, done.location) == (303, f"/contacts/{a.id}")
    assert "No duplicates are waiting" in words((await boss.open("/duplicates")).text)
    assert "May be the same as" not in words((await boss.open(f"/contacts/{a.id}/likeness")).text)
    assert (await boss.submit(f"/duplicates/{pair_id}/different")).status == 404


async def test_a_card_shows_a_few_of_many_likes(boss: Browser, office: Office) -> None:
    first, *_ = [
        await office.contact("Zoya Quliyeva", "0502345678") for _ in range(pages.ON_CARD + 2)
    ]
    while await step(office.database, NOW):
        pass

    text = words((await boss.open(f"/contacts/{first.id}/likeness")).text)

    assert text.count("May be the same as") == pages.ON_CARD
    assert "More contacts that may be the same" in text
    assert words((await boss.open(f"/contacts/{first.id}/merge")).text).count("Zoya Quliyeva") > 4


async def test_another_contact_is_found_to_merge_with(
    boss: Browser, office: Office, twins: tuple[Contact, Contact]
) -> None:
    kamran = await office.contact("Kamran Əsədov")
    a, b = twins

    alone = await boss.open(f"/contacts/{a.id}/merge")
    found = await boss.open(f"/contacts/{a.id}/merge?q=kamran")

    assert f"/contacts/{a.id}/merge?with={b.id}" in alone.text
    assert f"/contacts/{a.id}/merge?with={kamran.id}" in found.text


async def test_an_agent_sees_pairs_but_may_not_merge(
    crm: House, twins: tuple[Contact, Contact]
) -> None:
    await crm.person("anna")
    anna = await crm.signed_in("anna")
    a, b = twins

    listed = await anna.open("/duplicates")

    assert (listed.status, "/merge?with=" in listed.text) == (200, False)
    assert (await anna.open(f"/contacts/{a.id}/merge?with={b.id}")).status == 403
    assert (await anna.submit(f"/contacts/{a.id}/merge", {"loser": b.id})).status == 403
    assert (await anna.submit("/merges/5/undo")).status == 403


@pytest.mark.parametrize("after", ["x", "1", "9999.1", "-1.1"])
async def test_a_cursor_that_is_none_is_refused(boss: Browser, after: str) -> None:
    assert (await boss.open(f"/duplicates?after={after}")).status == 422
