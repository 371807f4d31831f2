"""Fixtures for all tests: the real servers in `tests.fixtures`."""

import gc
import os
import traceback
from collections.abc import Iterator
from itertools import islice
from types import FrameType

from hypothesis import settings

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.database",
    "tests.fixtures.customers",
    "tests.fixtures.browser",
    "tests.fixtures.house",
    "tests.fixtures.at_work",
    "tests.fixtures.mail",
    "tests.fixtures.dovecot",
]

# How long an example takes says something about the machine, not about the product. In CI the same
# examples come every time; at a desk new ones are tried with each run.
settings.register_profile("desk", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# Python's search for cyclic garbage would look again and again at what was collected and imported:
# a seventh of the time of all tests.
gc.set_threshold(10_000, 10, 10)

# In debug mode asyncio notes the whole stack of each future, line by line: a quarter of the time of
# all tests. The nearest frames tell as well where it came from.
_NEAREST = 4
_whole_stack = traceback.walk_stack


def _nearest(frame: FrameType) -> Iterator[tuple[FrameType, int]]:
    return islice(_whole_stack(frame), _NEAREST)


traceback.walk_stack = _nearest  # type: ignore[assignment]


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
