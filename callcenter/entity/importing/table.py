"""The one form every file is brought into: a heading, then rows of text.

One JSON list a line: the first is the heading, each other one begins with the row's number
in the file, as its owner counts (the heading of a sheet is row 1). A row's place can be
skipped to without understanding what stands before it, so an import that was interrupted
goes on where it was.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

#: A file with more columns is no list of records.
MOST_COLUMNS = 300
#: Longer cells are cut here: no field holds as much.
LONGEST_CELL = 20_000


class Row(NamedTuple):
    number: int
    cells: list[str]


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a file; `rows` counts those with anything in them."""

    kind: str
    header: list[str]
    rows: int
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: list[str] = []
    #: Rows in which letters had been lost before the file came here ("M?mm?dov").
    spoilt: int = 0


_line = msgspec.json.Decoder(list[str | int])


def write(path: Path, header: Sequence[str], rows: Iterable[Row]) -> int:
    """Write the table to `path`; return how many rows it has. Empty rows are left out."""
    encode = msgspec.json.Encoder().encode
    count = 0
    with path.open("wb") as file:
        file.write(encode(list(header)) + b"\n")
        for number, cells in rows:
            if any(cells):
                file.write(encode([number, *cells]) + b"\n")
                count += 1
    return count


def header(path: Path) -> list[str]:
    with path.open("rb") as file:
        return [str(cell) for cell in _line.decode(file.readline())]


class Rows:
    """The rows of a table, a block at a time."""

    def __init__(self, path: Path, skip: int = 0) -> None:
        self._file = path.open("rb")
        next(islice(self._file, skip, skip + 1), None)

    def block(self, size: int) -> list[Row]:
        """Return the next rows, none at the end."""
        return [_row(line) for line in islice(self._file, size)]

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Row]:
        return map(_row, self._file)


def _row(line: bytes) -> Row:
    number, *cells = _line.decode(line)
    return Row(int(number), [str(cell) for cell in cells])


def tidy(cell: str) -> str:
    """Return a cell's text as it is kept: without NUL, which no database stores, and of a length."""
    return cell.replace("\0", "").strip()[:LONGEST_CELL]
