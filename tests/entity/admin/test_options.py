"""Option lists: administrators add, name, order, switch off and join what can be chosen."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from callcenter.audit import Audit
from callcenter.entity import options as loaded
from callcenter.entity import seeds, views
from callcenter.entity.admin import options, usage
from callcenter.entity.models import CustomField, Option, View
from callcenter.entity.registry import Registry
from callcenter.entity.views import ViewForm
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.rules import shapes
from callcenter.rules.models import Automation
from callcenter.server.i18n import CODES
from tests.entity.shelf import Shelf, shelf
from tests.fixtures.customers import NOW, Office, by, signed_in
from tests.fixtures.house import Browser, House

__all__ = ["shelf"]


async def add(shelf: Shelf, who: Any, key: str, **label: str) -> Option:
    async with shelf.database.write() as session:
        form = options.OptionForm(label=label)
        return await options.add(session, key, form, "en", NOW, by(who))


async def texts(office: Office | House, key: str) -> list[str]:
    async with office.database.read() as session:
        return [choice.text("en") for choice in (await loaded.load(session)).get(key, ())]


async def genres(shelf: Shelf, kind: str) -> None:
    """Give books a field of their own with a list: custom.genre."""
    async with shelf.database.write() as session:
        session.add(
            CustomField(id=1, entity="book", key="genre", label={"en": "Genre"}, type=kind,
                        created_at=NOW, updated_at=NOW)
        )  # fmt: skip
    await shelf.registry.load(shelf.database)


# ---------------------------------------------------------------- seeds


async def test_a_new_installation_offers_something_in_every_language(office: Office):
    async with office.database.write() as session:
        await seeds.seed(session, NOW)
    async with office.database.read() as session:
        lists = await loaded.load(session)

    assert set(seeds.SEEDS) < set(lists)
    for choices in lists.values():
        for code in CODES:
            named = [choice.label[code] for choice in choices]
            assert len(set(named)) == len(named)
            assert all(named)
    assert {choice.color for each in lists.values() for choice in each} <= {None, *options.COLORS}


async def test_a_list_that_its_administrators_emptied_stays_empty(shelf: Shelf):
    boss = await shelf.office.user("Boss")
    async with shelf.database.write() as session:
        await seeds.seed(session, NOW)
        for row in await session.scalars(select(Option).where(Option.list == "company_size")):
            await options.take_away(session, shelf.registry, row.id, NOW, by(boss))
    async with shelf.database.write() as session:
        await seeds.seed(session, NOW)

    assert await texts(shelf.office, "company_size") == []


# ---------------------------------------------------------------- names


async def test_a_language_without_a_name_shows_english_else_any(shelf: Shelf):
    boss = await shelf.office.user("Boss")
    both = await add(shelf, boss, "colour", en="Red", ru="Красный")
    one = await add(shelf, boss, "colour", az="Sarı")

    async with shelf.database.read() as session:
        shown = {choice.id: choice for choice in (await loaded.load(session))["colour"]}

    assert [shown[both.id].text(code) for code in ("ru", "az", "en")] == ["Красный", "Red", "Red"]
    assert shown[one.id].text("tr") == "Sarı"
    assert (both.key, one.key) == ("red", "option")


@pytest.mark.parametrize(
    ("label", "wrong"),
    [
        ({}, "label_en"),
        ({"en": "red"}, "label_en"),  # is there already, but for a capital letter
        ({"ru": "Красный", "en": "Reddish"}, "label_ru"),
        ({"tr": "x" * 81}, "label_tr"),
    ],
)
async def test_a_name_that_cannot_be_taken_is_said_beside_its_language(
    shelf: Shelf, label: dict[str, str], wrong: str
):
    boss = await shelf.office.user("Boss")
    await add(shelf, boss, "colour", en="Red", ru="Красный")

    with pytest.raises(BadInput) as refused:
        await add(shelf, boss, "colour", **label)

    assert list(refused.value.fields) == [wrong]


async def test_two_who_name_an_option_in_different_languages_are_both_heard(shelf: Shelf):
    boss = await shelf.office.user("Boss")
    red = await add(shelf, boss, "colour", en="Red")

    async def rename(**label: str) -> Option:
        async with shelf.database.write() as session:
            form = options.OptionForm(label={"en": "Red", **label})
            return await options.change(session, red.id, form, "en", 1, NOW, by(boss))

    await rename(az="Qırmızı")
    row = await rename(tr="Kırmızı")
    with pytest.raises(ChangedMeanwhile) as conflict:
        await rename(az="Al")

    assert row.label == {"en": "Red", "az": "Qırmızı", "tr": "Kırmızı"}
    assert conflict.value.values["theirs"] == "Qırmızı"


# ---------------------------------------------------------------- order


async def test_the_order_is_kept_and_written_down_once(shelf: Shelf):
    boss = await shelf.office.user("Boss")
    one, two, three = [await add(shelf, boss, "size", en=name) for name in ("S", "M", "L")]

    for _again in range(2):
        async with shelf.database.write() as session:
            await options.order(session, "size", [three.id, one.id], NOW, by(boss))

    assert await texts(shelf.office, "size") == ["L", "S", "M"]
    async with shelf.database.read() as session:
        lines = await session.scalars(select(Audit.diff).where(Audit.action == "order"))
        assert list(lines) == [{"size": [["s", "m", "l"], ["l", "s", "m"]]}]
    assert two.position == 1


# ---------------------------------------------------------------- what refers to it


@pytest.mark.parametrize("kind", ["option", "options"])
async def test_what_is_used_is_not_taken_away_and_joining_moves_all_that_refers_to_it(
    shelf: Shelf, kind: str
):
    await genres(shelf, kind)
    boss = await shelf.office.user("Boss")
    novel, story, poem = [
        await add(shelf, boss, "book.genre", en=name) for name in ("Novel", "Story", "Poem")
    ]
    await shelf.registry.load(shelf.database)
    several = kind == "options"
    begun: Any = [novel.id, story.id] if several else novel.id
    kept: Any = [poem.id] if several else poem.id
    book = await shelf.add(boss, name="Ali and Nino", **{"custom.genre": begun})
    other = await shelf.add(boss, name="Poems", **{"custom.genre": kept})

    asks = {"field": "custom.genre", "op": "in", "value": [novel.id, story.id]}
    pages = {"field": "pages", "op": "is", "value": novel.id}
    async with shelf.database.write() as session:
        form = ViewForm(name="Novels", filter={"all": [pages, {"any": [asks]}]})
        view = await views.add(session, signed_in(boss), "book", form, NOW, by(boss))
        sets = shapes.SetField(field="custom.genre", value=str(novel.id))
        others = (
            shapes.SetField(field="pages", value=str(novel.id)),
            shapes.AddTask(subject="Read"),
        )
        session.add(
            Automation(
                id=1, entity="book", name="Novels", actions=shapes.written((sets, *others)),
                created_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip

    with pytest.raises(BadInput):
        async with shelf.database.write() as session:
            await options.take_away(session, shelf.registry, novel.id, NOW, by(boss))
    async with shelf.database.write() as session:
        rows = await options.join(session, shelf.registry, novel.id, story.id, NOW, by(boss))

    joined = (await shelf.stored(book)).custom["genre"]
    assert (rows, joined) == (1, [story.id] if several else story.id)
    assert (await shelf.stored(other)).custom["genre"] == kept
    async with shelf.database.read() as session:
        told = (await session.get_one(View, view.id)).filter
        rule = await session.get_one(Automation, 1)
    assert told == {"all": [pages, {"any": [asks | {"value": [story.id]}]}]}
    moved = msgspec.structs.replace(sets, value=str(story.id))
    assert shapes.read(rule.actions) == [moved, *others]
    assert await texts(shelf.office, "book.genre") == ["Story", "Poem"]


async def test_columns_that_refer_to_options_are_found_by_their_keys(shelf: Shelf):
    for column in usage.columns():
        assert [key.column.table.name for key in column.foreign_keys] == ["option"]


async def test_an_option_is_joined_only_with_another_of_its_list(shelf: Shelf):
    boss = await shelf.office.user("Boss")
    red, large = await add(shelf, boss, "colour", en="Red"), await add(shelf, boss, "size", en="L")

    for to in (red.id, large.id, 1, None):
        with pytest.raises(BadInput):
            async with shelf.database.write() as session:
                await options.join(session, shelf.registry, red.id, to, NOW, by(boss))


# ---------------------------------------------------------------- pages


async def administrator(house: House) -> Browser:
    async with house.database.write() as session:
        await seeds.seed(session, house.clock())
    await house.person("admin", role="admin")
    return await house.signed_in("admin")


async def test_an_option_is_added_renamed_moved_and_taken_away_in_the_browser(house: House):
    admin = await administrator(house)
    begun = await texts(house, "company_size")

    wrong = await admin.submit(
        "/admin/lists/company_size", {"label_en": begun[0], "label_az": "Bir"}
    )
    await admin.submit("/admin/lists/company_size", {"label_en": "One person", "color": "green"})
    page = await admin.open("/admin/lists/company_size")
    added = int(page.text.split('name="ids" value="')[-1].split('"')[0])
    await admin.submit("/admin/lists/company_size/order", {"up": str(added)})
    moved = await texts(house, "company_size")
    form = await admin.open(f"/admin/options/{added}")
    await admin.submit(
        f"/admin/options/{added}",
        {"label_en": "Just one", "version": form.value("version"), "active": "1"},
    )
    renamed = await texts(house, "company_size")
    await admin.submit(f"/admin/options/{added}/take-away")

    assert (wrong.status, wrong.value("label_az")) == (422, "Bir")
    assert moved == [*begun[:-1], "One person", begun[-1]]
    assert renamed == [*begun[:-1], "Just one", begun[-1]]
    assert await texts(house, "company_size") == begun


async def test_a_kind_of_relationship_has_a_word_for_each_direction(sqlite_house: House):
    admin = await administrator(sqlite_house)
    words = {"label_en": "Guarantor", "reverse_en": "Guaranteed", "reverse_az": "Zamini olan"}
    await admin.submit("/admin/lists/relationship_type", words)
    page = await admin.open("/admin/lists/relationship_type")
    added = int(page.text.split('name="ids" value="')[-1].split('"')[0])
    form = await admin.open(f"/admin/options/{added}")
    seen = {"version": form.value("version"), "active": "1"}

    long = await admin.submit(f"/admin/options/{added}", words | seen | {"reverse_en": "x" * 81})
    await admin.submit(f"/admin/options/{added}", words | seen | {"reverse_en": "Backed"})
    # Somebody who began from the same form changed another language.
    await admin.submit(f"/admin/options/{added}", words | seen | {"reverse_az": ""})

    async with sqlite_house.database.read() as session:
        option = await session.get_one(Option, added)
    assert form.value("reverse_az") == "Zamini olan"
    assert long.status == 422
    assert option.data == {"reverse": {"en": "Backed"}}
    assert "reverse_en" not in (await admin.open("/admin/lists/company_size")).text


async def test_only_administrators_keep_lists(sqlite_house: House):
    await sqlite_house.person("boss", role="supervisor")
    boss = await sqlite_house.signed_in("boss")

    for path in ("/admin/lists", "/admin/lists/industry", "/admin/options/1"):
        assert (await boss.open(path)).status == 403
    assert (await boss.submit("/admin/lists/industry", {"label_en": "Mine"})).status == 403


async def test_a_list_that_nobody_speaks_of_is_not_there(sqlite_house: House):
    admin = await administrator(sqlite_house)

    assert (await admin.open("/admin/lists/nothing")).status == 404
    assert (await admin.open("/admin/options/99")).status == 404


async def test_a_node_that_is_told_of_a_change_offers_it(shelf: Shelf):
    boss = await shelf.office.user("Boss")
    other_node = Registry()
    await add(shelf, boss, "colour", en="Red")

    await other_node.load(shelf.database)

    assert [choice.text("en") for choice in other_node.list("colour")] == ["Red"]
