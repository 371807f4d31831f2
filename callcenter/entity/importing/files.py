"""Which kind of file this is, and its rows.

The content decides, not the name: people rename files, and exports lie about theirs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from callcenter.entity.importing import cards, sheets, table, workbooks
from callcenter.entity.importing.failures import NotATable
from callcenter.entity.importing.table import Layout, Row


def _(message: str) -> str:
    return message


EMPTY: Final = _("The file is empty. Choose the one that holds the rows.")
NO_HEADING: Final = _("The file has no heading and no rows. Its first row must name the columns.")
NO_ROWS: Final = _("The file has a heading but no rows below it.")
TOO_WIDE: Final = _(
    "The file has more columns than any list of records. Check the delimiter, or remove columns."
)
A_PDF: Final = _("This is a PDF. Save the list as CSV or as a workbook and choose that file.")
A_PICTURE: Final = _(
    "This is a picture. Save the list as CSV or as a workbook and choose that file."
)
AN_ARCHIVE: Final = _("This is an archive. Unpack it and choose the file inside.")
A_PAGE: Final = _(
    "This is a web page, even if its name says otherwise. Open it in a spreadsheet and save it as CSV."
)

_MAGIC: Final = (
    (b"%PDF", A_PDF), (b"\x89PNG", A_PICTURE), (b"\xff\xd8\xff", A_PICTURE), (b"GIF8", A_PICTURE),
    (b"Rar!", AN_ARCHIVE), (b"7z\xbc\xaf", AN_ARCHIVE), (b"\x1f\x8b", AN_ARCHIVE),
)  # fmt: skip
_WORKBOOK: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_HEAD = 4096


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said about the file; "" is for us to find out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


class Opened(NamedTuple):
    """A file's heading and rows, and what was found out about it."""

    layout: Layout
    rows: Iterator[Row]


def convert(source: Path, target: Path, choices: Choices) -> Layout:
    """Bring the file into the one form of `table`. Raises NotATable with a sentence."""
    opened = open_rows(source, choices)
    if len(opened.layout.header) > table.MOST_COLUMNS:
        raise NotATable(TOO_WIDE)
    spoilt = _Spoilt(opened.rows)
    count = table.write(target, opened.layout.header, spoilt)
    if not count:
        raise NotATable(NO_ROWS)
    return msgspec.structs.replace(opened.layout, rows=count, spoilt=spoilt.count)


def open_rows(source: Path, choices: Choices) -> Opened:
    """Return the file's heading and rows. Raises NotATable; so may reading on."""
    with source.open("rb") as file:
        head = file.read(_HEAD)
    _refuse_others(head)
    match kind_of(head):
        case "workbook":
            opened = workbooks.read(source, choices.sheet)
            layout = Layout(
                kind="workbook",
                header=opened.header,
                rows=0,
                sheet=opened.sheet,
                sheets=opened.sheets,
            )
            rows = opened.rows
        case "cards":
            read = cards.read(source, choices.encoding)
            layout = Layout(kind="cards", header=read.header, rows=0, encoding=read.encoding)
            rows = read.rows
        case _:
            text = sheets.read(source, choices.encoding, choices.delimiter)
            layout = Layout(
                kind="text", header=text.header, rows=0, encoding=text.encoding,
                delimiter=text.delimiter,
            )  # fmt: skip
            rows = text.rows
    if not any(layout.header):
        raise NotATable(NO_HEADING)
    return Opened(layout, rows)


def kind_of(head: bytes) -> str:
    """Return "workbook", "cards" or "text"."""
    if head.startswith(_WORKBOOK):
        return "workbook"
    # In any encoding: the letters stand there, perhaps with NULs between them.
    letters = head.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").replace(b"\0", b"")
    return "cards" if letters[:11].upper() == b"BEGIN:VCARD" else "text"


def _refuse_others(head: bytes) -> None:
    if not head.strip():
        raise NotATable(EMPTY)
    for magic, sentence in _MAGIC:
        if head.startswith(magic):
            raise NotATable(sentence)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:9].lower().startswith((b"<!doctype", b"<html")):
        raise NotATable(A_PAGE)


class _Spoilt:
    """Counts rows whose letters a program before us could not write and made question marks."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.count += any(is_spoilt(cell) for cell in row.cells)
            yield row


def is_spoilt(cell: str) -> bool:
    """Return whether letters of the cell are lost: "M?mm?dov", but not "Why?" or an address."""
    if "\ufffd" in cell:
        return True
    return "?" in cell and "://" not in cell and any(
        before.isalpha() and mark == "?" and after.isalpha()
        for before, mark, after in zip(cell, cell[1:], cell[2:], strict=False)
    )  # fmt: skip
