"""`bench soak`: a working day's calls, one round after the other, and what is left of them.

Rounds of calls come at full speed; by the PBX's clock hours lie between them. After each, all
that belonged to its calls must be gone, and memory must stand where it stood: the slope of the
rounds' memory says what a hundred thousand calls would cost.
"""

import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from callcenter.bench import torrent
from callcenter.bench.report import Report, over_rounds
from callcenter.bench.torrent import Seen, Service, Torrent

#: Called with each step that is done, of how many.
Progress = Callable[[int, int], None]

_PER: Final = 100_000
#: These fill what is kept on purpose: how numbers look, what each person was told lately.
_WARM_ROUNDS: Final = 3


class Size(NamedTuple):
    """How much is measured."""

    calls: int = 1_000
    rounds: int = 10
    agents: int = 30
    customers: int = 5_000


def run(size: Size, progress: Progress) -> Report:
    """Measure, and return what was found."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="callcenter-bench-")))
        source = stack.enter_context(Torrent(size.agents, size.customers))
        torrent.furnish(folder, size.agents, source.port)
        service = stack.enter_context(Service(folder))
        rounds = []
        for done in range(size.rounds + _WARM_ROUNDS):
            rounds.append(_round(source, service, size.calls))
            progress(done + 1, size.rounds + _WARM_ROUNDS)
    return _report(rounds, size)


def _round(source: Torrent, service: Service, calls: int) -> Seen:
    service.watch()
    seen = service.seen(source.pour(calls=calls))
    # One more call, an hour later: what is kept in case more is heard of a call is let go by then.
    service.watch()
    after = service.seen(source.pour(calls=1))
    return seen._replace(alive=after.alive, lost=seen.lost + after.lost)


def _report(rounds: list[Seen], size: Size) -> Report:
    warm, *counted = rounds[_WARM_ROUNDS - 1 :]
    figures = {
        "rss_mib_per_100k_calls": _slope([one.rss_after_mib for one in counted], size.calls),
        "rss_growth_mib": counted[-1].rss_after_mib - warm.rss_after_mib,
        "left_behind": float(sum(counted[-1].alive.values()) - sum(warm.alive.values())),
        "lost": float(sum(len(one.lost) for one in rounds)),
    }
    report = {name: over_rounds([value]) for name, value in figures.items()}
    report["loop_lag_ms_max"] = over_rounds([one.lag_max_s * 1000 for one in counted])
    report["parts_alive"] = over_rounds([float(sum(one.alive.values())) for one in counted])
    wrong = [what for one in rounds for what in one.lost]
    return Report(bench="soak", figures=report, sizes=size._asdict(), missing={}, wrong=wrong)


def _slope(values: list[float], calls: int) -> float:
    """Return how much a hundred thousand calls would add: the line that fits best."""
    if len(values) < 2:
        return 0.0
    places = [float(calls * place) for place in range(len(values))]
    return statistics.linear_regression(places, values).slope * _PER
