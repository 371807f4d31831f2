"""Rows of an entity as a file: CSV, a workbook, or vCards where an entity has them.

What a list shows is what comes out: its columns, its filter, its order, and of each field only
what the reader may see. Rows are read by page and written as they come, so a million of them
take no more memory than fifty. Dates and numbers are written as programs read them, so that
a file of ours comes in again as it went out.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import xlsxwriter
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Database
from callcenter.entity import cells, listing
from callcenter.entity.conditions import Asker
from callcenter.entity.description import Entity, Field, Held
from callcenter.entity.facts import BAR
from callcenter.entity.listing import Page, Wanted
from callcenter.entity.registry import Registry, label_in
from callcenter.entity.rights import access, masked, reached
from callcenter.entity.showing import Showing
from callcenter.server.identity import Identity

#: What a workbook calls itself.
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Rows that are read at a time.
ROWS_AT_A_TIME: Final = 500
#: A sheet of Excel holds 1,048,576 rows, its heading among them.
ROWS_OF_A_SHEET: Final = 1_048_575
DELIMITERS: Final = {"semicolon": ";", "comma": ",", "tab": "\t"}

#: A field of which a row has several gets so many columns at most; the last one holds the rest.
MOST_COLUMNS: Final = 9
#: How many columns it needs is seen from so many rows.
ROWS_LOOKED_AT: Final = 10_000

_DAY: Final = {"num_format": "yyyy-mm-dd"}
_MOMENT: Final = {"num_format": "yyyy-mm-dd hh:mm"}
#: A spreadsheet keeps fifteen digits of a number.
_LARGEST_NUMBER: Final = 10**15


async def pages(
    database: Database, registry: Registry, entity: Entity, asker: Asker, wanted: Wanted
) -> AsyncIterator[Page]:
    """Give the rows that somebody may take out, page by page."""
    wanted = replace(wanted, also=wanted.also & reached(entity, asker.who, "export"))
    after: str | None = None
    while True:
        async with database.read() as session:
            page = await listing.page(
                session, registry, entity, asker, wanted, after, ROWS_AT_A_TIME
            )
            page = await _with_all(session, registry, entity, asker.who, page)
        yield page
        if (after := page.after) is None:
            return


async def _with_all(
    session: AsyncSession, registry: Registry, entity: Entity, who: Identity, page: Page
) -> Page:
    """Return the page with all that its rows have of a field, not only the first."""
    if not page.lines:
        return page
    fields = registry.fields(entity.name)
    ids = [line.id for line in page.lines]
    lists: dict[str, dict[int, list[Held]]] = {}
    for name in page.lines[0].values:
        virtual = fields[name].virtual
        if virtual is not None and virtual.load_all is not None:
            held = await virtual.load_all(session, ids, who)
            if access(entity, fields[name], who) == "masked":
                held = {row: [Held(masked(one.text)) for one in all_] for row, all_ in held.items()}
            lists[name] = held
    lines = [
        msgspec.structs.replace(
            line,
            values={**line.values, **{name: held.get(line.id, []) for name, held in lists.items()}},
        )
        for line in page.lines
    ]
    return replace(page, lines=lines)


class Width(NamedTuple):
    """How many columns a list gets, and which facts of its values get one beside each of these."""

    values: int
    facts: tuple[Field, ...] = ()


async def widths(
    database: Database, registry: Registry, entity: Entity, asker: Asker, wanted: Wanted
) -> dict[str, Width]:
    """Return what each field needs of which rows have several values."""
    fields, looked_at = registry.fields(entity.name), 0
    facts = {
        name: virtual.facts
        for name in wanted.columns
        if (virtual := fields[name].virtual) is not None and virtual.load_all is not None
    }
    if not facts:
        return {}
    widest, filled = dict.fromkeys(facts, 1), {name: set[str]() for name in facts}
    wanted = replace(wanted, columns=tuple(facts))
    async for page in pages(database, registry, entity, asker, wanted):
        for line in page.lines:
            for name, held in line.values.items():
                widest[name] = min(max(widest[name], len(held)), MOST_COLUMNS)
                filled[name].update(*(_said(one) for one in held))
        looked_at += len(page.lines)
        if looked_at >= ROWS_LOOKED_AT and page.after is not None:
            # What nobody has looked at may have any of them.
            filled = {name: {fact.name for fact in all_} for name, all_ in facts.items()}
            break
    return {
        name: Width(widest[name], tuple(fact for fact in all_ if fact.name in filled[name]))
        for name, all_ in facts.items()
    }


def _said(one: Held) -> Iterable[str]:
    return (name for name, value in one.facts.items() if value is not None)


class Writer:
    """Writes values of fields as cells, in one reader's language and time.

    `widths` says which columns a list has: "Phone", "Phone: Kind", "Phone 2", "Phone 2: Kind".
    """

    def __init__(
        self, registry: Registry, entity: Entity, fields: Sequence[Field], who: Identity,
        language: str, zone: str, widths: Mapping[str, Width],
    ) -> None:  # fmt: skip
        self._widths = widths
        self.fields = fields
        self._showing = Showing(registry, language, zone)
        self._zone = ZoneInfo(zone)
        self._masked = {field.name for field in fields if access(entity, field, who) == "masked"}
        self.heading = [word for field in fields for word in self._headings(field, language)]

    def rows(self, page: Page) -> list[list[Any]]:
        """Return the cells of a page: texts, numbers, days and moments."""
        showing = replace(self._showing, names=page.names)
        return [
            [
                cell
                for field in self.fields
                for cell in self._cells(field, line.values[field.name], showing)
            ]
            for line in page.lines
        ]

    def _headings(self, field: Field, language: str) -> Iterator[str]:
        width = self._widths.get(field.name, Width(1))
        for place in range(1, width.values + 1):
            heading = label_in(field, language) + (f" {place}" if place > 1 else "")
            yield heading
            for fact in width.facts:
                yield f"{heading}: {label_in(fact, language)}"

    def _cells(self, field: Field, value: Any, showing: Showing) -> list[Any]:
        if field.name not in self._widths:
            return [self._cell(field, value, showing)]
        width = self._widths[field.name]
        apart = [[one] for one in value[: width.values - 1]] + [value[width.values - 1 :]]
        cells = [cell for held in apart for cell in self._list_cells(width.facts, held, showing)]
        return cells + [""] * (width.values * (1 + len(width.facts)) - len(cells))

    def _list_cells(
        self, facts: Sequence[Field], held: Sequence[Held], showing: Showing
    ) -> Iterator[Any]:
        """Give the cell of values, mostly of one, and what is said of them beside it."""
        yield BAR.join(one.text for one in held)
        for fact in facts:
            told = [self._cell(fact, one.facts.get(fact.name), showing) for one in held]
            if len(told) == 1:
                yield told[0]
            else:
                yield BAR.join(map(_text, told)) if any(told) else ""

    def _cell(self, field: Field, value: Any, showing: Showing) -> Any:
        if value is None or field.name in self._masked:
            return value or ""
        if field.says is not None:
            return value
        match field.type:
            case "date":
                return value if isinstance(value, date) else date.fromisoformat(value)
            case "datetime":
                moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
                return moment.astimezone(self._zone).replace(tzinfo=None, second=0, microsecond=0)
            case "money":
                return Decimal(value) / 100
            case "integer" | "number":
                return value
            case "phone":
                return str(value)
            case _:
                return showing.text(field, value)


async def csv(writer: Writer, found: AsyncIterator[Page], delimiter: str) -> AsyncIterator[bytes]:
    """Give the file piece by piece."""
    yield cells.BOM + cells.lines([writer.heading], delimiter)
    async for page in found:
        rows = [[_text(cell) for cell in row] for row in writer.rows(page)]
        yield cells.lines(rows, delimiter)


async def workbook(writer: Writer, found: AsyncIterator[Page], path: Path) -> None:
    """Write the file to `path`; when a sheet is full, another one begins."""
    book = _book(path)
    sheets = _Sheets(book, writer.heading)
    async for page in found:
        await asyncio.to_thread(sheets.extend, writer.rows(page))
    await asyncio.to_thread(book.close)


async def table(heading: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a workbook of a few rows, such as a report."""

    def made() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.xlsx"
            book = _book(path)
            _Sheets(book, heading).extend(rows)
            book.close()
            return path.read_bytes()

    return await asyncio.to_thread(made)


