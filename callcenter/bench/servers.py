"""The two servers of `bench pop`: the service, and the floor no service can be below.

The floor is bare asyncio and aiohttp: at the word that a phone rings it sends a frame that is
ready but for the number. What lies between the two is the service's own time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Self

from aiohttp import web

from callcenter import app
from callcenter.app import memory
from callcenter.bench import office
from callcenter.bench.ours import connected
from callcenter.bench.process import Process, heard
from callcenter.server import log

#: Connects to an AMI port, with a folder to keep things in; gives its own address.
Serve = Callable[[int, Path], AbstractAsyncContextManager[str]]

#: A frame of the size that a page needs to show a card.
_FILL: Final = "x" * 800


class Server(Process):
    """A server, seen from the one that measures."""

    def __init__(self, name: str, serve: Serve, port: int, folder: Path) -> None:
        super().__init__(name, _run, serve, port, folder)
        #: Where pages connect, once it has started.
        self.address = ""

    def __enter__(self) -> Self:
        super().__enter__()
        self.address = self.hear()
        return self


def _run(pipe: Connection, serve: Serve, port: int, folder: Path) -> None:
    asyncio.run(_until_closed(pipe, serve, port, folder))


async def _until_closed(pipe: Connection, serve: Serve, port: int, folder: Path) -> None:
    async with serve(port, folder) as address:
        pipe.send(address)
        await asyncio.to_thread(heard, pipe)


@asynccontextmanager
async def service(_port: int, folder: Path) -> AsyncIterator[str]:
    known = office.settings(folder)
    log.set_up(known)
    async with app.running(known) as house:
        memory.spare()
        await connected(house)
        yield house.address


# ---------------------------------------------------------------- the floor


@asynccontextmanager
async def floor(port: int, _folder: Path) -> AsyncIterator[str]:
    pages: dict[bytes, web.WebSocketResponse] = {}

    async def live(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        extension = request.query["extension"].encode()
        pages[extension] = socket
        async for _message in socket:
            pass
        return socket

    application = web.Application()
    application.router.add_get("/live", live)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    reading = asyncio.create_task(_answer(port, pages))
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        reading.cancel()
        await runner.cleanup()


async def _answer(port: int, pages: dict[bytes, web.WebSocketResponse]) -> None:
    reader, _ = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    while True:
        block = await reader.readuntil(b"\r\n\r\n")
        if block.startswith(b"Event: DialBegin\r\n"):
            socket = pages.get(_value(block, b"\r\nDestCallerIDNum: "))
            if socket is not None:
                number = _value(block, b"\r\nCallerIDNum: ").decode().removeprefix("0")
                await socket.send_str(
                    f'{{"type":"pop","pop":{{"direction":"inbound",'
                    f'"e164":"+994{number}","note":"{_FILL}"}}}}'
                )


def _value(block: bytes, key: bytes) -> bytes:
    return block.partition(key)[2].partition(b"\r\n")[0]
