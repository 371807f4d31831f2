"""The promises of the shared test servers, which every other test leans on."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.fixtures.postgres import PostgresServer
from tests.require import missing


async def test_each_test_has_a_database_of_its_own(postgres: PostgresServer) -> None:
    async with postgres.database() as first, postgres.database() as second:
        await _execute(first, "CREATE TABLE seen_by_one ()")

        assert await _tables(first) == ["seen_by_one"]
        assert await _tables(second) == []


async def test_a_database_is_prepared_once_and_copied_then(postgres: PostgresServer) -> None:
    prepared = []

    async def prepare(url: str) -> None:
        prepared.append(url)
        await _execute(url, "CREATE TABLE made_by_migrations ()")

    for _ in range(2):
        async with postgres.database(prepare) as url:
            assert await _tables(url) == ["made_by_migrations"]

    assert len(prepared) == 1


async def _two_tables(url: str) -> None:
    await _execute(url, "CREATE TABLE prepared AS SELECT 1; CREATE TABLE written (words text)")


async def test_a_database_is_used_again_without_what_was_written(postgres: PostgresServer) -> None:
    async with postgres.database(_two_tables) as first:
        await _execute(first, "INSERT INTO written VALUES ('of another test')")
    async with postgres.database(_two_tables) as again:
        assert again == first
        assert await _rows(again, "SELECT * FROM written") == []
        assert await _rows(again, "SELECT * FROM prepared") == [1]


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE written ADD more int",
        "CREATE INDEX by_words ON written (words)",
        "DROP TABLE written",
        'UPDATE prepared SET "?column?" = 2',
        "ANALYZE written",
        "INSERT INTO written SELECT generate_series(1, 10000)",
    ],
)
async def test_a_database_that_would_not_be_as_new_is_not_used_again(
    postgres: PostgresServer, change: str
) -> None:
    async with postgres.database(_two_tables) as first:
        await _execute(first, change)
    async with postgres.database(_two_tables) as other:
        assert other != first


def test_a_missing_part_skips_unless_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLCENTER_REQUIRE", "")
    with pytest.raises(pytest.skip.Exception, match="needs asterisk: there is none"):
        missing("asterisk", "there is none")

    monkeypatch.setenv("CALLCENTER_REQUIRE", "postgres, asterisk")
    with pytest.raises(pytest.fail.Exception, match="asterisk is required"):
        missing("asterisk", "there is none")


def test_a_misspelt_requirement_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLCENTER_REQUIRE", "asterix")
    with pytest.raises(pytest.UsageError, match="asterix"):
        missing("asterisk", "there is none")


@pytest.mark.parametrize(
    ("ending", "cleaned"), [("os.kill(os.getpid(), 9)", True), ("line.release()", False)]
)
def test_a_killed_run_is_cleaned_up_after(tmp_path: Path, ending: str, cleaned: bool) -> None:
    left_over, told = tmp_path / "left over", tmp_path / "told"
    left_over.touch()
    os.mkfifo(told)
    script = f"""
import os
from tests.lifeline import Lifeline
line = Lifeline("sh", "-c", "rm '{left_over}'; echo done > '{told}'")
{ending}
"""
    subprocess.run([sys.executable, "-c", script], check=False, cwd=Path(__file__).parents[1])

    if cleaned:
        assert told.read_text() == "done\n"  # opens when the watcher does: no need to poll
    assert left_over.exists() is not cleaned


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _tables(url: str) -> list[str]:
    return await _rows(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")


async def _rows(url: str, question: str) -> list[Any]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return [row[0] for row in await connection.fetch(question)]
    finally:
        await connection.close()
