"""A name that was only written down becomes a stored contact later, with its past if one wants."""

import pytest

from callcenter.agents.models import User
from callcenter.crm import event_pages, participant_pages
from callcenter.crm.contacts import edit_pages
from callcenter.crm.contacts import pages as contact_pages
from callcenter.interactions import outcome_pages, pages
from callcenter.interactions.participants import Taking
from tests.fixtures.house import Browser, House
from tests.interactions.diary import Diary

ROUTES = [
    route
    for room in (pages, outcome_pages, participant_pages, event_pages, contact_pages, edit_pages)
    for route in room.routes
]


@pytest.fixture
async def me(crm: House) -> User:
    return await crm.person("anna", "supervisor", locale="en", time_zone="Asia/Baku")


def stranger(name: str = "Orxan", point: str = "0502345678") -> Taking:
    return Taking(text=name, point=point)


async def test_linking_somebody_links_the_past_of_the_number_and_tells_the_company(
    me: User, anna: Browser, diary: Diary
) -> None:
    earlier = await diary.add(me, stranger(), kind="sms", direction="in")
    call = await diary.office.call("0502345678")
    meeting = await diary.add(me, Taking(text="Somebody else"), stranger())
    company = await diary.office.contact("Nar Mebel MMC", kind="company")
    orxan = await diary.office.contact("Orxan", company_id=company.id)
    place = f"/interactions/{meeting.id}/people/attendee/1"

    page = await anna.open(place)
    saved = await anna.submit(place, {"contact_id": orxan.id, "past": "1"})

    assert "the 2 others with it, too" in page.text
    assert "checked" in page.text
    assert saved.location == f"/interactions/{meeting.id}"
    for row, role in ((meeting, "attendee"), (earlier, "from"), (call, "from")):
        links = [one[:2] for one in await diary.people(row)]
        assert (role, orxan.id) in links
        assert ("company", company.id) in links
    assert ("attendee", None) in [one[:2] for one in await diary.people(meeting)]


async def test_the_past_of_a_shared_number_is_offered_and_not_forced(
    me: User, anna: Browser, diary: Diary
) -> None:
    earlier = await diary.add(me, stranger(), kind="sms", direction="in")
    meeting = await diary.add(me, stranger())
    orxan = await diary.office.contact("Orxan", "0502345678")
    await diary.office.contact("His wife", "0502345678")
    place = f"/interactions/{meeting.id}/people/attendee/0"

    page = await anna.open(place)
    await anna.submit(place, {"contact_id": orxan.id})

    assert ("others have it as well" in page.text, "checked" in page.text) == (True, False)
    assert (await diary.people(meeting))[0][:2] == ("attendee", orxan.id)
    assert (await diary.people(earlier))[0][:2] == ("from", None)


async def test_a_contact_made_from_a_meeting_is_the_one_it_was_made_of(
    me: User, anna: Browser, diary: Diary
) -> None:
    meeting = await diary.add(me, stranger(), Taking(text="Somebody else"))

    page = await anna.open(f"/interactions/{meeting.id}")
    address = f"/contacts/new?interaction={meeting.id}&amp;name=Orxan&amp;phone=%2B994502345678"
    made = await anna.submit(
        "/contacts",
        [
            ("kind", "person"), ("name", "Orxan"), ("interaction", meeting.id), ("point_id", ""),
            ("point_kind", "phone"), ("point_value", "+994502345678"), ("point_label", ""),
            ("point_was", ""), ("points_shown", ""), ("version", ""), ("company", ""),
        ],
    )  # fmt: skip

    assert address in page.text
    assert made.status == 303, made.text
    new = int(made.location.rpartition("/")[2])
    assert [one[1] for one in await diary.people(meeting)] == [new, None]


async def test_nobody_is_linked_to_a_colleague_or_out_of_nothing(
    me: User, anna: Browser, diary: Diary
) -> None:
    meeting = await diary.add(me, Taking(user_id=me.id))
    for place in ("attendee/0", "attendee/7", "company/0"):
        assert (await anna.open(f"/interactions/{meeting.id}/people/{place}")).status == 404


async def test_the_card_says_what_is_next_and_when_one_was_in_touch(
    me: User, anna: Browser, diary: Diary
) -> None:
    zoe = await diary.office.contact("Zoë")
    meeting = await diary.add(me, Taking(contact_id=zoe.id))

    async def said() -> tuple[object, ...]:
        (row,) = await diary.database.fetch(
            "SELECT next_action_at, last_contact_at, version FROM contact WHERE id = ?1", zoe.id
        )
        return tuple(row)

    at = int(meeting.start_at.timestamp() * 1000)
    assert await said() == (at, None, 1)
    await diary.change(me, meeting, status="held")
    assert await said() == (None, at, 1)


async def test_the_events_of_one_customer_are_a_table_of_their_own(
    me: User, anna: Browser, diary: Diary
) -> None:
    zoe = await diary.office.contact("Zoë")
    await diary.add(
        me, Taking(contact_id=zoe.id), kind="note", subject="Wants red", body="Not blue"
    )
    await diary.add(me, Taking(contact_id=zoe.id), subject="See the shop")
    await diary.add(me, stranger(), subject="A stranger's offer")

    page = await anna.open(f"/contacts/{zoe.id}/events")
    notes = await anna.open(f"/contacts/{zoe.id}/events?kind=note")
    part = await anna.open(f"/contacts/{zoe.id}/timeline?list=1&kind=meeting")

    for shown in ("Wants red", "Not blue", "See the shop", "Zoë"):
        assert shown in page.text
    assert "A stranger" not in page.text
    assert ("Wants red" in notes.text, "See the shop" in notes.text) == (True, False)
    assert ("Wants red" in part.text, "See the shop" in part.text) == (False, True)
