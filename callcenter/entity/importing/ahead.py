"""Makes the next block of a file ready while the one before it is being written.

Reading and planning take this process, writing takes the database: done in turn, each waits for
the other. What is written is one block after the other all the same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple, Self

from callcenter.entity.description import Entity, Field
from callcenter.entity.importing.batches import Options
from callcenter.entity.importing.planning import Plan
from callcenter.entity.importing.table import Row
from callcenter.entity.importing.values import Reading


class Ready(NamedTuple):
    """A block that can be written; without `plans`, it is planned by whoever writes it."""

    rows: list[Row]
    readings: list[Reading]
    plans: list[Plan] | None


class Ahead:
    """The blocks of a file in their order. `read` is called in a thread, and returns no rows at the end."""

    def __init__(
        self,
        read: Callable[[], tuple[list[Row], list[Reading]]],
        plan: Callable[[list[Reading]], Awaitable[list[Plan]]] | None,
    ) -> None:
        self._read = read
        self._plan = plan

    async def __aenter__(self) -> Self:
        self._coming = asyncio.create_task(self._make())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._coming.cancel()
        await asyncio.gather(self._coming, return_exceptions=True)

    async def next(self) -> Ready:
        """Return the next block, without rows at the end; the one before it must be written."""
        ready = await self._coming
        if ready.rows:
            self._coming = asyncio.create_task(self._make())
        return ready

    async def _make(self) -> Ready:
        rows, readings = await asyncio.to_thread(self._read)
        plans = await self._plan(readings) if self._plan is not None else None
        return Ready(rows, readings, plans)


def may_plan_ahead(entity: Entity, mapped: Iterable[Field], options: Options) -> bool:
    """Tell whether rows with these fields are planned by asking alone.

    Then it is done beside the transaction that writes the block before, whose keys are known. If
    rows are locked or made for it, or if what a row says refers to rows above, it cannot be.
    """
    return (
        options.rule != "update"
        and entity.counterpart is None
        and not any(
            field.unique or field.made_with is not None or field.refers_to == entity.name
            for field in mapped
        )
    )
