"""Where a contact is registered, gets its mail, takes delivery, lives."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts import rules
from callcenter.crm.contacts.models import ADDRESS_KINDS, Address
from callcenter.crm.names import fold
from callcenter.entity.description import Field, Held, Virtual
from callcenter.entity.reading import TOO_LONG
from callcenter.entity.rows_part import Item, RowsPart
from callcenter.server.actor import Actor
from callcenter.server.body import MISSING
from callcenter.server.formats import country_name
from callcenter.server.identity import Identity

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
    order = (Address.kind, Address.id)

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

    async def is_there(
        self, session: AsyncSession, item: Address, given: Mapping[str, Any]
    ) -> bool:
        return all(getattr(item, name) == value for name, value in given.items())


ADDRESSES: Final = Addresses()

#: What headings say of an address.
_SAID: Final[Mapping[str, tuple[str, ...]]] = {
    "legal": ("legal", "huquqi", "yuridich", "yuridik", "resmi"),
    "delivery": ("delivery", "shipping", "dostavk", "catdirilma", "teslimat"),
    "home": ("home", "ev unvan", "ev adres", "domashn"),
}  # fmt: skip


async def _load(session: AsyncSession, ids: Sequence[int]) -> dict[int, Any]:
    lists = await ADDRESSES.load(session, ids)
    return {row: in_one_line(told[0]) for row, told in lists.items()}


async def _load_all(
    session: AsyncSession, ids: Sequence[int], _who: Identity
) -> dict[int, list[Held]]:
    """Return each street with what belongs to it: a file keeps them apart, so that it comes in again."""
    lists = await ADDRESSES.load(session, ids)
    return {
        row: [
            Held(told["street"] or "", {fact.name: told[fact.name] for fact in _FACTS})
            for told in held
        ]
        for row, held in lists.items()
    }


def _form(text: str, heading: str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the address that an import makes of a cell: of the kind that its heading says."""
    said = fold(heading)
    kind = next((kind for kind, words in _SAID.items() if any(w in said for w in words)), "postal")
    form = {"kind": kind, "street": text or None, **facts}
    return form if form["street"] or form.get("city") else None


#: What a file says of an address beside its street.
_FACTS: Final = (
    Field(name="kind", label=_("Kind"), type="choice", choices=KIND_WORDS, aliases=("type", "тип", "növ", "tür")),
    Field(name="postal_code", label=_("Postal code"), limit=20, aliases=("zip", "zip code", "индекс")),
    Field(name="city", label=_("City"), limit=120),
    Field(name="region", label=_("Region"), limit=120, aliases=("state",)),
    Field(name="country", label=_("Country"), limit=60, tidy=rules.country_code, check=rules.country),
    Field(name="note", label=_("Note"), limit=300),
)  # fmt: skip

#: The addresses of a contact, each in one line, as a column of lists and files.
FIELD: Final = Field(
    name="address", label=_("Address"), on_form=False, filterable=False, limit=300,
    aliases=("street", "street address", "postal address", "legal address", "delivery address", "addressStreet", "адрес", "юридический адрес", "фактический адрес", "ünvan", "hüquqi ünvan", "adres"),
    virtual=Virtual(
        load=_load, load_all=_load_all, part="addresses", of_part=lambda told: in_one_line(told[0]),
        form=_form, facts=_FACTS, parted="bars", alike=False,
    ),
)  # fmt: skip


def in_one_line(told: Mapping[str, Any], language: str = "") -> str:
    """Return an address, as the part tells it, as it is written on a letter.

    The country stands as its code, or as it is called in `language`.
    """
    country = told["country"]
    if country and language:
        country = country_name(country, language)
    place = " ".join(filter(None, (told["postal_code"], told["city"])))
    return ", ".join(filter(None, (told["street"], place, told["region"], country)))
