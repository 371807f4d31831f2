"""What people and programs write, read as what a field holds.

Forms, imports and bulk edits bring text; the API brings JSON. Both end in the same value, or in
a sentence that says what is wrong with it. Empty is nothing.

Values as they are held: text str · integer int · number Decimal in a column, float in `custom` ·
money int in minor units · date `date` · datetime aware, UTC · bool · choice its word · option an
option's id · options a list of ids · reference an id · phone E.164, or bare digits · e-mail in
small letters · url. In `custom`, dates and moments are ISO texts.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.numbers import NumberFormatError, get_group_symbol, parse_decimal
from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from callcenter import phone
from callcenter.entity.description import Field
from callcenter.entity.registry import Registry
from callcenter.errors import BadInput
from callcenter.server.body import whole_number
from callcenter.server.i18n import CODES, languages, translate_to


def _(message: str) -> str:
    return message


NOT_A_WHOLE_NUMBER: Final = _("This is not a whole number.")
NOT_A_NUMBER: Final = _("This is not a number. Write it like 1234.50.")
NOT_A_DATE: Final = _("This is not a date. Write it like 2026-11-22 or 22.11.2026.")
NOT_A_MOMENT: Final = _("This is not a date and time. Write it like 2026-11-22 14:30.")
NOT_YES_OR_NO: Final = _("Say yes or no.")
NOT_OFFERED: Final = _("This is not in the list. Choose one of those that are.")
NOT_AN_ADDRESS: Final = _("This is not an e-mail address.")
NOT_A_LINK: Final = _("Give a whole address, such as https://example.az.")
NOT_DIALLED: Final = _("This is not a number that can be dialled.")
TOO_LONG: Final = _("This is too long.")
TOO_LARGE: Final = _("This number is too large.")
NOT_AN_ID: Final = _("This is not a record that can be chosen here.")

_YES = frozenset(("1", "true", "on", "yes", "y", "bəli", "beli", "hə", "evet", "да", "+", "x"))
_NO = frozenset(("0", "false", "off", "no", "n", "xeyr", "yox", "hayır", "hayir", "нет", "-"))
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", re.ASCII)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
#: What BIGINT and JavaScript both hold.
_LARGEST: Final = (1 << 53) - 1
#: Names before the @ that are good as they stand, whatever comes after it.
_PLAIN_NAME = re.compile(r"(?=.{1,64}$)[a-z0-9_+-]+(\.[a-z0-9_+-]+)*", re.ASCII | re.IGNORECASE)
_LONGEST_ADDRESS: Final = 254
_GROUPED = re.compile(r"[+-]?\d{1,3}(\.\d{3})+", re.ASCII)
_YEARS: Final = range(1800, 2201)


class Unreadable(Exception):
    """A value that a field cannot hold; `sentence` is the message id of what is wrong."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Context:
    """What reading depends on besides the text."""

    registry: Registry
    #: Countries of numbers without a country code.
    regions: Sequence[str]
    language: str = "en"
    #: Where a time without a zone is meant.
    zone: str = "UTC"


def chosen_id(values: Mapping[str, str], name: str) -> int | None:
    """Return the id that is chosen in a list of a form, None if nothing is. Raises BadInput."""
    if (text := values.get(name, "")) and whole_number(text) is None:
        raise BadInput({name: NOT_OFFERED})
    return whole_number(text)


def read_text(field: Field, text: str, context: Context) -> Any:
    """Return what a field holds for what somebody typed; None for nothing. Raises Unreadable."""
    text = text.strip()
    if field.tidy is not None:
        text = field.tidy(text)
    return _checked(field, _READ[field.type](field, text, context) if text else None)


