"""A simulator, and a client that is logged in to it."""

from collections.abc import AsyncIterator

import pytest

from callcenter.simulator import AmiUser, Simulator, SimulatorSettings
from tests.simulator.ami_client import AmiClient

READER = AmiUser("reader", "reader-secret", write=frozenset())


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings(users=(AmiUser(), READER))) as simulator:
        yield simulator


@pytest.fixture
async def client(sim: Simulator) -> AsyncIterator[AmiClient]:
    async with AmiClient.logged_in(sim) as one:
        yield one
