"""Writes the next revision: `python -m callcenter.migrations "Contacts have addresses"`."""

import asyncio
import sys
import tempfile
from pathlib import Path

import alembic.command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from callcenter.db.database import engine_of
from callcenter.migrations import all_tables, configuration, migrate


async def write(sentence: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'now.db'}"
        await migrate(url)
        engine = engine_of(url)
        await engine.open()
        try:
            async with engine.writing.connect() as connection:
                await connection.run_sync(_revision, sentence)
        finally:
            await engine.close()


def _revision(connection: Connection, sentence: str) -> None:
    config = configuration(connection, all_tables())
    written = ScriptDirectory.from_config(config).walk_revisions()
    number = f"{len(list(written)) + 1:04}"
    alembic.command.revision(config, sentence, autogenerate=True, rev_id=number)


asyncio.run(write(" ".join(sys.argv[1:])))