def read_json(field: Field, value: Any, context: Context) -> Any:
    """Return what a field holds for a JSON value; None for nothing. Raises Unreadable."""
    # Programs write numbers in one way, whatever their owner's language is.
    context = replace(context, language="en")
    if value is None or isinstance(value, str):
        return read_text(field, value or "", context)
    match field.type, value:
        case "bool", bool():
            held: Any = value
        case "integer" | "option" | "reference", int() if not isinstance(value, bool):
            held = _READ[field.type](field, str(value), context)
        case "number" | "money", int() | float() if not isinstance(value, bool):
            held = _READ[field.type](field, format(Decimal(repr(value)), "f"), context)
        case "options", list():
            held = [_option(field, str(each), context) for each in value] or None
        case _:
            raise Unreadable(_WRONG[field.type])
    return _checked(field, held)


def stored(field: Field, value: Any) -> Any:
    """Return a value as its column holds it: the `custom` column holds only what JSON can say."""
    if not field.is_custom:
        return value
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _checked(field: Field, value: Any) -> Any:
    if value is not None and field.check is not None and (wrong := field.check(value)):
        raise Unreadable(wrong)
    return stored(field, value)


# ---------------------------------------------------------------- one function a type


def _line(field: Field, text: str, _context: Context) -> str:
    return _short(field, " ".join(text.split()))


def _long(field: Field, text: str, _context: Context) -> str:
    return _short(field, text.replace("\r\n", "\n"))


def _short(field: Field, text: str) -> str:
    if len(text) > field.limit:
        raise Unreadable(TOO_LONG)
    return text


def _integer(_field: Field, text: str, context: Context) -> int:
    number = _decimal(text, context.language, NOT_A_WHOLE_NUMBER)
    if number != number.to_integral_value():
        raise Unreadable(NOT_A_WHOLE_NUMBER)
    return int(number)


def _number(_field: Field, text: str, context: Context) -> Decimal:
    return _decimal(text, context.language, NOT_A_NUMBER)


def _money(_field: Field, text: str, context: Context) -> int:
    return round(_decimal(text, context.language, NOT_A_NUMBER) * 100)


def _decimal(text: str, language: str, wrong: str) -> Decimal:
    """Return a number as people of the language write it, or as programs do."""
    locale = languages()[language].locale
    # "1.200" is 1200 where thousands are parted by points.
    grouped = get_group_symbol(locale) == "." and _GROUPED.fullmatch(text)
    number = None if grouped else _plain_decimal(text)
    if number is None:
        try:
            number = parse_decimal(text, locale=locale, strict=True)
        except (NumberFormatError, InvalidOperation) as error:
            raise Unreadable(wrong) from error
    if not number.is_finite():
        raise Unreadable(wrong)
    if abs(number) > _LARGEST:
        raise Unreadable(TOO_LARGE)
    return number


def _plain_decimal(text: str) -> Decimal | None:
    spaceless = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?:\D|$))", "", text)
    return Decimal(spaceless) if re.fullmatch(r"[+-]?\d{1,18}(\.\d{1,9})?", spaceless) else None


def _date(_field: Field, text: str, _context: Context) -> date:
    try:
        return _some_date(text)
    except ValueError as error:
        raise Unreadable(NOT_A_DATE) from error


def _some_date(text: str) -> date:
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, found.groups())
    elif _ISO.fullmatch(text):
        year, month, day = map(int, text.split("-"))
    else:
        raise ValueError(text)
    if year not in _YEARS:
        raise ValueError(text)
    return date(year, month, day)


def _moment(_field: Field, text: str, context: Context) -> datetime:
    """A time without a zone is meant where its writer is."""
    try:
        day, _, clock = text.replace("T", " ").partition(" ")
        moment = datetime.fromisoformat(f"{_some_date(day).isoformat()}T{clock.strip() or '00:00'}")
    except ValueError as error:
        raise Unreadable(NOT_A_MOMENT) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(context.zone))
    return moment.astimezone(UTC)


def _bool(_field: Field, text: str, _context: Context) -> bool:
    # Both ways: "HAYIR" is small in Turkish, "YES" in English.
    words = {text.casefold(), text.replace("I", "ı").casefold()}
    if words & _YES:
        return True
    if words & _NO:
        return False
    raise Unreadable(NOT_YES_OR_NO)


