"""Every order that an entity of the product declares is read along an index, on both engines."""

from datetime import UTC, datetime

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
from tests.fixtures.customers import signed_in

ORDERS = [(entity, sort) for entity in ENTITIES if entity.has_pages for sort in entity.sorts]
ANNA = User(id=1, name="Anna", login="anna")


@pytest.mark.parametrize(
    ("entity", "sort"), ORDERS, ids=[f"{entity.name}-{sort.name}" for entity, sort in ORDERS]
)
async def test_the_first_page_of_any_list_is_read_along_an_index(
    database: Database, entity: Entity, sort: Sort
) -> None:
    everything = signed_in(ANNA, **{entity.name: {"read": "all"}})
    asker = Asker(everything, datetime(2026, 11, 22, tzinfo=UTC), "Asia/Baku")
    for descending in (False, True):
        wanted = Wanted(entity.columns, Order(sort, descending))

        async def ask(asked: Wanted = wanted) -> None:
            async with database.read() as session:
                await listing.page(session, Registry(ENTITIES), entity, asker, asked)

        plans = await plans_of(database, entity.model.__tablename__, ask)
        assert plans
        assert all("SORT" not in plan.upper() for plan in plans), plans
