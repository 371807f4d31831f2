"""Invitations that come from outside: what a letter asks its reader to, and his answer to it.

The meeting goes into the reader's own calendar, known by its UID, so a later letter moves it or
calls it off. The answer is a letter like any other, with a part that the organiser's calendar reads.
"""

from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.diary import ics, itip
from callcenter.diary.bringing import Line, bring, compare
from callcenter.diary.ics import NotACalendar
from callcenter.diary.itip import Exchanged, Someone
from callcenter.entity import files
from callcenter.entity.files import Folder
from callcenter.entity.models import File
from callcenter.entity.saving import Deed
from callcenter.interactions.models import Interaction, Participant, Response
from callcenter.interactions.participants import Taking
from callcenter.mail import matching, writing
from callcenter.mail.models import Letter, MailAccount
from callcenter.mail.writing import Typed
from callcenter.post.letters import Calendar
from callcenter.server.i18n import translate_to


def _(message: str) -> str:
    return message


#: How the file of a calendar is called.
ENDING: Final = ".ics"
#: What a letter can ask for; anything else is a file like any other.
METHODS: Final = ("REQUEST", "CANCEL", "PUBLISH")
SUBJECTS: Final = {
    "accepted": _("Accepted: {subject}"), "tentative": _("Perhaps: {subject}"),
    "declined": _("Declined: {subject}"),
}  # fmt: skip
WORDS: Final = {
    "accepted": _("{name} will come."), "tentative": _("{name} may come."),
    "declined": _("{name} will not come."),
}  # fmt: skip


class Offer(NamedTuple):
    """What a letter asks for, and what that is to the reader's calendar."""

    asked: Exchanged
    lines: list[Line]
    #: What the reader has answered.
    response: Response | None

    @property
    def is_off(self) -> bool:
        return self.asked.method == "CANCEL"

    @property
    def wants_answer(self) -> bool:
        return self.asked.method == "REQUEST" and bool(self.asked.organizer.address)


def is_calendar(file: File) -> bool:
    return file.name.lower().endswith(ENDING)


async def offer_of(
    session: AsyncSession,
    user_id: int,
    letter: Letter,
    folder: Folder,
    zone: ZoneInfo,
    at: datetime,
) -> Offer | None:
    """Return what a letter invites to, None if to nothing that lies ahead or has just been."""
    if letter.state != "received":
        return None
    attached = await files.of_row(session, "interaction", letter.interaction_id)
    file = next((file for file in attached if is_calendar(file)), None)
    path = folder.path(file.sha256) if file is not None else None
    if path is None or not path.exists():
        return None
    data = path.read_bytes()
    asked = itip.read(data.decode("utf-8", "replace"))
    try:
        events = ics.read(data, zone, at)
    except NotACalendar:
        return None
    if asked is None or asked.method not in METHODS or not events:
        return None
    lines = await compare(session, user_id, events)
    return Offer(asked, lines, await _answered(session, user_id, lines))


async def _answered(session: AsyncSession, user_id: int, lines: list[Line]) -> Response | None:
    ids = [line.row_id for line in lines if line.row_id is not None]
    found: Response | None = await session.scalar(
        select(Participant.response)
        .where(Participant.interaction_id.in_(ids), Participant.user_id == user_id)
        .limit(1)
    )
    return found


async def put(deed: Deed, offer: Offer, response: Response | None) -> None:
    """Let the reader's calendar be as the letter says, and his answer stand there. Raises BadInput.

    What somebody declines does not come into it.
    """
    lines = [line for line in offer.lines if line.state != "new" or response != "declined"]
    organizer = await _organizer(deed.session, offer.asked.organizer)
    own = Taking(user_id=deed.who.user_id, response=response)
    await bring(deed, lines, [organizer, own] if organizer is not None else [own])
    if response is None:
        return
    ids = [line.row_id for line in lines if line.row_id is not None]
    mine = await deed.session.scalars(
        select(Participant).where(
            Participant.interaction_id.in_(ids), Participant.user_id == deed.who.user_id
        )
    )
    for part in mine:
        part.response = response


async def _organizer(session: AsyncSession, one: Someone) -> Taking | None:
    if not one.address:
        return None
    known = await matching.contacts(session, [one.address])
    contact_id = known.get(one.address)
    text = None if contact_id is not None else one.name or one.address
    return Taking(contact_id=contact_id, text=text, point=one.address)


async def answer(
    deed: Deed, source: Interaction, letter: Letter, offer: Offer, response: Response, zone: ZoneInfo,
    language: str,
) -> Interaction:  # fmt: skip
    """Write the letter that answers. Raises BadInput."""
    session, event = deed.session, offer.lines[0].event
    account = await session.get_one(MailAccount, letter.account_id)
    user = await session.get_one(User, deed.who.user_id)
    meant = {account.address.lower(), (user.email or "").lower()}
    asked = next((one for one in offer.asked.attendees if one.address in meant), None)
    guest = Someone(asked.address if asked else account.address, deed.who.name, response)
    typed = Typed(
        account_id=account.id, to=offer.asked.organizer.address, cc="", source_id=source.id,
        subject=translate_to(language, SUBJECTS[response], subject=event.title)[:300],
        body=translate_to(language, WORDS[response], name=deed.who.name),
        forward=False, quote=False, template_id=None,
    )  # fmt: skip
    said = itip.reply(offer.asked, event, guest, zone, deed.at)
    return await writing.write(deed, typed, None, "", Calendar(method="REPLY", ics=said))
