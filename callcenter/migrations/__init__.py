"""Brings a database to the tables this version knows, forward from any released one.

Run before the service opens its database, or by hand with `callcenter migrate`. The steps
are Alembic revisions in `versions/`; to write one, change the models and run
`python -m callcenter.migrations "what changes"`, then read and tidy what it wrote.

Tables are known by their models, which rooms above keep; only writing and checking
revisions needs them, running does not.
"""

import importlib
from pathlib import Path

import alembic.command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

import callcenter
from callcenter.db import Base, CannotOpen
from callcenter.db.database import engine_of

# Any number, as long as nothing else in the database locks it.
_LOCK = 0x63616C6C


async def migrate(database_url: str) -> tuple[str | None, str | None]:
    """Bring the database to the newest revision; return the one it had and the one it has.

    An empty one, which has none, gets all tables. All steps or none: a failure leaves it as it was. Several nodes may try at once.
    Raises CannotOpen, also when a newer version has already been here.
    """
    engine = engine_of(database_url)
    await engine.open()
    try:
        async with engine.writing.connect() as connection:
            return await _upgrade(connection)
    except CommandError as error:
        raise CannotOpen(
            f"The database was last used by a newer version of callcenter ({error}). "
            "Install that version, or restore a backup made before it."
        ) from error
    except SQLAlchemyError as error:
        raise CannotOpen(
            f"The database could not be brought up to date and is as it was: {error}"
        ) from error
    finally:
        await engine.close()


async def _upgrade(connection: AsyncConnection) -> tuple[str | None, str | None]:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        # A table is changed by copying it, and its old form may be missed by nobody meanwhile.
        # The switch works only outside of a transaction.
        await connection.run_sync(_enforce_foreign_keys, False)
    async with connection.begin():
        if not sqlite:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        before = await connection.run_sync(_revision)
        await connection.run_sync(_run, "upgrade", "head")
        after = await connection.run_sync(_revision)
        if sqlite:
            await connection.run_sync(_check_foreign_keys)
    if sqlite:
        await connection.run_sync(_enforce_foreign_keys, True)
    return before, after


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _enforce_foreign_keys(connection: Connection, on: bool) -> None:
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")
    cursor.close()


def _check_foreign_keys(connection: Connection) -> None:
    if broken := connection.execute(text("PRAGMA foreign_key_check")).all():
        raise CommandError(f"rows lost what they refer to: {broken[:5]}")


def _run(connection: Connection, command: str, *arguments: str) -> None:
    getattr(alembic.command, command)(configuration(connection), *arguments)


def configuration(connection: Connection, metadata: MetaData | None = None) -> Config:
    """Return Alembic's configuration for `connection`; `metadata` is what to compare with."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata or Base.metadata
    return config


def all_tables() -> MetaData:
    """Return every table of the house, by importing the models of every room."""
    house = Path(callcenter.__file__).parent
    for file in sorted(house.rglob("models.py")):
        importlib.import_module(".".join(file.relative_to(house.parent).with_suffix("").parts))
    return Base.metadata
