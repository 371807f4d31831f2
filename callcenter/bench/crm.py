"""`bench crm`: lists, search, cards, boards and the look for duplicates among very many customers.

What is asked (`questions`) is what the pages and the API ask, without the network and the template;
then a file comes in.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from callcenter.app import memory
from callcenter.app.entities import registry_of
from callcenter.bench import crowd, inquiries, lead_questions, months
from callcenter.bench.bringing import bring_in, told_of, wrong_with
from callcenter.bench.questions import REGIONS, Ask, Crm, lists, others, who
from callcenter.bench.report import Figure, Report, over_rounds, percentile
from callcenter.crm.contacts.search import ids_of
from callcenter.crm.duplicates.check import check
from callcenter.crm.duplicates.score import Facts
from callcenter.db import Database
from callcenter.entity.listing import MOST_COUNTED

Progress = Callable[[int, int], None]

_MS: Final = 1_000


class Size(NamedTuple):
    """How much is measured."""

    contacts: int = 100_000
    leads: int = 50_000
    imports: int = 5_000
    asks: int = 30
    rounds: int = 3


def run(size: Size, progress: Progress, url: str = "") -> Report:
    """Measure in a SQLite file of its own, or in the database at `url`, which must be empty."""
    with tempfile.TemporaryDirectory(prefix="callcenter-bench-") as folder:
        place = url or f"sqlite:///{Path(folder) / 'crowd.db'}"
        all_rows = 2 * (size.contacts + size.leads)
        crowd.fill(place, size.contacts, lambda done, _of: progress(done, all_rows))
        inquiries.fill(
            place, size.leads, size.contacts,
            lambda done, _of: progress(size.contacts + done, all_rows),
        )  # fmt: skip
        figures, wrong = asyncio.run(_measure(place, size, Path(folder)))
    progress(2, 2)
    return Report(bench="crm", figures=figures, sizes=size._asdict(), missing={}, wrong=wrong)


async def _measure(url: str, size: Size, folder: Path) -> tuple[dict[str, Figure], list[str]]:
    registry = registry_of(REGIONS)
    async with Database(url) as database:
        await registry.load(database)
        crm = Crm(database, registry, registry["contact"], size.contacts)
        # As the service does once it is up.
        memory.spare()
        figures = {
            "list_ms": _worst(listed := await _asked(lists(crm), size), "p50"),
            "list_p95_ms": _worst(listed, "p95"),
        }
        await months.fill(database, size.contacts)
        told = await _asked(others(crm), size)
        told |= await _asked(lead_questions.questions(crm, size.leads), size)
        figures |= {
            "search_p95_ms": _worst(_named(told, "search"), "p95"),
            "card_ms": told["card_p50_ms"],
            "board_ms": _worst(_named(told, "board", "lead_board"), "p50"),
            "lead_list_ms": _worst(_named(told, "lead_list"), "p50"),
            "calendar_ms": told["calendar_p50_ms"],
            "distribution_ms": _worst(_named(told, "distribution"), "p50"),
        }
        brought = [
            await bring_in(crm, REGIONS, folder, size.imports, number)
            for number in range(size.rounds)
        ]
        faults = await _faults(crm)
        return figures | listed | told | told_of(brought), faults + wrong_with(brought)


def _worst(figures: dict[str, Figure], part: str) -> Figure:
    """Return the greatest of the figures of a kind."""
    return max(figure for name, figure in figures.items() if name.endswith(f"{part}_ms"))


def _named(figures: dict[str, Figure], *words: str) -> dict[str, Figure]:
    return {name: figure for name, figure in figures.items() if name.startswith(words)}


async def _asked(questions: dict[str, Ask], size: Size) -> dict[str, Figure]:
    figures = {}
    for name, ask in questions.items():
        await _spent(ask, 5, 0)
        rounds = [await _spent(ask, size.asks, seed) for seed in range(1, size.rounds + 1)]
        for percent in (50, 95):
            figures[f"{name}_p{percent}_ms"] = over_rounds(
                [percentile(spent, percent) for spent in rounds]
            )
    return figures


async def _spent(ask: Ask, asks: int, seed: int) -> list[float]:
    dice, spent = random.Random(seed), []
    for _ in range(asks):
        began = time.perf_counter()
        await ask(dice)
        spent.append((time.perf_counter() - began) * _MS)
    return spent


# ---------------------------------------------------------------- what came out


async def _faults(crm: Crm) -> list[str]:
    """Return what was not found as it should be."""
    dice, wrong = random.Random(0), []
    for _ in range(20):
        index = dice.randrange(crm.contacts)
        number = f"0{crowd.norm(index)[4:]}"
        async with crm.database.read() as session:
            found = await ids_of(session, who("all"), number, REGIONS)
            like = await check(session, who("all"), Facts(phones=frozenset((crowd.norm(index),))))
        if crowd.contact_id(index) not in found:
            wrong.append(f"{number} does not find customer {index}")
        if crowd.contact_id(index) not in {one.line.id for one in like if one.line}:
            wrong.append(f"customer {index} is not known to have {number} already")
    return wrong + await _lead_faults(crm)


async def _lead_faults(crm: Crm) -> list[str]:
    """Return what is counted wrongly on a board; more than so many are not counted."""
    wrong = []
    for stage in crm.registry.list("lead.stage")[:2]:
        for level in lead_questions.LEVELS:
            told = (await lead_questions.column(crm, level, stage)).rows
            there = min(await lead_questions.counted(crm, level, stage), MOST_COUNTED + 1)
            if told != there:
                wrong.append(f"{told} and not {there} leads of {level} in {stage.key}")
    return wrong
