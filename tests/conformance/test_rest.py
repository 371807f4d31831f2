"""The REST API does what its document says, whatever it is sent: by schemathesis, on the real service.

It sends what fits the shapes and what does not. Never may we fail (5xx), or answer with a status,
a type or a shape that the document does not name, whoever asks: who may do everything, an agent, and
a program whose token is for something else.
"""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from callcenter.agents import people, roles, tokens
from callcenter.db import Database
from callcenter.server.actor import SYSTEM
from callcenter.server.application import now
from tests.fixtures.database import copied_sqlite

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)
TIMEOUT_S = 600

QUIET = os.environ | {"PYTHONWARNINGS": "ignore", "PYTHONASYNCIODEBUG": ""}


class Asker(NamedTuple):
    """Whose token is shown, and what is sent with it."""

    role: str
    scope: str
    sent: tuple[str, ...]


#: Who may do everything is sent everything; who may do little or next to nothing, less of it.
ASKERS: Final = (
    Asker("admin", "*", ("--phases", "examples,coverage,fuzzing", "--max-examples", "3")),
    Asker("agent", "*", ("--phases", "examples,fuzzing", "--max-examples", "2")),
    Asker("admin", "board:read", ("--phases", "examples,fuzzing", "--max-examples", "1")),
)


@pytest.fixture
async def held(tmp_path: Path, sqlite_template: Path) -> tuple[str, list[str]]:
    """Give the database's address, and a token of each of those who ask."""
    url, secrets = await copied_sqlite(sqlite_template, tmp_path), []
    async with Database(url) as database, database.write() as session:
        known = await roles.seed(session, now())
        for place, asker in enumerate(ASKERS):
            role_id, login = known[asker.role].id, f"asker-{place}"
            form = people.PersonForm(login=login, name=login, role_id=role_id)
            person = await people.add(session, form, now(), SYSTEM)
            secret, _row = tokens.issue(
                session, "api", person.id, now(), name="t", scopes=[asker.scope]
            )
            secrets.append(secret)
    return url, secrets


@pytest.fixture
async def address(held: tuple[str, list[str]], tmp_path: Path) -> AsyncIterator[str]:
    """Give the address of the service, which runs as it does at customers': not in debug mode."""
    settings = {"DATABASE_URL": held[0], "DATA": str(tmp_path), "API_PER_MINUTE": "1000000"}
    service = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "callcenter", "serve", "--port", "0",
        env=QUIET | {f"CALLCENTER_{name}": value for name, value in settings.items()},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path,
    )  # fmt: skip
    assert service.stdout is not None
    said = ""
    async with asyncio.timeout(TIMEOUT_S):
        while (found := re.search(r"http://127[.\d]+:\d+", said)) is None:
            line = await service.stdout.readline()
            assert line, said
            said += line.decode()
    # Nobody reads what it logs, so that it must not fill the pipe up.
    drained = asyncio.create_task(service.stdout.read())
    yield found[0]
    service.terminate()
    await drained
    await service.wait()


@pytest.mark.timeout(TIMEOUT_S + 20)
async def test_every_answer_is_one_that_the_document_names(
    address: str, held: tuple[str, list[str]], tmp_path: Path
) -> None:
    _url, secrets = held
    async with asyncio.timeout(TIMEOUT_S):
        for asker, secret in zip(ASKERS, secrets, strict=True):
            status, said = await schemathesis(address, secret, asker.sent, tmp_path)

            assert status == 0, f"{asker}: {said[-20_000:]}"


async def schemathesis(
    address: str, secret: str, sent: tuple[str, ...], tmp_path: Path
) -> tuple[int | None, str]:
    """Return how it ended, and what it said."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/v1/openapi.json",
        "--header", f"Authorization: Bearer {secret}", "--checks", CHECKS,
        *sent, "--generation-deterministic", "--continue-on-failure", "--warnings", "off", "--no-color",
        cwd=tmp_path, env=QUIET,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _nothing = await program.communicate()
    return program.returncode, said.decode()
