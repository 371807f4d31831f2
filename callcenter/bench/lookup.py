"""`bench lookup`: whose number it is, among very many.

A look-up is what happens while a phone rings: the number as a trunk writes it is read, the index
asked, the contacts ranked. It is measured in two crowds, one ten times the other: what grows with
the crowd would be felt one day.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple

from callcenter import phone
from callcenter.bench import crowd
from callcenter.bench.report import Figure, Report, over_rounds, percentile
from callcenter.crm.lookup import EXACT, LAST_DIGITS, SUFFIX, who_is
from callcenter.db import Database

Progress = Callable[[int, int], None]

_REGIONS: Final = ("AZ", "TR", "RU", "GE")
_US: Final = 1_000_000
#: How trunks write a number of the country.
_FORMS: Final[tuple[Callable[[str], str], ...]] = (
    lambda local: f"0{local}",
    lambda local: f"+994{local}",
    lambda local: f"994{local}",
    lambda local: f"00994{local}",
    lambda local: local,
)
#: What a look-up needs.
_INDEXED: Final = ("contact_point",)
_BLOCK_BYTES: Final = 1 << 22
#: Look-ups before those that count.
_WARM: Final = 2_000


class Size(NamedTuple):
    """How much is measured."""

    numbers: int = 500_000
    lookups: int = 5_000
    rounds: int = 5


class Round(NamedTuple):
    """Microseconds of each look-up, by kind."""

    exact: list[float]
    last_digits: list[float]
    whole: list[float]
    reading_us: float
    wrong: list[str]


def run(size: Size, progress: Progress, url: str = "") -> Report:
    """Measure in a SQLite file of its own, or in the database at `url`, which must be empty."""
    steps = size.rounds * 2 + 2
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="callcenter-bench-")))
        rounds: dict[int, list[Round]] = {}
        crowds = [size.numbers] if url else [size.numbers // 10, size.numbers]
        for done, numbers in enumerate(crowds, 1):
            place = url or f"sqlite:///{folder}/{numbers}.db"
            crowd.fill(place, numbers, indexed=_INDEXED)
            if not url:
                _read_through(folder / f"{numbers}.db")
            progress(done * (size.rounds + 1) - size.rounds, steps)
            rounds[numbers] = asyncio.run(_rounds(place, numbers, size))
            progress(done * (size.rounds + 1), steps)
    return _report(rounds, size)


def _read_through(file: Path) -> None:
    """Have the system hold the file in memory, as it does where calls come in all day."""
    with file.open("rb", buffering=0) as opened:
        while opened.read(_BLOCK_BYTES):
            pass


async def _rounds(url: str, numbers: int, size: Size) -> list[Round]:
    async with Database(url) as database:
        await _round(database, numbers, min(_WARM, size.lookups), 0)
        return [
            await _round(database, numbers, size.lookups, seed)
            for seed in range(1, size.rounds + 1)
        ]


async def _round(database: Database, numbers: int, lookups: int, seed: int) -> Round:
    dice = random.Random(seed)
    whom = [dice.randrange(numbers) for _ in range(lookups)]
    wanted = [crowd.norm(index) for index in whom]
    wrong: list[str] = []

    async def exact(number: str) -> Any:
        return await database.fetch(EXACT, number)

    async def last_digits(number: str) -> Any:
        digits = phone.backwards(number)[:LAST_DIGITS]
        return await database.fetch(SUFFIX, digits, f"{digits}:")

    async def whole(number: str) -> Any:
        # As a trunk of the country writes it.
        return await who_is(database, f"0{number[4:]}", _REGIONS)

    for index, number in zip(whom[:100], wanted, strict=False):
        found = await whole(number)
        if crowd.contact_id(index) not in {one.contact_id for one in found.candidates}:
            wrong.append(f"{number} is not known as customer {index}")
    return Round(
        await _timed(exact, wanted), await _timed(last_digits, wanted), await _timed(whole, wanted),
        _reading(wanted), wrong,
    )  # fmt: skip


async def _timed(ask: Callable[[str], Awaitable[Any]], numbers: Sequence[str]) -> list[float]:
    spent = []
    for number in numbers:
        began = time.perf_counter()
        await ask(number)
        spent.append((time.perf_counter() - began) * _US)
    return spent


def _reading(numbers: Sequence[str]) -> float:
    """Return the mean time to read a number as trunks write it, in microseconds."""
    written = [form(number[4:]) for number in numbers for form in _FORMS]
    began = time.perf_counter()
    for raw in written:
        phone.read(raw, _REGIONS)
    return (time.perf_counter() - began) / len(written) * _US


def _report(rounds: dict[int, list[Round]], size: Size) -> Report:
    most = rounds[max(rounds)]
    figures: dict[str, Figure] = {}
    for name in ("exact", "last_digits", "whole"):
        for percent in (50, 99):
            figures[f"{name}_p{percent}_us"] = over_rounds(
                [percentile(getattr(one, name), percent) for one in most]
            )
    figures["reading_mean_us"] = over_rounds([one.reading_us for one in most])
    if len(rounds) > 1:
        fewer = rounds[min(rounds)]
        figures["exact_p50_ratio_to_a_tenth"] = over_rounds(
            [
                percentile(one.exact, 50) / percentile(other.exact, 50)
                for one, other in zip(most, fewer, strict=True)
            ]
        )
    wrong = [what for each in rounds.values() for one in each for what in one.wrong]
    return Report(bench="lookup", figures=figures, sizes=size._asdict(), missing={}, wrong=wrong)
