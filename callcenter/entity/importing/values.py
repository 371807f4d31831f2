"""A row of the file read as an entity's fields: values, what cannot be read, what was repaired.

Nothing here asks the database: rows of a block are read in a thread. What refers to other
rows by name comes out as a name, for `planning` to find.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from callcenter.entity.description import Field
from callcenter.entity.importing import repairs
from callcenter.entity.importing.mapping import Column
from callcenter.entity.importing.table import Row
from callcenter.entity.reading import Context, Unreadable, read_text


def _(message: str) -> str:
    return message


UNCERTAIN_DATE: Final = _(
    "It is not known whether the day or the month comes first. Choose the order of this column."
)

#: Shorter numbers in a reference are names or ids of other systems, never ours.
_SHORTEST_ID: Final = 12


class Listed(NamedTuple):
    """One value of a list: in its one form, and as the part takes it."""

    field: str
    norm: str
    part: str
    form: Any


@dataclass(slots=True)
class Reading:
    """What a row says. `wrong` holds a sentence for each field, `repaired` what was put right."""

    number: int
    given: dict[str, Any] = field(default_factory=dict)
    #: Values of lists that belong to the row, such as its phones.
    listed: list[Listed] = field(default_factory=list)
    #: {field: name of the row it refers to}
    named: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    #: The cells that are wrong, as they stand in the file.
    unread: dict[str, str] = field(default_factory=dict)
    repaired: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows by a mapping."""

    fields: Mapping[str, Field]
    columns: Sequence[Column]
    context: Context

    def read(self, row: Row) -> Reading:
        reading = Reading(row.number)
        for column, cell in zip(self.columns, row.cells, strict=False):
            if column.field and (text := repairs.bare(cell).strip()):
                self._cell(reading, self.fields[column.field], column, text)
        return reading

    def read_all(self, rows: Sequence[Row]) -> list[Reading]:
        return [self.read(row) for row in rows]

    def _cell(self, reading: Reading, described: Field, column: Column, text: str) -> None:
        try:
            if described.virtual is not None:
                self._listed(reading, described, column, text)
            elif described.type == "reference" and not _is_id(text):
                reading.named[described.name] = " ".join(text.split())
            else:
                self._plain(reading, described, column, text)
        except (Unreadable, repairs.Lost) as problem:
            reading.wrong[described.name] = problem.sentence
            reading.unread[described.name] = text

    def _plain(self, reading: Reading, described: Field, column: Column, text: str) -> None:
        before = reading.given.get(described.name)
        if before is not None and described.several == "first":
            return
        value = self._value(reading, described, column, text)
        if before is not None and described.several == "join":
            # A file may have a name as a whole, and its parts besides.
            value = _joined(before, value)
        reading.given[described.name] = value

    def _value(self, reading: Reading, described: Field, column: Column, text: str) -> Any:
        if described.type in ("date", "datetime"):
            text = _dated(text, column)
        elif described.type == "phone":
            text = self._phone(reading, described, text)
        return read_text(described, text, self.context)

    def _listed(self, reading: Reading, described: Field, column: Column, text: str) -> None:
        """Read a cell whose values stand in a list of the row: phones, addresses of e-mail."""
        virtual = described.virtual
        if virtual is None or virtual.form is None:
            return
        for piece in repairs.several(text, commas=virtual.commas):
            said = self._phone(reading, described, piece) if described.type == "phone" else piece
            norm = read_text(described, said, self.context)
            if described.type == "phone" and repairs.lacks_zero(said, norm):
                reading.repaired[described.name] = text
            form = virtual.form(said, column.heading)
            listed = Listed(described.name, norm, virtual.part, form)
            if not any(other.norm == norm for other in reading.listed):
                reading.listed.append(listed)

    def _phone(self, reading: Reading, described: Field, text: str) -> str:
        said = repairs.number_of_phone(text)
        if said != text:
            reading.repaired[described.name] = text
        return said


def _joined(before: str, text: str) -> str:
    if text.casefold() in before.casefold():
        return before
    return text if before.casefold() in text.casefold() else f"{before} {text}"


def _is_id(text: str) -> bool:
    return len(text) >= _SHORTEST_ID and text.isascii() and text.isdigit()


def _dated(text: str, column: Column) -> str:
    found = repairs.order_of([text])
    if (
        not found
        and not column.order
        and repairs.in_iso(text, "dmy") != repairs.in_iso(text, "mdy")
    ):
        raise Unreadable(UNCERTAIN_DATE)
    return repairs.in_iso(text, found if found == "ymd" else column.order or found or "dmy")
