"""From what was typed or sent to a number in its one form."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import msgspec
import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, ValidationResult

from callcenter.errors import NotAPhoneNumber
from callcenter.phone.changes import renumbered
from callcenter.phone.fast import plan_abroad, plan_of
from callcenter.phone.withheld import is_withheld

#: What is longer is no number, whatever stands in it: reading it would take seconds.
LONGEST = 254
#: Fewer digits are too likely a number at home with a digit too many or too few.
SHORTEST_ABROAD = 11

Kind = Literal["e164", "short", "withheld", "nonsense"]


class Number(msgspec.Struct, frozen=True, gc=False):
    """What `raw` turned out to be.

    `norm` is E.164 for a telephone number, the dialled characters for a short code ("103",
    "*1234"), which means something inside one PBX or one country only, and "" for the rest.
    """

    kind: Kind
    norm: str = ""
    ext: str = ""
    country: str | None = None

    @property
    def rev(self) -> str | None:
        return backwards(self.norm) if self.kind == "e164" else None


def to_e164(raw: str, regions: Sequence[str]) -> str:
    """Return `raw` in E.164 form, such as "+994501234567".

    Numbers without a country code belong to the first of `regions` (ISO countries) in which
    they are valid. Extensions ("101") and short codes ("103") are not phone numbers.

    Raises NotAPhoneNumber if `raw` cannot be dialled from any of `regions`.
    """
    # Each call of each agent comes by here, so the usual case is settled before anything else.
    if regions and (plan := plan_of(regions[0])) is not None and (usual := plan.e164(raw)):
        return usual
    number = read(raw, regions)
    if number.kind != "e164":
        raise NotAPhoneNumber(raw=raw)
    return number.norm


def read(raw: str, regions: Sequence[str]) -> Number:
    """Return what `raw` is: a number with its extension and country, a short code, or neither."""
    if len(raw) > LONGEST:
        return Number("nonsense")
    plan = plan_of(regions[0]) if regions else None
    if plan is not None and plan.country and (usual := plan.e164(raw)):
        return Number("e164", usual, "", plan.country)
    abroad = plan_abroad(raw) if raw.startswith("+") else None
    if abroad is not None and abroad.country and (usual := abroad.e164(raw)):
        return Number("e164", usual, "", abroad.country)
    return _read(raw, tuple(regions))


def beginnings(raw: str, regions: Sequence[str]) -> tuple[str, ...]:
    """Return how numbers begin, in E.164, of which `raw` is typed so far: "050 2" is "+994502"."""
    digits = _SEPARATORS.sub("", raw)
    if digits.startswith(("+", "00")):
        return (f"+{digits.lstrip('+0')}",)
    home = plan_of(regions[0]) if regions else None
    at_home = [f"+{home.code}{digits.removeprefix(home.trunk)}"] if home is not None else []
    return tuple(dict.fromkeys([*at_home, f"+{digits}"]))


def backwards(norm: str) -> str:
    """Return the digits of `norm` from the last to the first, for a search by last digits."""
    return norm.lstrip("+")[::-1]


def last_digits(raw: str) -> str:
    """Return the digits of a row of digits that is no number, from the last to the first, else "".

    A number may stand at its end, behind what a PBX or a carrier put there ("9", "#31#").
    """
    return _NO_DIGIT.sub("", raw)[::-1] if _WRITTEN.fullmatch(raw[:LONGEST]) else ""


def preload(regions: Sequence[str]) -> None:
    """Load what is known of `regions`, which takes milliseconds, before the first call does."""
    for region in regions:
        read("0", (region,))
        plan_of(region)


_LABEL = re.compile(
    r"^\s*(?:(?:tel|phone|mob|mobil|cell|gsm|whatsapp|wa|faks|fax|тел|моб|телефон|факс|nömrə)\b[.:]*\s*)+",
    re.IGNORECASE,
)
_URI = re.compile(r"\s*<?\s*(?:sips?|tel):(?=\S)", re.IGNORECASE)
_URI_REST = re.compile(r"[;?@>].*$")
_EXTENSION = re.compile(
    r"[\s,;.(]*(?:ext(?:ension|n)?|x|доб(?:авочный)?|вн(?:утр)?|daxili|dahili|int)[\s.:#№]*(\d{1,8})\)?\s*$"
    r"|\s*#\s*(\d{1,8})\s*$",
    re.IGNORECASE,
)
_SHORT = re.compile(r"[*#]{0,2}\d{2,8}(?:\*\d{1,8})*#?")
_WRITTEN = re.compile(
    r"[\d \t+().\-/*#~\u2010-\u2015\u2212\u00a0\u200b-\u200f\u202a-\u202e\ufeff]+"
)
_NO_DIGIT = re.compile(r"[^0-9]")
_SEPARATORS = re.compile(r"[^\d+*#]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\ufeff]")


@lru_cache(maxsize=16_384)
def _read(raw: str, regions: tuple[str, ...]) -> Number:
    if is_withheld(raw):
        return Number("withheld")
    written, ext = _parts(raw)
    if not _WRITTEN.fullmatch(written):
        return Number("nonsense")
    if (number := _parse(written, regions)) is not None:
        norm = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        region = phonenumbers.region_code_for_number(number)
        # "001" is no country but a service of the whole world.
        return Number("e164", norm, ext, region if region and region.isalpha() else None)
    dialled = _SEPARATORS.sub("", written + (f"#{ext}" if ext and "#" in raw else ""))
    return Number("short", dialled) if _SHORT.fullmatch(dialled) else Number("nonsense")


def _parts(raw: str) -> tuple[str, str]:
    """Return the number without what stands around it, and the extension."""
    bare = _INVISIBLE.sub("", raw)
    if scheme := _URI.match(bare):
        bare = _URI_REST.sub("", bare[scheme.end() :])
    bare = _LABEL.sub("", bare)
    found = _EXTENSION.search(bare)
    if found is None:
        return bare.strip(), ""
    return bare[: found.start()].strip(), found[1] or found[2]


def _parse(written: str, regions: tuple[str, ...]) -> PhoneNumber | None:
    """Return the number `written` stands for: a valid one if any reading gives one."""
    digits = _SEPARATORS.sub("", written)
    # No country's code begins with 0: some trunks put a plus before what is dialled at home.
    if digits.startswith("+") and digits.lstrip("+").startswith("0"):
        return _parse(digits.lstrip("+"), regions)
    if digits.startswith("+"):
        return _possible([_attempt(digits, None)])
    if digits.startswith("00"):
        attempts = [_attempt(f"+{digits[2:]}", None), *(_attempt(written, r) for r in regions)]
        return _possible(attempts)
    here = [_attempt(written, region) for region in regions]
    # "4915…" without a plus: a number of a country nobody mentioned, as some trunks send it.
    abroad = _attempt(f"+{digits}", None) if len(digits) >= SHORTEST_ABROAD else None
    return _valid([*here, abroad]) or _possible(here[:1])


def _attempt(written: str, region: str | None) -> PhoneNumber | None:
    if "*" in written or "#" in written:
        return None
    try:
        number = phonenumbers.parse(written.replace("~", " "), region)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else _renumbered(number)


def _renumbered(number: PhoneNumber) -> PhoneNumber:
    """Return the number as it is dialled since its country changed its numbering."""
    national = phonenumbers.national_significant_number(number)
    code = number.country_code or 0
    now = renumbered(code, f"+{code}{national}")
    return phonenumbers.parse(now, None) if now is not None else number


def _valid(attempts: list[PhoneNumber | None]) -> PhoneNumber | None:
    return next((n for n in attempts if n is not None and phonenumbers.is_valid_number(n)), None)


def _possible(attempts: list[PhoneNumber | None]) -> PhoneNumber | None:
    """Return a valid number, else one of a right length: new ranges open before they are known."""
    return _valid(attempts) or next(
        (n for n in attempts if n is not None and _is_possible(n)), None
    )


def _is_possible(number: PhoneNumber) -> bool:
    reason = phonenumbers.is_possible_number_with_reason(number)
    return reason == ValidationResult.IS_POSSIBLE
