"""What a bench found: figures with their ranges, as JSON or as a table."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table


class Figure(NamedTuple):
    """One figure: the median over the rounds, the least and the greatest of them."""

    median: float
    least: float
    greatest: float


def over_rounds(values: Sequence[float]) -> Figure:
    return Figure(statistics.median(values), min(values), max(values))


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest of `values` that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__int__() - 1)]


class Report(msgspec.Struct, kw_only=True):
    """One run of one bench."""

    bench: str
    figures: dict[str, Figure]
    #: How much was measured: rounds, calls, customers.
    sizes: dict[str, int]
    #: Peers that are not installed, and the package each needs.
    missing: dict[str, str]
    #: What was wrong with what came out; a figure of a wrong result is worth nothing.
    wrong: list[str]

    def as_json(self) -> str:
        return json.dumps(
            {
                "bench": self.bench,
                "machine": machine(),
                "figures": {name: _short(figure.median) for name, figure in self.figures.items()},
                "ranges": {
                    name: [_short(figure.least), _short(figure.greatest)]
                    for name, figure in self.figures.items()
                },
                "sizes": self.sizes,
                "missing": sorted(self.missing),
                "wrong": self.wrong,
            },
            ensure_ascii=False,
        )

    def show(self, console: Console) -> None:
        table = Table(title=f"bench {self.bench} · {machine()['cpu']}", title_justify="left")
        table.add_column("figure")
        for column in ("median", "least", "greatest"):
            table.add_column(column, justify="right")
        for name, figure in self.figures.items():
            table.add_row(name, *(f"{_short(value):,}" for value in figure))
        console.print(table)
        console.print(", ".join(f"{name} {size:,}" for name, size in self.sizes.items()))
        for peer, package in self.missing.items():
            console.print(f"[yellow]{peer} is left out:[/] {package} is not installed.")
        if self.missing:
            console.print("Install the peers with: pip install 'callcenter[bench]'", markup=False)
        for what in self.wrong[:10]:
            console.print("[red]wrong:[/]", escape(what))


def _short(value: float) -> float:
    """Return `value` with as many digits as mean anything."""
    if abs(value) >= 100:
        return round(value)
    return round(value, 2 if abs(value) >= 1 else 3)


def machine() -> dict[str, str | int | float]:
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 0,
        "memory_gib": round(
            os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30), 1
        ),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
