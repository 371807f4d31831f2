"""A line to a simulated PBX: link, stream, tracker and ingest as the service has them."""

import asyncio
import dataclasses
from collections.abc import Sequence
from typing import Self

from callcenter.ami.asterisk import Asterisk
from callcenter.ami.connection import Account, Link, Timing
from callcenter.ami.ingest import UNCONFIRMED_S, Ingest
from callcenter.ami.recorder import Tape
from callcenter.ami.stream import LIMIT_BYTES, Stream
from callcenter.ami.tracker import WANTED, Endpoints, Tracker
from callcenter.events import CallEvent, Event, LinkUp
from callcenter.simulator import Simulator

#: Longest time a test waits for anything.
LIMIT_S = 30.0

#: Tries again at once, and never takes a busy machine for a silent PBX.
QUICK = Timing(
    connect_s=LIMIT_S, ping_s=LIMIT_S, boot_s=0.1, retry_first_s=0.02, retry_max_s=0.1,
    steady_s=0.05,
)  # fmt: skip
#: Where the PBX does fall silent.
WATCHFUL = dataclasses.replace(QUICK, ping_s=0.5)


class Line:
    """What came out of a PBX, and the port to it; leaving it as a context ends it."""

    def __init__(
        self,
        sim: Simulator,
        *,
        secret: str = "crm-secret",
        limit_bytes: int = LIMIT_BYTES,
        last_at: float | None = None,
        told: Sequence[CallEvent] = (),
        unconfirmed_s: float = UNCONFIRMED_S,
        tape: Tape | None = None,
        timing: Timing = QUICK,
    ) -> None:
        self.events: list[Event] = []
        self.stream = Stream(limit_bytes)
        self.link = Link(self.account(sim, secret), WANTED, self.stream, timing=timing, tape=tape)
        self.asterisk = Asterisk(self.link)
        tracker = Tracker(1, Endpoints(["PJSIP/1*"], ["PJSIP/trunk"]))
        tracker.recall(told)
        self.ingest = Ingest(
            1, self.stream, self.link, tracker, self._hear,
            last_at=last_at, unconfirmed_s=unconfirmed_s,
        )  # fmt: skip
        self._more = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @staticmethod
    def account(sim: Simulator, secret: str = "crm-secret") -> Account:
        return Account(1, sim.host, "crm", secret, sim.port)

    def _hear(self, event: Event) -> None:
        self.events.append(event)
        self._more.set()

    async def __aenter__(self) -> Self:
        self.listen()
        self.handle()
        return self

    async def __aexit__(self, *error: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def listen(self) -> None:
        self._tasks.append(asyncio.create_task(self.link.run()))

    def handle(self) -> asyncio.Task[None]:
        self._tasks.append(asyncio.create_task(self.ingest.run()))
        return self._tasks[-1]

    def heard(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, kind: type[Event], count: int = 1) -> Event:
        """Wait for the `count`th event of `kind` and return it."""
        async with asyncio.timeout(LIMIT_S):
            while len(found := self.heard(kind)) < count:
                self._more.clear()
                await self._more.wait()
        return found[count - 1]

    async def up(self, count: int = 1) -> None:
        await self.until(LinkUp, count)

    def of_calls(self) -> list[CallEvent]:
        return [event for event in self.events if isinstance(event, CallEvent)]

    def story(self) -> list[str]:
        """Return what was told of calls, by name, in order."""
        return [type(event).__name__ for event in self.of_calls()]
