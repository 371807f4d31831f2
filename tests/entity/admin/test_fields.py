"""Fields that administrators add: typed, indexed on wish, and never lost by a slip."""

from typing import Any

import pytest
from sqlalchemy import select, text

from callcenter.audit import Audit
from callcenter.db import Database
from callcenter.entity.admin import fields
from callcenter.entity.admin.indexes import PREFIX, Indexes
from callcenter.entity.models import TYPES, CustomField, Option
from callcenter.entity.saving import TAKEN, stored_as
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.events import DescriptionsChanged
from callcenter.server.body import MISSING
from tests.entity.shelf import BOOK, Book, Shelf, shelf
from tests.fixtures.customers import NOW, by
from tests.fixtures.house import House

__all__ = ["shelf"]


class Admin:
    """Somebody who adds fields to books."""

    def __init__(self, shelf: Shelf, user: Any) -> None:
        self.shelf = shelf
        self.user = user

    async def add(self, name: str, kind: str = "text", **facts: Any) -> CustomField:
        form = fields.FieldForm(label={"en": name}, type=kind, **facts)
        async with self.shelf.database.write() as session:
            row = await fields.add(
                session, self.shelf.registry, BOOK, form, "en", NOW, by(self.user)
            )
        await self.shelf.registry.load(self.shelf.database)
        return row

    async def change(self, row: CustomField, seen: int | None = None, **facts: Any) -> CustomField:
        given: dict[str, Any] = {"label": row.label, "type": row.type, **facts}
        async with self.shelf.database.write() as session:
            return await fields.change(
                session, self.shelf.registry, row.id, fields.FieldForm(**given), "en",
                seen or row.version, NOW, by(self.user),
            )  # fmt: skip

    async def remove(self, row: CustomField) -> None:
        async with self.shelf.database.write() as session:
            await fields.remove(session, row.id, NOW, by(self.user))
        await self.shelf.registry.load(self.shelf.database)

    async def empty(self, row: CustomField) -> int:
        shelf = self.shelf
        return await fields.empty(shelf.database, shelf.registry, row.id, NOW, by(self.user))


@pytest.fixture
async def admin(shelf: Shelf) -> Admin:
    return Admin(shelf, await shelf.office.user("Boss"))


# ---------------------------------------------------------------- adding


@pytest.mark.parametrize("kind", TYPES)
async def test_a_field_of_any_type_is_there_at_once(admin: Admin, kind: str):
    refers_to = "user" if kind == "reference" else ""

    row = await admin.add("Shelf mark", kind, refers_to=refers_to)

    field = admin.shelf.registry.fields("book")["custom.shelf_mark"]
    assert (field.type, field.labels, row.key) == (kind, {"en": "Shelf mark"}, "shelf_mark")


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"label": {}}, "label_en"),
        ({"label": {"en": "genre"}}, "label_en"),  # is there already
        ({"type": "magic"}, "type"),
        ({"type": "choice"}, "type"),  # is for programmers: people keep lists
        ({"type": "reference"}, "refers_to"),
        ({"type": "reference", "refers_to": "dragon"}, "refers_to"),
        ({"type": "long_text", "unique": True}, "unique"),
        ({"type": "options", "indexed": True}, "indexed"),
        ({"group": "x" * 81}, "group"),
    ],
)
async def test_a_field_that_cannot_be_is_said_beside_what_is_wrong(
    admin: Admin, facts: dict[str, Any], wrong: str
):
    await admin.add("Genre")
    form = fields.FieldForm(**{"label": {"en": "New"}, "type": "text"} | facts)

    with pytest.raises(BadInput) as refused:
        async with admin.shelf.database.write() as session:
            await fields.add(session, admin.shelf.registry, BOOK, form, "en", NOW, by(admin.user))

    assert list(refused.value.fields) == [wrong]


async def test_two_fields_of_one_name_in_time_have_keys_of_their_own(admin: Admin):
    first = await admin.add("Genre")
    await admin.remove(first)

    second = await admin.add("Genre")

    assert (first.key, second.key) == ("genre", "genre_2")


# ---------------------------------------------------------------- changing


