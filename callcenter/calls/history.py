"""Past calls: the list with its filters; `story` has one call with all that happened in it.

Pages go by key (ring time, id), newest first. Whose calls a person may see is
their role's level for reading calls: own, team or all; of a customer's number and name
he is told what he may see of contacts.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import (
    ColumnElement,
    Select,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.agents.models import User
from callcenter.calls.gaps import touching
from callcenter.calls.models import RESULTS, CallLeg, CallRow, QueueVisit
from callcenter.errors import BadInput
from callcenter.interactions import covering, people
from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.people import contact
from callcenter.server.body import MISFIT
from callcenter.server.identity import Identity, may

PAGE_ROWS = 50

# Milliseconds since the epoch, and an id of 53 bits.
_CURSOR = re.compile(r"(\d{1,13})\.(\d{1,16})", re.ASCII)


class CallFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader asked for; None means any."""

    #: Digits of the customer's number as typed, already normalised where that was possible.
    digits: str | None = None
    e164: str | None = None
    #: Contacts whose name was searched for.
    contact_ids: tuple[int, ...] | None = None
    person_id: int | None = None
    queue: str | None = None
    day: date | None = None
    result: str | None = None
    direction: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class CallLine:
    """One row of the list, as its reader may see it. Durations are seconds."""

    id: int
    pbx_id: int
    interaction_id: int | None
    direction: str | None
    origin: str
    result: str | None
    ring_at: datetime
    end_at: datetime | None
    number: str | None
    customer_name: str | None
    withheld: bool
    contact_id: int | None
    contact_name: str | None
    #: The customer is a contact whom the reader may not see.
    is_others: bool
    #: Of the number the end is shown at most; it is called by the call.
    is_covered: bool
    owner_id: int | None
    owner_name: str | None
    wait_s: float | None
    talk_s: float | None
    hold_s: float | None
    inferred: list[str]
    queues: list[str] = field(default_factory=list)
    note: str | None = None
    #: When the PBX was not heard while the call went on: (from, to or None).
    gaps: list[tuple[datetime, datetime | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CallPage:
    lines: list[CallLine]
    #: Cursor of the next page, None if this is the last.
    after: str | None


async def list_calls(
    session: AsyncSession, wanted: CallFilter, who: Identity, zone: ZoneInfo
) -> CallPage:
    """Return one page of calls, newest first. Internal calls are not listed."""
    conditions = [visible_to(who), *_conditions(wanted, zone)]
    if wanted.after:
        conditions.append(tuple_(CallRow.ring_at, CallRow.id) < _cursor(wanted.after))
    lines = await lines_where(session, who, *conditions, limit=PAGE_ROWS + 1)
    more = len(lines) > PAGE_ROWS
    lines = lines[:PAGE_ROWS]
    return CallPage(lines, _key(lines[-1]) if more else None)


async def lines_where(
    session: AsyncSession, who: Identity, *conditions: ColumnElement[bool], limit: int
) -> list[CallLine]:
    """Return the newest calls that meet `conditions`, with their queues."""
    query = (
        all_lines(who)
        .where(CallRow.merged_into_id.is_(None), *conditions)
        .order_by(CallRow.ring_at.desc(), CallRow.id.desc())
        .limit(limit)
    )
    lines = [line_of(row, who) for row in (await session.execute(query)).all()]
    await add_queues(session, lines)
    await add_gaps(session, lines)
    return lines


async def number_of(session: AsyncSession, who: Identity, call_id: int) -> str | None:
    """Return the customer's number of a call that `who` may see, None if there is none."""
    number: str | None = await session.scalar(
        select(
            func.coalesce(func.nullif(CallRow.customer_norm, ""), CallRow.customer_number)
        ).where(CallRow.id == call_id, ~CallRow.withheld, visible_to(who))
    )
    return number or None


async def queue_names(session: AsyncSession) -> list[str]:
    """Return every queue that ever had a visit, by name."""
    # From each name to the next by the index: DISTINCT would read every visit there ever was.
    first = select(func.min(QueueVisit.queue).label("queue")).cte("names", recursive=True)
    following = select(func.min(QueueVisit.queue)).where(QueueVisit.queue > first.c.queue)
    names = first.union_all(select(following.scalar_subquery()).where(first.c.queue.is_not(None)))
    return list(
        await session.scalars(
            select(names.c.queue).where(names.c.queue.is_not(None)).order_by(names.c.queue)
        )
    )


def all_lines(who: Identity) -> Select[Any]:
    customer = aliased(Participant)
    return (
        select(
            CallRow,
            customer.contact_id,
            contact.c.name.label("contact_name"),
            User.name.label("owner_name"),
            Interaction.body.label("note"),
            (literal(True) & people.are_seen(who)).label("is_seen"),
        )
        .outerjoin(Interaction, Interaction.id == CallRow.interaction_id)
        .outerjoin(
            customer,
            (customer.interaction_id == CallRow.interaction_id) & customer.role.in_(("from", "to")),
        )
        .outerjoin(contact, contact.c.id == customer.contact_id)
        .outerjoin(User, User.id == CallRow.owner_id)
        .where(CallRow.interaction_id.is_not(None))
    )


def visible_to(
    who: Identity, action: str = "read", entity: Literal["call", "recording"] = "call"
) -> ColumnElement[bool]:
    """Return the condition that `who` may do `action` to a call, or to what was recorded of it."""
    level = may(who, entity, action)
    if level == "all":
        return CallRow.id.is_not(None)
    leg = select(CallLeg.call_id).where(CallLeg.call_id == CallRow.id)
    if level == "own":
        return exists(leg.where(CallLeg.user_id == who.user_id))
    if level == "team":
        colleagues = select(User.id).where(User.team_id.in_(who.teams))
        return exists(
            leg.where(or_(CallLeg.user_id == who.user_id, CallLeg.user_id.in_(colleagues)))
        )
    return false()


def _conditions(wanted: CallFilter, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if customer := _customer(wanted):
        conditions.append(or_(*customer))
    if wanted.person_id is not None:
        person = CallLeg.user_id == wanted.person_id
        conditions.append(exists(select(1).where(CallLeg.call_id == CallRow.id, person)))
    if wanted.queue:
        queue = QueueVisit.queue == wanted.queue
        conditions.append(exists(select(1).where(QueueVisit.call_id == CallRow.id, queue)))
    if wanted.day is not None:
        start = datetime.combine(wanted.day, time(), zone)
        end = datetime.combine(wanted.day + timedelta(days=1), time(), zone)
        conditions.append(CallRow.ring_at >= start)
        conditions.append(CallRow.ring_at < end)
    if wanted.result in RESULTS:
        conditions.append(CallRow.result == wanted.result)
    if wanted.direction in {"inbound", "outbound"}:
        conditions.append(CallRow.direction == wanted.direction)
    return conditions


def _customer(wanted: CallFilter) -> list[ColumnElement[bool]]:
    matches: list[ColumnElement[bool]] = []
    if wanted.e164:
        matches.append(CallRow.customer_norm == wanted.e164)
    if wanted.digits:
        # A range on the digits backwards: the only search by last digits that an index serves.
        reverse = wanted.digits[::-1]
        matches.append((CallRow.customer_rev >= reverse) & (CallRow.customer_rev < reverse + ":"))
    if wanted.contact_ids is not None:
        of_contact = Participant.contact_id.in_(wanted.contact_ids)
        same = Participant.interaction_id == CallRow.interaction_id
        matches.append(exists(select(1).where(same, of_contact)))
    return matches


def line_of(row: Any, who: Identity) -> CallLine:
    call: CallRow = row.CallRow
    is_others = row.contact_id is not None and not row.is_seen
    number = call.customer_norm or call.customer_number
    return CallLine(
        id=call.id, pbx_id=call.pbx_id, interaction_id=call.interaction_id, direction=call.direction,
        origin=call.origin, result=call.result, ring_at=call.ring_at, end_at=call.end_at,
        number=covering.number(number, who),
        customer_name=None if is_others else covering.name(call.customer_name, who),
        withheld=call.withheld, contact_id=None if is_others else row.contact_id,
        contact_name=None if is_others else row.contact_name, is_others=is_others,
        is_covered=bool(number) and not call.withheld and covering.covers_numbers(who),
        owner_id=call.owner_id, owner_name=row.owner_name, wait_s=_seconds(call.wait_ms),
        talk_s=_seconds(call.talk_ms), hold_s=_seconds(call.hold_ms), inferred=call.inferred,
        note=covering.fact("body", row.note, who),
    )  # fmt: skip


async def add_queues(session: AsyncSession, lines: list[CallLine]) -> None:
    by_id = {line.id: line for line in lines}
    query = (
        select(QueueVisit.call_id, QueueVisit.queue)
        .where(QueueVisit.call_id.in_(by_id))
        .order_by(QueueVisit.call_id, QueueVisit.joined_at, QueueVisit.seq)
    )
    for call_id, queue in await session.execute(query):
        by_id[call_id].queues.append(queue)


async def add_gaps(session: AsyncSession, lines: list[CallLine]) -> None:
    """Mark the calls of which something may have been missed."""
    if not lines:
        return
    open_ones = any(line.end_at is None for line in lines)
    until = None if open_ones else max(line.end_at for line in lines if line.end_at is not None)
    begin = min(line.ring_at for line in lines)
    for gap in await touching(session, begin, until, pbxs={line.pbx_id for line in lines}):
        for line in lines:
            begun = line.end_at is None or gap.from_at <= line.end_at
            lasted = gap.to_at is None or gap.to_at >= line.ring_at
            if gap.pbx_id == line.pbx_id and begun and lasted:
                line.gaps.append((gap.from_at, gap.to_at))


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _key(line: CallLine) -> str:
    return f"{round(line.ring_at.timestamp() * 1000)}.{line.id}"


def _cursor(text: str) -> tuple[Any, Any]:
    """Return the (ring_at, id) that `text` names; BadInput if it names none."""
    if (named := _CURSOR.fullmatch(text)) is None:
        raise BadInput({"after": MISFIT})
    return datetime.fromtimestamp(int(named[1]) / 1000, UTC), int(named[2])
