"""The examples of the page about integration do what the page says."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from callcenter.agents import tokens
from callcenter.agents.models import Role
from callcenter.crm import api as crm_api
from callcenter.db import Database
from tests.fixtures.house import Browser, Page, house_on

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "integrate.md"
BLOCK = re.compile(r"```http\n(.*?)```", re.DOTALL)


@dataclass
class Reader:
    """Follows the page: sends its requests, and remembers what `$names` stand for."""

    client: Browser
    names: dict[str, Any] = field(default_factory=dict)

    async def send(self, request: str) -> Page:
        head, _, body = self._filled(request).partition("\n\n")
        first, *lines = head.splitlines()
        method, address = first.split(" ")
        headers = dict(line.split(": ", 1) for line in lines)
        headers.setdefault("Authorization", f"Bearer {self.names['token']}")
        return await self.client.request(method, address, headers=headers, data=body or None)

    def compare(self, answer: str, page: Page) -> None:
        head, _, body = answer.partition("\n\n")
        status, *lines = head.split("\n")
        assert page.status == int(status), page.text
        for line in filter(None, lines):
            name, value = line.split(": ", 1)
            assert page.headers[name] == value
        if body.strip():
            self._holds(json.loads(body), page.json)

    def _filled(self, text: str) -> str:
        return re.sub(r"\$(\w+)", lambda found: str(self.names[found[1]]), text).strip()

    def _holds(self, told: Any, real: Any) -> None:
        """Assert that what the page tells is so; it may leave things out."""
        match told:
            case dict():
                for key, value in told.items():
                    self._holds(value, real[key])
            case list():
                assert len(told) == len(real), real
                for one, other in zip(told, real, strict=True):
                    self._holds(one, other)
            case str() if told.startswith("$"):
                assert self.names.setdefault(told[1:], real) == real
            case _:
                assert told == real


@pytest.fixture
def blocks() -> list[str]:
    return BLOCK.findall(PAGE.read_text("utf-8"))


async def test_the_examples_are_answered_as_the_page_tells(
    sqlite_database: Database, tmp_path: Path, blocks: list[str]
) -> None:
    async with house_on(sqlite_database, tmp_path, routes=crm_api.routes) as house:
        shop = await house.person("shop", "integrator", locale="en")
        async with house.database.write() as session:
            role = await session.get_one(Role, shop.role_id)
            role.grants = role.grants | {
                "interaction": role.grants["interaction"] | {"delete": "all"}
            }
            secret, _row = tokens.issue(
                session, "api", shop.id, house.clock(), name="shop", scopes=["*"]
            )
        reader = Reader(await house.browser(), {"token": secret})

        for request, answer in zip(blocks[::2], blocks[1::2], strict=True):
            reader.compare(answer, await reader.send(request))


def test_each_request_has_its_answer(blocks: list[str]):
    requests, answers = blocks[::2], blocks[1::2]

    assert all(re.match(r"(GET|POST|PATCH|DELETE) /api/v1/", request) for request in requests)
    assert all(re.match(r"\d{3}\n", answer) for answer in answers)
    assert len(requests) > 10
