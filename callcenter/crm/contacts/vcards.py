"""Contacts as vCards 3.0, which every telephone and mail program reads."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import vobject
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from callcenter.crm.contacts.access import seen_as
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.entity.description import Entity, Field
from callcenter.entity.rights import access
from callcenter.server.identity import Identity

_TYPES: Final = {"mobile": "CELL", "work": "WORK", "home": "HOME", "fax": "FAX", "main": "PREF"}
_LINES: Final = {"phone": "tel", "whatsapp": "tel", "viber": "tel", "email": "email", "url": "url"}
#: The field that shows each kind of point.
_FIELDS: Final = {"url": "website"}
#: Lines with one value, and their fields.
_PLAIN: Final = (("title", "title"), ("bday", "birthday"), ("note", "description"))


class Cards:
    """Writes contacts down for somebody, without what he may not read."""

    def __init__(self, entity: Entity, fields: Sequence[Field]) -> None:
        self._entity = entity
        self._fields = {field.name: field for field in fields}

    async def __call__(self, session: AsyncSession, ids: Sequence[int], who: Identity) -> str:
        rows = await session.scalars(
            select(Contact)
            .where(Contact.id.in_(ids))
            .options(selectinload(Contact.points), selectinload(Contact.company))
        )
        open_fields = {
            name
            for name, field in self._fields.items()
            if access(self._entity, field, who) in ("write", "read")
        }
        by_id = {row.id: row for row in rows}
        companies = {row.company_id for row in by_id.values()} - {None}
        seen = select(Contact.id).where(Contact.id.in_(companies), seen_as(Contact, who))
        firms = set(await session.scalars(seen))
        return "".join(written(by_id[one], open_fields, firms) for one in ids if one in by_id)


def written(contact: Contact, fields: set[str], firms: Collection[int]) -> str:
    """Return the card of a contact, of what stands in `fields`; only `firms` may be named."""
    card = vobject.vCard()
    card.add("fn").value = _open(contact, "name", fields) or f"#{contact.id}"
    names = {name: _open(contact, name, fields) or "" for name in ("given_name", "family_name")}
    card.add("n").value = vobject.vcard.Name(
        family=names["family_name"], given=names["given_name"] or card.fn.value,
        additional=_open(contact, "middle_name", fields) or "",
    )  # fmt: skip
    if contact.kind == "company":
        card.add("org").value = [card.fn.value]
    elif contact.company is not None and contact.company_id in firms and "company_id" in fields:
        card.add("org").value = [contact.company.name]
    for line, name in _PLAIN:
        if (value := _open(contact, name, fields)) is not None:
            card.add(line).value = str(value)
    for point in contact.points:
        if point.kind in _LINES and _FIELDS.get(point.kind, point.kind) in fields:
            _add_point(card, point)
    text: str = card.serialize()
    return text


def _open(contact: Contact, name: str, fields: set[str]) -> Any:
    return getattr(contact, name) if name in fields else None


def _add_point(card: Any, point: ContactPoint) -> None:
    line = card.add(_LINES[point.kind])
    is_number = _LINES[point.kind] == "tel" and point.valid
    line.value = (
        point.norm + (f";ext={point.ext}" if point.ext else "") if is_number else point.value
    )
    if point.label in _TYPES:
        line.type_param = _TYPES[point.label]
