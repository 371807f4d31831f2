"""Whose a lead is: the contact that has the number or the address it gives, if only one has."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.leads.models import Lead

#: More contacts with one number than this are never told apart by it.
MOST: Final = 50

#: (kind of point, number or address in its one form)
Way = tuple[str, str]


async def whose(session: AsyncSession, phone: str | None, email: str | None) -> int | None:
    """Return the one contact to whom both lead, or the one of them that is given."""
    found = [
        owners
        for kind, norm in (("phone", phone), ("email", email))
        if norm and (owners := await _owners(session, kind, norm))
    ]
    if not found:
        return None
    both = frozenset.intersection(*found)
    return next(iter(both)) if len(both) == 1 else None


async def _owners(session: AsyncSession, kind: str, norm: str) -> frozenset[int]:
    rows = await session.scalars(
        select(ContactPoint.contact_id)
        .join(Contact, Contact.id == ContactPoint.contact_id)
        .where(
            ContactPoint.norm == norm, ContactPoint.kind == kind, Contact.deleted_at.is_(None),
        )
        .limit(MOST)
    )  # fmt: skip
    return frozenset(rows)


async def waiting(session: AsyncSession, phone: str | None, email: str | None) -> Sequence[Lead]:
    """Return the leads by this number or address of which nobody knows whose they are."""
    same = [way == norm for way, norm in ((Lead.phone, phone), (Lead.email, email)) if norm]
    if not same:
        return []
    rows = await session.scalars(
        select(Lead)
        .where(or_(*same), Lead.contact_id.is_(None), Lead.deleted_at.is_(None))
        .order_by(Lead.id)
        .limit(MOST)
        # One that somebody has at hand now is bound when he saves it.
        .with_for_update(skip_locked=True)
    )
    return rows.all()


def ways(values: Mapping[str, Any]) -> list[Way]:
    """Return the number and the address that somebody gives of himself."""
    return [(kind, str(norm)) for kind in ("phone", "email") if (norm := values.get(kind))]


async def owners(session: AsyncSession, wanted: Collection[Way]) -> dict[Way, set[int]]:
    """Return which contacts have these numbers and addresses."""
    found: dict[Way, set[int]] = {}
    for kind in ("phone", "email"):
        norms = [norm for each, norm in wanted if each == kind]
        rows = await session.execute(
            select(ContactPoint.norm, ContactPoint.contact_id)
            .join(Contact, Contact.id == ContactPoint.contact_id)
            .where(
                ContactPoint.norm.in_(norms), ContactPoint.kind == kind,
                Contact.deleted_at.is_(None),
            )
        )  # fmt: skip
        for norm, contact_id in rows:
            found.setdefault((kind, norm), set()).add(contact_id)
    return found


def stranger(values: Mapping[str, Any]) -> str:
    """Return what one calls somebody of whom there is no contact."""
    told = (values.get(name) for name in ("person", "company", "phone", "email"))
    return next((str(one) for one in told if one), "")
