"""Everything that passed between a contact and us, newest first, and what is to come.

A contact's timeline is its rows of `participant`, whatever its role in them, so a company
shows what was said with the people who worked there at the time. Notable lines of the audit
log stand between them. Pages go by key (moment, id).

Calls live in a room above this one, so their table is known by name only.
"""

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Exists, Select, bindparam, column, exists, select, table, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.agents.models import User
from callcenter.audit import Audit
from callcenter.db import Question, millis
from callcenter.entity.models import Option
from callcenter.interactions import covering, people
from callcenter.interactions.access import visible_to
from callcenter.interactions.calls_told import Way, ways
from callcenter.interactions.expected import key
from callcenter.interactions.models import KINDS, PINNED, Interaction, Participant
from callcenter.interactions.people import Person
from callcenter.server.identity import Identity

PAGE_ROWS: Final = 50
#: So much of what is still to come stands above it.
PLANNED: Final = 10
#: So many pinned ones stand above it; the rest in their places.
ABOVE: Final = 5
#: The kind of a line that tells of a change.
CHANGE: Final = "change"
#: What is no kind, and narrows it like one.
ONLY_PINNED: Final = "pinned"
#: What a timeline can be narrowed to.
SHOWN: Final = (*KINDS, CHANGE, ONLY_PINNED)

_call = table(
    "call", column("id"), column("interaction_id"), column("merged_into_id"), column("result"),
    column("talk_ms"), column("wait_ms"),
)  # fmt: skip


# Letters too.
_letter = table("letter", column("interaction_id"), column("state"))


