"""What follows from what somebody says of a contact, and what has to fit together."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from babel import Locale
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.models import Contact, searchable
from callcenter.server.identity import Identity
from callcenter.server.zones import zones


def _(message: str) -> str:
    return message


NO_COUNTRY: Final = _("Write the country as two letters, such as AZ, TR or RU.")
NO_ZONE: Final = _("Write the time zone like Asia/Baku or Europe/Istanbul.")
NO_COMPANY: Final = _("Somebody can work for a company only.")

#: By these a contact is found, beside its name.
_OTHER_NAMES: Final = ("middle_name", "legal_name", "short_name")
#: Two letters that Babel knows and that are no country.
_NONE: Final = frozenset(("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"))
_PARTS: Final = ("given_name", "family_name")


@cache
def countries() -> frozenset[str]:
    """Return the ISO codes of all countries."""
    known = map(str, Locale("en").territories)
    return frozenset(code for code in known if len(code) == 2 and code.isalpha()) - _NONE


def country(value: str) -> str | None:
    return None if value in countries() else NO_COUNTRY


def zone(value: str) -> str | None:
    return None if value in zones() else NO_ZONE


def derive(row: Contact | None, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the shown name and the columns by which it is found, where they change.

    A person may be named by `name` alone or by given and family name; a name that somebody
    chose is not made up again from its parts.
    """
    derived: dict[str, Any] = {}
    if row is None and given.get("kind") is None:
        derived["kind"] = "person"
    parts = [given.get(part, getattr(row, part, None)) for part in _PARTS]
    name = given.get("name")
    was_joined = row is None or row.name == _joined(row.given_name, row.family_name)
    if name is None and ("name" in given or (was_joined and not given.keys().isdisjoint(_PARTS))):
        derived["name"] = _joined(*parts)
    name = derived.get("name") or name or getattr(row, "name", None)
    if name and not given.keys().isdisjoint(("name", *_PARTS, *_OTHER_NAMES)):
        others = (given.get(other, getattr(row, other, None)) for other in _OTHER_NAMES)
        derived |= searchable(name, *others)
    return derived


async def check(
    session: AsyncSession, row: Contact | None, given: Mapping[str, Any], _who: Identity
) -> dict[str, str]:
    """Return what does not fit together."""
    employer = given.get("company_id", getattr(row, "company_id", None))
    if employer is None or (row is not None and given.keys().isdisjoint(("company_id", "kind"))):
        return {}
    kind = given.get("kind", row.kind if row is not None else "person")
    company = await session.get(Contact, employer)
    fits = kind == "person" and (company is None or company.kind == "company")
    return {} if fits else {"company_id": NO_COMPANY}


def _joined(given: str | None, family: str | None) -> str | None:
    return " ".join(filter(None, (given, family))) or None
