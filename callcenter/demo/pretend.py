"""The pretend PBX in a thread of its own, so that it and the service do not share a loop."""

import asyncio
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from callcenter.demo.seed import Account
from callcenter.simulator.office import Caller, Office
from callcenter.simulator.server import Simulator
from callcenter.simulator.settings import SimulatorSettings


class PretendPbx:
    """Use as a context: people call as long as it lasts."""

    def __init__(
        self, callers: list[tuple[str, str]], rate_per_min: float, recordings: Path
    ) -> None:
        self._callers = [
            Caller(number, name) if name else Caller(number) for number, name in callers
        ]
        self._rate_per_min = rate_per_min
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pretend PBX", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._port = 0
        self._settings = SimulatorSettings(timers=True, wrapuptime_s=2, recordings=recordings)

    @property
    def account(self) -> Account:
        user = self._settings.users[0]
        return Account(
            host=self._settings.host, port=self._port, user=user.name, secret=user.secret
        )

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening.wait()
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

    def _run(self) -> None:
        asyncio.run(self._people_call())

    async def _people_call(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        try:
            async with Simulator(self._settings) as simulator:
                self._port = simulator.port
                self._listening.set()
                office = Office(simulator.pbx, self._callers)
                calling = asyncio.create_task(office.run(self._rate_per_min))
                await self._stop.wait()
                calling.cancel()
                await asyncio.gather(calling, return_exceptions=True)
        finally:
            self._listening.set()
