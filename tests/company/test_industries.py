"""Beginning with what an industry needs: seen first, added once, taken back where nobody used it."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select, update

from callcenter.audit import Audit
from callcenter.company.branding import BRANDING
from callcenter.company.industries.applying import Part, plan
from callcenter.company.industries.layouts import LAYOUTS
from callcenter.company.industries.shapes import Layout, OwnField, label
from callcenter.crm.contacts.models import Contact
from callcenter.entity import seeds as lists
from callcenter.entity.keys import ENTITIES
from callcenter.entity.models import CustomField, Option, Tag
from callcenter.process import seeds as pipelines
from callcenter.process.models import Stage
from tests.fixtures.house import Browser, House


async def furnished(house: House) -> Browser:
    """Return an administrator in a house as it is delivered."""
    async with house.database.write() as session:
        await lists.seed(session, house.clock())
        await pipelines.seed(session, house.clock())
    await house.app[BRANDING].load()
    await house.app[ENTITIES].load(house.database)
    await house.person("admin", role="admin")
    return await house.signed_in("admin")


async def planned(house: House, layout: Layout) -> list[Part]:
    async with house.database.read() as session:
        return await plan(session, layout)


async def rows(house: House, kind: Any) -> dict[int, Any]:
    """Return the rows of a table that are there, by id."""
    async with house.database.read() as session:
        found = await session.scalars(select(kind))
        return {row.id: row for row in found if getattr(row, "deleted_at", None) is None}


def new(parts: list[Part]) -> int:
    return sum(len(part.new) for part in parts)


async def test_every_industry_is_added_once_and_doubles_nothing(sqlite_house: House):
    house = sqlite_house
    admin = await furnished(house)
    assert [part for layout in LAYOUTS for part in await planned(house, layout) if part.there] == []
    delivered = {kind: len(await rows(house, kind)) for kind in (Option, Stage)}

    for layout in LAYOUTS:
        wanted = new(await planned(house, layout))
        done = await admin.submit(f"/admin/industries/{layout.key}", {})
        again = await planned(house, layout)
        assert (done.location, new(again)) == (f"/admin/industries/{layout.key}?new={wanted}", 0)

    own = [field for layout in LAYOUTS for field in layout.fields]
    offered = sum(len(of) for layout in LAYOUTS for of in layout.options.values())
    in_fields = sum(len(field.choices) for field in own)
    assert len(await rows(house, CustomField)) == len(own)
    assert len(await rows(house, Option)) == delivered[Option] + offered + in_fields
    # The first of them found the pipeline as it came; for the others it was the company's own.
    assert len(await rows(house, Stage)) == delivered[Stage] + len(LAYOUTS[0].stages)
    page = await admin.open("/admin/industries")
    assert page.text.count("badge--good") == len(LAYOUTS)


async def test_what_is_called_so_already_is_left_as_it_is(sqlite_house: House):
    house = sqlite_house
    admin = await furnished(house)
    await admin.submit("/admin/lists/source", {"label_tr": "PAZARYERİ", "label_ru": "маркетплейс"})
    await admin.submit("/admin/fields/contact", {"label_en": "Loyalty card", "type": "integer"})
    async with house.database.write() as session:
        session.add(Tag(id=1, name="wholesale BUYER", fold="wholesale buyer"))
        await session.execute(update(Stage).where(Stage.key == "qualified").values(version=2))
    seen = await admin.open("/admin/industries/retail")

    await admin.submit("/admin/industries/retail", {})

    assert len(re.findall("Artıq var: ", seen.text)) == 3
    assert "Mərhələləri artıq özünüz qurmusunuz" in seen.text
    cards = [row for row in (await rows(house, CustomField)).values() if row.key == "loyalty_card"]
    assert [card.type for card in cards] == ["integer"]
    assert len(await rows(house, Stage)) == len(pipelines.SEEDS[0].stages)
    assert {tag.name for tag in (await rows(house, Tag)).values()} == {
        "wholesale BUYER",
        "Daimi alıcı",
    }


async def test_taking_back_leaves_what_was_used_or_changed(house: House):
    admin = await furnished(house)
    before = {kind: set(await rows(house, kind)) for kind in (Option, CustomField, Stage, Tag)}
    await admin.submit("/admin/industries/clinic", {})
    added = {kind: await rows(house, kind) for kind in before}
    source = next(row for row in added[Option].values() if row.label["en"] == "Insurance company")
    renamed = next(row for row in added[Option].values() if row.label["en"] == "Dentistry")
    card = next(row for row in added[CustomField].values() if row.key == "patient_card_number")
    await admin.submit(
        f"/admin/options/{renamed.id}", {"label_en": "Teeth", "active": "1", "version": "1"}
    )
    async with house.database.write() as session:
        now = house.clock()
        session.add(
            Contact(id=7, kind="person", name="Aysel", source_id=source.id, created_at=now,
                    updated_at=now, custom={card.key: "P-17"})
        )  # fmt: skip

    done = await admin.submit("/admin/industries/clinic/take-back", {})

    left = {kind: set(await rows(house, kind)) - before[kind] for kind in before}
    assert left == {
        Option: {source.id, renamed.id}, CustomField: {card.id}, Stage: set(), Tag: set(),
    }  # fmt: skip
    assert (done.location or "").endswith("&left=3")
    # What went can be added anew; what stayed is not doubled.
    await admin.submit("/admin/industries/clinic", {})
    texts = [
        row.label["en"] for row in (await rows(house, Option)).values() if row.list == "source"
    ]
    assert sorted(texts) == sorted(set(texts))


async def test_it_is_a_first_step_and_every_addition_is_told(sqlite_house: House):
    house = sqlite_house
    admin = await furnished(house)
    offered = await admin.open("/admin/start")
    wanted = new(await planned(house, LAYOUTS[0]))
    await admin.submit("/admin/industries/retail", {})
    done = await admin.open("/admin/start")
    async with house.database.read() as session:
        told = await session.scalar(
            select(func.count())
            .select_from(Audit)
            .where(
                Audit.action == "create",
                Audit.entity.in_(("option", "custom_field", "stage", "tag")),
            )
        )

    of_fields = sum(len(field.choices) for field in LAYOUTS[0].fields)
    assert 'href="/admin/industries"' in offered.text
    assert done.text.count("step--done") == offered.text.count("step--done") + 1
    assert told == wanted + of_fields


async def test_only_who_keeps_the_settings_adds_an_industry(sqlite_house: House):
    await furnished(sqlite_house)
    await sqlite_house.person("anna")
    anna = await sqlite_house.signed_in("anna")

    for path in ("/admin/industries", "/admin/industries/retail"):
        assert (await anna.open(path)).status == 403
    assert (await anna.submit("/admin/industries/retail", {})).status == 403
    assert (await anna.submit("/admin/industries/retail/take-back", {})).status == 403


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.key)
def test_an_industry_says_everything_in_four_languages_and_nothing_twice(layout: Layout):
    said = [
        layout.texts, *layout.tags, *(field.texts for field in layout.fields),
        *(stage.texts for stage in layout.stages),
        *(choice.texts for of in layout.options.values() for choice in of),
        *(texts for field in layout.fields for texts in field.choices),
    ]  # fmt: skip

    assert all(text.strip() == text and 0 < len(text) <= 80 for texts in said for text in texts)
    lists: list[Sequence[Any]] = [*layout.options.values(), layout.stages, layout.fields]
    for of in lists:
        for code in ("az", "tr", "ru", "en"):
            names = [(_entity(item), label(item.texts)[code].casefold()) for item in of]
            assert len(names) == len(set(names))


def _entity(item: Any) -> str:
    return item.entity if isinstance(item, OwnField) else ""
