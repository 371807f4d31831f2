"""What spreadsheets do to cells, and how it is undone where that can be done.

A number of a phone that was taken for a quantity comes as `9.94501E+11`, `994501234567.0` or
without its first zero. What was cut cannot be known again, and is said to be lost rather than
filled with zeros.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal


def _(message: str) -> str:
    return message


CUT: Final = _(
    "A spreadsheet has cut this number short and its last digits are lost. Export the list again, "
    "with the column formatted as text."
)

Order = Literal["dmy", "mdy", "ymd", ""]

_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_POWER = re.compile(r"([+-]?\d(?:[.,]\d+)?)[eEеЕ]\+?(\d{1,2})")
_FRACTION = re.compile(r"(\d{5,16})[.,]0+")
_DAY = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?:[ T,]+(.*))?", re.ASCII)
#: A day as a spreadsheet counts it, where the cell lost its format: 31107 is 1985-03-01.
_SERIAL = re.compile(r"[1-6]\d{4}", re.ASCII)
_FIRST_DAY: Final = date(1899, 12, 30)
_BREAKS = re.compile(r"[;\n|]+| ::: ")
_LISTS = re.compile(r"[;\n|,]+")
_BARS = re.compile(r"\|+| ::: ")
_MORE_BREAKS = re.compile(r"[;\n|,/]+")
#: Two figures of a year beyond this one (of the last century) are of the last century.
_PIVOT: Final = 30
_FEWEST_DIGITS: Final = 7


class Lost(Exception):
    """The cell cannot be repaired; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def bare(cell: str) -> str:
    """Return a cell without what makes a spreadsheet keep it as text: ="0501" and '0501."""
    found = _FORMULA_TEXT.fullmatch(cell)
    text = found[1].replace('""', '"') if found else cell
    # So files of ours, too, guard what a spreadsheet would run.
    is_marked = text[:1] == "'" and (text[1:2].isdigit() or text[1:2] in tuple("=+-@"))
    return text[1:] if is_marked else text


def number_of_phone(text: str) -> str:
    """Return a phone number as it was before a spreadsheet took it for a quantity. Raises Lost."""
    if found := _POWER.fullmatch(text.replace(" ", "")):
        return _whole(found[1].replace(",", "."), int(found[2]))
    if found := _FRACTION.fullmatch(text):
        return found[1]
    return text


def _whole(digits: str, power: int) -> str:
    written = len(digits.partition(".")[2])
    if written < power:
        raise Lost(CUT)
    return str(int(Decimal(digits).scaleb(power)))


def lacks_zero(text: str, norm: str) -> bool:
    """Return whether a national number came without its first 0: "501234567" for "+994501234567"."""
    return text.isdigit() and not text.startswith("0") and norm.endswith(text) and (
        len(norm) - 1 > len(text)
    )  # fmt: skip


def several(cell: str, parted: Literal["marks", "commas", "bars"] = "marks") -> list[str]:
    """Return the values that share a cell, parted as `description.Virtual` says."""
    if parted != "marks":
        return _pieces(_LISTS if parted == "commas" else _BARS, cell)
    pieces = _pieces(_MORE_BREAKS, cell)
    if len(pieces) > 1 and all(_is_whole(piece) for piece in pieces):
        return pieces
    return _pieces(_BREAKS, cell)


def beside(cell: str, values: int) -> list[str]:
    """Return what a cell says of each of so many values that share the cell beside it."""
    pieces = [piece.strip() for piece in _BARS.split(cell)]
    return pieces if len(pieces) == values else [cell] * values


def _pieces(breaks: re.Pattern[str], cell: str) -> list[str]:
    return [piece.strip() for piece in breaks.split(cell) if piece.strip()]


def _is_whole(piece: str) -> bool:
    """Return whether a piece stands for itself: "12" after a comma is an extension."""
    return "@" in piece or sum(letter.isdigit() for letter in piece) >= _FEWEST_DIGITS


def order_of(cells: Iterable[str]) -> Order:
    """Return in which order a column writes its dates, "" if that cannot be told.

    "03/04/2026" is in March in America and in April everywhere else; "25/04/2026" decides.
    """
    seen: Order = ""
    for cell in cells:
        found = _DAY.fullmatch(cell.strip())
        if found is None:
            continue
        first, mark, second = int(found[1]), found[2], int(found[3])
        if len(found[1]) == 4:
            seen = seen or "ymd"
        elif first > 12 or mark == ".":
            return "dmy"
        elif second > 12:
            return "mdy"
    return seen


def in_iso(text: str, order: Order) -> str:
    """Return a date as year-month-day with the time it had; what is no date stays as it is."""
    if _SERIAL.fullmatch(text.strip()):
        return (_FIRST_DAY + timedelta(days=int(text))).isoformat()
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return text
    one, two, three = found[1], found[3], found[4]
    if len(one) == 4:
        year, month, day = one, two, three
    elif order == "mdy":
        month, day, year = one, two, three
    else:
        day, month, year = one, two, three
    if len(year) not in (2, 4) or len(day) > 2:
        return text
    iso = f"{_century(year)}-{month:0>2}-{day:0>2}"
    return f"{iso} {found[5].strip()}" if found[5] else iso


def _century(year: str) -> str:
    if len(year) == 4:
        return year
    return f"20{year}" if int(year) <= _PIVOT + 10 else f"19{year}"