_NOTABLE: Final = (
    select(Audit.id, Audit.at, Audit.action, User.name)
    .outerjoin(User, User.id == Audit.actor_id)
    .where(Audit.contact_id == bindparam("row"), Audit.notable)
    .order_by(Audit.at.desc(), Audit.id.desc())
    .limit(PAGE_ROWS + 1)
)
#: The newest of them, with which each card begins.
_CHANGES: Final = Question(_NOTABLE)
#: Whether a contact takes part in anything that is pinned: of most, this is all that is asked.
IS_PINNED: Final = Question(
    select(Participant.interaction_id)
    .where(Participant.contact_id == bindparam("row"), text(PINNED))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line. Of a change, `kind` is "change" and `action` says which.

    Durations are seconds; talk is without hold, as everywhere.
    """

    id: int
    kind: str
    at: datetime
    interaction_id: int | None = None
    call_id: int | None = None
    direction: str | None = None
    status: str | None = None
    subject: str | None = None
    #: Of a call, what the PBX says; `result_label` is what people say came of it.
    result: str | None = None
    result_label: Mapping[str, str] = field(default_factory=dict)
    result_note: str | None = None
    end_at: datetime | None = None
    due_at: datetime | None = None
    all_day: bool = False
    pinned: bool = False
    thread_id: int | None = None
    live: bool = False
    #: Of an e-mail that was sent or fetched: what became of it.
    letter: str | None = None
    talk_s: float | None = None
    wait_s: float | None = None
    #: Of a call: through which queues it went, who talked, whether it can be heard.
    way: Way | None = None
    #: The agent, or who made the change.
    who: str | None = None
    note: str | None = None
    version: int = 1
    #: Who took part, customers first.
    people: tuple[Person, ...] = ()
    action: str | None = None

    @property
    def customer(self) -> Person | None:
        """The first customer who took part: of a company's timeline, the person."""
        return next((person for person in self.people if person.is_customer), None)

    @property
    def start_at(self) -> datetime:
        return self.at

    @property
    def contact_id(self) -> int | None:
        return self.customer.contact_id if self.customer else None

    @property
    def contact_name(self) -> str | None:
        return self.customer.name if self.customer else None

    @property
    def queue(self) -> str | None:
        return self.way.queues[-1] if self.way and self.way.queues else None


@dataclass(frozen=True, slots=True)
class Timeline:
    items: list[Item]
    #: Cursor of the next page, None if this is the last.
    after: str | None = None
    #: What it is narrowed to; nothing for everything.
    kinds: tuple[str, ...] = ()
    #: Whether what is still to come is left out.
    past: bool = False
    #: What stands above it, on the first page of one that is not narrowed; the newest first.
    pinned: Sequence[Item] = ()
    #: Whether more are pinned than stand there.
    more_pinned: bool = False


async def of_contact(
    session: AsyncSession,
    who: Identity,
    contact_id: int,
    after: str | None = None,
    kinds: Collection[str] = (),
    *,
    past: bool = False,
    in_place: bool = False,
) -> Timeline:
    """Return one page of a contact's timeline, or of what was of it (`past`).

    What is pinned stands above it and not again in it, unless `in_place`.
    Raises BadInput for a cursor that is none.
    """
    before = key(after) if after else None
    wanted = tuple(kind for kind in SHOWN if kind in kinds)
    above: list[Item] = []
    interactions: list[Item] = []
    changes: list[Item] = []
    if not wanted and not in_place:
        above = await _pinned(session, who, contact_id, past=past)
    stands_above = [item.id for item in above[:ABOVE]]
    if not wanted or wanted != (CHANGE,):
        query = _taking_part(who, contact_id, past=past).limit(PAGE_ROWS + 1)
        if stands_above:
            query = query.where(Participant.interaction_id.not_in(stands_above))
        interactions = await _items(session, who, _narrowed(query, wanted, before))
    if not wanted or CHANGE in wanted:
        changes = await _changes(session, contact_id, before)
    # Both are sorted, newest first.
    merged = heapq.merge(interactions, changes, key=lambda item: (item.at, item.id), reverse=True)
    items = [item for item, _ in zip(merged, range(PAGE_ROWS + 1), strict=False)]
    shown = items[:PAGE_ROWS]
    more = len(items) > PAGE_ROWS
    return Timeline(
        shown, f"{millis(shown[-1].at)}.{shown[-1].id}" if more else None, wanted, past,
        () if before else tuple(above[:ABOVE]), more_pinned=len(above) > ABOVE,
    )  # fmt: skip


async def _pinned(
    session: AsyncSession, who: Identity, contact_id: int, *, past: bool
) -> list[Item]:
    """Return what stands above the timeline, and one more if there are more."""
    if not await IS_PINNED.ask(session, row=contact_id):
        return []
    query = _taking_part(who, contact_id, past=past).where(text(PINNED)).limit(ABOVE + 1)
    return await _items(session, who, query)


async def planned_with(session: AsyncSession, who: Identity, contact_id: int) -> list[Item]:
    """Return what is still to come with a contact, the most urgent first."""
    query = (
        _query()
        .where(
            Participant.contact_id == contact_id, Interaction.status == "planned", visible_to(who)
        )
        .order_by(Interaction.due_at, Interaction.id)
        .limit(PLANNED)
    )
    return await _items(session, who, query)


def _taking_part(who: Identity, contact_id: int, *, past: bool) -> Select[*tuple[Any, ...]]:
    query = (
        _query()
        .where(Participant.contact_id == contact_id, visible_to(who))
        .order_by(Participant.at.desc(), Participant.interaction_id.desc())
    )
    return query.where(Interaction.status != "planned") if past else query


def _narrowed(
    query: Select[*tuple[Any, ...]], wanted: Collection[str], before: tuple[datetime, int] | None
) -> Select[*tuple[Any, ...]]:
    if kinds := [kind for kind in wanted if kind in KINDS]:
        query = query.where(Interaction.kind.in_(kinds))
    if ONLY_PINNED in wanted:
        query = query.where(text(PINNED))
    if before is not None:
        query = query.where(tuple_(Participant.at, Participant.interaction_id) < before)
    return query


async def of_lead(
    session: AsyncSession, who: Identity, lead_id: int, after: str | None = None
) -> Timeline:
    """Return one page of what belongs to a lead. Raises BadInput for a cursor that is none."""
    query = (
        _joined(_columns(Interaction.start_at.label("at")).select_from(Interaction))
        .where(Interaction.lead_id == lead_id, visible_to(who))
        .order_by(Interaction.start_at.desc(), Interaction.id.desc())
        .limit(PAGE_ROWS + 1)
    )
    if after:
        query = query.where(tuple_(Interaction.start_at, Interaction.id) < key(after))
    items = await _items(session, who, query)
    shown = items[:PAGE_ROWS]
    more = len(items) > PAGE_ROWS
    return Timeline(shown, f"{millis(shown[-1].at)}.{shown[-1].id}" if more else None)


async def _items(
    session: AsyncSession, who: Identity, query: Select[*tuple[Any, ...]]
) -> list[Item]:
    rows = {row.Interaction.id: row for row in await session.execute(query)}
    calls = [row.call_id for row in rows.values() if row.call_id is not None]
    told = await ways(session, who, calls)
    taking = await people.of(session, who, list(rows))
    return [
        _item(
            row,
            covering.cover(row.Interaction, who),
            told.get(row.call_id),
            tuple(taking.get(id_, ())),
        )
        for id_, row in rows.items()
    ]


@cache
def _query() -> Select[*tuple[Any, ...]]:
    """Return the question that all pages have in common: to say it takes longer than to answer it."""
    taking = _columns(Participant.at).select_from(Participant)
    taking = taking.join(Interaction, Interaction.id == Participant.interaction_id)
    return _joined(taking).where(~_stands_before())


def _stands_before() -> Exists:
    """Whoever takes part twice, as after a merge, is told of it once: the condition of the rest.

    The moment is that of the interaction in each row, so the index of the timeline answers it.
    """
    other = aliased(Participant)
    return exists().where(
        other.contact_id == Participant.contact_id,
        other.at == Participant.at,
        other.interaction_id == Participant.interaction_id,
        tuple_(other.role, other.seq) < tuple_(Participant.role, Participant.seq),
    )


def _columns(at: Any) -> Select[*tuple[Any, ...]]:
    return select(
        Interaction,
        at,
        User.name.label("who"),
        Option.label.label("result_label"),
        _call.c.id.label("call_id"),
        _call.c.result,
        _call.c.talk_ms,
        _call.c.wait_ms,
        _letter.c.state.label("letter"),
    )


def _joined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.outerjoin(
            _call,
            (_call.c.interaction_id == Interaction.id) & _call.c.merged_into_id.is_(None),
        )
        .outerjoin(_letter, _letter.c.interaction_id == Interaction.id)
        .outerjoin(User, User.id == Interaction.owner_id)
        .outerjoin(Option, Option.id == Interaction.result_id)
        .where(Interaction.deleted_at.is_(None))
    )


