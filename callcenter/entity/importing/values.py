"""A row of the file read as an entity's fields: values, what cannot be read, what was repaired.

Nothing here asks the database: rows of a block are read in a thread. What refers to other
rows by name comes out as a name, for `planning` to find.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Self

from callcenter.entity.description import Field
from callcenter.entity.facts import MARK, fact_of, list_of, with_facts
from callcenter.entity.importing import repairs
from callcenter.entity.importing.mapping import Column
from callcenter.entity.importing.table import Row, Rows
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
    #: Values that name other rows: they are looked for when all rows are in.
    later: list[Listed] = field(default_factory=list)
    #: {field: name of the row it refers to}
    named: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    #: The cells that are wrong, as they stand in the file.
    unread: dict[str, str] = field(default_factory=dict)
    repaired: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows by a mapping; `fields` are those of the entity, with what is said of lists' values."""

    fields: Mapping[str, Field]
    columns: Sequence[Column]
    context: Context
    #: {place of a list's column: {fact: place of its column}}
    beside: Mapping[int, Mapping[str, int]]
    #: What every row is that does not say otherwise: {field: value}.
    says: Mapping[str, str]

    @classmethod
    def of(
        cls,
        fields: Mapping[str, Field],
        columns: Sequence[Column],
        context: Context,
        says: Mapping[str, str],
    ) -> Self:
        known = with_facts(fields)
        kept = [column if column.field in known else Column(heading="") for column in columns]
        return cls(known, kept, context, _beside(kept), says)

    @property
    def mapped(self) -> list[Field]:
        """The fields that columns go to."""
        return [self.fields[column.field] for column in self.columns if column.field]

    def read(self, row: Row) -> Reading:
        reading = Reading(row.number, dict(self.says))
        cells = [repairs.bare(cell).strip() for cell in row.cells]
        for place, (column, text) in enumerate(zip(self.columns, cells, strict=False)):
            facts = {
                fact: cells[at]
                for fact, at in self.beside.get(place, {}).items()
                if at < len(cells) and cells[at]
            }
            if list_of(column.field):
                if facts:
                    described = self.fields[list_of(column.field)]
                    self._cell(reading, described, column, "", facts)
            elif column.field and (text or facts):
                self._cell(reading, self.fields[column.field], column, text, facts)
        return reading

    def block(self, rows: Rows, size: int) -> tuple[list[Row], list[Reading]]:
        """Return the next rows of a table, and what they say; none at the end."""
        block = rows.block(size)
        return block, self.read_all(block)

    def read_all(self, rows: Sequence[Row]) -> list[Reading]:
        return [self.read(row) for row in rows]

    def _cell(
        self,
        reading: Reading,
        described: Field,
        column: Column,
        text: str,
        facts: Mapping[str, str],
    ) -> None:
        try:
            if described.virtual is not None:
                self._listed(reading, described, column, text, facts)
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

    def _listed(
        self,
        reading: Reading,
        described: Field,
        column: Column,
        text: str,
        facts: Mapping[str, str],
    ) -> None:
        """Read a cell whose values stand in a list of the row: phones, addresses of e-mail."""
        virtual = described.virtual
        if virtual is None or virtual.form is None:
            return
        pieces = repairs.several(text, virtual.parted) or [""]
        shared = {fact: repairs.beside(cell, len(pieces)) for fact, cell in facts.items()}
        for place, piece in enumerate(pieces):
            said = self._phone(reading, described, piece) if described.type == "phone" else piece
            norm = read_text(described, said, self.context) or ""
            if described.type == "phone" and repairs.lacks_zero(said, norm):
                reading.repaired[described.name] = text
            told = self._facts(
                reading, described, {fact: all_[place] for fact, all_ in shared.items()}
            )
            form = virtual.form(said, column.heading, told)
            if form is not None:
                _keep(reading, described, Listed(described.name, norm, virtual.part, form))

    def _facts(
        self, reading: Reading, described: Field, cells: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return what is said of a value, as far as it can be read."""
        told: dict[str, Any] = {}
        for fact, text in cells.items():
            name = f"{described.name}{MARK}{fact}"
            column = next(each for each in self.columns if each.field == name)
            try:
                value = self._value(reading, self.fields[name], column, text)
            except Unreadable as problem:
                reading.wrong[name], reading.unread[name] = problem.sentence, text
            else:
                told |= {fact: value} if value is not None else {}
        return told

    def _phone(self, reading: Reading, described: Field, text: str) -> str:
        said = repairs.number_of_phone(text)
        if said != text:
            reading.repaired[described.name] = text
        return said


def _keep(reading: Reading, described: Field, listed: Listed) -> None:
    """Keep a value once; a number is the same whatever else is said of it."""
    is_later = described.virtual is not None and described.virtual.names
    held = reading.later if is_later else reading.listed
    of_norm = described.type in ("phone", "email")
    if not any(
        other.form == listed.form or (of_norm and other.norm == listed.norm)
        for other in held
        if other.field == listed.field
    ):
        held.append(listed)


def _beside(columns: Sequence[Column]) -> dict[int, dict[str, int]]:
    """Return which columns tell of which: the second "Phone: Kind" of the second "Phone".

    Facts of a value that has no column of its own tell of the first of them.
    """
    places: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        places.setdefault(column.field, []).append(place)
    beside: dict[int, dict[str, int]] = {}
    heads: dict[tuple[str, int], int] = {}
    for name, held in places.items():
        for number, place in enumerate(held if list_of(name) else ()):
            values = places.get(list_of(name), [])
            head = values[number] if number < len(values) else place
            head = heads.setdefault((list_of(name), number), head)
            beside.setdefault(head, {})[fact_of(name)] = place
    return beside


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
