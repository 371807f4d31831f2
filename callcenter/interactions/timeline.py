"""Everything that passed between a contact and us, newest first, and what is to come.

A contact's timeline is its rows of `participant`, whatever its role in them, so a company
shows what was said with the people who worked there at the time. Notable lines of the audit
log stand between them. Pages go by key (moment, id).

Calls live in a room above this one, so their table is known by name only.
"""

import heapq
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Exists, Select, bindparam, column, exists, select, table, tuple_
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
from callcenter.interactions.models import KINDS, Interaction, Participant
from callcenter.interactions.people import Person
from callcenter.server.identity import Identity

PAGE_ROWS: Final = 50
#: So much of what is still to come stands above it.
PLANNED: Final = 10
#: The kind of a line that tells of a change.
CHANGE: Final = "change"
#: What a timeline can be narrowed to.
SHOWN: Final = (*KINDS, CHANGE)

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


async def of_contact(
    session: AsyncSession,
    who: Identity,
    contact_id: int,
    after: str | None = None,
    kinds: Collection[str] = (),
    *,
    past: bool = False,
) -> Timeline:
    """Return one page of a contact's timeline, or of what was of it (`past`).

    Raises BadInput for a cursor that is none.
    """
    before = key(after) if after else None
    wanted = tuple(kind for kind in SHOWN if kind in kinds)
    interactions: list[Item] = []
    changes: list[Item] = []
    if not wanted or wanted != (CHANGE,):
        interactions = await _interactions(session, who, contact_id, before, wanted, past=past)
    if not wanted or CHANGE in wanted:
        changes = await _changes(session, contact_id, before)
    # Both are sorted, newest first.
    merged = heapq.merge(interactions, changes, key=lambda item: (item.at, item.id), reverse=True)
    items = [item for item, _ in zip(merged, range(PAGE_ROWS + 1), strict=False)]
    shown = items[:PAGE_ROWS]
    more = len(items) > PAGE_ROWS
    return Timeline(shown, f"{millis(shown[-1].at)}.{shown[-1].id}" if more else None, wanted, past)


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


async def _interactions(
    session: AsyncSession,
    who: Identity,
    contact_id: int,
    before: tuple[datetime, int] | None,
    wanted: Collection[str],
    *,
    past: bool,
) -> list[Item]:
    query = (
        _query()
        .where(Participant.contact_id == contact_id, visible_to(who))
        .order_by(Participant.at.desc(), Participant.interaction_id.desc())
        .limit(PAGE_ROWS + 1)
    )
    if wanted:
        query = query.where(Interaction.kind.in_(wanted))
    if past:
        query = query.where(Interaction.status != "planned")
    if before is not None:
        query = query.where(tuple_(Participant.at, Participant.interaction_id) < before)
    return await _items(session, who, query)


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