async def test_what_a_field_asks_for_holds_from_the_next_record_on(admin: Admin):
    await admin.add("Signature", required=True, unique=True)

    with pytest.raises(BadInput) as missing:
        await admin.shelf.add(admin.user, name="One")
    await admin.shelf.add(admin.user, name="One", **{"custom.signature": "A 1"})
    with pytest.raises(BadInput) as taken:
        await admin.shelf.add(admin.user, name="Two", **{"custom.signature": "A 1"})

    assert missing.value.fields == {"custom.signature": MISSING}
    assert taken.value.fields == {"custom.signature": TAKEN}


async def test_the_type_of_a_field_stays_and_the_way_out_is_told(admin: Admin):
    row = await admin.add("Year", "integer")

    with pytest.raises(BadInput) as refused:
        await admin.change(row, type="text")

    assert refused.value.fields == {"type": fields.TYPE_STAYS}


async def test_a_field_becomes_unique_only_if_its_values_are(admin: Admin):
    row = await admin.add("Signature")
    one, two = [
        await admin.shelf.add(admin.user, name=name, **{"custom.signature": "A 1"})
        for name in ("One", "Two")
    ]

    with pytest.raises(BadInput) as refused:
        await admin.change(row, unique=True)
    await admin.shelf.change(admin.user, two, two.version, **{"custom.signature": "A 2"})
    changed = await admin.change(row, unique=True)

    assert refused.value.fields == {"unique": fields.NOT_UNIQUE}
    assert changed.unique
    assert one.custom == {"signature": "A 1"}


async def test_two_who_change_a_field_are_both_heard_or_told(admin: Admin):
    row = await admin.add("Year", "integer")
    await admin.change(row, 1, required=True)

    joined = await admin.change(row, 1, label={"en": "Year", "az": "İl"}, required=False)
    with pytest.raises(ChangedMeanwhile):
        await admin.change(row, 1, label={"en": "Year", "az": "Tarix"})

    assert (joined.required, joined.label) == (True, {"en": "Year", "az": "İl"})


async def test_the_order_of_fields_is_that_of_forms(admin: Admin):
    one, two, three = [await admin.add(name) for name in ("One", "Two", "Three")]

    async with admin.shelf.database.write() as session:
        await fields.order(session, "book", [three.id, one.id, two.id], NOW, by(admin.user))
    await admin.shelf.registry.load(admin.shelf.database)

    custom = [
        field.key for field in admin.shelf.registry.fields("book").values() if field.is_custom
    ]
    assert custom == ["three", "one", "two"]


# ---------------------------------------------------------------- removing


async def test_a_removed_field_keeps_its_values_until_it_is_emptied(admin: Admin):
    genre, year = await admin.add("Genre"), await admin.add("Year", "integer")
    given = {"custom.genre": "novel", "custom.year": 1937}
    book = await admin.shelf.add(admin.user, name="Ali and Nino", **given)

    with pytest.raises(BadInput):
        await admin.empty(genre)
    await admin.remove(genre)
    removed = set(admin.shelf.registry.fields("book"))
    async with admin.shelf.database.write() as session:
        await fields.bring_back(session, genre.id, NOW, by(admin.user))
    back = (await admin.shelf.stored(book)).custom
    await admin.remove(genre)
    emptied = await admin.empty(genre)

    assert "custom.genre" not in removed
    assert back == {"genre": "novel", "year": 1937}
    assert (emptied, (await admin.shelf.stored(book)).custom) == (1, {"year": 1937})
    assert year.key == "year"
    with pytest.raises(NotFound):
        await admin.empty(genre)


async def test_emptying_goes_through_all_rows_some_at_a_time(
    admin: Admin, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fields, "BLOCK", 2)
    genre = await admin.add("Genre", "option")
    async with admin.shelf.database.write() as session:
        session.add_all(
            Book(id=place, name=str(place), custom={"genre": 1}, created_at=NOW, updated_at=NOW)
            for place in range(1, 6)
        )
        session.add(Option(id=77, list="book.genre", key="novel", created_at=NOW, updated_at=NOW))
    await admin.remove(genre)

    assert await admin.empty(genre) == 5

    async with admin.shelf.database.read() as session:
        assert [row.custom for row in await session.scalars(select(Book))] == [{}] * 5
        assert await session.get(Option, 77) is None
        line = await session.scalar(select(Audit.diff).where(Audit.action == "erase"))
    assert line == {"key": ["genre", None], "rows": [5, 0]}


# ---------------------------------------------------------------- indexes


