"""Somebody who invites guests, with a mailbox that answers come into, for tests."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import icalendar
from sqlalchemy import delete, select

from callcenter.agents.models import Role
from callcenter.db import Database, new_id
from callcenter.diary import guests
from callcenter.diary.models import Guest
from callcenter.entity.files import Folder
from callcenter.interactions import guests_told
from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.participants import Taking
from callcenter.jobs import Job
from callcenter.mail import storing
from callcenter.mail.inviting import Invitations
from callcenter.mail.models import MailAccount
from callcenter.mail.reading import read
from callcenter.mail.storing import Box
from callcenter.notices import sending as notices_sending
from callcenter.notices.models import Notification
from callcenter.settings import Settings
from tests.fixtures.customers import Office
from tests.fixtures.house import House
from tests.fixtures.mail import Letterbox
from tests.interactions.diary import Diary

SITE = "https://crm.dalga.example"
TEN = datetime(2030, 6, 4, 6, 0, tzinfo=UTC)


class Inviting:
    """Anna invites Zoë, who is a contact, and Ali, of whom there is an address only."""

    def __init__(self, house: House, data: Path, letterbox: Letterbox) -> None:
        self.house, self.data, self.letterbox = house, data, letterbox
        self.database: Database = house.database
        self.office = Office(house.database)
        self.diary = Diary(self.office)

    async def begin(self, **account: Any) -> None:
        await self.diary.registry.load(self.database)
        self.anna = await self.house.person(
            "anna", email="anna@dalga.example", locale="en", time_zone="Asia/Baku"
        )
        self.zoe = await self.office.contact(
            "Zoë Əliyeva", email="zoe@example.tr", language="tr", time_zone="Europe/Istanbul"
        )
        at = self.house.clock()
        self.account = MailAccount(
            id=new_id(at.timestamp()), name="Info", sender="Dalğa", address="info@dalga.example",
            imap_host="127.0.0.1", username="info", created_at=at, updated_at=at, **account,
        )  # fmt: skip
        async with self.database.write() as session:
            session.add(self.account)
        self.browser = await self.house.signed_in("anna")

    async def meeting(self, *more: Taking, **given: Any) -> Interaction:
        facts = {"start_at": TEN, "end_at": TEN + timedelta(hours=1), "place": "Nizami 5"} | given
        return await self.diary.add(
            self.anna, Taking(contact_id=self.zoe.id),
            Taking(text="Ali", point="ali@far.example"), *more, subject="Offer", **facts,
        )  # fmt: skip

    async def invite(self, row: Interaction) -> None:
        page = await self.browser.submit(f"/interactions/{row.id}/guests", {})
        assert page.status == 303, page.text

    def handlers(self) -> Invitations:
        settings = Settings(data=str(self.data), smtp_url=self.letterbox.url, language="az")
        house = notices_sending.House(
            account=lambda: None, provider=lambda: None, company=lambda: "Dalğa",
            address=lambda: SITE, language=lambda: "en",
        )  # fmt: skip
        return Invitations(self.database, settings, house, self.house.clock, lambda _: None)

    async def deliver(self) -> None:
        """Do what is to be done by now."""
        ways = self.handlers()
        kinds = {guests_told.JOB: ways.settle, guests.LETTER: ways.letter}
        for kind, handler in kinds.items():
            for job in await self.jobs(kind):
                await handler(job)
                async with self.database.write() as session:
                    await session.execute(delete(Job).where(Job.id == job.id))

    async def jobs(self, kind: str) -> list[Job]:
        async with self.database.read() as session:
            return list(await session.scalars(select(Job).where(Job.kind == kind)))

    def sent(self, to: str) -> list[EmailMessage]:
        return [one.message for one in self.letterbox.letters if one.recipients == (to,)]

    async def guest(self, row: Interaction, address: str = "zoe@example.tr") -> Guest:
        async with self.database.read() as session:
            found = await guests.of(session, row.id)
        return next(guest for guest in found if guest.address == address)

    async def responses(self, row: Interaction) -> set[str | None]:
        async with self.database.read() as session:
            whose = Participant.interaction_id == row.id
            return set(await session.scalars(select(Participant.response).where(whose)))

    async def notices(self, kind: str) -> list[str]:
        query = select(Notification.text).where(Notification.kind == kind)
        async with self.database.read() as session:
            return list(await session.scalars(query.order_by(Notification.id)))

    async def came(self, raw: bytes) -> int | None:
        """Have a letter arrive in the mailbox."""
        async with self.database.write() as session:
            box = Box(self.account, Folder(self.data))
            return await storing.store(session, box, read(raw), raw, self.house.clock())

    async def may(self, **grants: Any) -> None:
        async with self.database.write() as session:
            role = await session.scalar(select(Role).where(Role.key == "agent"))
            assert role is not None
            role.grants = {**role.grants, **grants}


def event(message: EmailMessage) -> Any:
    """Return the calendar's one event in a letter."""
    (part,) = (one for one in message.walk() if one.get_content_type() == "text/calendar")
    calendar = icalendar.Calendar.from_ical(part.get_content())
    assert str(calendar["METHOD"]) == part.get_param("method")
    (found,) = calendar.walk("VEVENT")
    return found


def reply(
    asked: Any, response: str, at: datetime, *, sender: str = "zoe@example.tr", **other: str
) -> bytes:
    """Return a letter by which a mail program answers an invitation, whoever sends it."""
    uid = other.get("uid", str(asked["UID"]))
    sequence = other.get("sequence", str(int(asked["SEQUENCE"])))
    ics = "\r\n".join([
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Other//Mail//EN", "METHOD:REPLY", "BEGIN:VEVENT",
        f"UID:{uid}", f"SEQUENCE:{sequence}", f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
        "ORGANIZER:mailto:info@dalga.example",
        f"ATTENDEE;CN=\"Zoë\";PARTSTAT={response}:MAILTO:{other.get('attendee', sender)}",
        "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip
    message = EmailMessage()
    message["From"], message["To"] = f"Zoë <{sender}>", "info@dalga.example"
    message["Subject"], message["Message-ID"] = (
        f"{response.title()}: Offer",
        f"<{new_id(0)}@x.example>",
    )
    message.set_content("Gəlirəm")
    message.add_alternative(ics, subtype="calendar", params={"method": "REPLY"})
    return message.as_bytes()
