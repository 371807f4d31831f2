"""An office at work, on SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcenter.settings import Settings
from callcenter.simulator import Simulator, SimulatorSettings
from tests.fixtures.database import copied_sqlite
from tests.fixtures.wire import Wire
from tests.service.office import PretendOffice


@pytest.fixture
def wrap_up_s() -> int:
    return 20


@pytest.fixture
def ping_s() -> float:
    """How long the PBX may say nothing: so long that a busy machine is not taken for silence."""
    return 10.0


@pytest.fixture
def settings(tmp_path: Path, wrap_up_s: int, ping_s: float) -> Settings:
    """As installed, but in a hurry: a lost line is tried again at once."""
    return Settings(
        port=0,
        data=str(tmp_path),
        language="en",
        ami_ping_s=ping_s,
        ami_connect_timeout_s=5.0,
        ami_retry_max_s=0.2,
        wrap_up_s=wrap_up_s,
    )


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings()) as pretend:
        yield pretend


@pytest.fixture
async def office(
    settings: Settings, sim: Simulator, tmp_path: Path, sqlite_template: Path
) -> AsyncIterator[PretendOffice]:
    await copied_sqlite(sqlite_template, tmp_path)
    async with Wire(sim.host, sim.port) as wire, PretendOffice(settings, sim, wire) as at_work:
        yield at_work
