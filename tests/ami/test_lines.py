"""Lines begin, change and end while calls go on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from callcenter.ami.lines import Lines, Wiring
from callcenter.events import CallEnded, Event, LegEnded, LinkDown, LinkUp, MemberRemoved, TalkBegan
from callcenter.simulator import Simulator, SimulatorSettings
from tests.ami.line import LIMIT_S, QUICK, Line

PBX = 1


class Heard:
    """What the lines told, in order."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._more = asyncio.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self._more.set()

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, kind: type[Event]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not self.of(kind):
                self._more.clear()
                await self._more.wait()


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings()) as sim:
        yield sim


@asynccontextmanager
async def opened(sim: Simulator) -> AsyncIterator[tuple[Lines, Heard]]:
    heard = Heard()
    wiring = Wiring(
        account=Line.account(sim), agents=frozenset({"PJSIP/1001"}),
        trunks=("PJSIP/trunk",),
    )  # fmt: skip
    async with Lines(heard, QUICK) as lines:
        lines.open(wiring)
        yield lines, heard


async def talking(sim: Simulator, heard: Heard) -> None:
    await heard.until(LinkUp)
    call = await sim.pbx.call(from_="0501234567", to="1001")
    await call.answer()
    await heard.until(TalkBegan)


async def test_calls_of_a_pbx_that_is_taken_out_of_use_do_not_go_on_for_ever(sim: Simulator):
    async with opened(sim) as (lines, heard):
        await talking(sim, heard)
        await lines.close(PBX)

        (ended,) = heard.of(CallEnded)
        assert ended.inferred
        assert len(heard.of(LegEnded)) == 2
        assert heard.of(MemberRemoved), "nobody can be paused there any more"
        assert heard.of(LinkDown)
        assert lines.port(PBX) is None


async def test_calls_go_on_when_only_the_service_stops(sim: Simulator):
    async with opened(sim) as (_lines, heard):
        await talking(sim, heard)

    assert not heard.of(CallEnded)
