"""Who the company is: its name, where it sits, how it is reached."""

import re

import msgspec

from callcenter.errors import BadInput
from callcenter.server.body import MISFIT, MISSING
from callcenter.server.i18n import CODES


def _(message: str) -> str:
    return message


KEY = "company"
#: Longest text of a field; an address takes more.
LIMIT = 120
ADDRESS_LIMIT = 400

TOO_LONG = _("This is too long. Shorten it.")
NOT_AN_ADDRESS = _("This is not an e-mail address.")
NOT_A_SITE = _("Write the address of a site, such as https://company.az.")

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")
_SITE = re.compile(r"https?://[^\s/]+\.[^\s/]+(/\S*)?")


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on documents and mails; `name` also on each page."""

    name: str = ""
    legal_name: str = ""
    tax_id: str = ""
    country: str = ""
    city: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    #: The language of pages for somebody whose browser asks for none of ours.
    language: str = ""
    #: The countries whose numbers are written without a code, in the order they are tried, with
    #: commas between them; "" as the operator set.
    regions: str = ""

    @property
    def region_list(self) -> list[str]:
        return [code for code in self.regions.split(",") if code]


def check(details: Details, countries: tuple[str, ...]) -> None:
    """Raise BadInput, naming the fields, unless this can be a company."""
    wrong = {
        name: TOO_LONG for name, limit in _limits().items() if len(getattr(details, name)) > limit
    }
    if not details.name:
        wrong["name"] = MISSING
    if details.email and not _EMAIL.fullmatch(details.email):
        wrong["email"] = NOT_AN_ADDRESS
    if details.website and not _SITE.fullmatch(details.website):
        wrong["website"] = NOT_A_SITE
    if details.country and details.country not in countries:
        wrong["country"] = MISFIT
    if details.language and details.language not in CODES:
        wrong["language"] = MISFIT
    if not set(details.region_list) <= set(countries):
        wrong["regions"] = MISFIT
    if wrong:
        raise BadInput(wrong)


def _limits() -> dict[str, int]:
    return {
        name: ADDRESS_LIMIT if name == "address" else LIMIT for name in Details.__struct_fields__
    }
