"""What guests answer: by a letter of their mail program, by the link, or here in the page.

The newest answer holds, whichever way and in whichever order they come. An answer to an earlier
time of the meeting is none, and what strangers send changes nothing.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.diary import guests
from callcenter.diary.itip import Exchanged
from callcenter.diary.models import Guest
from callcenter.interactions.models import Interaction, Participant, Response
from callcenter.notices import notices
from callcenter.server.actor import SYSTEM, Actor

#: What stands before the name of who has answered: yes, perhaps, no, in any language.
MARKS: Final = {"accepted": "✓", "tentative": "?", "declined": "✗"}
#: Clocks of others go wrong by so much.
AHEAD: Final = timedelta(hours=1)

_OWN_UID: Final = re.compile(r"interaction-(\d{1,16})@callcenter")


@dataclass(frozen=True, slots=True)
class Answer:
    """`sequence` is that of the invitation which is answered."""

    response: Response
    at: datetime
    sequence: int


async def take(session: AsyncSession, sender: str, came: Exchanged, at: datetime) -> bool:
    """Keep the answer that a letter brought; return False if it is none to us.

    True of an answer to one of our guests, also of one that comes too late to count.
    """
    said = next((one for one in came.attendees if one.response is not None), None)
    if came.method != "REPLY" or said is None or said.response is None:
        return False
    if said.address != sender or not sender:
        return False
    guest = await _guest(session, came.uid, sender)
    if guest is None or guest.method == "cancel":
        return False
    # Whoever says that he answers tomorrow must not be the last word for ever.
    moment = min(came.at or at, at + AHEAD)
    await give(session, guest, Answer(said.response, moment, came.sequence), at)
    return True


async def _guest(session: AsyncSession, uid: str, address: str) -> Guest | None:
    found = _OWN_UID.fullmatch(uid)
    if found is None:
        return None
    guest: Guest | None = await session.scalar(
        select(Guest)
        .join(Interaction, Interaction.id == Guest.interaction_id)
        .where(
            Interaction.id == int(found[1]),
            Guest.address == address,
            Interaction.deleted_at.is_(None),
        )
        .with_for_update(of=Guest)
    )
    return guest


async def give(session: AsyncSession, guest: Guest, answer: Answer, at: datetime) -> bool:
    """Keep a guest's answer, locked as he is; return whether it counts."""
    row = await session.get_one(Interaction, guest.interaction_id)
    is_late = guest.response_at is not None and (answer.sequence, answer.at) <= (
        guest.response_to,
        guest.response_at,
    )
    is_open = guest.method == "request" and not guests.is_off(row)
    if not is_open or answer.sequence < guest.asked or is_late:
        return False
    was, guest.response = guest.response, answer.response
    guest.response_at, guest.response_to = answer.at, answer.sequence
    if was != answer.response:
        await guests.answer_of(session, guest, answer.response)
        await _told(session, row, _Who.guest(guest), (was, answer.response), at, SYSTEM)
    return True


async def of_colleague(
    session: AsyncSession,
    row: Interaction,
    user: tuple[int, str],
    response: Response,
    at: datetime,
    by: Actor,
) -> bool:
    """Keep what a colleague (id, name) answers in the page; return False if he takes no part."""
    user_id, name = user
    taking = await session.scalar(
        select(Participant)
        .where(Participant.interaction_id == row.id, Participant.user_id == user_id)
        .limit(1)
    )
    if taking is None:
        return False
    was, taking.response = taking.response, response
    for guest in await guests.of(session, row.id, lock=True):
        if guest.user_id == user_id:
            guest.response, guest.response_at, guest.response_to = response, at, guest.sequence
    if was != response:
        await _told(session, row, _Who(name, user_id), (was, response), at, by)
    return True


@dataclass(frozen=True, slots=True)
class _Who:
    name: str
    user_id: int | None
    contact_id: int | None = None

    @classmethod
    def guest(cls, guest: Guest) -> "_Who":
        return cls(guest.name, guest.user_id, guest.contact_id)


async def _told(
    session: AsyncSession,
    row: Interaction,
    who: _Who,
    change: tuple[str | None, str],
    at: datetime,
    by: Actor,
) -> None:
    """Write it down, and tell whoever has invited."""
    before, after = (word and MARKS[word] for word in change)
    # Not who it was: whoever reads the history may not know all who take part.
    diff: dict[str, Any] = {"response": [before, after]}
    audit.record(
        session, at, entity="interaction", entity_id=row.id, contact_id=who.contact_id,
        action="answer", diff=diff, **by,
    )  # fmt: skip
    if row.owner_id is not None:
        told = ("interaction", row.id, f"{after} {who.name} · {row.subject or ''}")
        await notices.add(session, [row.owner_id], "answer", told, who.user_id, at)
    await session.flush()
