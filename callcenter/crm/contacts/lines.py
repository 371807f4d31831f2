"""Contacts as lines: wherever one is found, chosen or named, with its company and its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.agents.models import User
from callcenter.crm.contacts.access import seen_as
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.interactions import covering
from callcenter.server.identity import Identity

_Company = aliased(Contact)

T = TypeVar("T")


class Named(NamedTuple):
    id: int
    name: str


class PointLine(NamedTuple):
    """A way to reach a contact: `norm` is dialled, `value` is shown of addresses."""

    id: int
    kind: str
    value: str
    norm: str
    label: str | None


@dataclass(slots=True)
class ContactLine:
    """A contact, with its numbers and addresses in their order."""

    id: int
    kind: str
    name: str
    title: str | None
    city: str | None
    country: str | None
    last_contact_at: datetime | None
    company: Named | None = None
    owner_name: str | None = None
    points: list[PointLine] = field(default_factory=list)


async def lines_of(
    session: AsyncSession, contact_ids: Sequence[int], who: Identity
) -> list[ContactLine]:
    """Return the lines of these contacts, in this order."""
    rows = await session.execute(_lines(who).where(Contact.id.in_(contact_ids)))
    lines = {row.id: _line(row, who) for row in rows}
    ordered = [lines[contact_id] for contact_id in contact_ids if contact_id in lines]
    await _add_points(session, ordered, who)
    return ordered


def _lines(who: Identity) -> Select[*tuple[Any, ...]]:
    """The name of a company that `who` may not see is not there."""
    return (
        select(
            Contact.id, Contact.kind, Contact.name, Contact.title, Contact.city, Contact.country,
            Contact.last_contact_at, Contact.company_id, _Company.name.label("company_name"),
            User.name.label("owner_name"),
        )
        .select_from(Contact)
        .outerjoin(_Company, (_Company.id == Contact.company_id) & seen_as(_Company, who))
        .outerjoin(User, User.id == Contact.owner_id)
    )  # fmt: skip


def _line(row: Any, who: Identity) -> ContactLine:
    def seen(name: str) -> str | None:
        return covering.text(getattr(row, name), covering.level(name, who))

    company = Named(row.company_id, row.company_name) if row.company_name else None
    return ContactLine(
        row.id, row.kind, row.name, seen("title"), seen("city"), seen("country"),
        _whole(row.last_contact_at, "last_contact_at", who),
        _whole(company, "company_id", who), _whole(row.owner_name, "owner_id", who),
    )  # fmt: skip


def _whole(value: T, name: str, who: Identity) -> T | None:
    """Return what cannot be shown in part: all of it, or nothing."""
    return None if covering.level(name, who) in ("hidden", "masked") else value


async def _add_points(session: AsyncSession, lines: Sequence[ContactLine], who: Identity) -> None:
    by_id = {line.id: line for line in lines}
    query = (
        select(
            ContactPoint.contact_id, ContactPoint.id, ContactPoint.kind, ContactPoint.value,
            ContactPoint.norm, ContactPoint.label,
        )
        .where(ContactPoint.contact_id.in_(by_id))
        .order_by(ContactPoint.position)
    )  # fmt: skip
    for contact_id, point_id, kind, value, norm, label in await session.execute(query):
        level = covering.level_of(kind, who)
        shown, dialled = covering.text(value, level), covering.text(norm, level)
        if shown is not None and dialled is not None:
            by_id[contact_id].points.append(PointLine(point_id, kind, shown, dialled, label))
