"""Where a contact is registered, gets its mail, takes delivery, lives."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts import rules
from callcenter.crm.contacts.models import ADDRESS_KINDS, Address
from callcenter.entity.reading import TOO_LONG
from callcenter.entity.rows_part import Item, RowsPart
from callcenter.server.actor import Actor
from callcenter.server.body import MISSING

Text = str | msgspec.UnsetType | None


def _(message: str) -> str:
    return message


KIND_WORDS = dict(
    zip(
        ADDRESS_KINDS,
        (_("Legal address"), _("Postal address"), _("Delivery address"), _("Home address")),
        strict=True,
    )
)
_LIMITS = {"region": 120, "city": 120, "street": 300, "postal_code": 20, "note": 300}


class AddressForm(Item, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Literal["legal", "postal", "delivery", "home"] | msgspec.UnsetType = msgspec.UNSET
    country: Text = msgspec.UNSET
    region: Text = msgspec.UNSET
    city: Text = msgspec.UNSET
    street: Text = msgspec.UNSET
    postal_code: Text = msgspec.UNSET
    note: Text = msgspec.UNSET


class Addresses(RowsPart[AddressForm]):
    name = "addresses"
    label = _("Addresses")
    entity = "contact"
    shape = AddressForm
    model = Address
    told = ("kind", "country", "region", "city", "street", "postal_code", "note")

    async def items(self, session: AsyncSession, ids: Sequence[int]) -> list[tuple[int, Any]]:
        rows = await session.scalars(
            select(Address).where(Address.contact_id.in_(ids)).order_by(Address.kind, Address.id)
        )
        return [(row.contact_id, row) for row in rows]

    def begin(self, row: Any, given: Mapping[str, Any], at: datetime, by: Actor) -> Address:
        return Address(contact_id=row.id, kind="postal")

    async def problems(
        self, session: AsyncSession, row: Any, item: Address | None, given: Mapping[str, Any]
    ) -> dict[str, str]:
        wrong = {
            name: TOO_LONG
            for name, limit in _LIMITS.items()
            if given.get(name) and len(given[name]) > limit
        }
        if given.get("country") and (problem := rules.country(given["country"])):
            wrong["country"] = problem
        places = (given.get(name, getattr(item, name, None)) for name in ("city", "street"))
        if not any(places):
            wrong["street"] = MISSING
        return wrong


def in_one_line(address: Address) -> str:
    """Return the address as it is written on a letter."""
    place = " ".join(filter(None, (address.postal_code, address.city)))
    return ", ".join(filter(None, (address.street, place, address.region, address.country)))
