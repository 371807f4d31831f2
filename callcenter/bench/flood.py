"""`bench flood`: everything a PBX can send, without a pause, and a database that stops answering.

Events come as fast as the line takes them, several hundred calls a second, while another
process keeps the database locked for some seconds. The service may grow by what waits for the
database and no more; its loop must stay free for the cards of callers; and no call may be lost.
Before it, bursts: what a PBX sends in one go when it comes to itself again.
"""

import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from callcenter.bench import torrent
from callcenter.bench.report import Report, over_rounds
from callcenter.bench.torrent import Poured, Seen, Service, Torrent

#: Called with each step that is done, of how many.
Progress = Callable[[int, int], None]


class Size(NamedTuple):
    """How much is measured."""

    seconds: int = 30
    pause_s: int = 5
    burst_events: int = 20_000
    bursts: int = 3
    agents: int = 300
    customers: int = 5_000


def run(size: Size, progress: Progress) -> Report:
    """Measure, and return what was found."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="callcenter-bench-")))
        source = stack.enter_context(Torrent(size.agents, size.customers))
        torrent.furnish(folder, size.agents, source.port)
        service = stack.enter_context(Service(folder))
        bursts = []
        for done in range(size.bursts + 1):
            service.watch()
            # The first one warms up.
            bursts.append(service.seen(source.burst(size.burst_events if done else 500)))
            progress(done + 1, size.bursts + 2)
        service.watch()
        with _paused(folder / "callcenter.db", size):
            poured = source.pour(seconds=size.seconds)
        seen = service.seen(poured)
        progress(size.bursts + 2, size.bursts + 2)
    return _report(bursts, poured, seen, size)


class _paused:  # noqa: N801 (a context, used like a function)
    """Lock the database for writers from a third of the flood on."""

    def __init__(self, file: Path, size: Size) -> None:
        self._thread = threading.Thread(target=_lock, args=(file, size.seconds / 3, size.pause_s))

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._thread.join()


def _lock(file: Path, after_s: float, pause_s: float) -> None:
    time.sleep(after_s)
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as database:
        database.execute("BEGIN IMMEDIATE")
        time.sleep(pause_s)
        database.execute("ROLLBACK")


def _report(bursts: list[Seen], poured: Poured, seen: Seen, size: Size) -> Report:
    lost = [what for one in (*bursts, seen) for what in one.lost]
    figures = {
        "rss_growth_mib": seen.rss_peak_mib - seen.rss_before_mib,
        "loop_lag_ms_p99": seen.lag_p99_s * 1000,
        "loop_lag_ms_max": seen.lag_max_s * 1000,
        "lost": float(len(lost)),
        "events_per_s": poured.events / poured.took_s,
        "behind_s": seen.took_s - poured.took_s,
    }
    report = {name: over_rounds([value]) for name, value in figures.items()}
    report["burst_stall_ms"] = over_rounds([one.lag_max_s * 1000 for one in bursts[1:]])
    sizes = size._asdict() | {"events": poured.events, "calls": len(poured.outcomes)}
    return Report(bench="flood", figures=report, sizes=sizes, missing={}, wrong=lost)
