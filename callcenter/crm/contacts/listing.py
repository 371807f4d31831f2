"""Contacts as rows of a list: by name, a page at a time, at the same cost on any page.

Pages go by key (folded name, id), never by offset. What a row shows beside the contact
itself (company, first number, first address) is read for the rows of the page only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.agents.models import User
from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.errors import BadInput
from callcenter.server.body import MISFIT
from callcenter.server.identity import Identity

PAGE_ROWS = 50

_Company = aliased(Contact)


@dataclass(slots=True)
class ContactLine:
    """One row. `phone` is the first number in its one form, `email` the first address."""

    id: int
    kind: str
    name: str
    title: str | None
    company_id: int | None
    company_name: str | None
    city: str | None
    country: str | None
    owner_name: str | None
    last_contact_at: datetime | None
    phone_id: int | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class ContactPage:
    lines: list[ContactLine]
    #: Cursor of the next page, None if this is the last.
    after: str | None = None
    #: A search found more than it shows.
    more: bool = False


async def list_contacts(session: AsyncSession, who: Identity, after: str | None) -> ContactPage:
    """Return the contacts `who` may see, by name. Raises BadInput for a cursor that is none."""
    query = _lines().where(visible_to(who)).order_by(Contact.fold, Contact.id)
    if after:
        query = query.where(tuple_(Contact.fold, Contact.id) > tuple_(*_key(after)))
    rows = (await session.execute(query.add_columns(Contact.fold).limit(PAGE_ROWS + 1))).all()
    shown = rows[:PAGE_ROWS]
    lines = [ContactLine(*row[:-1]) for row in shown]
    await _add_points(session, lines)
    last = shown[-1] if len(rows) > PAGE_ROWS else None
    return ContactPage(lines, after=f"{last.id}~{last.fold}" if last is not None else None)


async def lines_of(session: AsyncSession, contact_ids: Sequence[int]) -> list[ContactLine]:
    """Return the rows of these contacts, in this order."""
    rows = await session.execute(_lines().where(Contact.id.in_(contact_ids)))
    lines = {row.id: ContactLine(*row) for row in rows}
    ordered = [lines[contact_id] for contact_id in contact_ids if contact_id in lines]
    await _add_points(session, ordered)
    return ordered


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Contact.id, Contact.kind, Contact.name, Contact.title, Contact.company_id,
            _Company.name, Contact.city, Contact.country, User.name, Contact.last_contact_at,
        )
        .outerjoin(_Company, _Company.id == Contact.company_id)
        .outerjoin(User, User.id == Contact.owner_id)
    )  # fmt: skip


async def _add_points(session: AsyncSession, lines: Sequence[ContactLine]) -> None:
    by_id = {line.id: line for line in lines}
    points = await session.execute(
        select(ContactPoint.contact_id, ContactPoint.id, ContactPoint.kind, ContactPoint.norm)
        .where(ContactPoint.contact_id.in_(by_id), ContactPoint.kind.in_(("phone", "email")))
        .order_by(ContactPoint.position)
    )
    for contact_id, point_id, kind, norm in points:
        line = by_id[contact_id]
        if kind == "email":
            line.email = line.email or norm
        elif line.phone is None:
            line.phone_id, line.phone = point_id, norm


def _key(after: str) -> tuple[str, int]:
    number, tilde, fold = after.partition("~")
    if not tilde or not number.isascii() or not number.isdigit() or len(number) > 16:
        raise BadInput({"after": MISFIT})
    return fold, int(number)
