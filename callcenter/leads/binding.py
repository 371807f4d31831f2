"""Whose a lead is: the contact that has the number or the address it gives, if only one has."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.models import Contact, ContactPoint

#: More contacts with one number than this are never told apart by it.
MOST = 50


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


def stranger(values: Mapping[str, Any]) -> str:
    """Return what one calls somebody of whom there is no contact."""
    told = (values.get(name) for name in ("person", "company", "phone", "email"))
    return next((str(one) for one in told if one), "")
