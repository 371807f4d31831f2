"""`bench pop`: from the PBX's word that a phone rings to the card in the agent's browser.

Three processes, as in an office: the PBX, the service, the browsers. The PBX talks at an
office's pace, a thousand events a second, and the time of a pop is that from its write of
DialBegin to the frame read in the browser's process. The floor is measured beside it: the
least that two hops over loopback and a frame take on this machine at this moment.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from callcenter.bench import history, office, servers, stream
from callcenter.bench.pace import Pace, PacedSender, Ring
from callcenter.bench.pages import Pages
from callcenter.bench.report import Figure, Report, over_rounds, percentile
from callcenter.bench.servers import Server

#: Called with each step that is done, of how many.
Progress = Callable[[int, int], None]

_SERVERS: Final = {"service": servers.service, "floor": servers.floor}
_EVENTS_OF_A_CALL: Final = 57
#: No call has more channels.
_MOST_CHANNELS: Final = 10


class Size(NamedTuple):
    """How much is measured."""

    agents: int = 300
    events_per_s: int = 1000
    seconds: int = 3
    rounds: int = 5
    customers: int = 40_000
    interactions: int = 200_000

    @property
    def calls(self) -> int:
        """How many calls make a round."""
        return max(1, self.seconds * self.events_per_s // _EVENTS_OF_A_CALL)


class Round(NamedTuple):
    """One round of one server: how long each pop took, and what never came."""

    times_ms: list[float]
    wrong: list[str]


def run(size: Size, progress: Progress, data: Path | None = None) -> Report:
    """Measure, and return what was found; `data` keeps the made-up customers."""
    rounds: dict[str, list[Round]] = {name: [] for name in _SERVERS}
    with ExitStack() as stack:
        folder = data or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="callcenter-bench-"))
        )
        sender = stack.enter_context(PacedSender(size.agents, size.customers, list(_SERVERS)))
        people = stream.agents(size.agents)
        tokens = asyncio.run(office.furnish(folder, people, sender.ports["service"]))
        file = folder / "callcenter.db"
        history.fill(file, size.customers, size.interactions, people, progress)
        pages: dict[str, Pages] = {}
        for name, serve in _SERVERS.items():
            server = stack.enter_context(Server(name, serve, sender.ports[name], folder))
            pages[name] = stack.enter_context(Pages(server.address, tokens))
        steps = (size.rounds + 1) * len(pages)
        moments = _Moments()
        for number in range(size.rounds + 1):
            for name in list(pages) if number % 2 else reversed(pages):
                one = _round(sender, name, pages[name], number, size, moments)
                if number:
                    rounds[name].append(one)
                progress(steps - (size.rounds - number) * len(pages), steps)
    return _report(rounds, size)


class _Moments:
    """Seconds at which Uniqueids begin: of now, so that a kept database never knows them.

    A round may be over in less than a second; the next one must not begin with its Uniqueids.
    """

    def __init__(self) -> None:
        self._next = 0

    def take(self, calls: int) -> int:
        first = max(int(time.time()), self._next)
        self._next = first + calls * _MOST_CHANNELS // stream.CHANNELS_PER_S + 1
        return first


def _round(
    sender: PacedSender, name: str, pages: Pages, number: int, size: Size, moments: _Moments
) -> Round:
    # The first round warms up.
    calls = size.calls if number else max(1, size.calls // 3)
    pace = Pace(number, calls, size.events_per_s, moments.take(calls))
    rings = sender.play(name, pace)
    shown = pages.shown(len(rings))
    times_ms = [(shown[ring] - at) * 1000 for ring, at in rings.items() if ring in shown]
    return Round(times_ms, _wrong(name, rings, shown))


def _wrong(name: str, rings: dict[Ring, float], shown: dict[Ring, float]) -> list[str]:
    never = [
        f"{name}: the card of {ring.e164} never came to {ring.user_id}"
        for ring in rings.keys() - shown.keys()
    ]
    strange = [
        f"{name}: {ring.user_id} was shown {ring.e164}, who did not ring there"
        for ring in shown.keys() - rings.keys()
    ]
    return never + strange


def _report(rounds: dict[str, list[Round]], size: Size) -> Report:
    service, floor = rounds["service"], rounds["floor"]
    figures = {
        "p50_ms": _percentiles(service, 50),
        "p99_ms": _percentiles(service, 99),
        "floor_p50_ms": _percentiles(floor, 50),
        "floor_p99_ms": _percentiles(floor, 99),
        "p50_ratio_to_floor": _ratio(service, floor, 50),
        "p99_ratio_to_floor": _ratio(service, floor, 99),
    }
    sizes = size._asdict() | {"pops": sum(len(one.times_ms) for one in service)}
    wrong = [what for one in (*service, *floor) for what in one.wrong]
    return Report(bench="pop", figures=figures, sizes=sizes, missing={}, wrong=wrong)


def _percentiles(rounds: list[Round], percent: float) -> Figure:
    return over_rounds([percentile(one.times_ms, percent) for one in rounds])


def _ratio(service: list[Round], floor: list[Round], percent: float) -> Figure:
    return over_rounds(
        [
            percentile(mine.times_ms, percent) / percentile(least.times_ms, percent)
            for mine, least in zip(service, floor, strict=True)
        ]
    )
