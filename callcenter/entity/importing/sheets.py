"""Text files of rows: which encoding, which delimiter, and the rows themselves.

Most files from the offices we know were saved by Excel: semicolons, windows-1251 or 1254,
or UTF-16 with tabs ("Unicode text"). What the bytes do not decide is guessed, shown to the
person, and can be said otherwise.
"""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from charset_normalizer import from_bytes

from callcenter.entity.importing.failures import NotATable
from callcenter.entity.importing.first_row import parted
from callcenter.entity.importing.table import Row, tidy


def _(message: str) -> str:
    return message


NOT_TEXT: Final = _(
    "This is no text and no workbook that can be read. Save the list as CSV, XLSX or ODS."
)
WRONG_ENCODING: Final = _(
    "The file is not in the encoding {encoding}. Choose another one, or let it be found out."
)
OPEN_QUOTE: Final = _(
    "A cell near row {row} does not end: a quotation mark is opened there and not closed. "
    "Correct it in the file."
)

#: What is tried, the likeliest first; the names are Python's.
ENCODINGS: Final = (
    "utf-8", "utf-16", "windows-1251", "windows-1254", "windows-1252", "windows-1257", "koi8-r", "cp866",
    "cp857", "mac-cyrillic", "mac-turkish",
)  # fmt: skip
DELIMITERS: Final = (";", ",", "\t", "|")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
#: So much of what is not plain ASCII is looked at to tell encodings apart.
_SAMPLE_BYTES: Final = 64 * 1024
_CHUNK: Final = 1 << 20
#: Fewer NULs than one of so many bytes are somebody's slip, and no UTF-16.
_FEW: Final = 50
#: So many lines are looked at to tell delimiters apart.
_SAMPLE_LINES: Final = 40


class Text(NamedTuple):
    header: list[str]
    rows: Iterator[Row]
    encoding: str
    delimiter: str


def read(source: Path, encoding: str = "", delimiter: str = "") -> Text:
    """Return the heading and the rows. Raises NotATable, and so may reading on."""
    with source.open("rb") as file:
        found = codec(encoding) if encoding else guess_encoding(file)
    lines = _first_lines(source, found)
    said = _said_delimiter(lines)
    mark = delimiter or said or guess_delimiter(lines)
    rows = _rows(source, found, mark, skip=1 if said else 0)
    header, below = parted(rows)
    return Text(header, below, _shown(found), mark)


def guess_encoding(file: BinaryIO) -> str:
    """Return the encoding of the whole file."""
    head = file.read(4)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    file.seek(0)
    start = file.read(_CHUNK)
    if start.count(0) > max(1, len(start) // _FEW) or _is_binary(start):
        return _wide(start)
    file.seek(0)
    if (foreign := _not_utf8(file)) is None:
        return "utf-8"
    return _single_byte(foreign)


def codec(name: str) -> str:
    """Return the codec of an encoding that a person chose. Raises NotATable."""
    if name not in ENCODINGS:
        raise NotATable(WRONG_ENCODING, encoding=name)
    return "utf-8-sig" if name == "utf-8" else name


def guess_delimiter(lines: list[str]) -> str:
    """Return the delimiter that divides most lines into equally many cells."""
    scores = {mark: _evenness(lines, mark) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: scores[mark])
    return best if scores[best] > (0, 0) else ","


def _evenness(lines: list[str], mark: str) -> tuple[int, int]:
    """Return how many records are as wide as most of them, and how wide that is."""
    try:
        widths = [len(record) for record in csv.reader(lines, delimiter=mark) if any(record)]
    except csv.Error:
        return 0, 0
    found = Counter(width for width in widths if width > 1)
    return max(((count, width) for width, count in found.items()), default=(0, 0))


def _first_lines(source: Path, encoding: str) -> list[str]:
    try:
        with source.open(encoding=encoding, newline="") as file:
            return list(islice(file, _SAMPLE_LINES))
    except UnicodeError as error:
        raise NotATable(WRONG_ENCODING, encoding=_shown(encoding)) from error


def _said_delimiter(lines: list[str]) -> str:
    """Return the delimiter that Excel's own first line names: `sep=;`."""
    first = lines[0].rstrip("\r\n") if lines else ""
    return first[4] if first[:4].lower() == "sep=" and len(first) == 5 else ""


def _rows(source: Path, encoding: str, delimiter: str, skip: int) -> Iterator[Row]:
    number = 0
    try:
        with source.open(encoding=encoding, newline="") as file:
            for record in csv.reader(islice(file, skip, None), delimiter=delimiter):
                number += 1
                cells = [tidy(cell) for cell in record]
                if any(cells):
                    yield Row(number, cells)
    except csv.Error as error:
        raise NotATable(OPEN_QUOTE, row=number + 1) from error
    except UnicodeError as error:
        raise NotATable(WRONG_ENCODING, encoding=_shown(encoding)) from error


def _is_binary(start: bytes) -> bool:
    """Return whether there are bytes that no text has, beside the NULs."""
    return 0 in start and any(byte in start for byte in range(1, 9))


def _wide(start: bytes) -> str:
    """Return which UTF-16 it is: of Latin text, every second byte is NUL."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) < len(start) // 20:
        raise NotATable(NOT_TEXT)
    return "utf-16-be" if even > odd else "utf-16-le"


def _not_utf8(file: BinaryIO) -> bytes | None:
    """Return a sample of what is not ASCII if the file is not UTF-8, else None."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    sample = b""
    broken = False
    while chunk := file.read(_CHUNK):
        lines = [line for line in chunk.splitlines(keepends=True) if not line.isascii()]
        sample += b"".join(lines)[: _SAMPLE_BYTES - len(sample)]
        if not broken:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                broken = True
        if broken and len(sample) >= _SAMPLE_BYTES:
            break
    return sample if broken else None


def _single_byte(sample: bytes) -> str:
    best = from_bytes(sample, cp_isolation=list(_SINGLE)).best()
    if best is not None:
        return _SINGLE[best.encoding]
    return next(name for name in _SINGLE.values() if _fits(sample, name))


def _fits(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


#: The encodings of one byte a letter, by the names charset-normalizer gives them. Windows-1252 is
#: not guessed: it differs from 1254 in six letters, and the files of our offices have the Turkish ones.
_SINGLE: Final = {
    "cp1251": "windows-1251", "cp1254": "windows-1254", "koi8_r": "koi8-r", "cp866": "cp866",
    "mac_cyrillic": "mac-cyrillic", "cp857": "cp857", "mac_turkish": "mac-turkish",
}  # fmt: skip


def _shown(encoding: str) -> str:
    """Return the name that a person chooses by."""
    return {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}.get(
        encoding, encoding
    )
