"""Tax ids and registration numbers: which one it is, and whether its digits add up.

Of Azerbaijan, Turkey and Russia the check digits are known. Of Georgia, Kazakhstan and Uzbekistan
only the length is checked, and `is_proven` says no, so that nobody takes more from it.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from stdnum import iban
from stdnum.az import voen
from stdnum.exceptions import ValidationError
from stdnum.ru import inn, ogrn
from stdnum.tr import tckimlik, vkn


def _(message: str) -> str:
    return message


#: Given by whoever chooses the kind himself: nothing is checked.
OTHER: Final = "other"
LONGEST: Final = 20

NOT_DIGITS: Final = _("A tax id has digits only. For another country's, choose that kind.")
SENTENCES: Final[Mapping[str, str]] = {
    "az_voen": _(
        "This is no VÖEN: it has ten digits that add up, the last is 1 for a company and 2 for a "
        "person. Compare it with the document."
    ),
    "tr_vkn": _("This is no VKN: it has ten digits that add up. Compare it with the document."),
    "tr_tckn": _(
        "This is no TCKN: it has eleven digits that add up. Compare it with the document."
    ),
    "ru_inn": _(
        "This is no INN: a company's has ten digits, a person's twelve, and they add up. "
        "Compare it with the document."
    ),
    "ru_ogrn": _(
        "This is no OGRN: it has 13 digits, an entrepreneur's 15, and they add up. "
        "Compare it with the document."
    ),
    "ge_id": _("A Georgian identification code has nine digits, a person's number eleven."),
    "kz_bin": _("A BIN or IIN of Kazakhstan has twelve digits."),
    "uz_stir": _("A STIR of Uzbekistan has nine digits, a person's number fourteen."),
}
NO_IBAN: Final = _("This is no IBAN: its digits do not add up. Compare it with the document.")
OF_NO_COUNTRY: Final = _(
    "No country we know has such a tax id. Compare it with the document, or say that it is "
    "of another country."
)


class TaxId(NamedTuple):
    """A tax id in its one form: digits only, unless it is of another country."""

    kind: str
    number: str


class NoTaxId(ValueError):
    """`sentence` is the message id of what is wrong with it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def _of_length(*lengths: int) -> Callable[[str], bool]:
    return lambda number: number.isdigit() and len(number) in lengths


_CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "az_voen": voen.is_valid, "tr_vkn": vkn.is_valid, "tr_tckn": tckimlik.is_valid,
    "ru_inn": inn.is_valid, "ru_ogrn": ogrn.is_valid,
    "ge_id": _of_length(9, 11), "kz_bin": _of_length(12), "uz_stir": _of_length(9, 14),
}  # fmt: skip
#: Tried in this order where a country has several.
_OF_COUNTRY: Final[Mapping[str, tuple[str, ...]]] = {
    "AZ": ("az_voen",), "TR": ("tr_vkn", "tr_tckn"), "RU": ("ru_inn", "ru_ogrn"),
    "GE": ("ge_id",), "KZ": ("kz_bin",), "UZ": ("uz_stir",),
}  # fmt: skip
#: Tried in this order where nobody says the country.
_PROVEN: Final = ("az_voen", "tr_vkn", "tr_tckn", "ru_inn", "ru_ogrn")


def read(text: str, kind: str | None = None, country: str | None = None) -> TaxId:
    """Return the tax id that `text` is; without a kind, the country's or the first that fits.

    Raises NoTaxId with a sentence.
    """
    if kind == OTHER:
        return TaxId(OTHER, " ".join(text.split())[:LONGEST])
    kinds = (kind,) if kind else _OF_COUNTRY.get(country or "", () if country else _PROVEN)
    if not kinds:
        return TaxId(OTHER, " ".join(text.split())[:LONGEST])
    number = "".join(text.split()).replace("-", "").replace(".", "")
    if not (number.isascii() and number.isdigit()):
        raise NoTaxId(NOT_DIGITS)
    for each in kinds:
        if _CHECKS[each](number):
            # A spreadsheet eats the zero at the front of a VÖEN.
            return TaxId(each, voen.compact(number) if each == "az_voen" else number)
    raise NoTaxId(_wrong(number, kinds, kind or country))


def is_proven(number: str) -> bool:
    """Tell whether the check digits are those of some tax id, so that no slip of the pen makes it."""
    return any(_CHECKS[each](number) for each in _PROVEN)


def registration_problem(number: str, kind: str | None) -> str | None:
    """Return what is wrong with a registration number beside a tax id of this kind."""
    if kind in ("ru_inn", "ru_ogrn") and not ogrn.is_valid(number):
        return SENTENCES["ru_ogrn"]
    return None


def account_problem(number: str) -> str | None:
    """Return what is wrong with an account number that is written as an IBAN."""
    compact = "".join(number.split()).upper()
    if not (compact[:2].isalpha() and compact[2:4].isdigit()):
        return None
    try:
        iban.validate(compact)
    except ValidationError:
        return NO_IBAN
    return None


def _wrong(number: str, kinds: tuple[str, ...], said: str | None) -> str:
    if not said:
        return OF_NO_COUNTRY
    # Of a Turkish id the length says which one was meant.
    likeliest = kinds[-1] if kinds[0] == "tr_vkn" and len(number) == 11 else kinds[0]
    return SENTENCES[likeliest]
