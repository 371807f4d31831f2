"""Leads of a crowd's customers, as many as wanted and the same each time.

They stand in three pipelines of five stages; about one in seven is still open. Their owners are the
crowd's fifty people, one in ten was given to a team besides, and a rule gave each to its owner.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from sqlalchemy import select

from callcenter.bench import crowd, filling
from callcenter.bench.filling import Filling, Part, Progress
from callcenter.db import Base, Database, Row, millis
from callcenter.leads.models import INTERESTS, Lead
from callcenter.process import seeds
from callcenter.process.models import Pipeline, Stage
from callcenter.rules.models import Assignment, Automation

#: By which rule they were given.
RULE: Final = 1_001
_AT: Final = datetime(2026, 6, 1, tzinfo=UTC)
_BLOCK: Final = 20_000
_FIRST: Final = 20_000_000
#: The pipelines beside the one that every installation has, and how the leads are spread over all.
_MORE: Final = ("retail", "business")
_SHARES: Final = (60, 25, 15)
_KINDS: Final = ("open", "open", "open", "won", "lost")
#: How many of a hundred stand in each stage.
_STAGES: Final = (2, 5, 8, 35, 50)
#: They came within a year, the last one a moment ago.
_YEAR: Final = 365 * 86_400_000
_HOUR: Final = 3_600_000
_WANTED: Final = ("A loan", "A card", "Insurance", "A tariff", "A repair", "A price list")
_CAMPAIGNS: Final = (None, None, "spring", "autumn", "fair")
_CHANNELS: Final = ("call", "web", "email", "chat", "import")

_LEAD: Final = (
    "id", "number", "contact_id", "subject", "channel", "campaign", "amount", "currency", "interest",
    "pipeline_id", "stage_id", "stage_at", "owner_id", "team_id", "respond_by", "first_response_at",
    "next_action_at", "closed_at", "created_at", "updated_at",
)  # fmt: skip
_GIVEN: Final = ("id", "entity", "entity_id", "automation_id", "user_id", "at", "ended", "ended_at")
_MODELS: Final[tuple[type[Base], ...]] = (Lead, Assignment)

#: (pipeline, its stages in their order)
Stages = Sequence[tuple[int, Sequence[int]]]


def lead_id(index: int) -> int:
    return _FIRST + index


def fill(
    url: str,
    leads: int,
    customers: int,
    progress: Progress = lambda _done, _of: None,
) -> None:
    """Have that many leads, of so many customers who are there, in the database at `url`.

    Raises ClickException if there are others already.
    """
    stages = asyncio.run(_prepare(url))
    tables = tuple(model.__tablename__ for model in _MODELS)
    wanted = Filling(_MODELS, leads, _blocks(leads, customers, stages), tables)
    filling.fill(url, wanted, progress)


async def _prepare(url: str) -> Stages:
    """Have the pipelines, and the rule that gives leads away; return the stages."""
    async with Database(url) as database, database.write() as session:
        await seeds.seed(session, _AT)
        if await session.get(Automation, RULE) is None:
            stamps = {"created_at": _AT, "updated_at": _AT}
            session.add(Automation(id=RULE, name="Next one", entity="lead", **stamps))
            for place, key in enumerate(_MORE, 1):
                session.add(
                    Pipeline(
                        id=RULE + 10 * place, entity="lead", key=key, name={"en": key},
                        position=place, **stamps,
                    )
                )  # fmt: skip
                await session.flush()
                session.add_all(
                    Stage(
                        id=RULE + 10 * place + number, pipeline_id=RULE + 10 * place,
                        key=f"{kind}{number}", name={"en": f"Stage {number}"}, position=number,
                        kind=kind, **stamps,
                    )
                    for number, kind in enumerate(_KINDS, 1)
                )  # fmt: skip
            await session.flush()
        rows = await session.execute(
            select(Stage.pipeline_id, Stage.id)
            .join(Pipeline, Pipeline.id == Stage.pipeline_id)
            .order_by(Pipeline.position, Pipeline.id, Stage.position)
        )
        found: dict[int, list[int]] = {}
        for pipeline_id, stage_id in rows:
            found.setdefault(pipeline_id, []).append(stage_id)
        return list(found.items())


# ---------------------------------------------------------------- what they are


def _blocks(leads: int, customers: int, stages: Stages) -> Iterator[list[Part]]:
    made = _leads(leads, customers, stages)
    while block := list(islice(made, _BLOCK)):
        yield [
            Part(Lead, _LEAD, [lead for lead, _ in block]),
            Part(Assignment, _GIVEN, [given for _, given in block]),
        ]


def _leads(leads: int, customers: int, stages: Stages) -> Iterator[tuple[Row, Row]]:
    dice, now = random.Random(leads), millis(_AT)
    for index in range(leads):
        id_ = lead_id(index)
        came = now - _YEAR + _YEAR * index // leads
        changed = min(came + dice.randrange(240 * _HOUR), now)
        [(pipeline, steps)] = dice.choices(stages, _SHARES)
        [place] = dice.choices(range(len(_KINDS)), _STAGES)
        is_open = _KINDS[place] == "open"
        owner = crowd.FIRST_PERSON + dice.randrange(crowd.PEOPLE)
        answered = came + dice.randrange(8 * _HOUR) if place else None
        yield (
            (
                id_, f"L-{index}", crowd.contact_id(dice.randrange(customers)),
                f"{dice.choice(_WANTED)} {index}", dice.choice(_CHANNELS), dice.choice(_CAMPAIGNS),
                dice.randrange(100, 1_000_000) if index % 4 else None, "AZN" if index % 8 else "USD",
                dice.choice(INTERESTS), pipeline, steps[place], changed, owner,
                crowd.FIRST_TEAM + dice.randrange(crowd.TEAMS) if index % 10 == 0 else None,
                came + _HOUR, answered, now + dice.randrange(240 * _HOUR) if is_open else None,
                None if is_open else changed, came, changed,
            ),
            (id_, "lead", id_, RULE, owner, came, "taken", answered or came),
        )  # fmt: skip