async def indexes(database: Database) -> list[str]:
    if database.is_postgresql:
        rows = await database.fetch(
            "SELECT indexname FROM pg_indexes WHERE indexname LIKE ?1", f"{PREFIX}%"
        )
    else:
        rows = await database.fetch(
            "SELECT name FROM sqlite_schema WHERE name LIKE ?1", f"{PREFIX}%"
        )
    return [row[0] for row in rows]


async def plan(shelf: Shelf, key: str, value: Any) -> str:
    held = stored_as(Book, shelf.registry.fields("book")[f"custom.{key}"])
    query = select(Book.id).where(held == value, Book.deleted_at.is_(None))
    async with shelf.database.write() as session:
        dialect = session.get_bind().dialect
        sql = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        if shelf.database.is_postgresql:
            # Some rows are quicker read than looked for.
            await session.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN" if shelf.database.is_postgresql else "EXPLAIN QUERY PLAN"
        lines = (await session.execute(text(f"{explain} {sql}"))).all()
    return "\n".join(str(line[-1]) for line in lines)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("text", "A 1"), ("integer", 7), ("number", 2.5), ("bool", True), ("date", "2026-11-22")],
)
async def test_an_indexed_field_is_found_by_its_index(admin: Admin, kind: str, value: Any):
    shelf = admin.shelf
    row = await admin.add("Mark", kind, indexed=True)

    await Indexes(shelf.database, shelf.registry).settle()

    assert f"{PREFIX}{row.id}" in await plan(shelf, "mark", value)


async def test_indexes_come_and_go_with_what_fields_ask_for(admin: Admin):
    shelf = admin.shelf
    keeper = Indexes(shelf.database, shelf.registry)
    row, other = await admin.add("Mark", indexed=True), await admin.add("Signature", unique=True)
    await keeper.settle()
    await keeper.settle()
    both = await indexes(shelf.database)
    await admin.change(row, indexed=False)
    await admin.remove(other)
    await keeper.settle()

    assert sorted(both) == sorted([f"{PREFIX}{row.id}", f"{PREFIX}{other.id}"])
    assert await indexes(shelf.database) == []


# ---------------------------------------------------------------- pages


async def test_only_administrators_add_fields(sqlite_house: House):
    await sqlite_house.person("boss", role="supervisor")
    boss = await sqlite_house.signed_in("boss")

    for path in ("/admin/fields", "/admin/fields/contact", "/admin/field/1"):
        assert (await boss.open(path)).status == 403
    for deed in ("", "/remove", "/bring-back", "/empty"):
        assert (await boss.submit(f"/admin/field/1{deed}", {})).status == 403


async def test_a_field_is_added_changed_removed_and_emptied_in_the_browser(house: House):
    await house.person("admin", role="admin")
    admin = await house.signed_in("admin")
    path = "/admin/fields/contact"

    wrong = await admin.submit(path, {"label_en": "", "label_az": "", "group": "Car"})
    made = await admin.submit(path, {"label_en": "Car", "type": "text", "group": "Car"})
    page = await admin.open(path)
    number = page.text.split('href="/admin/field/')[1].split('"')[0]
    form = await admin.open(f"/admin/field/{number}")
    refused = await admin.submit(f"/admin/field/{number}", {"label_en": "Car", "type": "date"})
    changed = await admin.submit(
        f"/admin/field/{number}",
        {"label_en": "Car", "label_ru": "Машина", "type": "text", "required": "1",
         "version": form.value("version")},
    )  # fmt: skip
    await admin.submit(f"/admin/field/{number}/remove")
    removed = await admin.open(path)
    await admin.submit(f"/admin/field/{number}/empty")
    gone = await admin.open(path)

    assert (wrong.status, wrong.value("group")) == (422, "Car")
    assert (made.status, refused.status, changed.status) == (303, 422, 303)
    assert f"/admin/field/{number}/bring-back" in removed.text
    assert f"/admin/field/{number}" not in gone.text
    told = [event for event in house.events if isinstance(event, DescriptionsChanged)]
    assert len(told) == 4


async def test_a_field_with_a_list_leads_to_what_can_be_chosen(sqlite_house: House):
    await sqlite_house.person("admin", role="admin")
    admin = await sqlite_house.signed_in("admin")

    made = await admin.submit("/admin/fields/contact", {"label_en": "Car", "type": "option"})

    assert made.location == "/admin/lists/contact.car"
    assert (await admin.open(made.location)).status == 200
