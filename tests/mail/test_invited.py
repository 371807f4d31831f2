"""What others invite to goes into one's calendar, and is answered so that their calendar reads it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.db import Database, new_id
from callcenter.diary import itip
from callcenter.diary.ics import Event
from callcenter.diary.itip import Someone
from callcenter.interactions import outcome_pages
from callcenter.interactions.models import Interaction, Participant
from callcenter.jobs import Job
from callcenter.mail import invited_pages, letter_pages, sending
from callcenter.mail.keys import WAKE
from callcenter.mail.models import Letter
from callcenter.settings import Settings
from tests.fixtures.house import house_on
from tests.fixtures.mail import Letterbox
from tests.mail.inviting import Inviting, event

VELI = Someone("veli@far.example", "Veli")
US = Someone("info@dalga.example", "Info")


@pytest.fixture
async def office(
    sqlite_database: Database, tmp_path: Path, letterbox: Letterbox
) -> AsyncIterator[Inviting]:
    rooms = (invited_pages, letter_pages, outcome_pages)
    async with house_on(
        sqlite_database, tmp_path, routes=[route for room in rooms for route in room.routes],
        held={WAKE: lambda: None},
    ) as house:  # fmt: skip
        office = Inviting(house, tmp_path, letterbox)
        await office.begin(owner_id=None)
        await office.may(interaction={"create": "own", "read": "all", "edit": "own"})
        yield office


def letter(office: Inviting, method: str = "REQUEST", days: int = 3, sequence: int = 0) -> bytes:
    start = office.house.clock().replace(microsecond=0) + timedelta(days=days)
    meant = Event(
        uid="veli-1@far.example", title="Görüş", start_at=start, place="Online", sequence=sequence,
        end_at=start + timedelta(hours=1), status="cancelled" if method == "CANCEL" else "planned",
    )  # fmt: skip
    text = itip.invitation(meant, method, VELI, US, office.diary.registry.zone, start)
    message = EmailMessage()
    message["From"], message["To"] = "Veli <veli@far.example>", US.address
    message["Subject"], message["Message-ID"] = "Görüş", f"<{new_id(0)}@far.example>"
    message.set_content("Gəlin")
    message.add_alternative(text, subtype="calendar", params={"method": method})
    return message.as_bytes()


async def meetings(office: Inviting) -> list[Interaction]:
    query = select(Interaction).where(Interaction.ics_uid.is_not(None))
    async with office.database.read() as session:
        return list(await session.scalars(query.order_by(Interaction.id)))


async def test_an_invitation_is_put_into_the_calendar_and_answered(office: Inviting) -> None:
    at = await office.came(letter(office))
    page = await office.browser.open(f"/interactions/{at}/letter")
    assert f'hx-get="/interactions/{at}/letter/invitation"' in page.text
    offer = await office.browser.open(f"/interactions/{at}/letter/invitation")
    assert (offer.text.count('name="answer"'), "Online" in offer.text) == (4, True)
    assert await meetings(office) == []

    said = await office.browser.submit(
        f"/interactions/{at}/letter/invitation", {"answer": "tentative"}
    )
    assert said.status == 303, said.text
    (row,) = await meetings(office)
    assert (row.subject, row.place, row.status, row.owner_id) == (
        "Görüş", "Online", "planned", office.anna.id,
    )  # fmt: skip
    async with office.database.read() as session:
        people = list(
            await session.scalars(select(Participant).where(Participant.interaction_id == row.id))
        )
        answer = await session.scalar(select(Letter).where(Letter.state == "waiting"))
        came = await session.get_one(Letter, at)
    assert {(one.user_id, one.point, one.response) for one in people} == {
        (office.anna.id, None, "tentative"), (None, VELI.address, None),
    }  # fmt: skip
    assert came.to_answer is False
    assert answer is not None
    settings = Settings(data=str(office.data), smtp_url=office.letterbox.url)
    sender = sending.Sender(office.database, settings, office.house.clock, lambda _: None)
    await sender.letter(Job(payload={"interaction": answer.interaction_id}, attempts=1))
    (sent,) = office.sent(VELI.address)
    reply = event(sent)
    assert sent["Subject"] == "Perhaps: Görüş"
    assert sent["In-Reply-To"] == came.message_id
    assert (str(reply["UID"]), reply["SEQUENCE"]) == ("veli-1@far.example", 0)
    assert str(reply["ATTENDEE"]) == "mailto:info@dalga.example"
    assert reply["ATTENDEE"].params["PARTSTAT"] == "TENTATIVE"
    assert (
        "It stands in your calendar."
        in (await office.browser.open(f"/interactions/{at}/letter/invitation")).text
    )


async def test_later_letters_move_it_and_call_it_off_and_nothing_answers_by_itself(
    office: Inviting,
) -> None:
    first = await office.came(letter(office))
    await office.browser.submit(f"/interactions/{first}/letter/invitation", {"answer": "keep"})
    moved = await office.came(letter(office, days=4, sequence=1))
    page = await office.browser.open(f"/interactions/{moved}/letter/invitation")
    assert "It stands in your calendar otherwise." in page.text
    await office.browser.submit(f"/interactions/{moved}/letter/invitation", {"answer": "keep"})
    (row,) = await meetings(office)
    assert row.start_at - office.house.clock() > timedelta(days=3, hours=23)

    off = await office.came(letter(office, "CANCEL", days=4, sequence=2))
    page = await office.browser.open(f"/interactions/{off}/letter/invitation")
    assert "Take it out of my calendar" in page.text
    assert 'value="accepted"' not in page.text
    assert (await meetings(office))[0].status == "planned"
    await office.browser.submit(f"/interactions/{off}/letter/invitation", {"answer": "accepted"})
    assert (await meetings(office))[0].status == "cancelled"
    async with office.database.read() as session:
        waiting = await session.scalar(select(Letter).where(Letter.state == "waiting"))
    assert waiting is None


async def test_what_is_declined_does_not_come_into_the_calendar_and_a_plain_letter_asks_nothing(
    office: Inviting,
) -> None:
    at = await office.came(letter(office))
    await office.browser.submit(f"/interactions/{at}/letter/invitation", {"answer": "declined"})
    assert await meetings(office) == []
    wrong = await office.browser.submit(f"/interactions/{at}/letter/invitation", {"answer": "x"})
    assert wrong.status == 422
    long_ago = await office.came(letter(office, days=-200))
    other = await office.came(letter(office, "REFRESH"))
    for one in (long_ago, other):
        page = await office.browser.open(f"/interactions/{one}/letter/invitation")
        assert (page.status, page.text) == (200, "")
        address = f"/interactions/{one}/letter/invitation"
        assert (await office.browser.submit(address, {"answer": "keep"})).status == 404
