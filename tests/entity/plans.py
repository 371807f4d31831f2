"""How an engine answers the questions that a list asks."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import event

from callcenter.db import Database


async def plans_of(database: Database, table: str, ask: Callable[[], Awaitable[Any]]) -> list[str]:
    """Return the plan of each question that `ask` puts to a table; a sorting step says SORT."""
    asked: list[tuple[str, Sequence[Any]]] = []

    def note(_c: Any, _cursor: Any, statement: str, given: Any, _ctx: Any, _many: bool) -> None:
        if f"FROM {table}" in statement:
            asked.append((statement, given))

    async with database.read() as session:
        connection = (await session.connection()).sync_connection
        assert connection is not None
        engine = connection.engine
    event.listen(engine, "before_cursor_execute", note)
    await ask()
    event.remove(engine, "before_cursor_execute", note)
    how = "EXPLAIN " if database.is_postgresql else "EXPLAIN QUERY PLAN "
    plans = []
    async with database.read() as session:
        connection = await session.connection()
        if database.is_postgresql:
            # A small table would be read whole; the question is whether it can be read in order.
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            await connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        for statement, given in asked:
            told = await connection.exec_driver_sql(how + statement, given)
            steps = " | ".join(str(row[-1]) for row in told)
            plans.append(steps.replace("USE TEMP B-TREE", "SORT"))
    return plans
