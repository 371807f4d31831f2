"""The REST API does what its document says, whatever it is sent: by schemathesis, on the real service.

It sends what fits the shapes and what does not. Never may we fail (5xx), or answer with a status,
a type or a shape that the document does not name.
"""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

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


@pytest.fixture
async def token(tmp_path: Path, sqlite_template: Path) -> tuple[str, str]:
    """Give the database's address and an administrator's token."""
    url = await copied_sqlite(sqlite_template, tmp_path)
    async with Database(url) as database, database.write() as session:
        role = (await roles.seed(session, now()))["admin"]
        form = people.PersonForm(login="boss", name="Boss", role_id=role.id)
        boss = await people.add(session, form, now(), SYSTEM)
        secret, _row = tokens.issue(session, "api", boss.id, now(), name="t", scopes=["*"])
    return url, secret


@pytest.fixture
async def address(token: tuple[str, str], tmp_path: Path) -> AsyncIterator[str]:
    """Give the address of the service, which runs as it does at customers': not in debug mode."""
    settings = {"DATABASE_URL": token[0], "DATA": str(tmp_path), "API_PER_MINUTE": "1000000"}
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
    address: str, token: tuple[str, str], tmp_path: Path
) -> None:
    _url, secret = token
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/v1/openapi.json",
        "--header", f"Authorization: Bearer {secret}", "--checks", CHECKS,
        "--phases", "examples,coverage,fuzzing", "--max-examples", "5",
        "--generation-deterministic", "--continue-on-failure", "--warnings", "off", "--no-color",
        cwd=tmp_path, env=QUIET,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(TIMEOUT_S):
        said, _nothing = await program.communicate()

    assert program.returncode == 0, said.decode()[-20_000:]
