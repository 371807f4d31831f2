"""`bench ingest`: from bytes of the PBX to the last row in the database, at full speed.

The product, its peers and the limit of the machine read the very same streams in turns,
each in a process of its own. A ratio is taken within a round and never across rounds:
the machine changes more from minute to minute than the contenders differ.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from callcenter.bench import history, naive, office, ours, peers, stream
from callcenter.bench.report import Figure, Report, over_rounds
from callcenter.bench.sender import Sender
from callcenter.bench.worker import Contender, Measured, Worker

#: Called with each step that is done, of how many.
Progress = Callable[[int, int], None]


class Entrant(NamedTuple):
    """A contender, and how much of a round's stream it is given: the slow ones get less."""

    contender: Contender
    share: float = 1.0


ENTRANTS: Final = {
    "service": Entrant(ours.service),
    "ami_layer": Entrant(ours.ami_layer),
    "ami_layer_wanted": Entrant(ours.ami_layer_wanted),
    "panoramisk_noop": Entrant(peers.panoramisk_noop),
    "raw_sink": Entrant(peers.raw_sink),
    "cacofonisk": Entrant(peers.cacofonisk),
    "asterisk_ami": Entrant(peers.asterisk_ami),
    "naive": Entrant(naive.naive, 0.2),
}

#: The streams are of the last hours, so that the day's figures have something to count.
_BEGAN_S: Final = 4 * 3600

#: Figure -> whose rate is divided by whose.
_RATIOS: Final = {
    "ratio_to_panoramisk_noop": ("service", "panoramisk_noop"),
    "ratio_to_cacofonisk": ("service", "cacofonisk"),
    "ratio_to_naive": ("service", "naive"),
    "ratio_to_raw_sink": ("service", "raw_sink"),
    "ami_layer_ratio_to_panoramisk": ("ami_layer", "panoramisk_noop"),
    "ami_layer_ratio_to_asterisk_ami": ("ami_layer", "asterisk_ami"),
    "noise_dropped_ratio_to_panoramisk": ("ami_layer_wanted", "panoramisk_noop"),
}


class Size(NamedTuple):
    """How much is measured."""

    calls: int = 500
    rounds: int = 5
    agents: int = 300
    customers: int = 5_000
    interactions: int = 25_000


class Round(NamedTuple):
    """One round of one contender."""

    events_per_s: float
    cpu_us_per_event: float
    measured: Measured


def run(size: Size, progress: Progress) -> Report:
    """Measure, and return what was found."""
    missing = peers.missing()
    entrants = {name: one for name, one in ENTRANTS.items() if name not in missing}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="callcenter-bench-")))
        hours_ago = int(time.time()) - _BEGAN_S
        make = partial(stream.flood, size.agents, size.customers, hours_ago)
        sender = stack.enter_context(Sender(make, list(entrants)))
        _furnish(folder, size, sender.ports["service"])
        workers = {
            name: stack.enter_context(Worker(name, one.contender, sender.ports[name], folder))
            for name, one in entrants.items()
        }
        for worker in workers.values():
            worker.ready()
        rounds = _rounds(sender, workers, size, progress)
    return _report(rounds, size, missing)


def _furnish(folder: Path, size: Size, port: int) -> None:
    people = stream.agents(size.agents)
    asyncio.run(office.furnish(folder, people, port))
    history.fill(folder / "callcenter.db", size.customers, size.interactions, people)


def _rounds(
    sender: Sender, workers: dict[str, Worker], size: Size, progress: Progress
) -> dict[str, list[Round]]:
    rounds: dict[str, list[Round]] = {name: [] for name in workers}
    steps = (size.rounds + 1) * len(workers)
    for done, (number, name) in enumerate(_turns(size.rounds, list(workers)), 1):
        # Round 0 warms up: caches, the database, what Python compiles late.
        calls = max(1, round(size.calls * ENTRANTS[name].share / (4 if number == 0 else 1)))
        task = sender.prepare(number, calls)
        workers[name].arm(task)
        began_at = sender.pour(name)
        measured = workers[name].measured()
        if number:
            rate = task.events / (measured.ended_at - began_at)
            rounds[name].append(Round(rate, measured.cpu_s / task.events * 1e6, measured))
        progress(done, steps)
    return rounds


def _turns(rounds: int, names: list[str]) -> Iterator[tuple[int, str]]:
    """Give who plays when; the order is reversed each round, so that nobody is always first."""
    for number in range(rounds + 1):
        for name in names if number % 2 else reversed(names):
            yield number, name


def _report(rounds: dict[str, list[Round]], size: Size, missing: dict[str, str]) -> Report:
    service = [one.measured for one in rounds["service"]]
    figures = {"events_per_s": over_rounds([one.events_per_s for one in rounds["service"]])}
    for name, (ours_, theirs) in _RATIOS.items():
        if theirs in rounds:
            figures[name] = _ratio(rounds[ours_], rounds[theirs])
    figures["loop_lag_ms_max"] = over_rounds([one.lag_max_s * 1000 for one in service])
    first_mib = service[0].rss_before_mib
    figures["rss_growth_mib"] = over_rounds([one.rss_peak_mib - first_mib for one in service])
    for name in rounds:
        figures[f"{name}_cpu_us_per_event"] = over_rounds(
            [one.cpu_us_per_event for one in rounds[name]]
        )
    wrong = [what for one in service for what in one.wrong]
    return Report(
        bench="ingest", figures=figures, sizes=size._asdict(), missing=missing, wrong=wrong
    )


def _ratio(ours_: list[Round], theirs: list[Round]) -> Figure:
    return over_rounds(
        [mine.events_per_s / other.events_per_s for mine, other in zip(ours_, theirs, strict=True)]
    )
