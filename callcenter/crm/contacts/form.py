"""What somebody says of a contact, and whether it can be kept."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.crm.contacts import points
from callcenter.crm.contacts.models import Contact, searchable
from callcenter.crm.contacts.points import PointForm
from callcenter.errors import BadInput
from callcenter.server.body import MISFIT, MISSING, Id
from callcenter.server.zones import zones

KINDS = ("person", "company")
LANGUAGES = ("az", "tr", "ru", "en")
#: The longest each text may be: what its column holds.
LIMITS = {
    "name": 200, "given_name": 80, "family_name": 80, "title": 120, "city": 120,
    "description": 10_000,
}  # fmt: skip


Text = str | msgspec.UnsetType | None
Ref = Id | msgspec.UnsetType | None


class ContactForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody says of a contact; what is left out stays as it is.

    A person may be named by `name` alone or by given and family name.
    """

    kind: Literal["person", "company"] | msgspec.UnsetType = msgspec.UNSET
    name: Text = msgspec.UNSET
    given_name: Text = msgspec.UNSET
    family_name: Text = msgspec.UNSET
    company_id: Ref = msgspec.UNSET
    title: Text = msgspec.UNSET
    language: Text = msgspec.UNSET
    country: Text = msgspec.UNSET
    city: Text = msgspec.UNSET
    time_zone: Text = msgspec.UNSET
    description: Text = msgspec.UNSET
    owner_id: Ref = msgspec.UNSET
    points: list[PointForm] = []

    def fields(self) -> dict[str, Any]:
        """Return the columns that are spoken of, empty texts as nothing."""
        given = {
            name: value
            for name in self.__struct_fields__
            if name != "points" and (value := getattr(self, name)) is not msgspec.UNSET
        }
        return {
            name: (value.strip() or None) if isinstance(value, str) else value
            for name, value in given.items()
        }


async def checked(
    session: AsyncSession, contact: Contact, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return `given` with the names that follow from it. Raises BadInput, naming each field."""
    fields = _named(contact, dict(given))
    wrong = {
        name: points.TOO_LONG
        for name, limit in LIMITS.items()
        if isinstance(fields.get(name), str) and len(fields[name]) > limit
    }
    if "name" in fields and not fields["name"]:
        wrong["name"] = MISSING
    wrong |= _misfits(fields)
    if not await _is_company(session, fields.get("company_id"), contact):
        wrong["company_id"] = MISFIT
    owner_id = fields.get("owner_id")
    if owner_id is not None and await session.get(User, owner_id) is None:
        wrong["owner_id"] = MISFIT
    if wrong:
        raise BadInput(wrong)
    return fields


def _named(contact: Contact, fields: dict[str, Any]) -> dict[str, Any]:
    """Return `fields` with the shown name and its folded form, where they change."""
    parts = {
        part: fields.get(part, getattr(contact, part)) for part in ("given_name", "family_name")
    }
    was_derived = contact.name in (None, _joined(contact.given_name, contact.family_name))
    if fields.get("name") is None and (
        "name" in fields or (was_derived and any(part in fields for part in parts))
    ):
        fields["name"] = _joined(*parts.values())
    if contact.name is None:
        fields.setdefault("name", None)
    if fields.get("name"):
        fields |= searchable(fields["name"])
    return fields


def _joined(given: str | None, family: str | None) -> str | None:
    return " ".join(filter(None, (given, family))) or None


def _misfits(fields: Mapping[str, Any]) -> dict[str, str]:
    country, zone = fields.get("country"), fields.get("time_zone")
    fits = {
        "kind": fields.get("kind", "person") in KINDS,
        "language": fields.get("language") in (None, *LANGUAGES),
        "country": country is None or (len(country) == 2 and country.isascii() and country.isupper()),
        "time_zone": zone is None or zone in zones(),
    }  # fmt: skip
    return {name: MISFIT for name, fit in fits.items() if not fit}


async def _is_company(session: AsyncSession, company_id: int | None, contact: Contact) -> bool:
    if company_id is None:
        return True
    company = await session.get(Contact, company_id)
    return (
        company is not None
        and company.kind == "company"
        and company.deleted_at is None
        and company.id != contact.id
    )
