"""vCards: each card becomes a row under headings of ours.

Several numbers share a cell with bars between them, and what is said of each stands in the same
order beside it, as `values` reads them. Versions 2.1 to 4.0 are read, with the groups and labels of
Apple's programs; what no version can say (a number that does not work, or that is not to be called)
stands in parameters of ours.
"""

import codecs
import logging
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import vobject
from vobject.base import VObjectError

from callcenter.entity.facts import BAR
from callcenter.entity.importing.sheets import codec, guess_encoding
from callcenter.entity.importing.table import Row, tidy

# It writes each line it cannot read to standard error.
logging.getLogger("vobject.base").setLevel(logging.CRITICAL)

#: Parameters of ours: whether a number works ("no"), and what is not wanted there ("calls").
WORKS: Final = "X-WORKS"
UNWANTED: Final = "X-NOT-WANTED"
#: Of which lines a card has several: the column of the value, and those of what is said of it.
_LISTS: Final = {
    "TEL": ("Phone", ("Phone: Kind", "Phone: Works", "Phone: Not wanted")),
    "EMAIL": ("E-mail", ("E-mail: Kind", "E-mail: Works", "E-mail: Not wanted")),
    "URL": ("Website", ("Website: Kind",)),
    "ADR": ("Address", ("Address: Kind", "Address: Postal code", "Address: City", "Address: Region", "Address: Country")),
}  # fmt: skip
#: Lines whose value is a text, and the columns they go to.
_LINES: Final = {
    "FN": "Name", "TITLE": "Position", "NOTE": "Description", "CATEGORIES": "Tags",
}  # fmt: skip
_NAMES: Final = {
    "given": "Given name", "additional": "Middle name", "family": "Family name",
    "prefix": "Form of address",
}  # fmt: skip
#: What each column of the table is called, as fields are called in English.
HEADER: Final = (
    "Kind", *_LINES.values(), *_NAMES.values(), "Company", "Birthday",
    *(column for value, facts in _LISTS.values() for column in (value, *facts)),
)  # fmt: skip

#: The types of a number or an address, the telling ones first, and the kinds they are.
_KINDS: Final = (
    ("FAX", "fax"), ("CELL", "mobile"), ("IPHONE", "mobile"), ("WORK", "work"), ("HOME", "home"),
    ("MAIN", "main"), ("OTHER", "other"),
)  # fmt: skip
_PLACES: Final = (("HOME", "home"), ("DELIVERY", "delivery"), ("LEGAL", "legal"))
_EXTENSION: Final = re.compile(r";ext=(\w+)", re.IGNORECASE)
#: Apple's own labels: _$!<Mobile>!$_
_LABEL: Final = re.compile(r"_\$!<(.*)>!\$_")
#: More lines than this make no card: pictures are a few thousand lines.
_MOST_LINES: Final = 100_000


class Cards(NamedTuple):
    header: list[str]
    rows: Iterator[Row]
    encoding: str


def read(source: Path, encoding: str = "") -> Cards:
    """Return the cards as rows. Raises NotATable."""
    with source.open("rb") as file:
        found = codec(encoding) if encoding else guess_encoding(file)
    return Cards(list(HEADER), _rows(source, found), encoding or found.removesuffix("-sig"))


def _rows(source: Path, encoding: str) -> Iterator[Row]:
    # A wrong letter of one card must not cost the others.
    with source.open(encoding=codecs.lookup(encoding).name, errors="replace") as file:
        for number, text in enumerate(_texts(file), 1):
            yield Row(number, cells(text))


def _texts(lines: Iterator[str]) -> Iterator[str]:
    """Give the text of each card."""
    card: list[str] = []
    for line in lines:
        word = line.strip().upper()
        if word == "BEGIN:VCARD" or len(card) > _MOST_LINES:
            card = []
        card.append(line)
        if word == "END:VCARD":
            yield "".join(card)


