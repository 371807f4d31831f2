"""Fixtures for all tests: the real servers in `tests.fixtures`."""

import gc
import os

from hypothesis import settings

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.database",
    "tests.fixtures.customers",
    "tests.fixtures.browser",
    "tests.fixtures.house",
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


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
