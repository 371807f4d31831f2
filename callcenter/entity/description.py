"""What an entity is, said once: its fields and what may be done with them.

Everything general walks these declarations and knows nothing of contacts or deals. What an
entity does of its own it hands in as functions (`derive`, `check`, `saved`, `search`).
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Versioned
from callcenter.entity.importable import Counterpart, Many
from callcenter.entity.parts import Part
from callcenter.events import OfficeEvent
from callcenter.server.actor import Actor
from callcenter.server.identity import Identity

Type = Literal[
    "text", "long_text", "integer", "number", "money", "date", "datetime", "bool",
    "choice", "option", "options", "reference", "phone", "email", "url",
]  # fmt: skip

#: Before the key of a field that an administrator added: "custom.car".
CUSTOM = "custom."

#: Reads all that rows have of something, for one who may see what he sees.
LoadAll = Callable[[AsyncSession, Sequence[int], Identity], Awaitable["dict[int, list[Held]]"]]


class Condition(NamedTuple):
    """One line of a filter: the field, how it is compared ("is", "contains", "before"), with what."""

    field: str
    op: str
    value: Any = None


class Held(NamedTuple):
    """One value of a list as a file takes it out, with what is said of it besides: {fact: value}."""

    text: str
    facts: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Virtual:
    """How a field that is no column is loaded and filtered, such as a contact's phones."""

    #: Values by row, for the rows of a page.
    load: Callable[[AsyncSession, Sequence[int]], Awaitable[dict[int, Any]]]
    #: Loads several fields in one question, {name: values by row}: those that name the same function.
    load_together: (
        Callable[
            [AsyncSession, Sequence[int], Collection[str]], Awaitable[dict[str, dict[int, Any]]]
        ]
        | None
    ) = None
    #: All that a row has of it, where `load` tells only the first: a file takes them all out.
    load_all: LoadAll | None = None
    #: What is said of each of these besides, in columns of a file of their own (`entity.facts`): which
    #: kind of number it is, since when a tie stands.
    facts: "tuple[Field, ...]" = ()
    #: The entity whose rows the values name, such as those a contact is tied to: an import finds
    #: them when all rows are in, and `tied` puts the id into what `form` made of the value.
    names: str = ""
    tied: Callable[[Mapping[str, Any], int], Mapping[str, Any]] | None = None
    #: None: one cannot filter by it.
    condition: Callable[[Condition], ColumnElement[bool]] | None = None
    #: The part through which it is written: "points".
    part: str = ""
    #: The value out of the row's list in that part, where that was loaded anyway.
    of_part: Callable[[Sequence[Any]], Any] | None = None
    #: (a value as typed, the heading it stands under, its facts) -> what the part's `read_json` takes
    #: one of, None if that makes none. Without it an import cannot write the field.
    form: Callable[[str, str, Mapping[str, Any]], Any] | None = None
    #: What parts values that share a cell: marks and line breaks; commas too, as of tags; or only
    #: bars, where a value may hold all of these.
    parted: Literal["marks", "commas", "bars"] = "marks"
    #: Whether it is meant by a heading that only holds its name: "Phone (home)".
    alike: bool = True
    #: The rows that have one of these values, as `reading` returns them: {value: ids}. Rows that
    #: were set aside are not there.
    find: Callable[[AsyncSession, Sequence[str]], Awaitable[dict[str, list[int]]]] | None = None


@dataclass(frozen=True, kw_only=True)
class Field:
    """One fact of a row. Texts for people are message ids."""

    name: str
    label: str
    type: Type = "text"
    required: bool = False
    #: The longest text, in letters.
    limit: int = 200
    #: Of a `choice`: each value with its text.
    choices: Mapping[str, str] = field(default_factory=dict)
    #: Of an `option` or `options`: the list they stand in.
    options: str = ""
    #: Of a `reference`: the entity.
    refers_to: str = ""
    #: Of a reference: what a row begins with that an import makes because it is named and not there;
    #: None: a name that is not there is wrong.
    made_with: Mapping[str, Any] | None = None
    #: False if it follows from other facts.
    writable: bool = True
    on_form: bool = True
    #: The heading under which it stands in forms and cards.
    group: str = ""
    filterable: bool = True
    #: Covered from nobody who sees the row: its pages are built on it.
    is_open: bool = False
    #: Headings by which other systems' exports call it.
    aliases: tuple[str, ...] = ()
    #: Headings by which it is called where a file has a column for another field, too:
    #: {"family_name": ("ad",)}, for beside a family name "Ad" is the given name.
    aliases_beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Puts what people write into the form it is kept in: "Azərbaycan" -> "AZ".
    tidy: Callable[[str], str] | None = None
    #: Says a value in a language, where it is kept as a code: "AZ" -> "Azərbaycan".
    says: Callable[[str, str], str] | None = None
    #: Says what is wrong with a value, None if nothing is.
    check: Callable[[Any], str | None] | None = None
    virtual: Virtual | None = None
    #: Of a custom field: its label in each language that has one.
    labels: Mapping[str, str] = field(default_factory=dict)
    unique: bool = False
    searchable: bool = False
    #: Of a fact: the label of the list of whose values it is said ("Phone").
    of: str = ""
    #: What several columns of a file make of it: one text ("Leyla" and "Əliyeva"), or the first that
    #: is filled; "": only one column may go to it.
    several: Literal["", "join", "first"] = ""

    @property
    def is_custom(self) -> bool:
        return self.name.startswith(CUSTOM)

    @property
    def key(self) -> str:
        """The name inside the `custom` column."""
        return self.name.removeprefix(CUSTOM)


