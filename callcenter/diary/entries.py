"""What stands in people's calendars, as far as the reader may see it.

Everybody sees when a colleague is busy; what with is told to whoever may read it. Each room that
has something to show hands in a source (`SOURCES`); the interactions' own is here.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.local_time import Place, zones_of
from callcenter.crm.contacts.models import Contact
from callcenter.diary.layout import Entry
from callcenter.interactions import covering, people
from callcenter.interactions.access import reached
from callcenter.interactions.models import IN_CALENDAR, INVITED, Interaction, Participant
from callcenter.interactions.people import Person
from callcenter.server.identity import Identity

#: What lasts longer is shown from its beginning on only so far.
LONGEST: Final = timedelta(days=31)
#: So many are read for one page.
MOST: Final = 4_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose calendars, from when to when."""

    who: Identity
    user_ids: Collection[int]
    first: datetime
    end: datetime
    zone: ZoneInfo


Source = Callable[[AsyncSession, Wanted], Awaitable[list[Entry]]]
SOURCES: web.AppKey[tuple[Source, ...]] = web.AppKey("calendar_sources", tuple)


async def of_interactions(session: AsyncSession, wanted: Wanted) -> list[Entry]:
    """Return what people have planned, and the meetings, visits and tasks they had."""
    rows = await _rows(session, wanted)
    seen = [row.id for row, _users, is_seen, _may in rows.values() if is_seen]
    taking = await people.of(session, wanted.who, seen)
    places = await _places(session, taking)
    return [
        _entry(row, user_id, is_seen, may, taking.get(row.id, ()), places, wanted)
        for row, users, is_seen, may in rows.values()
        for user_id in users
    ]


async def _rows(
    session: AsyncSession, wanted: Wanted
) -> dict[int, tuple[Any, set[int], bool, bool]]:
    """Return the rows with whose calendars they stand in, and what the reader may do with them."""
    who = wanted.who
    within = (
        Interaction.start_at < wanted.end,
        Interaction.start_at >= wanted.first - LONGEST,
        (Interaction.start_at >= wanted.first) | (Interaction.end_at > wanted.first),
        text(f"({IN_CALENDAR})"),
    )
    facts = (
        Interaction,
        (literal(True) & reached(who, "read")).label("seen"),
        (literal(True) & reached(who, "edit")).label("may"),
    )
    own = select(*facts, Interaction.owner_id.label("whose")).where(
        Interaction.owner_id.in_(wanted.user_ids), *within
    )
    invited = (
        select(*facts, Participant.user_id.label("whose"))
        .join(Participant, Participant.interaction_id == Interaction.id)
        .where(
            Participant.user_id.in_(wanted.user_ids),
            Participant.at < wanted.end,
            Participant.at >= wanted.first - LONGEST,
            text(f"({INVITED})"),
            *within,
        )
    )
    found: dict[int, tuple[Any, set[int], bool, bool]] = {}
    for query in (own, invited):
        for row in await session.execute(query.order_by(Interaction.start_at).limit(MOST)):
            known = found.setdefault(
                row.Interaction.id, (row.Interaction, set(), row.seen, row.may)
            )
            known[1].add(row.whose)
    return found


def _entry(
    row: Interaction,
    user_id: int,
    is_seen: bool,
    may: bool,
    taking: Sequence[Person],
    places: Mapping[int, Sequence[str]],
    wanted: Wanted,
) -> Entry:
    when: dict[str, Any] = {
        "id": row.id, "entity": "interaction", "user_id": user_id, "start_at": row.start_at,
        "end_at": row.end_at, "all_day": row.all_day,
    }  # fmt: skip
    if not is_seen:
        return Entry(**when, is_covered=True)
    customer = next((person for person in taking if person.is_customer), None)
    return Entry(
        **when, title=covering.fact("subject", row.subject, wanted.who) or "", kind=row.kind,
        status=row.status, link=f"/interactions/{row.id}", version=row.version, may_move=may,
        uid=row.ics_uid or "", changed_at=row.updated_at,
        clock=f"{row.start_at.astimezone(wanted.zone):%H:%M}", with_whom=customer.name if customer else "",
        there=_there(row, places.get((customer and customer.contact_id) or 0, ()), wanted.zone),
    )  # fmt: skip


def _there(row: Interaction, zones: Sequence[str], here: ZoneInfo) -> str:
    """Return what time it is then where the customer is, if that is certain and another."""
    if len(zones) != 1 or row.all_day:
        return ""
    local = row.start_at.astimezone(ZoneInfo(zones[0]))
    return (
        f"{local:%H:%M}" if local.utcoffset() != row.start_at.astimezone(here).utcoffset() else ""
    )


async def _places(
    session: AsyncSession, taking: Mapping[int, Sequence[Person]]
) -> dict[int, Sequence[str]]:
    """Return the zones that the customers may be in."""
    ids = {one.contact_id for each in taking.values() for one in each if one.contact_id}
    rows = await session.execute(
        select(Contact.id, Contact.time_zone, Contact.country, Contact.city).where(
            Contact.id.in_(ids)
        )
    )
    return {row.id: zones_of(row.time_zone, [Place(row.country, row.city)], []) for row in rows}
