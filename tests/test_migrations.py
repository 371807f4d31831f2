"""Migrations lead from any released database to the tables the models describe."""

from collections.abc import Callable
from pathlib import Path

import alembic.command
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from callcenter.db import CannotOpen, Database
from callcenter.db.database import Engine, engine_of
from callcenter.migrations import all_tables, configuration, migrate
from tests.fixtures.database import ENGINES, empty_database


async def test_the_migrated_tables_are_those_of_the_models(database_url: str) -> None:
    await in_database(database_url, check)


@pytest.mark.parametrize("engine", ENGINES)
async def test_an_older_database_keeps_its_rows_on_the_way(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with empty_database(engine, request, tmp_path) as url:
        await in_database(url, upgrade_to, "0001")
        async with Database(url) as database, database.write() as session:
            await session.execute(
                text(
                    "INSERT INTO contact (id, kind, name, fold, custom, version, created_at, "
                    "updated_at) VALUES (7, 'person', 'Əliyev', 'eliyev', '{}', 1, 0, 0)"
                )
            )

        await migrate(url)

        async with Database(url) as database:
            assert [tuple(row) for row in await database.fetch("SELECT id, name FROM contact")] == [
                (7, "Əliyev")
            ]


@pytest.mark.parametrize("engine", ENGINES)
async def test_migrating_twice_changes_nothing(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with empty_database(engine, request, tmp_path) as url:
        await migrate(url)
        await migrate(url)

        await in_database(url, check)


async def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    async with Database(database_url) as database, database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(CannotOpen, match="newer version of callcenter"):
        await migrate(database_url)


async def test_a_failing_step_leaves_the_database_as_it_was(
    tmp_path: Path, sqlite_template: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'half.db'}"
    await in_database(url, upgrade_to, "0001")
    async with Database(url) as database, database.write() as session:
        # The trigger of the second revision exists already, so its third statement fails.
        await session.execute(
            text("CREATE TRIGGER contact_search_insert AFTER INSERT ON contact BEGIN SELECT 1; END")
        )

    with pytest.raises(CannotOpen, match="is as it was"):
        await migrate(url)

    async with Database(url) as database:
        names = await database.fetch("SELECT name FROM sqlite_schema WHERE name = 'contact_search'")
        assert names == []
        assert await database.fetch("SELECT version_num FROM alembic_version") == [("0001",)]


async def test_writers_still_keep_foreign_keys_after_a_migration(sqlite_database: Database) -> None:
    rows = await sqlite_database.fetch("PRAGMA foreign_key_check")
    assert rows == []
    async with sqlite_database.write() as session:
        assert (await session.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1


def test_revisions_form_one_line() -> None:
    engine = ScriptDirectory(str(Path("callcenter/migrations")))
    assert len(engine.get_heads()) == 1


async def in_database(url: str, function: Callable[..., None], *arguments: str) -> None:
    engine: Engine = engine_of(url)
    await engine.open()
    try:
        async with engine.writing.begin() as connection:
            await connection.run_sync(function, *arguments)
    finally:
        await engine.close()


def check(connection: Connection) -> None:
    alembic.command.check(configuration(connection, all_tables()))


def upgrade_to(connection: Connection, revision: str) -> None:
    alembic.command.upgrade(configuration(connection), revision)