def _choice(field: Field, text: str, _context: Context) -> str:
    if text in field.choices:
        return text
    wanted = text.casefold()
    for value, label in field.choices.items():
        if wanted in {value.casefold(), *(translate_to(code, label).casefold() for code in CODES)}:
            return value
    raise Unreadable(NOT_OFFERED)


def _option(field: Field, text: str, context: Context) -> int:
    """An option is named by its id, its key, or its text in any language."""
    wanted = text.casefold()
    for choice in context.registry.list(field.options):
        words = {str(choice.id), choice.key.casefold(), *map(str.casefold, choice.label.values())}
        if wanted in words:
            return choice.id
    raise Unreadable(NOT_OFFERED)


def _options(field: Field, text: str, context: Context) -> list[int]:
    named = [
        _option(field, part.strip(), context) for part in re.split(r"[,;]", text) if part.strip()
    ]
    return list(dict.fromkeys(named))


def _reference(_field: Field, text: str, _context: Context) -> int:
    if re.fullmatch(r"\d{1,16}", text, re.ASCII) and int(text) <= _LARGEST:
        return int(text)
    raise Unreadable(NOT_AN_ID)


def _phone(_field: Field, text: str, context: Context) -> str:
    number = phone.read(text, context.regions)
    if not number.norm:
        raise Unreadable(NOT_DIALLED)
    return number.norm


def _email(_field: Field, text: str, _context: Context) -> str:
    return email_address(text)


def email_address(text: str) -> str:
    """Return the address in its one form. Raises Unreadable."""
    return validated(text).normalized.lower()


class Address(NamedTuple):
    """What an address of e-mail consists of."""

    normalized: str
    local_part: str
    #: As it travels.
    ascii_domain: str


# An import looks at each address twice: whose it is, and how it is kept.
@lru_cache(maxsize=4_096)
def validated(text: str) -> Address:
    """Return what an address consists of. Raises Unreadable."""
    name, _at, domain = text.rpartition("@")
    if _PLAIN_NAME.fullmatch(name) and domain.isascii() and len(text) <= _LONGEST_ADDRESS:
        # What is left to judge is the domain, which many addresses of a file share.
        held = _validated(f"a@{domain}")
        return Address(f"{name}@{held.domain}", name, held.ascii_domain)
    address = _validated(text)
    return Address(address.normalized, address.local_part, address.ascii_domain)


@lru_cache(maxsize=4_096)
def _validated(text: str) -> ValidatedEmail:
    try:
        return validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        raise Unreadable(NOT_AN_ADDRESS) from error


def _url(field: Field, text: str, _context: Context) -> str:
    whole = text if "://" in text else f"https://{text}"
    try:
        address = urlsplit(whole)
        host = address.hostname or ""
    except ValueError as error:
        raise Unreadable(NOT_A_LINK) from error
    if address.scheme not in ("http", "https") or "." not in host or " " in whole:
        raise Unreadable(NOT_A_LINK)
    return _short(field, whole)


_READ: dict[str, Callable[[Field, str, Context], Any]] = {
    "text": _line, "long_text": _long, "integer": _integer, "number": _number, "money": _money,
    "date": _date, "datetime": _moment, "bool": _bool, "choice": _choice, "option": _option,
    "options": _options, "reference": _reference, "phone": _phone, "email": _email, "url": _url,
}  # fmt: skip

_WRONG = {
    "text": TOO_LONG, "long_text": TOO_LONG, "integer": NOT_A_WHOLE_NUMBER, "number": NOT_A_NUMBER,
    "money": NOT_A_NUMBER, "date": NOT_A_DATE, "datetime": NOT_A_MOMENT, "bool": NOT_YES_OR_NO,
    "choice": NOT_OFFERED, "option": NOT_OFFERED, "options": NOT_OFFERED, "reference": NOT_AN_ID,
    "phone": NOT_DIALLED, "email": NOT_AN_ADDRESS, "url": NOT_A_LINK,
}  # fmt: skip
