"""Builds every room, starts and stops it, and hands functions down.

The only room that knows all others. What a room needs from one above it comes as a
function handed over here; what happens comes over the bus. `house` wires the rooms,
`ruling` the rules, `chores` says who does which job, `telephony` keeps the lines to the PBXs, `site`
puts the pages together.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from callcenter.app import site
from callcenter.app.house import House
from callcenter.db import Database
from callcenter.migrations import migrate
from callcenter.server import application
from callcenter.settings import Settings

__all__ = ["CannotStart", "House", "running"]

log = structlog.get_logger()


class CannotStart(Exception):
    """The service cannot start; the text is for the operator and says what to do."""


@asynccontextmanager
async def running(
    settings: Settings, clock: Callable[[], float] = time.time
) -> AsyncIterator[House]:
    """Run the service as long as the context lasts. Raises CannotStart or db.CannotOpen."""
    _make_folder(settings)
    await migrate(settings.database)
    async with Database(settings.database) as database:
        house = House(settings, database, clock)
        await house.open()
        async with _at_work(house):
            try:
                async with AsyncExitStack() as stack:
                    await _serve(house, stack)
                    yield house
            finally:
                await house.close()


@asynccontextmanager
async def _at_work(house: House) -> AsyncIterator[None]:
    """Keep the rooms' tasks going; if one of them ends by a fault, so does the service."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in house.work()]
            try:
                yield
            finally:
                await _cancel(tasks)
    except BaseExceptionGroup as several:
        if len(several.exceptions) == 1:
            raise several.exceptions[0] from None
        raise


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    """End `tasks`. A wait that is over in the very moment swallows its cancellation: ask again."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5)


async def _serve(house: House, stack: AsyncExitStack) -> None:
    """Listen until `stack` is closed."""
    host, port = house.settings.host, house.settings.port
    try:
        listening = application.listening(site.build(house), host, port)
        house.address = await stack.enter_async_context(listening)
    except OSError as error:
        raise CannotStart(
            f"Nothing can listen on {host}:{port}: {error.strerror or error}. "
            "Choose another port with --port, or end what listens there."
        ) from error
    log.info("the service is up", address=house.address)


def _make_folder(settings: Settings) -> None:
    try:
        settings.data_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"The data folder {settings.data_path} cannot be made: {error.strerror or error}."
        ) from error
