"""What follows from what somebody says of a contact, and what has to fit together."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

from babel import Locale
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm import tax_ids
from callcenter.crm.contacts.models import Contact, searchable
from callcenter.crm.tax_ids import NoTaxId
from callcenter.entity.importing.headings import plain
from callcenter.server.i18n import CODES
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
_KINDS: Final = {
    "contact": "person", "контакт": "person", "account": "company", "организация": "company",
    "organization": "company",
}  # fmt: skip
_PARTS: Final = ("given_name", "family_name")
_TAX: Final = ("tax_id", "tax_kind")


@cache
def countries() -> frozenset[str]:
    """Return the ISO codes of all countries."""
    known = map(str, Locale("en").territories)
    return frozenset(code for code in known if len(code) == 2 and code.isalpha()) - _NONE


def country(value: str) -> str | None:
    return None if value in countries() else NO_COUNTRY


def kind(text: str) -> str:
    """Return the kind of contact that other programs mean by a word; else the word itself."""
    return _KINDS.get(text.casefold(), text)


def country_code(text: str) -> str:
    """Return the code of a country that is written out in one of our languages; else the text itself."""
    if len(text) == 2:
        return text.upper()
    return _countries_by_name().get(plain(text), text)


@cache
def _countries_by_name() -> dict[str, str]:
    return {
        plain(name): code
        for language in CODES
        for code, name in Locale(language).territories.items()
        if code in countries()
    }


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
    return derived | _tax_id(row, given)


async def check(
    session: AsyncSession,
    row: Contact | None,
    given: Mapping[str, Any],
    _who: Identity,
    _at: datetime,
) -> dict[str, str]:
    """Return what does not fit together."""
    wrong: dict[str, str] = {}
    if not given.keys().isdisjoint(("company_id", "kind")):
        wrong |= await _employer_problem(session, row, given)
    if not given.keys().isdisjoint(_TAX):
        wrong |= _tax_problem(row, given)
    number = given.get("registration_no")
    if number and (problem := tax_ids.registration_problem(number, _now(row, given, "tax_kind"))):
        wrong["registration_no"] = problem
    return wrong


async def _employer_problem(
    session: AsyncSession, row: Contact | None, given: Mapping[str, Any]
) -> dict[str, str]:
    if (employer := _now(row, given, "company_id")) is None:
        return {}
    company = await session.get(Contact, employer)
    is_company = company is None or company.kind == "company"
    fits = (_now(row, given, "kind") or "person") == "person" and is_company
    return {} if fits else {"company_id": NO_COMPANY}


def _tax_id(row: Contact | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tax id in its one form, with its kind."""
    if given.keys().isdisjoint(_TAX) or not (text := _now(row, given, "tax_id")):
        return {}
    try:
        found = tax_ids.read(text, _now(row, given, "tax_kind"), _now(row, given, "country"))
    except NoTaxId:
        return {}
    return {"tax_id": found.number, "tax_kind": found.kind}


def _tax_problem(row: Contact | None, given: Mapping[str, Any]) -> dict[str, str]:
    if not (text := _now(row, given, "tax_id")):
        return {}
    try:
        tax_ids.read(text, _now(row, given, "tax_kind"), _now(row, given, "country"))
    except NoTaxId as problem:
        return {"tax_id": problem.sentence}
    return {}


def _now(row: Contact | None, given: Mapping[str, Any], name: str) -> Any:
    return given[name] if name in given else getattr(row, name, None)


def _joined(given: str | None, family: str | None) -> str | None:
    return " ".join(filter(None, (given, family))) or None
