"""Fixtures for tests against a real Asterisk and in a real browser.

All of these tests share one event loop, because the browser is started once for the run: each
module says `pytestmark = pytest.mark.asyncio(loop_scope="session")`.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.rig import Asterisk, Trunk, why_there_is_none
from tests.e2e.rig.floor import write_floor
from tests.fixtures.wire import Wire
from tests.require import missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asterisk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asterisk]:
    """A running Asterisk 22 with the configuration of `asterisk-config`, one for each module.

    A pause is kept by the queue and outlives the test that made it: half a second for a start is
    cheaper than putting everything back.
    """
    if reason := why_there_is_none():
        missing("asterisk", reason)
    async with Asterisk(tmp_path_factory.mktemp("asterisk")) as pbx:
        yield pbx


@pytest_asyncio.fixture(loop_scope="session")
async def trunk(asterisk: Asterisk) -> AsyncIterator[Trunk]:
    """The carrier through which customers call and are called."""
    async with Trunk(asterisk) as trunk:
        yield trunk
    # Whatever a failed test has left: its phones are gone, and Asterisk would wait for them.
    await asterisk.cli("channel request hangup all")


@pytest_asyncio.fixture(loop_scope="session")
async def floor(tmp_path: Path) -> AsyncIterator[Asterisk]:
    """A running Asterisk of sixty more phones, which a test may end as it likes."""
    if reason := why_there_is_none():
        missing("asterisk", reason)
    overlay = write_floor(tmp_path / "overlay")
    async with Asterisk(tmp_path / "asterisk", overlays=[overlay]) as pbx:
        yield pbx


@pytest_asyncio.fixture(loop_scope="session")
async def ami_wire(floor: Asterisk) -> AsyncIterator[Wire]:
    """The way from the service to the PBX."""
    async with Wire(floor.host, floor.ami_port) as wire:
        yield wire
