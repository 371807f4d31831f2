"""How SQLite answers what the house asks: by an index, or by reading a whole table."""

import re
from collections.abc import Coroutine
from typing import Any

from sqlalchemy import event

from callcenter.db import Database


async def plan_of(database: Database, work: Coroutine[Any, Any, Any]) -> list[str]:
    """Do `work` and return the steps of all that it read."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, values: Any, *_more: Any) -> None:
        if sql.lstrip().startswith("SELECT"):
            asked.append((sql, values))

    engine = database._engine.reading.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        await work
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return [
        row[3]
        for sql, values in asked
        for row in await database.fetch(f"EXPLAIN QUERY PLAN {sql}", *values)
    ]


def scans(plan: list[str]) -> list[str]:
    """Return the steps that read all rows of a table, in whatever order."""
    return [step for step in plan if re.match(r"SCAN (?!CONSTANT|\()", step)]
