"""Every order that an entity declares is read along an index, on both engines and by everybody.

An entity whose rows have an owner says its orders' indexes by `entity.models.list_indexes`.
"""

import msgspec
import pytest

from callcenter.agents.models import User
from callcenter.app.entities import ENTITIES
from callcenter.db import Database
from callcenter.entity import listing
from callcenter.entity.conditions import Asker
from callcenter.entity.description import Entity, Sort
from callcenter.entity.listing import Order, Wanted
from callcenter.entity.registry import Registry
from tests.entity.plans import plans_of
from tests.fixtures.customers import NOW, signed_in

ORDERS = [(entity, sort) for entity in ENTITIES if entity.has_pages for sort in entity.sorts]
OWNED = [(entity, sort) for entity, sort in ORDERS if entity.is_owned and entity.reach is None]
ANNA = User(id=1, name="Anna", login="anna")


@pytest.mark.parametrize(
    ("entity", "sort"), ORDERS, ids=[f"{entity.name}-{sort.name}" for entity, sort in ORDERS]
)
async def test_the_first_page_of_any_list_is_read_along_an_index(
    database: Database, entity: Entity, sort: Sort
) -> None:
    for plan in await plans_for(database, entity, sort, "all"):
        assert "SORT" not in plan.upper(), plan


@pytest.mark.parametrize("level", ["own", "team"])
@pytest.mark.parametrize(
    ("entity", "sort"), OWNED, ids=[f"{entity.name}-{sort.name}" for entity, sort in OWNED]
)
async def test_the_first_page_of_ones_own_is_read_along_an_index_of_each_owner(
    database: Database, entity: Entity, sort: Sort, level: str
) -> None:
    table, first = entity.model.__tablename__, sort.columns[0]
    for plan in await plans_for(database, entity, sort, level):
        assert f"SCAN {table}" not in plan
        assert f"ix_{table}_owner_id_{first}" in plan
        assert level == "own" or f"ix_{table}_team_id_{first}" in plan, plan


async def plans_for(database: Database, entity: Entity, sort: Sort, level: str) -> list[str]:
    """Return how the first page is read in both directions."""
    anna = signed_in(ANNA, **{entity.name: {"read": level}})
    asker = Asker(msgspec.structs.replace(anna, team_id=7), NOW, "Asia/Baku")
    plans = []
    for descending in (False, True):
        wanted = Wanted(entity.columns, Order(sort, descending))

        async def ask(asked: Wanted = wanted) -> None:
            async with database.read() as session:
                await listing.page(session, Registry(ENTITIES), entity, asker, asked)

        plans += await plans_of(database, entity.model.__tablename__, ask)
    assert plans
    return plans
