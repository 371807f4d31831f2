"""Who is invited to a meeting by e-mail, and what each guest was last told.

What a guest knows is stored with the guest, so nobody has to remember whether a change was
announced: the two are compared. Guests are invited, and told of changes, when somebody says so.
That they are no longer invited, or that the meeting is called off, they are told automatically.
The letters are sent by `mail`, as jobs.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import jobs
from callcenter.agents.models import User
from callcenter.crm.contacts.local_time import Place, zones_of
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.db import new_id
from callcenter.diary.ics import Event
from callcenter.diary.models import Guest
from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.participants import rows_of
from callcenter.notices import notices

#: The job that sends one letter.
LETTER: Final = "invitation"
#: Letters that did not arrive.
FAILED: Final = ("refused", "bounced")
_TIMES: Final = ("start", "end", "all_day")

#: Why somebody who takes part is not written to.
Why = Literal["", "no-address", "no-contact"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """Somebody who takes part, besides whoever invites: he should be a guest, unless `why`."""

    name: str
    address: str
    contact_id: int | None = None
    user_id: int | None = None
    language: str = ""
    zone: str = ""
    why: Why = ""

    def is_(self, guest: Guest) -> bool:
        if self.contact_id is not None or self.user_id is not None:
            mine = (self.contact_id, self.user_id)
            if mine == (guest.contact_id, guest.user_id):
                return True
        return bool(self.address) and self.address == guest.address


def is_over(row: Interaction, at: datetime) -> bool:
    return row.status in ("held", "missed") or (row.end_at or row.start_at) <= at


def is_off(row: Interaction) -> bool:
    return row.deleted_at is not None or row.status == "cancelled"


def facts_of(row: Interaction) -> dict[str, Any]:
    """Return what guests are told of a meeting. Its text is ours: it may be about them."""
    return {
        "subject": row.subject or "", "place": row.place or "", "all_day": row.all_day,
        "start": _written(row.start_at), "end": _written(row.end_at) if row.end_at else "",
    }  # fmt: skip


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


def event_of(guest: Guest, uid: str, link: str = "") -> Event:
    """Return the meeting as a guest was told of it."""
    told = guest.told
    return Event(
        uid=uid, title=told["subject"], place=told["place"], all_day=told["all_day"], link=link,
        start_at=datetime.fromisoformat(told["start"]), sequence=guest.sequence,
        end_at=datetime.fromisoformat(told["end"]) if told["end"] else None,
        status="cancelled" if guest.method == "cancel" else "planned", changed_at=guest.told_at,
    )  # fmt: skip


def is_ours(row: Interaction) -> bool:
    """Tell what we may invite to from what came out of somebody else's calendar."""
    return row.ics_uid is None


def knows(guest: Guest, row: Interaction) -> bool:
    """Tell whether a guest was told how things are now."""
    return guest.method == "request" and guest.told == facts_of(row)


# ---------------------------------------------------------------- who they are


async def of(session: AsyncSession, interaction_id: int, *, lock: bool = False) -> list[Guest]:
    """Return everybody who was ever invited, those who are not any more, too."""
    query = select(Guest).where(Guest.interaction_id == interaction_id).order_by(Guest.id)
    return list(await session.scalars(query.with_for_update() if lock else query))


async def meant(session: AsyncSession, row: Interaction) -> list[Meant]:
    """Return who takes part besides its owner, in order, each address once."""
    taking = await rows_of(session, row.id)
    contacts = await _contacts(session, [one.contact_id for one in taking if one.contact_id])
    users = await _users(session, [one.user_id for one in taking if one.user_id])
    found: list[Meant] = []
    for one in taking:
        person = _person(one, contacts, users)
        is_known = person is None or any(
            person.address and other.address == person.address for other in found
        )
        if (
            person is not None
            and not is_known
            and (one.user_id is None or one.user_id != row.owner_id)
        ):
            found.append(person)
    return found


def _person(
    one: Participant, contacts: Mapping[int, Meant], users: Mapping[int, Meant]
) -> Meant | None:
    if one.contact_id is not None:
        return contacts.get(one.contact_id)
    if one.user_id is not None:
        return users.get(one.user_id)
    address = one.point.lower() if one.point and "@" in one.point else ""
    name = one.text or address or one.point or ""
    return Meant(name=name, address=address, why="" if address else "no-address")


async def _contacts(session: AsyncSession, ids: Sequence[int]) -> dict[int, Meant]:
    points = await session.execute(
        select(ContactPoint.contact_id, ContactPoint.norm)
        .where(
            ContactPoint.contact_id.in_(ids), ContactPoint.kind == "email",
            ContactPoint.invalid_at.is_(None),
        )
        .order_by(ContactPoint.position.desc(), ContactPoint.id.desc())
    )  # fmt: skip
    addresses = {point.contact_id: point.norm for point in points}
    rows = await session.scalars(
        select(Contact).where(Contact.id.in_(ids), Contact.deleted_at.is_(None))
    )
    return {row.id: _of_contact(row, addresses.get(row.id, "")) for row in rows}


