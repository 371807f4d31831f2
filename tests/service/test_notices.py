"""People are told, wherever they are, when a colleague names them or something is near."""

from datetime import UTC, datetime, timedelta
from typing import Any

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
