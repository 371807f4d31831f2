"""For the machines that watch us."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcenter.db import Database
from callcenter.server.health import database_answers
from tests.fixtures.house import House, house_on
from tests.fixtures.postgres import free_port


class Part:
    """A part of the house that may fail."""

    def __init__(self) -> None:
        self.missing: str | None = None

    async def check(self) -> str | None:
        return self.missing


@pytest.fixture
def part() -> Part:
    return Part()


@pytest.fixture
async def house(sqlite_database: Database, tmp_path: Path, part: Part) -> AsyncIterator[House]:
    async with house_on(sqlite_database, tmp_path, checks=[part.check]) as opened:
        yield opened


async def test_alive_and_ready_are_two_questions(house: House, part: Part):
    browser = await house.browser()
    before = await browser.open("/readyz")
    part.missing = "database: no answer"
    after = await browser.open("/readyz")

    assert (before.status, before.text) == (200, "ok\n")
    assert (after.status, after.text) == (503, "database: no answer\n")
    assert (await browser.open("/healthz")).status == 200


async def test_metrics_count_requests_by_route(house: House):
    browser = await house.browser()
    await browser.open("/admin/people/5")
    page = await browser.open("/metrics")

    assert page.headers["Content-Type"].startswith("text/plain")
    assert 'method="GET",route="/admin/people/{id}",status="303"' in page.text


async def test_metrics_are_for_this_machine_or_an_administrator(house: House):
    await house.person("anna")
    await house.person("root", "admin")
    stranger = {"X_Forwarded_For": "203.0.113.7"}
    agent, admin = await house.signed_in("anna"), await house.signed_in("root")

    assert (await (await house.browser()).open("/metrics", **stranger)).status == 403
    assert (await agent.open("/metrics", **stranger)).status == 403
    assert (await admin.open("/metrics", **stranger)).status == 200


async def test_a_database_that_is_gone_is_named(database: Database):
    gone = Database(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")

    assert await database_answers(database)() is None
    assert (await database_answers(gone)() or "").startswith("database: ")
