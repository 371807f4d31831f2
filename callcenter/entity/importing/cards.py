"""vCards: each card becomes a row under headings of ours.

Several numbers of one kind share a cell, one under the other, as `values` reads them.
"""

import codecs
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import vobject
from vobject.base import VObjectError

from callcenter.entity.importing.sheets import codec, guess_encoding
from callcenter.entity.importing.table import Row, tidy

# It writes each line it cannot read to standard error.
logging.getLogger("vobject.base").setLevel(logging.CRITICAL)

#: What each column of the table is called; fields know these headings as aliases.
HEADER: Final = (
    "Name", "Given name", "Middle name", "Family name", "Company", "Position", "Mobile phone",
    "Work phone", "Home phone", "Fax", "Phone", "E-mail", "Web site", "Birthday", "Street", "City",
    "Region", "Postal code", "Country", "Description",
)  # fmt: skip

#: The types of a number, the telling ones first, and the column it goes to.
_PHONES: Final = (
    ("FAX", "Fax"),
    ("CELL", "Mobile phone"),
    ("WORK", "Work phone"),
    ("HOME", "Home phone"),
)
#: Lines whose value is a text, and the columns they go to.
_LINES: Final = {
    "FN": "Name", "TITLE": "Position", "EMAIL": "E-mail", "URL": "Web site", "NOTE": "Description",
}  # fmt: skip
#: Lines whose value has pieces.
_PIECES: Final = {
    "N": {"given": "Given name", "additional": "Middle name", "family": "Family name"},
    "ADR": {
        "street": "Street", "city": "City", "region": "Region", "code": "Postal code",
        "country": "Country",
    },
}  # fmt: skip
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
    row: dict[str, list[str]] = {}
    for line in [] if card is None else card.getChildren():
        for column, value in _said(line):
            if value and value not in row.setdefault(column, []):
                row[column].append(value)
    return [tidy("\n".join(row.get(column, []))) for column in HEADER]


def _said(line: Any) -> Iterator[tuple[str, str]]:
    """Give what a line of a card says, by column."""
    name, value = line.name.upper(), line.value
    if name in _LINES:
        yield _LINES[name], _text(value)
    elif name == "TEL":
        yield _phone_column(line), _text(value).removeprefix("tel:")
    elif name == "BDAY":
        yield "Birthday", _day(_text(value))
    elif name == "ORG":
        # After it stand departments.
        yield "Company", _text(value[:1] if isinstance(value, list) else value)
    for attribute, column in _PIECES.get(name, {}).items():
        yield column, _text(getattr(value, attribute))


def _phone_column(line: Any) -> str:
    types = {kind.upper() for kind in line.params.get("TYPE", [])} | {
        word.upper() for word in line.singletonparams
    }
    return next((column for kind, column in _PHONES if kind in types), "Phone")


def _text(value: Any) -> str:
    """Return a value that may be a list as one text."""
    return " ".join(map(str, value)).strip() if isinstance(value, list) else str(value).strip()


def _day(text: str) -> str:
    """Return "19850312" as 1985-03-12, the rest as it is."""
    day = text.split("T")[0]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdigit() else day
