"""Fixtures for tests against a real Asterisk: one for the run, phones and carrier for each test."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.rig import Asterisk, Trunk, why_there_is_none
from tests.require import missing


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def asterisk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asterisk]:
    """A running Asterisk 22 with the configuration of `asterisk-config`."""
    if reason := why_there_is_none():
        missing("asterisk", reason)
    async with Asterisk(tmp_path_factory.mktemp("asterisk")) as pbx:
        yield pbx


@pytest.fixture
async def trunk(asterisk: Asterisk) -> AsyncIterator[Trunk]:
    """The carrier through which customers call and are called."""
    async with Trunk(asterisk) as trunk:
        yield trunk
