"""A process of its own for each contender, so that none pays for another's memory.

The process connects once, then plays the rounds it is told to. It is measured from
within: when it was done, its time on the processor, its memory, and how long its event
loop ever kept others waiting.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NamedTuple

from callcenter.bench.process import Process, heard
from callcenter.bench.report import percentile
from callcenter.bench.sender import Task

#: Returns what went wrong, in words, once the clock has stopped.
Verify = Callable[[], Awaitable[list[str]]]
#: Waits until all of a round is done; it begins to count before it first waits.
Play = Callable[[Task], Awaitable[Verify | None]]
#: Connects to a port, with a folder to keep things in.
Contender = Callable[[int, Path], AbstractAsyncContextManager[Play]]

_SAMPLE_S: Final = 0.002
#: The memory is looked at once in so many samples: that costs a system call.
_LAGS_A_LOOK: Final = 20
#: No round takes longer, or something hangs.
_ROUND_LIMIT_S: Final = 120.0


class Measured(NamedTuple):
    """One round of one contender; times in seconds, memory in MiB."""

    ended_at: float
    cpu_s: float
    rss_before_mib: float
    rss_peak_mib: float
    lag_p99_s: float
    lag_max_s: float
    wrong: list[str]


class Worker(Process):
    """The process, seen from the one that measures."""

    def __init__(self, name: str, contender: Contender, port: int, folder: Path) -> None:
        super().__init__(name, _serve, contender, port, folder)

    def ready(self) -> None:
        """Wait until it has connected."""
        self.hear()

    def arm(self, task: Task) -> None:
        """Tell it what will come, and wait until it counts."""
        self.ask(task)

    def measured(self) -> Measured:
        result: Measured = self.hear()
        return result


def _serve(pipe: Connection, contender: Contender, port: int, folder: Path) -> None:
    asyncio.run(_play(pipe, contender, port, folder))


async def _play(pipe: Connection, contender: Contender, port: int, folder: Path) -> None:
    async with contender(port, folder) as play:
        pipe.send("ready")
        while (task := await asyncio.to_thread(heard, pipe)) is not None:
            pipe.send(await _round(play, task, lambda: pipe.send("armed")))


async def _round(play: Play, task: Task, armed: Callable[[], None]) -> Measured:
    playing = asyncio.ensure_future(play(task))
    # One turn of the loop, in which it begins to count.
    await asyncio.sleep(0)
    with watching() as watch:
        cpu_s, before_mib = time.process_time(), rss_mib()
        armed()
        verify = await asyncio.wait_for(playing, _ROUND_LIMIT_S)
        ended_at, cpu_s = time.monotonic(), time.process_time() - cpu_s
    wrong = await verify() if verify is not None else []
    return Measured(
        ended_at, cpu_s, before_mib, max(watch.rss_peak_mib, before_mib),
        percentile(watch.lags_s, 99), max(watch.lags_s), wrong,
    )  # fmt: skip


class Watch:
    """What was seen of the event loop and the memory while a round was played."""

    def __init__(self) -> None:
        #: How much later than asked for the loop came back, at each look.
        self.lags_s = [0.0]
        self.rss_peak_mib = 0.0

    async def run(self) -> None:
        while True:
            self.rss_peak_mib = max(self.rss_peak_mib, rss_mib())
            for _ in range(_LAGS_A_LOOK):
                began = time.monotonic()
                await asyncio.sleep(_SAMPLE_S)
                self.lags_s.append(time.monotonic() - began - _SAMPLE_S)


@contextmanager
def watching() -> Iterator[Watch]:
    watch = Watch()
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()


def rss_mib() -> float:
    """Return the memory this process holds."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / (1 << 20)