def _of_contact(row: Contact, address: str) -> Meant:
    zones = zones_of(row.time_zone, [Place(row.country, row.city)], [])
    why: Why = (
        "no-contact" if row.do_not_contact_at is not None else "" if address else "no-address"
    )
    return Meant(
        name=row.name, address=address, contact_id=row.id, language=row.language or "",
        zone=zones[0] if len(zones) == 1 else "", why=why,
    )  # fmt: skip


async def _users(session: AsyncSession, ids: Sequence[int]) -> dict[int, Meant]:
    rows = await session.scalars(
        select(User).where(User.id.in_(ids), User.deleted_at.is_(None), User.active)
    )
    return {
        row.id: Meant(
            name=row.name, address=(row.email or "").lower(), user_id=row.id,
            language=row.locale or "", zone=row.time_zone or "",
            why="" if row.email else "no-address",
        )
        for row in rows
    }  # fmt: skip


# ---------------------------------------------------------------- telling them


async def invite(session: AsyncSession, row: Interaction, at: datetime, by_id: int | None) -> int:
    """Tell everybody who does not know how things are; return how many letters that makes.

    `row` is locked. Colleagues are told in the page, too, by a notice.
    """
    people, known, facts = (
        await meant(session, row),
        await of(session, row.id, lock=True),
        facts_of(row),
    )
    pairs = [
        (one, next((guest for guest in known if one.is_(guest)), None))
        for one in people
        if not one.why
    ]
    wanting = [
        (one, guest)
        for one, guest in pairs
        if guest is None or not knows(guest, row) or guest.state in FAILED
    ]
    if any(guest is not None and not knows(guest, row) for _, guest in wanting):
        row.sequence += 1
    for one, before in wanting:
        guest = before or _new(row, one, at)
        session.add(guest)
        await _ask(session, guest, one, facts, row.sequence, at)
    colleagues = [one.user_id for one in people if one.user_id is not None]
    told = ("interaction", row.id, row.subject or "")
    await session.flush()
    await notices.add(
        session, colleagues, "invitation", told, by_id, at, f"{row.id}:{facts['start']}"
    )
    return len(wanting)


def _new(row: Interaction, one: Meant, at: datetime) -> Guest:
    return Guest(
        id=new_id(at.timestamp()), interaction_id=row.id, token=secrets.token_urlsafe(24),
        organizer="", asked=row.sequence, told={}, response_to=0, method="request",
        message_id="", sequence=row.sequence, state="waiting", told_at=at, address=one.address,
        name=one.name, language="", zone="",
    )  # fmt: skip


async def _ask(
    session: AsyncSession,
    guest: Guest,
    one: Meant,
    facts: dict[str, Any],
    sequence: int,
    at: datetime,
) -> None:
    is_same_time = guest.method == "request" and all(
        guest.told.get(name) == facts[name] for name in _TIMES
    )
    if not is_same_time:
        guest.asked = sequence
        if guest.response is not None:
            # He has agreed to another time.
            await answer_of(session, guest, None)
            guest.response, guest.response_at = None, None
    guest.address, guest.name = one.address, one.name[:200]
    guest.contact_id, guest.user_id = one.contact_id, one.user_id
    guest.language, guest.zone = one.language, one.zone
    guest.told = facts
    await _post(session, guest, "request", sequence, at)


async def _post(
    session: AsyncSession, guest: Guest, method: str, sequence: int, at: datetime
) -> None:
    guest.method, guest.sequence, guest.state = method, sequence, "waiting"
    guest.told_at, guest.says = at.replace(microsecond=0), None
    await session.flush()
    key = f"{guest.id}.{sequence}.{method}"
    await jobs.drop(session, LETTER, key)
    payload = {"guest": guest.id, "sequence": sequence, "method": method}
    await jobs.add(session, LETTER, payload, at, key)


async def answer_of(session: AsyncSession, guest: Guest, response: str | None) -> None:
    """Let the meeting itself say what a guest has answered."""
    whose = (
        Participant.contact_id == guest.contact_id
        if guest.contact_id is not None
        else Participant.user_id == guest.user_id
        if guest.user_id is not None
        else Participant.point == guest.address
    )
    await session.execute(
        update(Participant)
        .where(Participant.interaction_id == guest.interaction_id, whose)
        .where(Participant.role != "company")
        .values(response=response)
        .execution_options(synchronize_session=False)
    )


async def settle(session: AsyncSession, interaction_id: int, at: datetime) -> None:
    """Tell those who are not meant any more. Of what has passed nobody is told."""
    row = await session.get(Interaction, interaction_id, with_for_update=True)
    if row is None or is_over(row, at):
        return
    people = [] if is_off(row) else await meant(session, row)
    gone = [
        guest
        for guest in await of(session, row.id, lock=True)
        if guest.method == "request" and not any(one.is_(guest) for one in people)
    ]
    if gone:
        row.sequence += 1
    for guest in gone:
        await _post(session, guest, "cancel", row.sequence, at)