class Sort(NamedTuple):
    """An order that has an index. The id is its last key, in the same direction."""

    name: str
    columns: tuple[str, ...]
    label: str
    descending: bool = False


Reach = Callable[[Identity, str], ColumnElement[bool]]
#: (the row, None if it is new; what is given) -> the columns that follow from it.
Derive = Callable[[Any, Mapping[str, Any]], Mapping[str, Any]]
#: (session, row or None if it is new, what is given, who, when) -> {field: what is wrong}
Check = Callable[
    [AsyncSession, Any, Mapping[str, Any], Identity, datetime], Awaitable[dict[str, str]]
]
#: Within the transaction: what else has to happen when a row was saved so.
Saved = Callable[[AsyncSession, Any, dict[str, list[Any]], datetime, Actor], Awaitable[None]]
#: (deed, the locked row, by how much, the version that was seen) -> the row, as it was saved.
Move = Callable[[Any, Any, timedelta, int | None], Awaitable[Any]]
#: (moment, id) -> what is published when the transaction has ended.
Changed = Callable[[float, int], OfficeEvent]
#: (session, who, typed, limit) -> ids, the likeliest first.
Search = Callable[[AsyncSession, Identity, str, int], Awaitable[list[int]]]


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A kind of row that people keep."""

    #: As in rights, scopes and the audit log: "contact".
    name: str
    #: As in addresses: "contacts".
    plural: str
    model: type[Versioned]
    label: str
    labels: str
    icon: str
    fields: tuple[Field, ...]
    #: The field that names a row.
    title: str = "name"
    #: What a list shows to begin with.
    columns: tuple[str, ...] = ()
    #: The first one is how a list begins.
    sorts: tuple[Sort, ...] = ()
    #: The field whose values are the columns of a board.
    board: str = ""
    #: The field whose values each have a board of their own, such as the pipeline of a stage.
    board_of: str = ""
    #: The amount that is added up over each column of a board; the row then has a `currency`.
    board_sum: str = ""
    #: The date or moment that places a row in a calendar.
    calendar: str = ""
    #: What happens when somebody moves it there; None: that field is changed, and nothing else.
    move: Move | None = None
    #: Fields by which an import finds the row it speaks of.
    keys: tuple[str, ...] = ()
    #: More of them, for who imports to choose: a telephone may be of several rows.
    more_keys: tuple[str, ...] = ()
    #: Whose its rows are that an import brings.
    counterpart: Counterpart | None = None
    #: What its numbers look like, "L-{year}-{n:05}"; "" if it has none. The model then has a `number`.
    number: str = ""
    #: The module that switches it on and off.
    module: str = ""
    #: Whose rows somebody reaches, if owner and team do not say it.
    reach: Reach | None = None
    derive: Derive | None = None
    check: Check | None = None
    saved: Saved | None = None
    changed: Changed | None = None
    #: The same when an import brought many in, at once for all of them.
    brought_in: Callable[[float], OfficeEvent] | None = None
    #: Which rows are still to be done, and so go to others with their owner's work; None: all.
    to_do: Callable[[], ColumnElement[bool]] | None = None
    search: Search | None = None
    parts: tuple[Part, ...] = ()
    many: Many | None = None
    #: The rows as vCards, of each what somebody may see.
    cards: Callable[[AsyncSession, Sequence[int], Identity], Awaitable[str]] | None = None
    #: How other products' exports call its fields: {product: {heading: field}}, a field "" for a
    #: column that is to be left out.
    exports: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: What each row of such an export is, without a column that says it: {product: {field: value}}.
    exports_say: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: What takes its rows through stages (`process.staged.Staged`); None if they have none.
    course: Any = None
    #: Whether it has pages of its own; people and teams are only referred to.
    has_pages: bool = True
    #: Whether the navigation leads to its list; the letter that leads there after G, if one does.
    on_rail: bool = True
    rail_key: str = ""

    @property
    def is_owned(self) -> bool:
        return hasattr(self.model, "owner_id")

    @property
    def has_custom_fields(self) -> bool:
        return hasattr(self.model, "custom")

    def part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.name == name), None)


def value_of(row: Any, name: str) -> Any:
    """Return a field's value; of a custom one that was never given, None."""
    if name.startswith(CUSTOM):
        return row.custom.get(name.removeprefix(CUSTOM))
    return getattr(row, name)


def put(row: Any, name: str, value: Any) -> None:
    """Set a field; a custom one that becomes nothing is taken out."""
    if not name.startswith(CUSTOM):
        setattr(row, name, value)
        return
    key = name.removeprefix(CUSTOM)
    rest = {other: held for other, held in row.custom.items() if other != key}
    # A new dict, so that the change is noticed.
    row.custom = rest if value is None else {**rest, key: value}
