"""Cells of CSV files that people open in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

#: Excel takes a file without it for one in the encoding of the computer.
BOM = "\ufeff".encode()

_NUMBER = re.compile(r"[+-]?[\d\s().,-]+", re.ASCII)


def guarded(cell: str) -> str:
    """Return the cell so that no spreadsheet runs it: a formula begins with =, +, - or @.

    What is only a number, such as a telephone's, stays as it is.
    """
    if cell[:1] in ("=", "@", "\t", "\r") or (
        cell[:1] in ("+", "-") and not _NUMBER.fullmatch(cell)
    ):
        return f"'{cell}"
    return cell


def lines(rows: Iterable[Sequence[str]], delimiter: str = ";") -> bytes:
    """Return rows as lines of CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(
        [guarded(cell) for cell in row] for row in rows
    )
    return text.getvalue().encode()
