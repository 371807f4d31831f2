"""Filters are read and written without loss, and both engines find what Python finds."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from callcenter.agents.models import Team, User
from callcenter.db import new_id
from callcenter.entity import filters, wording
from callcenter.entity.conditions import Asker, meets
from callcenter.entity.days import SPANS, span
from callcenter.entity.description import Condition, Field, value_of
from callcenter.entity.filters import COMPARISONS
from callcenter.entity.models import CustomField, Option
from callcenter.entity.nesting import MOST_DEEP, Filter
from callcenter.entity.reading import Context
from callcenter.entity.showing import Showing
from callcenter.errors import BadInput
from callcenter.letters import plain, small
from callcenter.server.i18n import CODES
from callcenter.server.identity import Identity
from tests.entity.shelf import BOOK, Book, Shelf, shelf
from tests.fixtures.customers import NOW, signed_in

__all__ = ["shelf"]

ZONE = "Asia/Baku"
#: Fields of every type that an administrator can add.
ADDED = (
    "text", "long_text", "integer", "number", "money", "date", "datetime", "bool", "option",
    "options", "phone", "email", "url",
)  # fmt: skip
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FEW_TEXTS = st.sampled_from(("Bakı", "BAKU", "Gəncə", "gence", "100%", "a_b", "Щука"))
FEW_DAYS = st.dates(date(2026, 11, 10), date(2026, 12, 5))
FEW_NUMBERS = st.integers(-3, 3)


class Library(Shelf):
    """A shelf whose books have a field of every kind."""

    options: tuple[int, ...]
    people: tuple[User, User]
    team: Team

    @property
    def fields(self) -> dict[str, Field]:
        return self.registry.fields("book")

    @property
    def context(self) -> Context:
        return Context(self.registry, ("AZ",), "az", ZONE)

    @property
    def who(self) -> Identity:
        return signed_in(self.people[0], book={"read": "all"})

    @property
    def asker(self) -> Asker:
        return Asker(self.who, NOW, ZONE)


@pytest.fixture
async def library(shelf: Shelf) -> Library:
    made = Library(shelf.office)
    stamps = {"created_at": NOW, "updated_at": NOW}
    made.team = await made.office._add(Team(id=new_id(0), name="Front", **stamps))
    made.people = (
        await made.office.user("Anna", team_id=made.team.id), await made.office.user("Emin"),
    )  # fmt: skip
    made.options = tuple(new_id(NOW.timestamp()) for _ in range(3))
    async with made.database.write() as session:
        for kind in ADDED:
            session.add(
                CustomField(
                    id=new_id(0), entity="book", key=kind, type=kind, label={"en": kind}, **stamps
                )
            )
        for option_id in made.options:
            for kind in ("option", "options"):
                # The two lists offer options of their own; ids tell them apart.
                shown = option_id if kind == "option" else option_id + 1_000_000
                session.add(
                    Option(
                        id=shown, list=f"book.{kind}", key=str(shown), label={"en": "x"}, **stamps
                    )
                )
    await made.registry.load(made.database)
    return made


# ---------------------------------------------------------------- what there can be


def values_of(library: Library, field: Field) -> st.SearchStrategy[Any]:
    """What a row may hold in a field."""
    zone = ZoneInfo(ZONE)
    moments = st.builds(
        lambda day, hour: datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC),
        FEW_DAYS, st.sampled_from((0, 1, 12, 23)),
    )  # fmt: skip
    several = [option_id + 1_000_000 for option_id in library.options]
    known: dict[str, st.SearchStrategy[Any]] = {
        "integer": FEW_NUMBERS, "money": FEW_NUMBERS, "number": FEW_NUMBERS.map(lambda n: n / 2),
        "date": FEW_DAYS, "datetime": moments, "bool": st.booleans(),
        "choice": st.sampled_from(("here", "lent")), "option": st.sampled_from(library.options),
        "options": st.lists(st.sampled_from(several), min_size=1, unique=True),
        "reference": st.sampled_from(
            [person.id for person in library.people]
            if field.refers_to == "user"
            else [library.team.id]
        ),
        "phone": st.sampled_from(("+994501234567", "+994125551234")),
        "email": st.sampled_from(("a@x.az", "b@x.az")),
        "url": st.sampled_from(("https://x.az/a~b", "https://x.az/%7E")),
    }  # fmt: skip
    held = known.get(field.type, FEW_TEXTS)
    if field.is_custom and field.type in ("date", "datetime"):
        held = held.map(lambda moment: moment.isoformat())
    return held if field.name in ("name", "state") else st.none() | held


def rows_of(library: Library) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {name: values_of(library, field) for name, field in library.fields.items()}
    )


def compared_with(library: Library, field: Field, op: str) -> st.SearchStrategy[Any]:
    """What a condition may compare a field with."""
    plain_field = filters.compared_as(field, op)
    one: st.SearchStrategy[Any] = values_of(library, plain_field).filter(
        lambda held: held is not None
    )
    if field.type == "number":
        one = one.map(lambda held: Decimal(str(held)))
    if field.type == "options":
        one = st.sampled_from([option_id + 1_000_000 for option_id in library.options])
    if field.type == "reference":
        one = one | st.sampled_from(filters.PEOPLE[field.refers_to])
    match op:
        case "empty" | "filled":
            return st.none()
        case "within":
            return st.sampled_from(sorted(SPANS))
        case "contains" | "begins":
            return st.sampled_from(("bak", "GƏN", "%", "_", "щ", "994", "x.az"))
        case "in":
            return st.lists(one, min_size=1, max_size=3, unique=True).map(tuple)
        case "between":
            return st.tuples(one, one).map(lambda pair: tuple(sorted(pair)))
        case _:
            return one


@st.composite
def conditions_of(draw: Callable[..., Any], library: Library) -> Condition:
    field = library.fields[draw(st.sampled_from(sorted(library.fields)))]
    op = draw(st.sampled_from(COMPARISONS[field.type]))
    return Condition(field.name, op, draw(compared_with(library, field, op)))


def filters_of(library: Library) -> st.SearchStrategy[Filter]:
    parts: st.SearchStrategy[Any] = conditions_of(library)
    for _ in range(MOST_DEEP - 1):
        parts = conditions_of(library) | group_of(parts)
    return group_of(parts)


def group_of(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Filter]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.builds(lambda parts, any_: Filter(parts, any=any_), several, st.booleans())


# ---------------------------------------------------------------- what a filter means


def wanted_by(wanted: Filter, row: Book, library: Library) -> bool:
    answers = [
        wanted_by(part, row, library) if isinstance(part, Filter) else holds(part, row, library)
        for part in wanted.parts
    ]
    return any(answers) if wanted.any else all(answers)


def holds(condition: Condition, row: Book, library: Library) -> bool:
    """A condition told anew, in Python."""
    field, (name, op, value) = library.fields[condition.field], condition
    held = value_of(row, name)
    if op in ("empty", "filled"):
        return (held in (None, "", [])) == (op == "empty")
    if field.type == "bool":
        return bool(held) == value
    if op == "is_not":
        return not holds(Condition(name, "is", value), row, library)
    if held is None:
        return False
    if field.type in ("date", "datetime"):
        return on_a_day(day_of(held), op, value, library.asker.today)
    if op == "in":
        return any(holds(Condition(name, "is", each), row, library) for each in value)
    if value in ("me", "my_team"):
        return held in people_meant(value, library)
    return bool(COMPARED[op](held, value))


def people_meant(word: str, library: Library) -> set[int]:
    anna = library.people[0].id
    return {anna} if word == "me" else {anna, library.team.id}


#: (what is held, what it is compared with) -> bool
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "contains": lambda held, part: plain(small(part)) in plain(small(held)),
    "begins": lambda held, part: plain(small(held)).startswith(plain(small(part))),
    "more": lambda held, least: held > least,
    "less": lambda held, most: held < most,
    "between": lambda held, bounds: bounds[0] <= held <= bounds[1],
    "is": lambda held, value: value in held if isinstance(held, list) else held == value,
}


def day_of(held: Any) -> date:
    if isinstance(held, str):
        held = datetime.fromisoformat(held) if "T" in held else date.fromisoformat(held)
    return held.astimezone(ZoneInfo(ZONE)).date() if isinstance(held, datetime) else held


def on_a_day(day: date, op: str, value: Any, today: date) -> bool:
    match op:
        case "within":
            first, end = span(value, today)
            return (first is None or day >= first) and (end is None or day < end)
        case "before":
            return bool(day < value)
        case "after":
            return bool(day > value)
        case "between":
            return bool(value[0] <= day <= value[1])
        case _:
            return bool(day == value)


# ---------------------------------------------------------------- tests


async def test_both_engines_find_the_rows_that_python_finds(library: Library) -> None:
    drawn = settings(
        max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    asked: list[tuple[Filter, list[dict[str, Any]]]] = []

    @drawn
    @given(
        st.lists(filters_of(library), min_size=4, max_size=8),
        st.lists(rows_of(library), max_size=8),
    )
    def draw(wanted: list[Filter], rows: list[dict[str, Any]]) -> None:
        asked.extend((each, rows) for each in wanted)

    draw()
    rows: list[dict[str, Any]] | None = None
    for wanted, next_rows in asked:
        if next_rows is not rows:
            rows = next_rows
            books = await shelved(library, rows)
        async with library.database.read() as session:
            query = select(Book.id).where(meets(wanted, BOOK, library.fields, library.asker))
            found = set(await session.scalars(query))
        assert found == {row.id for row in books if wanted_by(wanted, row, library)}, wanted


async def shelved(library: Library, rows: list[dict[str, Any]]) -> list[Book]:
    """Put these books on the shelf instead of the others."""
    async with library.database.write() as session:
        await session.execute(delete(Book))
        for place, row in enumerate(rows):
            own = {name: held for name, held in row.items() if not name.startswith("custom.")}
            custom = {
                name.removeprefix("custom."): held
                for name, held in row.items()
                if name.startswith("custom.") and held is not None
            }
            await session.execute(
                insert(Book).values(
                    id=place + 1, version=1, custom=custom, created_at=NOW, updated_at=NOW, **own
                )
            )
        return list(await session.scalars(select(Book)))


@ON_SQLITE
async def test_a_filter_survives_json_and_the_address(library: Library) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(filters_of(library))
    def there_and_back(wanted: Filter) -> None:
        fields, context = library.fields, library.context
        told = filters.written(wanted, fields)
        assert filters.read(told, fields, context) == wanted
        pairs = filters.query(wanted, fields)
        again = filters.read_query(
            [value for name, value in pairs if name == "f"], fields, context,
            is_any=("any", "1") in pairs,
        )  # fmt: skip
        assert again == wanted

    there_and_back()


@ON_SQLITE
async def test_every_filter_has_words_in_every_language(library: Library) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(filters_of(library))
    def told(wanted: Filter) -> None:
        for language in CODES:
            showing = Showing(library.registry, language)
            assert all(sentences(wording.words(wanted, library.fields, showing)))

    told()


def sentences(said: Sequence[wording.Said]) -> list[str]:
    return [
        one for part in said for one in (sentences(part.parts) if part.parts else [part.sentence])
    ]


def condition(name: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": name, "op": op, "value": value}


@ON_SQLITE
async def test_a_filter_reads_like_a_sentence(library: Library) -> None:
    anna = library.people[0]
    wanted = filters.read(
        {"all": [
            condition("name", "contains", "Koroğlu"), condition("pages", "between", [100, 200]),
            condition("bought", "within", "last_7_days"), condition("owner_id", "in", ["me", anna.id]),
        ]}, library.fields, library.context,
    )  # fmt: skip
    showing = Showing(library.registry, "en", ZONE, {("user", anna.id): "Anna"})
    assert [said.sentence for said in wording.words(wanted, library.fields, showing)] == [
        "Name contains “Koroğlu”", "Pages is between 100 and 200",
        "Bought is within the last 7 days", "Owner is me or Anna",
    ]  # fmt: skip


@ON_SQLITE
@pytest.mark.parametrize(("told", "wrong"), [
    ("everything", {"filter": filters.NOT_A_FILTER}),
    ({"all": [], "any": []}, {"filter": filters.NOT_A_FILTER}),
    ({"all": ["name"]}, {"filter": filters.NOT_A_FILTER}),
    ({"all": [{"any": [{"all": [{"any": [condition("name", "empty")]}]}]}]},
     {"filter": filters.NOT_A_FILTER}),
    ({"all": [condition("name", "empty"), {"any": [condition("colour", "is", 1)]}]},
     {"filter.1.0": filters.NO_SUCH_FIELD}),
    ({"all": [{"any": [condition("name", "empty")] * 11}] * 2}, {"filter": filters.TOO_MANY}),
    ({"all": [condition("name", "empty")] * 21}, {"filter": filters.TOO_MANY}),
    ({"all": [condition("colour", "is", 1)]}, {"filter.0": filters.NO_SUCH_FIELD}),
    ({"all": [condition(["name"], "is", 1)]}, {"filter.0": filters.NO_SUCH_FIELD}),
    ({"all": [condition("name", "empty"), condition("pages", "contains", "1")]},
     {"filter.1": filters.NO_SUCH_COMPARISON}),
    ({"all": [condition("pages", "between", [3, 1])]}, {"filter.0": filters.BACKWARDS}),
    ({"all": [condition("bought", "within", "some day")]}, {"filter.0": filters.NOT_A_SPAN}),
    ({"all": [condition("bought", "within", ["today"])]}, {"filter.0": filters.NOT_A_SPAN}),
    ({"all": [condition("pages", "is", "many")]}, {"filter.0": "This is not a whole number."}),
    ({"all": [condition("pages", "is", "")]}, {"filter.0": "This is needed."}),
    ({"all": [condition("owner_id", "is", {"a": 1})]},
     {"filter.0": "This is not a record that can be chosen here."}),
])  # fmt: skip
async def test_what_is_no_filter_is_refused_in_a_sentence(
    library: Library, told: Any, wrong: dict[str, str]
) -> None:
    with pytest.raises(BadInput) as refused:
        filters.read(told, library.fields, library.context)
    assert refused.value.fields == wrong


@ON_SQLITE
async def test_what_one_may_not_read_one_may_not_guess_by_a_filter(library: Library) -> None:
    who = signed_in(library.people[0], book={"read": "all"})
    facts = {name: getattr(who, name) for name in who.__struct_fields__}
    who = Identity(**facts | {"fields": {"book": {"pages": "hidden", "custom.phone": "masked"}}})
    assert set(library.fields) - set(filters.filterable(library.registry, BOOK, who)) == {
        "pages", "custom.phone",
    }  # fmt: skip


@pytest.mark.parametrize(("word", "first", "end"), [
    ("this_week", date(2026, 11, 16), date(2026, 11, 23)),
    ("last_month", date(2026, 10, 1), date(2026, 11, 1)),
    ("next_month", date(2026, 12, 1), date(2027, 1, 1)),
    ("last_7_days", date(2026, 11, 16), date(2026, 11, 23)),
    ("next_7_days", date(2026, 11, 22), date(2026, 11, 29)),
    ("last_year", date(2025, 1, 1), date(2026, 1, 1)),
    ("past", None, date(2026, 11, 22)),
])  # fmt: skip
def test_spans_of_days(word: str, first: date | None, end: date | None) -> None:
    assert span(word, date(2026, 11, 22)) == (first, end)


@given(st.dates(date(1900, 1, 1), date(2199, 1, 1)), st.sampled_from(sorted(SPANS)))
def test_every_span_has_a_day(today: date, word: str) -> None:
    first, end = span(word, today)
    assert (first or date.min) < (end or date.max)
