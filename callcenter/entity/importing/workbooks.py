"""Workbooks: XLSX, XLSM, XLSB, XLS and ODS, the first sheet that holds anything."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from callcenter.entity.importing.failures import NotATable
from callcenter.entity.importing.first_row import parted
from callcenter.entity.importing.table import Row, tidy


def _(message: str) -> str:
    return message


DAMAGED: Final = _("The workbook is damaged and cannot be read. Save it anew and choose it again.")
LOCKED: Final = _(
    "The workbook is locked with a password. Save it without one and choose it again."
)
NO_SUCH_SHEET: Final = _("The workbook has no sheet “{sheet}”. Choose one of those it has.")


#: What a formula that came to nothing shows.
_FAULTS: Final = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA")
)


class Workbook(NamedTuple):
    header: list[str]
    rows: Iterator[Row]
    sheet: str
    sheets: list[str]


def read(source: Path, sheet: str = "") -> Workbook:
    """Return the heading and the rows of a sheet. Raises NotATable."""
    try:
        book = CalamineWorkbook.from_path(source)
        names = list(book.sheet_names)
        if sheet and sheet not in names:
            raise NotATable(NO_SUCH_SHEET, sheet=sheet)
        name = sheet or _first_filled(book, names)
        found = book.get_sheet_by_name(name)
    except PasswordError as error:
        raise NotATable(LOCKED) from error
    except (CalamineError, OSError) as error:
        raise NotATable(DAMAGED) from error
    header, below = parted(_rows(found))
    return Workbook(header, below, name, names)


def _first_filled(book: CalamineWorkbook, names: list[str]) -> str:
    if not names:
        raise NotATable(DAMAGED)
    filled = (name for name in names if book.get_sheet_by_name(name).height)
    return next(filled, names[0])


def _rows(sheet: CalamineSheet) -> Iterator[Row]:
    """Give the rows with anything in them, numbered as the spreadsheet does."""
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = [written(cell) for cell in cells]
        if any(texts):
            yield Row(number, texts)


def written(cell: Any) -> str:
    """Return a cell as text that reads the same everywhere: 994501234567.0 is no number of a phone."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e16 else repr(cell)
        case datetime():
            day = cell.date().isoformat()
            return day if cell.time() == time() else f"{day} {cell.time().isoformat('seconds')}"
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat("minutes")
        case timedelta():
            return str(cell)
        case str() if cell in _FAULTS:
            return ""
        case _:
            return tidy(str(cell))
