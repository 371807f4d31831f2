"""`bench resync`: from the PBX's list of its channels to calls that are known again.

The service loses its line and finds thousands of channels it never heard of: the worst a
reconnect can bring. It asks for the lists, takes the calls up and tells them to everybody.
panoramisk is asked for the same lists, as lists, and does nothing with them; so does our
AMI layer alone. A ratio is taken within a round.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from callcenter import app
from callcenter.ami.session import Account, Session
from callcenter.bench import office, ours, peers, stream
from callcenter.bench.listing import Switch
from callcenter.bench.report import Figure, Report, over_rounds
from callcenter.bench.sender import Task
from callcenter.bench.worker import Contender, Measured, Play, Verify, Worker
from callcenter.events import LinkUp

#: Called with each step that is done, of how many.
Progress = Callable[[int, int], None]

_LISTS: Final = ("CoreShowChannels", "Status", "BridgeList")
_DEADLINE_S: Final = 30.0


class Size(NamedTuple):
    """How much is measured."""

    channels: int = 5_000
    rounds: int = 5
    agents: int = 300


class Round(NamedTuple):
    """One round of one contender."""

    ms: float
    measured: Measured


# ---------------------------------------------------------------- contenders


@asynccontextmanager
async def service(_port: int, folder: Path) -> AsyncIterator[Play]:
    """Everything the service does after a lost line."""
    async with ours.at_work(folder) as house:
        yield partial(_until_known, house)


async def _until_known(house: app.House, task: Task) -> Verify:
    up = asyncio.Event()
    end = house.bus.listen(lambda _event: up.set(), LinkUp)
    try:
        await up.wait()
    finally:
        end()
    return partial(_differences, house, task)


async def _differences(house: app.House, task: Task) -> list[str]:
    """Return which calls are not known as the PBX listed them."""
    live = {live.call.id: live.call for live in house.board if live.call.live}
    wrong = [
        f"call {uid} is not known"
        for uid in task.outcomes
        if uid not in live or len(live[uid].talkers()) != 1
    ]
    wrong += [f"call {uid} is still taken for live" for uid in live.keys() - task.outcomes.keys()]
    await house.writer.drain()
    return wrong


@asynccontextmanager
async def ami_layer(port: int, _folder: Path) -> AsyncIterator[Play]:
    """Asks for the lists and does nothing with them."""
    account = Account(office.PBX, "127.0.0.1", "bench", "bench", port)
    session = Session(account, frozenset(), lambda _read: None, lambda: None)
    await session.open(5)
    await session.log_in(5)

    async def play(task: Task) -> None:
        for action in _LISTS:
            items = await session.request_list({"Action": action}, _DEADLINE_S)
            _expect(len(items), action, task)

    try:
        yield play
    finally:
        session.close("the bench is over")


@asynccontextmanager
async def panoramisk(port: int, _folder: Path) -> AsyncIterator[Play]:
    """Asks for the lists and does nothing with them."""
    async with peers.manager(port) as manager:

        async def play(task: Task) -> None:
            for action in _LISTS:
                # The first message is the answer itself, the last the end of the list.
                answer = await manager.send_action({"Action": action}, as_list=True)
                _expect(len(answer) - 2, action, task)

        yield play


def _expect(count: int, action: str, task: Task) -> None:
    wanted = task.events if action != "BridgeList" else task.events // 2
    if count != wanted:
        raise AssertionError(f"{action} told {count} items instead of {wanted}")


CONTENDERS: Final[dict[str, Contender]] = {
    "service": service,
    "ami_layer": ami_layer,
    "panoramisk": panoramisk,
}


# ---------------------------------------------------------------- rounds


def run(size: Size, progress: Progress) -> Report:
    """Measure, and return what was found."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="callcenter-bench-")))
        switch = stack.enter_context(Switch(size.agents, list(CONTENDERS)))
        people = stream.agents(size.agents)
        asyncio.run(office.furnish(folder, people, switch.ports["service"]))
        workers = {
            name: stack.enter_context(Worker(name, contender, switch.ports[name], folder))
            for name, contender in CONTENDERS.items()
        }
        for worker in workers.values():
            worker.ready()
        rounds: dict[str, list[Round]] = {name: [] for name in workers}
        steps = (size.rounds + 1) * len(workers)
        for done, (number, name) in enumerate(_turns(size.rounds), 1):
            one = _round(switch, workers[name], number, size.channels)
            # Round 0 warms up.
            if number:
                rounds[name].append(one)
            progress(done, steps)
    return _report(rounds, size)


def _turns(rounds: int) -> Iterator[tuple[int, str]]:
    """Give who plays when; the order is reversed each round, so that nobody is always first."""
    for number in range(rounds + 1):
        for name in CONTENDERS if number % 2 else reversed(CONTENDERS):
            yield number, name


def _round(switch: Switch, worker: Worker, number: int, channels: int) -> Round:
    measured = _play(switch, worker, number, channels)
    ms = (measured.ended_at - switch.began_at(worker.name)) * 1000
    if worker.name == "service":
        # Before the next round all of these calls end, unmeasured.
        emptied = _play(switch, worker, number, 0)
        measured = measured._replace(wrong=measured.wrong + emptied.wrong)
    return Round(ms, measured)


def _play(switch: Switch, worker: Worker, number: int, channels: int) -> Measured:
    worker.arm(switch.prepare(worker.name, number, channels))
    if worker.name == "service":
        switch.drop(worker.name)
    return worker.measured()


def _report(rounds: dict[str, list[Round]], size: Size) -> Report:
    service = rounds["service"]
    figures = {
        "ms": over_rounds([one.ms for one in service]),
        "ratio_to_panoramisk": _ratio(rounds, "service"),
        "loop_lag_ms_max": over_rounds([one.measured.lag_max_s * 1000 for one in service]),
        "ami_layer_ms": over_rounds([one.ms for one in rounds["ami_layer"]]),
        "ami_layer_ratio_to_panoramisk": _ratio(rounds, "ami_layer"),
        "panoramisk_ms": over_rounds([one.ms for one in rounds["panoramisk"]]),
    }
    wrong = [what for one in service for what in one.measured.wrong]
    return Report(bench="resync", figures=figures, sizes=size._asdict(), missing={}, wrong=wrong)


def _ratio(rounds: dict[str, list[Round]], name: str) -> Figure:
    pairs = zip(rounds[name], rounds["panoramisk"], strict=True)
    return over_rounds([mine.ms / theirs.ms for mine, theirs in pairs])
