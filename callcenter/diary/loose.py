"""Nothing open without a next action: what would be forgotten, most urgent first.

Each room that has open work hands in a `Finder` (`FINDERS`): missed calls nobody has called back,
planned things that are overdue, customers one works with and has nothing planned with. A row
leaves the list by itself once something is planned, the caller was talked with, or it is closed.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.calls.day import missed_by
from callcenter.calls.history import CallLine, lines_where
from callcenter.calls.models import CallRow
from callcenter.crm.contacts.models import Contact
from callcenter.interactions import covering, people
from callcenter.interactions.access import visible_to
from callcenter.interactions.models import Interaction
from callcenter.interactions.people import Person
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


#: So many of a kind are shown; the others when these are done.
SHOWN: Final = 50
#: A count goes no further.
MOST: Final = 99
#: A call that nobody has answered for so long is history.
MISSED_DAYS: Final = 14
#: Whom one has begun to work with.
WORKED_WITH: Final = ("new", "prospect")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """One row: what it is, and what can be done about it in one key."""

    id: int
    at: datetime
    title: str
    link: str
    #: The form in which a next action is planned.
    plan: str
    kind: str = ""
    facts: str = ""
    line: CallLine | None = None
    person: Person | None = None


#: (entity, id, values) of the edit that closes a row.
Closing = tuple[str, int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """One kind of loose end. Texts for people are message ids."""

    name: str
    label: str
    #: What the button says that closes a row.
    closes: str
    #: The ids, most urgent first.
    ids: Callable[[Identity, datetime], Select[int]]
    rows: Callable[[AsyncSession, Identity, Sequence[int]], Awaitable[list[Loose]]]
    #: The edit that closes a row, which says so in these words if words are wanted.
    close: Callable[[AsyncSession, int, str], Awaitable[Closing | None]]


FINDERS: web.AppKey[tuple[Finder, ...]] = web.AppKey("loose_ends", tuple)


async def count(
    session: AsyncSession, who: Identity, now: datetime, finders: Sequence[Finder]
) -> int:
    """Return how many loose ends there are, up to MOST + 1 of each kind."""
    return sum([await count_of(session, who, now, finder) for finder in finders])


async def count_of(session: AsyncSession, who: Identity, now: datetime, finder: Finder) -> int:
    few = finder.ids(who, now).order_by(None).limit(MOST + 1).subquery()
    return await session.scalar(select(func.count()).select_from(few)) or 0


async def found(session: AsyncSession, who: Identity, now: datetime, finder: Finder) -> list[Loose]:
    ids = list(await session.scalars(finder.ids(who, now).limit(SHOWN)))
    place = {row_id: at for at, row_id in enumerate(ids)}
    rows = await finder.rows(session, who, ids) if ids else []
    return sorted(rows, key=lambda row: place[row.id])


# ---------------------------------------------------------------- missed calls


def _missed(who: Identity, now: datetime) -> Select[int]:
    planned = aliased(Interaction)
    is_planned = exists().where(
        planned.thread_id == Interaction.thread_id,
        planned.status == "planned",
        planned.deleted_at.is_(None),
    )
    return (
        select(CallRow.id)
        .join(Interaction, Interaction.id == CallRow.interaction_id)
        .where(
            *missed_by(who.user_id, now - timedelta(days=MISSED_DAYS)),
            Interaction.deleted_at.is_(None),
            Interaction.result_id.is_(None),
            Interaction.result_note.is_(None),
            ~is_planned,
        )
        .order_by(CallRow.ring_at, CallRow.id)
    )


async def _calls(session: AsyncSession, who: Identity, ids: Sequence[int]) -> list[Loose]:
    lines = await lines_where(session, who, CallRow.id.in_(ids), limit=len(ids))
    return [
        Loose(
            id=line.id, at=line.ring_at, title="", link=f"/calls/{line.id}", kind="call",
            plan=f"/interactions/new?from={line.interaction_id}&kind=call&next=/next-actions",
            facts=line.queues[-1] if line.queues else "", line=line,
        )
        for line in lines
    ]  # fmt: skip


async def _close_call(session: AsyncSession, call_id: int, words: str) -> Closing | None:
    interaction = await session.scalar(select(CallRow.interaction_id).where(CallRow.id == call_id))
    return None if interaction is None else ("interaction", interaction, {"result_note": words})


# ---------------------------------------------------------------- overdue


def _overdue(who: Identity, now: datetime) -> Select[int]:
    return (
        select(Interaction.id)
        .where(
            Interaction.owner_id == who.user_id,
            Interaction.status == "planned",
            Interaction.due_at < now,
            visible_to(who),
        )
        .order_by(Interaction.due_at, Interaction.id)
    )


async def _planned(session: AsyncSession, who: Identity, ids: Sequence[int]) -> list[Loose]:
    rows = await session.scalars(select(Interaction).where(Interaction.id.in_(ids)))
    taking = await people.of(session, who, ids)
    return [
        Loose(
            id=row.id, at=row.due_at or row.start_at, link=f"/interactions/{row.id}", kind=row.kind,
            title=covering.fact("subject", row.subject, who) or "",
            plan=f"/interactions/new?from={row.id}&next=/next-actions",
            person=next((one for one in taking.get(row.id, ()) if one.is_customer), None),
        )
        for row in rows
    ]  # fmt: skip


async def _close_planned(_session: AsyncSession, row_id: int, _words: str) -> Closing | None:
    return "interaction", row_id, {"status": "held"}


# ---------------------------------------------------------------- customers


def _customers(who: Identity, _now: datetime) -> Select[int]:
    return (
        select(Contact.id)
        .where(
            Contact.owner_id == who.user_id,
            Contact.lifecycle.in_(WORKED_WITH),
            Contact.next_action_at.is_(None),
            Contact.last_contact_at.is_not(None),
            Contact.do_not_contact_at.is_(None),
            Contact.deleted_at.is_(None),
            Contact.merged_into_id.is_(None),
        )
        .order_by(Contact.last_contact_at, Contact.id)
    )


async def _contacts(session: AsyncSession, _who: Identity, ids: Sequence[int]) -> list[Loose]:
    rows = await session.scalars(select(Contact).where(Contact.id.in_(ids)))
    return [
        Loose(
            id=row.id, at=row.last_contact_at or row.created_at, title=row.name,
            link=f"/contacts/{row.id}", plan=f"/interactions/new?contact={row.id}&next=/next-actions",
        )
        for row in rows
    ]  # fmt: skip


async def _close_contact(_session: AsyncSession, contact_id: int, _words: str) -> Closing | None:
    return "contact", contact_id, {"lifecycle": "former"}


OWN: Final = (
    Finder(
        name="missed", label=_("Missed calls without a call back"), closes=_("No call back"),
        ids=_missed, rows=_calls, close=_close_call,
    ),
    Finder(
        name="overdue", label=_("Planned and overdue"), closes=_("Done"), ids=_overdue,
        rows=_planned, close=_close_planned,
    ),
    Finder(
        name="customers", label=_("Customers with nothing planned"), closes=_("No longer worked with"),
        ids=_customers, rows=_contacts, close=_close_contact,
    ),
)  # fmt: skip
