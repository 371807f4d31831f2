"""Fixtures for all tests: the real servers in `tests.fixtures`."""

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.database",
    "tests.fixtures.customers",
    "tests.fixtures.browser",
    "tests.fixtures.house",
]
