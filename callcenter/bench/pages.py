"""A process that stands for the browsers: one connection for each agent, and a clock.

Frames are only looked into when the round is over; at their coming just the moment is kept.
The client is the `websockets` library: the server is aiohttp's, so each checks the other.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from multiprocessing.connection import Connection
from typing import Final, Self

import msgspec
from websockets.asyncio.client import ClientConnection, connect

from callcenter.bench.pace import Ring
from callcenter.bench.process import Process, heard

#: What has not come so long after the round never will.
_LATE_S: Final = 3.0
_SETTLE_S: Final = 0.2
_HELLO: Final = '{"type":"hello","id":1}'
_POP: Final = b'{"type":"pop",'


class _Pop(msgspec.Struct):
    direction: str | None
    e164: str | None = None


class _Frame(msgspec.Struct):
    pop: _Pop


class Pages(Process):
    """The process, seen from the one that measures."""

    def __init__(self, address: str, tokens: dict[int, str]) -> None:
        super().__init__("pages", _run, address, tokens)

    def __enter__(self) -> Self:
        super().__enter__()
        self.hear()
        return self

    def shown(self, rings: int) -> dict[Ring, float]:
        """Return when each page first had the card of a ring, once so many have come."""
        shown: dict[Ring, float] = self.ask(rings)
        return shown


def _run(pipe: Connection, address: str, tokens: dict[int, str]) -> None:
    asyncio.run(_watch(pipe, address, tokens))


async def _watch(pipe: Connection, address: str, tokens: dict[int, str]) -> None:
    frames: list[tuple[int, float, bytes]] = []
    async with _open(address, tokens, frames):
        pipe.send("open")
        while (rings := await asyncio.to_thread(heard, pipe)) is not None:
            pipe.send(await _collect(frames, rings))


async def _collect(frames: list[tuple[int, float, bytes]], rings: int) -> dict[Ring, float]:
    shown: dict[Ring, float] = {}
    until = time.monotonic() + _LATE_S
    while True:
        for user_id, at, frame in frames:
            pop = msgspec.json.decode(frame, type=_Frame).pop
            if pop.direction == "inbound" and pop.e164:
                shown.setdefault(Ring(user_id, pop.e164), at)
        frames.clear()
        if len(shown) >= rings or time.monotonic() > until:
            break
        await asyncio.sleep(0.05)
    # The last cards change once more; that belongs to this round still.
    await asyncio.sleep(_SETTLE_S)
    frames.clear()
    return shown


@asynccontextmanager
async def _open(
    address: str, tokens: dict[int, str], frames: list[tuple[int, float, bytes]]
) -> AsyncIterator[None]:
    url = f"{address.replace('http', 'ws', 1)}/live"
    async with AsyncExitStack() as stack:
        sockets = {
            user_id: await stack.enter_async_context(
                connect(
                    f"{url}?extension={user_id}",
                    additional_headers={"Authorization": f"Bearer {token}"},
                    compression=None,
                    ping_interval=None,
                    max_size=None,
                )
            )
            for user_id, token in tokens.items()
        }
        reading = [
            asyncio.create_task(_read(user_id, socket, frames))
            for user_id, socket in sockets.items()
        ]
        for socket in sockets.values():
            await socket.send(_HELLO)
        # All are taken in once the server has answered the last of them.
        await asyncio.sleep(0.5)
        frames.clear()
        try:
            yield
        finally:
            for task in reading:
                task.cancel()


async def _read(
    user_id: int, socket: ClientConnection, frames: list[tuple[int, float, bytes]]
) -> None:
    while True:
        frame = await socket.recv(decode=False)
        at = time.monotonic()
        if frame.startswith(_POP):
            frames.append((user_id, at, frame))
