"""The pretend PBX of the demo."""

import asyncio
from pathlib import Path

from callcenter.demo.aside import Aside
from callcenter.demo.seed import Account
from callcenter.simulator.office import Caller, Office
from callcenter.simulator.server import Simulator
from callcenter.simulator.settings import SimulatorSettings


class PretendPbx(Aside):
    """Use as a context: people call as long as it lasts."""

    def __init__(
        self, callers: list[tuple[str, str]], rate_per_min: float, recordings: Path
    ) -> None:
        super().__init__("pretend PBX")
        self._callers = [
            Caller(number, name) if name else Caller(number) for number, name in callers
        ]
        self._rate_per_min = rate_per_min
        self._port = 0
        self._settings = SimulatorSettings(timers=True, wrapuptime_s=2, recordings=recordings)

    @property
    def account(self) -> Account:
        user = self._settings.users[0]
        return Account(
            host=self._settings.host, port=self._port, user=user.name, secret=user.secret
        )

    async def go_on(self, stop: asyncio.Event) -> None:
        async with Simulator(self._settings) as simulator:
            self._port = simulator.port
            self.ready()
            office = Office(simulator.pbx, self._callers)
            calling = asyncio.create_task(office.run(self._rate_per_min))
            await stop.wait()
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)
