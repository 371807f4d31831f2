"""A part of the demo in a thread of its own, so that it and the service do not share a loop."""

import asyncio
import threading
from types import TracebackType
from typing import Self


class Aside:
    """Use as a context: it goes on as long as that lasts. What it does is `go_on`."""

    def __init__(self, name: str) -> None:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)

    async def go_on(self, stop: asyncio.Event) -> None:
        """Do it until `stop` is set; say `ready` once others can rely on it."""
        raise NotImplementedError

    def ready(self) -> None:
        self._ready.set()

    def _run(self) -> None:
        asyncio.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        try:
            await self.go_on(self._stop)
        finally:
            # Whoever waits for it learns of its failure by what it lacks.
            self._ready.set()
