"""What stands in people's calendars, as far as the reader may see it.

Everybody sees when a colleague is busy; what with is told to whoever may read it. Each room that
has something to show hands in a source (`SOURCES`); the interactions' own is here.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import nsmallest
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import BigInteger, literal, select, text, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.local_time import Place, zones_of
from callcenter.crm.contacts.models import Contact
from callcenter.db import millis
from callcenter.diary.layout import Entry, midnight
from callcenter.interactions import covering, people
from callcenter.interactions.access import reached
from callcenter.interactions.models import IN_CALENDAR, INVITED, Interaction, Participant
from callcenter.interactions.people import Person
from callcenter.server.identity import Identity

#: What lasts longer is shown from its beginning on only so far.
LONGEST: Final = timedelta(days=31)
#: So many ids are asked for at once.
BLOCK: Final = 5_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose calendars, from when to when."""

    who: Identity
    user_ids: Collection[int]
    first: datetime
    end: datetime
    zone: ZoneInfo
    #: So many of a day are wanted, each once, however many calendars it stands in; None: all.
    per_day: int | None = None
    #: How many more there are of a day: a source counts here what it leaves out.
    left_out: Counter[date] = field(default_factory=Counter)
    #: Also the calls and letters that were planned and are done: they leave a calendar, but not a day's list.
    with_done: bool = False


Source = Callable[[AsyncSession, Wanted], Awaitable[list[Entry]]]
SOURCES: web.AppKey[tuple[Source, ...]] = web.AppKey("calendar_sources", tuple)


async def of_interactions(session: AsyncSession, wanted: Wanted) -> list[Entry]:
    """Return what people have planned, and the meetings, visits and tasks they had."""
    spans = await _spans(session, wanted)
    if wanted.per_day is not None:
        spans = _few(spans, wanted, wanted.per_day)
    rows = await _rows(session, wanted.who, {span.id for span in spans})
    taking = await people.of(session, wanted.who, [id_ for id_, row in rows.items() if row.seen])
    places = await _places(session, taking)
    return [
        _entry(rows[span.id], span.user_id, taking.get(span.id, ()), places, wanted)
        for span in spans
        if span.id in rows
    ]


class _Span(NamedTuple):
    """As much of an interaction as says where it stands: thousands are looked at for a month."""

    id: int
    user_id: int
    #: Milliseconds, as they are stored.
    start: int
    end: int
    all_day: bool


async def _spans(session: AsyncSession, wanted: Wanted) -> list[_Span]:
    """Return what stands in whose calendar, in order."""
    start = type_coerce(Interaction.start_at, BigInteger)
    end = type_coerce(Interaction.end_at, BigInteger)
    within = (
        Interaction.start_at < wanted.end,
        Interaction.start_at >= wanted.first - LONGEST,
        (Interaction.start_at >= wanted.first) | (Interaction.end_at > wanted.first),
        text(f"({IN_CALENDAR})"),
    )
    own = select(Interaction.id, Interaction.owner_id, start, end, Interaction.all_day).where(
        Interaction.owner_id.in_(wanted.user_ids), *within
    )
    invited = (
        select(Interaction.id, Participant.user_id, start, end, Interaction.all_day)
        .join(Participant, Participant.interaction_id == Interaction.id)
        .where(
            Participant.user_id.in_(wanted.user_ids),
            Participant.at < wanted.end,
            Participant.at >= wanted.first - LONGEST,
            text(f"({INVITED})"),
            *within,
        )
    )
    # What simply happened, as a call that came in, has no moment by which it had to be done.
    done = select(Interaction.id, Interaction.owner_id, start, end, Interaction.all_day).where(
        Interaction.owner_id.in_(wanted.user_ids),
        Interaction.start_at < wanted.end,
        Interaction.start_at >= wanted.first,
        Interaction.due_at.is_not(None),
        Interaction.status.in_(("held", "missed")),
        Interaction.deleted_at.is_(None),
    )
    found: set[_Span] = set()
    for query in (own, invited, done) if wanted.with_done else (own, invited):
        rows: Any = await session.execute(query)
        for id_, user_id, begins, ends, all_day in rows:
            found.add(_Span(id_, user_id, begins, ends or begins, all_day))
    return sorted(found, key=lambda span: (span.start, span.id, span.user_id))


def _few(spans: Sequence[_Span], wanted: Wanted, most: int) -> list[_Span]:
    """Return the first of each day, each once; count the others of each day."""
    first = wanted.first.astimezone(wanted.zone).date()
    count = (wanted.end.astimezone(wanted.zone).date() - first).days
    days = [first + timedelta(number) for number in range(count)]
    begins = [millis(midnight(day, wanted.zone)) for day in days]
    of_day: list[list[_Span]] = [[] for _ in days]
    for span in {span.id: span for span in reversed(spans)}.values():
        last = bisect_right(begins, max(span.end - 1, span.start)) - 1
        for place in range(max(bisect_right(begins, span.start) - 1, 0), last + 1):
            of_day[place].append(span)
    shown: set[_Span] = set()
    for there in of_day:
        shown.update(nsmallest(most, there, key=_place))
    for day, there in zip(days, of_day, strict=True):
        wanted.left_out[day] += sum(span not in shown for span in there)
    return sorted(shown, key=lambda span: (span.start, span.id))


def _place(span: _Span) -> tuple[bool, int, int, int]:
    """Return the order in which things stand on a day."""
    return not span.all_day, span.start, -span.end, span.id


async def _rows(session: AsyncSession, who: Identity, ids: Collection[int]) -> dict[int, Any]:
    """Return the rows with what the reader may do with them (`seen`, `may`)."""
    found: dict[int, Any] = {}
    wanted = sorted(ids)
    for at in range(0, len(wanted), BLOCK):
        rows = await session.execute(
            select(
                Interaction,
                (literal(True) & reached(who, "read")).label("seen"),
                (literal(True) & reached(who, "edit")).label("may"),
            ).where(Interaction.id.in_(wanted[at : at + BLOCK]))
        )
        found |= {row.Interaction.id: row for row in rows}
    return found


def _entry(
    found: Any,
    user_id: int,
    taking: Sequence[Person],
    places: Mapping[int, Sequence[str]],
    wanted: Wanted,
) -> Entry:
    row: Interaction = found.Interaction
    when: dict[str, Any] = {
        "id": row.id, "entity": "interaction", "user_id": user_id, "start_at": row.start_at,
        "end_at": row.end_at, "all_day": row.all_day,
    }  # fmt: skip
    if not found.seen:
        return Entry(**when, is_covered=True)
    customer = next((person for person in taking if person.is_customer), None)
    return Entry(
        **when, title=covering.fact("subject", row.subject, wanted.who) or "", kind=row.kind,
        status=row.status, link=f"/interactions/{row.id}", version=row.version, may_move=found.may,
        place=covering.fact("place", row.place, wanted.who) or "", uid=row.ics_uid or "",
        changed_at=row.updated_at, due_at=row.due_at,
        contact_id=customer.contact_id if customer and customer.can_be_opened else None,
        point=customer.point or "" if customer and customer.is_unlinked else "",
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
