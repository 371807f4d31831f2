"""People are told, wherever they are, when a colleague names them or something is near."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from callcenter.notices.models import Notification
from tests.service.office import PretendOffice
from tests.service.screen import Screen


async def add(screen: Screen, **facts: Any) -> int:
    made = await screen.ask("POST", "/interactions", {"start_at": "2026-11-22T09:00Z"} | facts)
    assert made.status == 201, made.text
    return int(made.json["id"])


async def test_a_note_for_a_colleague_reaches_him_and_stays_with_the_customer(
    office: PretendOffice,
) -> None:
    anna, orxan = await office.agent("Anna"), await office.agent("Orxan")
    zoe = await office.contact("Zoë", "050 234 56 78")

    async with office.browser(anna) as hers, office.browser(orxan) as his:
        note = await add(
            hers, kind="note", body="Please look at her invoice",
            participants=[{"contact_id": zoe}, {"user_id": orxan.id}, {"user_id": anna.id}],
        )  # fmt: skip
        told = await his.next("notice")
        count = await his.open("/notices/count", HX_Request="true")
        listed = await his.open("/notices")
        followed = await his.open(f"/notices/{told['id']}")
        after = await his.open("/notices/count", HX_Request="true")
        card = await his.open(f"/contacts/{zoe}")

        assert (told["kind"], told["by"], told["title"], told["entity_id"]) == (
            "named", "Anna", "Please look at her invoice", note,
        )  # fmt: skip
        assert ("1 new notice" in count.text, "new notice" in after.text) == (True, False)
        assert f"/notices/{told['id']}" in listed.text
        assert followed.headers["Location"] == f"/interactions/{note}"
        assert "Please look at her invoice" in card.text
        # Nobody is told of his own doing.
        assert await hers.has_been_told("notice") == []


async def test_whoever_is_given_something_is_told_once(office: PretendOffice) -> None:
    anna, orxan = await office.agent("Anna", role="supervisor"), await office.agent("Orxan")

    async with office.browser(anna) as hers, office.browser(orxan) as his:
        task = await add(hers, kind="task", subject="Send the offer", owner_id=orxan.id)
        told = await his.next("notice")
        await hers.ask("PATCH", f"/interactions/{task}", {"priority": "high"})
        await office.house.teller.tell()

        assert (told["kind"], told["title"]) == ("given", "Send the offer")
        assert len(await his.has_been_told("notice")) == 1


async def test_one_is_reminded_in_time_and_only_once(office: PretendOffice) -> None:
    anna = await office.agent("Anna")
    soon = datetime.now(UTC) + timedelta(hours=1)
    early = soon - timedelta(minutes=10)

    async with office.browser(anna) as hers:
        facts = {"start_at": soon.isoformat(), "remind_at": early.isoformat()}
        meeting = await add(hers, kind="meeting", subject="See the shop", **facts)
        await add(hers, kind="task", subject="Over already", status="held", **facts)
        await office.house.teller.remind()
        assert await hers.has_been_told("notice") == []

        office.skip(minutes=55)
        await office.house.teller.remind()
        told = await hers.next("notice")
        await office.house.teller.remind()

        assert (told["kind"], told["entity_id"]) == ("reminder", meeting)
        assert len(await hers.has_been_told("notice")) == 1


async def test_several_are_reminded_several_times_and_once_after_a_pause(
    office: PretendOffice,
) -> None:
    anna, orxan = await office.agent("Anna"), await office.agent("Orxan")
    leyla = await office.agent("Leyla")
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)

    async with office.browser(anna) as hers, office.browser(orxan) as his:
        meeting = await add(
            hers, kind="meeting", subject="See the shop", start_at=soon.isoformat(),
            reminders="0,60,15", owner_id=anna.id,
            participants=[
                {"user_id": orxan.id}, {"user_id": leyla.id, "response": "declined"},
            ],
        )  # fmt: skip
        odd = await hers.ask("PATCH", f"/interactions/{meeting}", {"reminders": "soon"})
        form = await hers.open(f"/interactions/{meeting}/edit")
        told = []
        for skip in (125, 45, 9):
            office.skip(minutes=skip)
            await office.house.teller.remind()
            told.append(await reminders_of(office, meeting))
        # It is put off: there is time for all of them again, of which a pause leaves one.
        later = soon + timedelta(hours=5)
        moved = await hers.ask("PATCH", f"/interactions/{meeting}", {"start_at": later.isoformat()})
        office.skip(hours=5, minutes=2)
        await office.house.teller.remind()
        await office.house.teller.remind()
        told.append(await reminders_of(office, meeting))
        count = await his.open("/notices/count")

    assert (odd.status, moved.status) == (422, 200)
    assert form.text.count('name="remind" value="15" checked') == 1
    both = [anna.id, orxan.id]
    assert told == [both, both * 2, both * 2, both * 3]
    assert "new notices" in count.text


async def reminders_of(office: PretendOffice, interaction_id: int) -> list[int]:
    """Return who was reminded, in the order of the reminders."""
    async with office.house.database.read() as session:
        rows = await session.scalars(
            select(Notification)
            .where(Notification.kind == "reminder", Notification.entity_id == interaction_id)
            .order_by(Notification.at, Notification.user_id)
        )
        return [row.user_id for row in rows]