def cells(text: str) -> list[str]:
    """Return the cells of one card, in the order of `HEADER`; none of what cannot be read."""
    try:
        card = next(vobject.readComponents(text, ignoreUnreadable=True, allowQP=True), None)
    except (VObjectError, ValueError, LookupError):
        card = None
    lines = [] if card is None else list(card.getChildren())
    labels = {line.group: _label(line.value) for line in lines if line.name.upper() == "X-ABLABEL"}
    row: dict[str, list[str]] = {}
    lists: dict[str, list[tuple[str, ...]]] = {}
    for line in lines:
        name = line.name.upper()
        if name in _LISTS:
            if (told := _one_of_list(name, line, labels.get(line.group, ""))) is not None:
                lists.setdefault(name, []).append(told)
            continue
        for column, value in _said(name, line.value):
            if value and value not in row.setdefault(column, []):
                row[column].append(value)
    filled = {column: "\n".join(values) for column, values in row.items()}
    if filled.get("Kind"):
        _as_company(filled)
    for name, held in lists.items():
        columns = (_LISTS[name][0], *_LISTS[name][1])
        for column, told in zip(columns, zip(*held, strict=True), strict=True):
            filled[column] = BAR.join(told) if any(told) else ""
    return [tidy(filled.get(column, "")) for column in HEADER]


def _as_company(filled: dict[str, str]) -> None:
    """Take out of a company's card what it says as if the company were one of its people."""
    company = filled.pop("Company", "")
    filled["Name"] = filled.get("Name") or company
    for column in _NAMES.values():
        filled.pop(column, None)


def _said(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Give what a line of a card says, by column."""
    if name in _LINES:
        yield _LINES[name], ", ".join(value) if isinstance(value, list) else _text(value)
    elif name == "N":
        for attribute, column in _NAMES.items():
            yield column, _text(getattr(value, attribute))
    elif name == "BDAY":
        yield "Birthday", _day(_text(value))
    elif name == "ORG":
        # After it stand departments.
        yield "Company", _text(value[:1] if isinstance(value, list) else value)
    elif name in ("KIND", "X-ABSHOWAS"):
        yield "Kind", "company" if _text(value).casefold() in ("org", "company") else ""


def _one_of_list(name: str, line: Any, label: str) -> tuple[str, ...] | None:
    """Return a value and what is said of it, None if the line says nothing."""
    types = {kind.upper() for kind in line.params.get("TYPE", [])} | {
        word.upper() for word in line.singletonparams
    }
    types |= {word for each in types for word in each.split(",")} | {label.upper()}
    if name == "ADR":
        return _address(line.value, types)
    text = _text(line.value)
    if name == "TEL":
        text = _EXTENSION.sub(r" ext. \1", re.sub("^tel:", "", text, flags=re.IGNORECASE))
    kind = next((kind for word, kind in _KINDS if word in types), "")
    if name == "URL":
        return (text, kind) if text else None
    works, unwanted = (_parameter(line, name) for name in (WORKS, UNWANTED))
    return (text, kind, works, unwanted) if text else None


def _address(value: Any, types: Collection[str]) -> tuple[str, ...] | None:
    street = ", ".join(filter(None, (_text(value.street), _text(value.extended), _text(value.box))))
    place = tuple(_text(getattr(value, each)) for each in ("code", "city", "region", "country"))
    kind = next((kind for word, kind in _PLACES if word in types), "postal")
    return (street, kind, *place) if street or place[1] else None


def _parameter(line: Any, name: str) -> str:
    return next(iter(line.params.get(name, [])), "").lower()


def _label(value: Any) -> str:
    """Return what Apple calls the line of a group: "_$!<Mobile>!$_" is "Mobile"."""
    text = _text(value)
    found = _LABEL.fullmatch(text)
    return _APPLE.get(found[1].casefold(), found[1]) if found else text


#: Apple's labels that are called otherwise than types are.
_APPLE: Final = {"mobile": "cell", "homefax": "fax", "workfax": "fax", "otherfax": "fax"}


def _text(value: Any) -> str:
    """Return a value that may be a list as one text."""
    return " ".join(map(str, value)).strip() if isinstance(value, list) else str(value).strip()


def _day(text: str) -> str:
    """Return "19850312" as 1985-03-12; of a day without its year there is nothing to keep."""
    day = text.split("T")[0]
    if day.startswith("--") or day[:4] == _NO_YEAR:
        return ""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdigit() else day


#: What Apple writes for a year that nobody told.
_NO_YEAR: Final = "1604"
