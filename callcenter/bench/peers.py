"""The contenders of `ingest` that are not ours: libraries, and the limit of the machine.

Each reads the same stream over TCP. The libraries do what their documentation shows and
no more: they count events. `naive` is the stack that does all that the product does.
"""

import asyncio
import importlib.util
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from callcenter.bench.sender import Task
from callcenter.bench.worker import Play

#: The package of the extra that each contender needs.
NEEDS: Final = {"cacofonisk": "cacofonisk", "asterisk_ami": "asterisk"}


def missing() -> dict[str, str]:
    """Return contenders that cannot take part, with the package each lacks."""
    return {
        name: package for name, package in NEEDS.items() if not importlib.util.find_spec(package)
    }


class Counter:
    """Counts up to what a round holds."""

    def __init__(self) -> None:
        self._left = 0
        self._done = asyncio.Event()

    def begin(self, count: int) -> None:
        self._left = count
        self._done.clear()

    def count(self, number: int = 1) -> None:
        self._left -= number
        if self._left == 0:
            self._done.set()

    async def wait(self) -> None:
        await self._done.wait()


# ---------------------------------------------------------------- the limit


class _Sink(asyncio.BufferedProtocol):
    """Reads and forgets: no consumer can be faster."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._buffer = bytearray(256 * 1024)

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._counter.count(nbytes)


@asynccontextmanager
async def raw_sink(port: int, _folder: Path) -> AsyncIterator[Play]:
    counter = Counter()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(lambda: _Sink(counter), "127.0.0.1", port)

    async def play(task: Task) -> None:
        counter.begin(task.size_bytes)
        await counter.wait()

    # The greeting comes before any round.
    await asyncio.sleep(0.1)
    try:
        yield play
    finally:
        transport.close()


# ---------------------------------------------------------------- panoramisk


@asynccontextmanager
async def manager(port: int) -> AsyncIterator[Any]:
    """Give a panoramisk manager that is logged in."""
    from panoramisk import Manager

    quiet = logging.getLogger("callcenter.bench.panoramisk")
    quiet.setLevel(logging.ERROR)
    one = Manager(
        host="127.0.0.1", port=port, username="bench", secret="bench", ping_delay=3600, log=quiet
    )
    await one.connect()
    await one.send_action({"Action": "Ping"})
    try:
        yield one
    finally:
        one.close()


@asynccontextmanager
async def panoramisk_noop(port: int, _folder: Path) -> AsyncIterator[Play]:
    counter = Counter()

    async def play(task: Task) -> None:
        counter.begin(task.events)
        await counter.wait()

    async with manager(port) as one:
        one.register_event("*", lambda _manager, _event: counter.count())
        yield play


# ---------------------------------------------------------------- cacofonisk


@asynccontextmanager
async def cacofonisk(port: int, _folder: Path) -> AsyncIterator[Play]:
    """Tracks calls on panoramisk and reports them to nobody."""
    from cacofonisk.handlers import EventHandler
    from cacofonisk.reporters import BaseReporter

    quiet = logging.getLogger("callcenter.bench.cacofonisk")
    quiet.setLevel(logging.CRITICAL)
    handler = EventHandler(reporter=BaseReporter(), hostname="127.0.0.1", logger=quiet)
    names = list(handler.event_handlers())
    counter = Counter()

    def on_event(_manager: object, event: Any) -> None:
        handler.on_event(event)
        counter.count()

    async def play(task: Task) -> None:
        counter.begin(sum(task.names.get(name.encode(), 0) for name in names))
        await counter.wait()

    async with manager(port) as one:
        for name in names:
            one.register_event(name, on_event)
        yield play


# ---------------------------------------------------------------- asterisk-ami


@asynccontextmanager
async def asterisk_ami(port: int, _folder: Path) -> AsyncIterator[Play]:
    """Reads in a thread of its own."""
    from asterisk.ami import AMIClient

    left, done = 0, threading.Event()

    def on_event(**_event: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            done.set()

    client = AMIClient(address="127.0.0.1", port=port, timeout=None)
    client.add_listener(on_event=on_event)
    if client.login("bench", "bench").response is None:
        raise ConnectionError("asterisk-ami was not let in")

    async def play(task: Task) -> None:
        nonlocal left
        left = task.events
        done.clear()
        await asyncio.to_thread(done.wait)

    # Its own end waits for a thread that waits for the socket; the process ends both.
    yield play