def _item(row: Any, told: Interaction, way: Way | None, taking: tuple[Person, ...]) -> Item:
    has_result = told.result_id is not None
    return Item(
        id=told.id, kind=told.kind, at=row.at, interaction_id=told.id, call_id=row.call_id,
        direction=told.direction, status=told.status, subject=told.subject, result=row.result,
        letter=row.letter, result_label=row.result_label if has_result else {}, result_note=told.result_note, end_at=told.end_at,
        due_at=told.due_at, all_day=told.all_day, pinned=told.pinned, thread_id=told.thread_id,
        live=told.status == "live", talk_s=row.talk_ms / 1000 if row.talk_ms else None,
        wait_s=row.wait_ms / 1000 if row.wait_ms is not None else None, way=way, who=row.who,
        note=told.body, version=told.version, people=taking,
    )  # fmt: skip


async def _changes(
    session: AsyncSession, contact_id: int, before: tuple[datetime, int] | None
) -> list[Item]:
    if before is None:
        lines = await _CHANGES.ask(session, row=contact_id)
    else:
        query = _NOTABLE.where(tuple_(Audit.at, Audit.id) < before)
        lines = list(await session.execute(query, {"row": contact_id}))
    return [
        Item(id=line.id, kind=CHANGE, at=line.at, who=line.name, action=line.action)
        for line in lines
    ]
