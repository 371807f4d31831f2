"""A process that stands for a PBX that never pauses, and the service that has to bear it.

`Torrent` makes calls without end and writes their events as fast as the line takes them.
`Service` runs the whole product and says what it cost: how long its loop kept others waiting,
how its memory grew, which calls did not end up stored as they were.
"""

import asyncio
import gc
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NamedTuple, Self

from callcenter import app
from callcenter.ami.tracker import state
from callcenter.bench import office, ours, stream
from callcenter.bench.process import Process, heard
from callcenter.bench.report import percentile
from callcenter.bench.sender import Line
from callcenter.bench.stream import Mixer, Outcome
from callcenter.bench.worker import rss_mib, watching
from callcenter.calls.board import LiveCall
from callcenter.calls.call import Call
from callcenter.events import CallStored
from callcenter.screenpop.dispatch import Screen

#: Written at once.
_WRITE_BLOCKS: Final = 128
#: By the PBX's clock events follow each other so closely, and rounds so far from each other.
_STEP_S: Final = 0.001
_ROUND_S: Final = 3600
#: Calls that are not stored by then, after the last one that was, never will be.
_PATIENCE_S: Final = 15.0
#: What the call model, the tracker and the screens keep of a call in progress.
_PARTS: Final = (LiveCall, Call, Screen, state.Bridge, state.CallState, state.Channel, state.Leg)


class Poured(NamedTuple):
    """What was sent: so many events, and what must come of each call."""

    events: int
    took_s: float
    outcomes: dict[str, Outcome]


class Torrent(Process):
    """The process, seen from the one that measures."""

    def __init__(self, people: int, customers: int) -> None:
        super().__init__("torrent", _pour_on_command, people, customers)
        #: Where the service connects, once the process has started.
        self.port = 0

    def __enter__(self) -> Self:
        super().__enter__()
        self.port = self.hear()
        return self

    def pour(self, *, calls: int = sys.maxsize, seconds: float = 3600.0) -> Poured:
        """Send that many calls, or calls for so long, an hour after the last by the PBX's clock."""
        poured: Poured = self.ask(("pour", calls, seconds))
        return poured

    def burst(self, events: int) -> Poured:
        """Make so many events, about, of whole calls, and then send them at once."""
        poured: Poured = self.ask(("burst", events, 3600.0))
        return poured


def _pour_on_command(pipe: Connection, people: int, customers: int) -> None:
    line = Line()
    pipe.send(line.port)
    numbers = stream.callers(1, customers)
    clock = Clock(int(time.time()) - 48 * _ROUND_S)
    mixer = Mixer(1, stream.agents(people), numbers, int(clock.at))
    while (command := heard(pipe)) is not None:
        verb, size, seconds = command
        mixer.outcomes = {}
        clock.at += _ROUND_S
        # A call has some sixty events.
        calls = size if verb == "pour" else max(1, size // 55)
        pieces: Iterable[list[bytes]] = _pieces(_blocks(mixer, clock, calls, seconds))
        pipe.send(_pour(line, pieces if verb == "pour" else list(pieces), mixer))


class Clock:
    """The PBX's."""

    def __init__(self, at: float) -> None:
        self.at = at


def _blocks(mixer: Mixer, clock: Clock, calls: int, seconds: float) -> Iterator[bytes]:
    until = time.monotonic() + seconds
    for event, _ in mixer.steps(calls, lambda: time.monotonic() > until):
        clock.at += _STEP_S
        yield event.stamped(clock.at)


def _pieces(blocks: Iterator[bytes]) -> Iterator[list[bytes]]:
    piece: list[bytes] = []
    for block in blocks:
        piece.append(block)
        if len(piece) == _WRITE_BLOCKS:
            yield piece
            piece = []
    yield piece


def _pour(line: Line, pieces: Iterable[list[bytes]], mixer: Mixer) -> Poured:
    began_at, events = time.monotonic(), 0
    for piece in pieces:
        line.write([b"".join(piece)])
        events += len(piece)
    return Poured(events, time.monotonic() - began_at, mixer.outcomes)


# ---------------------------------------------------------------- who has to bear it


class Seen(NamedTuple):
    """What it cost the service, from `watch` until the last call was stored."""

    lag_p99_s: float
    lag_max_s: float
    rss_before_mib: float
    rss_peak_mib: float
    rss_after_mib: float
    #: Parts of calls that are still there.
    alive: dict[str, int]
    lost: list[str]
    took_s: float


class Service(Process):
    """The process, seen from the one that measures."""

    def __init__(self, folder: Path) -> None:
        super().__init__("service", _bear, folder)

    def __enter__(self) -> Self:
        super().__enter__()
        self.hear()
        return self

    def watch(self) -> None:
        self.ask("watch")

    def seen(self, poured: Poured) -> Seen:
        """Return what it cost, once all that was poured is stored, or never will be."""
        seen: Seen = self.ask(poured.outcomes)
        return seen


def furnish(folder: Path, people: int, port: int) -> None:
    asyncio.run(office.furnish(folder, stream.agents(people), port))


def _bear(pipe: Connection, folder: Path) -> None:
    asyncio.run(_until_closed(pipe, folder))


async def _until_closed(pipe: Connection, folder: Path) -> None:
    async with ours.at_work(folder) as house:
        pipe.send("ready")
        while await asyncio.to_thread(heard, pipe) is not None:
            pipe.send(await _watched(pipe, house))


async def _watched(pipe: Connection, house: app.House) -> Seen:
    ended: set[int] = set()

    def note(event: CallStored) -> None:
        if event.ended:
            ended.add(event.call_id)

    end = house.bus.listen(note, CallStored)
    began_at, before_mib = time.monotonic(), rss_mib()
    with watching() as watch:
        pipe.send("watching")
        outcomes = await asyncio.to_thread(heard, pipe)
        await _all_stored(ended, len(outcomes))
        await house.writer.drain()
        await house.linker.drain()
        took_s = time.monotonic() - began_at
    end()
    after_mib = rss_mib()
    lost = await ours.differences(house, outcomes)
    return Seen(
        percentile(watch.lags_s, 99), max(watch.lags_s), before_mib, watch.rss_peak_mib,
        after_mib, _alive(), lost, took_s,
    )  # fmt: skip


async def _all_stored(ended: set[int], wanted: int) -> None:
    """Return when so many calls are stored, or it goes on no more."""
    count, since = len(ended), time.monotonic()
    while len(ended) < wanted and time.monotonic() - since < _PATIENCE_S:
        await asyncio.sleep(0.02)
        if len(ended) > count:
            count, since = len(ended), time.monotonic()


def _alive() -> dict[str, int]:
    gc.collect()
    alive = Counter(type(one) for one in gc.get_objects() if isinstance(one, _PARTS))
    return {f"{kind.__module__}.{kind.__name__}": count for kind, count in alive.items()}
