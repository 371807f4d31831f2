"""Contacts as vCards 3.0, which every telephone and mail program reads."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import vobject
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from callcenter.crm.contacts.access import seen_as
from callcenter.crm.contacts.addresses import ADDRESSES
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.crm.contacts.points import works
from callcenter.entity.description import Entity, Field
from callcenter.entity.importing.cards import UNWANTED, WORKS
from callcenter.entity.rights import access
from callcenter.entity.tags import Tags
from callcenter.server.identity import Identity

_TYPES: Final = {
    "mobile": "CELL", "work": "WORK", "home": "HOME", "fax": "FAX", "main": "MAIN", "other": "OTHER",
}  # fmt: skip
_PLACES: Final = {"legal": "LEGAL", "postal": "POSTAL", "delivery": "DELIVERY", "home": "HOME"}
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
        places = await ADDRESSES.load(session, ids) if "address" in open_fields else {}
        words = await Tags("contact").load(session, ids) if "tags" in open_fields else {}
        return "".join(
            written(by_id[one], open_fields, firms, places.get(one, ()), words.get(one, ()))
            for one in ids
            if one in by_id
        )


def written(
    contact: Contact, fields: set[str], firms: Collection[int], addresses: Sequence[Any],
    tags: Sequence[Any],
) -> str:  # fmt: skip
    """Return the card of a contact, of what stands in `fields`; only `firms` may be named."""
    card = vobject.vCard()
    card.add("fn").value = _open(contact, "name", fields) or f"#{contact.id}"
    names = {name: _open(contact, name, fields) or "" for name in ("given_name", "family_name")}
    card.add("n").value = vobject.vcard.Name(
        family=names["family_name"], given=names["given_name"] or card.fn.value,
        additional=_open(contact, "middle_name", fields) or "",
        prefix=_open(contact, "salutation", fields) or "",
    )  # fmt: skip
    if contact.kind == "company":
        card.add("org").value = [card.fn.value]
        card.add("x-abshowas").value = "COMPANY"
    elif contact.company is not None and contact.company_id in firms and "company_id" in fields:
        card.add("org").value = [contact.company.name]
    for line, name in _PLAIN:
        if (value := _open(contact, name, fields)) is not None:
            card.add(line).value = str(value)
    for point in contact.points:
        if point.kind in _LINES and _FIELDS.get(point.kind, point.kind) in fields:
            _add_point(card, point)
    for address in addresses:
        _add_address(card, address)
    if tags:
        card.add("categories").value = [tag["name"] for tag in tags]
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
    if (known := works(point)) is not None:
        line.params[WORKS] = ["yes" if known else "no"]
    if point.opt_out_channel:
        line.params[UNWANTED] = [point.opt_out_channel]


def _add_address(card: Any, told: Mapping[str, Any]) -> None:
    line = card.add("adr")
    line.value = vobject.vcard.Address(
        street=told["street"] or "", city=told["city"] or "", region=told["region"] or "",
        code=told["postal_code"] or "", country=told["country"] or "",
    )  # fmt: skip
    line.type_param = _PLACES[told["kind"]]
