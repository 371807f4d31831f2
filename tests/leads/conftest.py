"""A desk at which leads come in."""

import pytest

from callcenter.app.entities import registry_of
from callcenter.process import seeds
from tests.fixtures.customers import NOW, Office
from tests.leads.desk import Desk


async def desk_of(office: Office) -> Desk:
    async with office.database.write() as session:
        await seeds.seed(session, NOW)
    registry = registry_of(("AZ",))
    await registry.load(office.database)
    return Desk(office, registry, await office.user("Anna"))


@pytest.fixture
async def desk(office: Office) -> Desk:
    return await desk_of(office)
