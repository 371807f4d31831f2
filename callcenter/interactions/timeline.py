"""Everything that passed between a contact and us, newest first.

A contact's timeline is its rows of `participant`, whatever its role in them, so a company
shows the calls of the people who worked there at the time. Notable lines of the audit log
stand between them. Pages go by key (moment, id).

Calls and contacts live in rooms above this one, so their tables are known by name only.
"""

import heapq
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, column, select, table, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.agents.models import User
from callcenter.audit import Audit
from callcenter.db import millis
from callcenter.errors import BadInput
from callcenter.interactions.access import visible_to
from callcenter.interactions.models import Interaction, Participant
from callcenter.server.body import MISFIT
from callcenter.server.identity import Identity

PAGE_ROWS = 50
CUSTOMER = ("from", "to")

_contact = table("contact", column("id"), column("name"))
_call = table(
    "call", column("id"), column("interaction_id"), column("merged_into_id"), column("result"),
    column("talk_ms"), column("wait_ms"),
)  # fmt: skip
_visit = table("queue_visit", column("call_id"), column("seq"), column("queue"))


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
    result: str | None = None
    live: bool = False
    talk_s: float | None = None
    wait_s: float | None = None
    queue: str | None = None
    #: The agent, or who made the change.
    who: str | None = None
    note: str | None = None
    version: int = 1
    #: Whose it is: of a company, the person.
    contact_id: int | None = None
    contact_name: str | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    items: list[Item]
    #: Cursor of the next page, None if this is the last.
    after: str | None = None


async def of_contact(
    session: AsyncSession, who: Identity, contact_id: int, after: str | None = None
) -> Timeline:
    """Return one page of a contact's timeline. Raises BadInput for a cursor that is none."""
    before = _key(after) if after else None
    interactions = await _interactions(session, who, contact_id, before)
    changes = await _changes(session, contact_id, before)
    # Both are sorted, newest first.
    merged = heapq.merge(interactions, changes, key=lambda item: (item.at, item.id), reverse=True)
    items = [item for item, _ in zip(merged, range(PAGE_ROWS + 1), strict=False)]
    shown = items[:PAGE_ROWS]
    more = len(items) > PAGE_ROWS
    return Timeline(shown, f"{millis(shown[-1].at)}.{shown[-1].id}" if more else None)


async def _interactions(
    session: AsyncSession, who: Identity, contact_id: int, before: tuple[datetime, int] | None
) -> list[Item]:
    query = (
        _query()
        .where(Participant.contact_id == contact_id, visible_to(who))
        .order_by(Participant.at.desc(), Participant.interaction_id.desc())
        .limit(PAGE_ROWS + 1)
    )
    if before is not None:
        query = query.where(tuple_(Participant.at, Participant.interaction_id) < before)
    rows = (await session.execute(query)).all()
    queues = await _queues(session, [row.call_id for row in rows if row.call_id is not None])
    return [_item(row, queues) for row in rows]


def _query() -> Select[*tuple[Any, ...]]:
    customer = aliased(Participant)
    return (
        select(
            Interaction,
            Participant.at,
            User.name.label("who"),
            customer.contact_id,
            _contact.c.name.label("contact_name"),
            _call.c.id.label("call_id"),
            _call.c.result,
            _call.c.talk_ms,
            _call.c.wait_ms,
        )
        .select_from(Participant)
        .join(Interaction, Interaction.id == Participant.interaction_id)
        .outerjoin(
            customer,
            (customer.interaction_id == Interaction.id)
            & customer.role.in_(CUSTOMER)
            & (customer.seq == 0),
        )
        .outerjoin(_contact, _contact.c.id == customer.contact_id)
        .outerjoin(
            _call,
            (_call.c.interaction_id == Interaction.id) & _call.c.merged_into_id.is_(None),
        )
        .outerjoin(User, User.id == Interaction.owner_id)
        .where(Interaction.deleted_at.is_(None))
    )


def _item(row: Any, queues: dict[int, str]) -> Item:
    interaction: Interaction = row.Interaction
    return Item(
        id=interaction.id, kind=interaction.kind, at=row.at, interaction_id=interaction.id,
        call_id=row.call_id, direction=interaction.direction, result=row.result,
        live=interaction.status == "live", talk_s=row.talk_ms / 1000 if row.talk_ms else None,
        wait_s=row.wait_ms / 1000 if row.wait_ms is not None else None,
        queue=queues.get(row.call_id), who=row.who, note=interaction.body,
        version=interaction.version, contact_id=row.contact_id, contact_name=row.contact_name,
    )  # fmt: skip


async def _queues(session: AsyncSession, call_ids: Sequence[int]) -> dict[int, str]:
    """Return the last queue each call waited in."""
    rows = await session.execute(
        select(_visit.c.call_id, _visit.c.queue)
        .where(_visit.c.call_id.in_(call_ids))
        .order_by(_visit.c.call_id, _visit.c.seq)
    )
    return {row.call_id: row.queue for row in rows}


async def _changes(
    session: AsyncSession, contact_id: int, before: tuple[datetime, int] | None
) -> list[Item]:
    query = (
        select(Audit, User.name)
        .outerjoin(User, User.id == Audit.actor_id)
        .where(Audit.contact_id == contact_id, Audit.notable)
        .order_by(Audit.at.desc(), Audit.id.desc())
        .limit(PAGE_ROWS + 1)
    )
    if before is not None:
        query = query.where(tuple_(Audit.at, Audit.id) < before)
    return [
        Item(
            id=line.id, kind="change", at=line.at, who=name, action=line.action,
            contact_id=contact_id,
        )
        for line, name in await session.execute(query)
    ]  # fmt: skip


def _key(after: str) -> tuple[datetime, int]:
    found = re.fullmatch(r"(\d{1,13})\.(\d{1,16})", after, re.ASCII)
    if found is None:
        raise BadInput({"after": MISFIT})
    return datetime.fromtimestamp(int(found[1]) / 1000, UTC), int(found[2])
