"""What is compared of contacts: read from their rows, or from what somebody is typing."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.crm.contacts import points
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.crm.contacts.points import Kind
from callcenter.crm.duplicates.score import Facts

#: Kinds of points that are one number, however it is written.
PHONES: Final = ("phone", "whatsapp", "viber")
MESSENGERS: Final = ("telegram",)
_BETWEEN: Final = re.compile(r"[\W_]+")

_Company = aliased(Contact)
_COMPARED: Final = (
    Contact.id, Contact.kind, Contact.name, Contact.legal_name, Contact.short_name, Contact.country,
    Contact.city, Contact.birthday, Contact.tax_id, Contact.branch_code, Contact.registration_no,
)  # fmt: skip


class TypedPoint(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind = "phone"
    value: str = ""


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has typed of a contact so far; anything may be missing or unfinished."""

    kind: str = "person"
    name: str = ""
    #: A person may be named by parts alone.
    given_name: str = ""
    family_name: str = ""
    #: The full name of a legal entity.
    legal_name: str = ""
    company: str = ""
    country: str = ""
    city: str = ""
    birthday: date | None = None
    tax_id: str = ""
    branch_code: str = ""
    registration_no: str = ""
    points: list[TypedPoint] = []


def of_typed(typed: Typed, regions: Sequence[str]) -> Facts:
    """Return what can be compared of it: a number that is none yet says nothing."""
    countries = [*([typed.country] if typed.country else []), *regions]
    read = [(point.kind, _norm(point, countries)) for point in typed.points[: points.MOST]]
    return Facts(
        kind="company" if typed.kind == "company" else "person",
        name=typed.name or f"{typed.given_name} {typed.family_name}".strip(),
        other_names=frozenset({typed.legal_name} - {""}),
        employer=typed.company,
        country=typed.country,
        city=typed.city,
        birthday=typed.birthday,
        tax_id=plain_number(typed.tax_id),
        branch_code=typed.branch_code.strip(),
        registration_no=plain_number(typed.registration_no),
        **_by_kind(read),
    )


def plain_number(text: str) -> str:
    """Return a tax id or a registration number as it is stored, however it is grouped."""
    return _BETWEEN.sub("", text)


def _norm(point: TypedPoint, regions: Sequence[str]) -> str:
    try:
        return points.read(point.kind, point.value, regions).norm if point.value.strip() else ""
    except ValueError:
        return ""


async def of_contacts(session: AsyncSession, contact_ids: Sequence[int]) -> dict[int, Facts]:
    """Return what is compared of each of these contacts that is there."""
    # Not the whole rows: fifty of them for each letter somebody types are a good part of the time.
    rows = await session.execute(
        select(*_COMPARED, _Company.name.label("employer"))
        .outerjoin(_Company, _Company.id == Contact.company_id)
        .where(Contact.id.in_(contact_ids), Contact.deleted_at.is_(None))
    )
    reached: dict[int, list[tuple[str, str]]] = {}
    for contact_id, kind, norm in await session.execute(
        select(ContactPoint.contact_id, ContactPoint.kind, ContactPoint.norm).where(
            ContactPoint.contact_id.in_(contact_ids)
        )
    ):
        reached.setdefault(contact_id, []).append((kind, norm))
    return {row.id: _of_row(row, reached.get(row.id, ())) for row in rows}


def _of_row(row: Any, reached: Iterable[tuple[str, str]]) -> Facts:
    return Facts(
        kind=row.kind,
        name=row.name,
        other_names=frozenset({row.legal_name or "", row.short_name or ""} - {""}),
        employer=row.employer or "",
        country=row.country or "",
        city=row.city or "",
        birthday=row.birthday,
        tax_id=row.tax_id or "",
        branch_code=row.branch_code or "",
        registration_no=row.registration_no or "",
        **_by_kind(reached),
    )


def _by_kind(reached: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return numbers and addresses as facts; what is blank is left out."""
    of_kind: dict[str, set[str]] = {"phones": set(), "emails": set(), "messengers": set()}
    for kind, norm in reached:
        if not norm:
            continue
        if kind in PHONES:
            of_kind["phones"].add(norm)
        elif kind == "email":
            of_kind["emails"].add(norm)
        elif kind in MESSENGERS:
            of_kind["messengers"].add(f"{kind}:{norm}")
    return {name: frozenset(norms) for name, norms in of_kind.items()}


def basis(one: Facts, other: Facts) -> str:
    """Return a mark of all that is compared of both; it changes when any of it does."""
    told = sorted(msgspec.json.encode(_plain(facts)) for facts in (one, other))
    return sha256(b"\n".join(told)).hexdigest()


def _plain(facts: Facts) -> list[Any]:
    values = (getattr(facts, each.name) for each in fields(facts))
    return [sorted(value) if isinstance(value, frozenset) else value for value in values]