def _book(path: Path) -> Any:
    return xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True, "tmpdir": str(path.parent), "strings_to_formulas": False,
            "strings_to_urls": False, "strings_to_numbers": False,
        },
    )  # fmt: skip


class _Sheets:
    """The sheets of a workbook, filled from above."""

    def __init__(self, book: Any, heading: Sequence[str]) -> None:
        self._book = book
        self._heading = heading
        self._bold = book.add_format({"bold": True})
        self._day = book.add_format(_DAY)
        self._moment = book.add_format(_MOMENT)
        self._begin()

    def _begin(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(self._heading), 20)
        self._sheet.write_row(0, 0, self._heading, self._bold)
        self._filled = 0

    def extend(self, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            if self._filled == ROWS_OF_A_SHEET:
                self._begin()
            self._filled += 1
            for place, cell in enumerate(row):
                self._write(place, cell)

    def _write(self, place: int, cell: Any) -> None:
        match cell:
            case datetime():
                self._sheet.write_datetime(self._filled, place, cell, self._moment)
            case date():
                self._sheet.write_datetime(self._filled, place, cell, self._day)
            case int() | float() | Decimal() if -_LARGEST_NUMBER < cell < _LARGEST_NUMBER:
                self._sheet.write_number(self._filled, place, cell)
            case _:
                self._sheet.write_string(self._filled, place, _text(cell))


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
