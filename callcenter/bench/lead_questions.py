"""What people ask of very many leads: lists, boards with their sums, and who gets the next one.

A decision is what a rule asks before it gives a lead to somebody of a team of ten: what each is at,
has to do, and was given last. A gift is that, and all that is written down of it.
"""

import random
from datetime import timedelta
from itertools import count
from typing import Any, Final, get_args

from sqlalchemy import func, or_, select

from callcenter.bench import crowd, inquiries
from callcenter.bench.questions import NOW, Ask, Crm, who
from callcenter.entity import listing
from callcenter.entity.conditions import Asker
from callcenter.entity.description import Condition, Entity
from callcenter.entity.listing import Totals, Wanted
from callcenter.entity.options import Choice
from callcenter.entity.pages.boards import CARDS
from callcenter.entity.saving import Deed
from callcenter.leads.models import Lead
from callcenter.rules import acting, choosing, giving
from callcenter.rules.choosing import Candidate
from callcenter.rules.matching import Origin
from callcenter.rules.matter import Matter
from callcenter.rules.models import Automation
from callcenter.rules.shapes import Assign, How

LEVELS: Final = ("all", "team", "own")


def questions(crm: Crm, leads: int) -> dict[str, Ask]:
    """Return them by name: for each level of rights a list and the board of each pipeline."""
    pipelines = [one for one in crm.registry.list("lead.pipeline") if one.active]
    lists = {f"lead_list_{level}": _list(crm, level) for level in LEVELS}
    boards = {f"lead_board_{level}": _board(crm, level, pipelines[0]) for level in LEVELS}
    decisions = {f"distribution_{how}": _decision(crm, how) for how in get_args(How)}
    return lists | boards | decisions | {"gift": _gift(crm, leads)}


def _list(crm: Crm, level: str) -> Ask:
    """The first page with what stands above it."""
    entity = crm.registry["lead"]
    order = listing.order_of(entity, who(level))

    async def ask(_dice: random.Random) -> Totals:
        asked = crm.registry, entity, Asker(who(level), NOW), Wanted(entity.columns, order)
        async with crm.database.read() as session:
            await listing.page(session, *asked)
            return await listing.totals(session, *asked, ("amount",))

    return ask


def _board(crm: Crm, level: str, pipeline: Choice) -> Ask:
    """Each stage of a pipeline with its first cards, counted and summed up."""
    stages = [one for one in crm.registry.list("lead.stage") if one.of == pipeline.id]

    async def ask(_dice: random.Random) -> int:
        return sum([(await column(crm, level, stage)).rows for stage in stages])

    return ask


async def column(crm: Crm, level: str, stage: Choice) -> Totals:
    entity, asker = crm.registry["lead"], Asker(who(level), NOW)
    conditions = Condition("pipeline_id", "is", stage.of), Condition("stage_id", "is", stage.id)
    here, there = (listing.meeting(one, crm.registry, entity, asker) for one in conditions)
    wanted = Wanted(entity.columns, listing.order_of(entity, asker.who), also=here & there)
    async with crm.database.read() as session:
        asked = session, crm.registry, entity, asker, wanted
        told = await listing.totals(*asked, ("amount",))
        await listing.page(*asked, None, CARDS)
    return told


async def counted(crm: Crm, level: str, stage: Choice) -> int:
    """Return how many leads there are in a stage, said as simply as can be."""
    people = range(crowd.FIRST_PERSON, crowd.FIRST_PERSON + crowd.PEOPLE, crowd.TEAMS)
    of = {
        "all": Lead.id.is_not(None), "own": Lead.owner_id == crowd.FIRST_PERSON,
        "team": or_(Lead.owner_id.in_(people), Lead.team_id == crowd.FIRST_TEAM),
    }  # fmt: skip
    async with crm.database.read() as session:
        query = select(func.count()).where(Lead.stage_id == stage.id, of[level])
        return int(await session.scalar(query) or 0)


# ---------------------------------------------------------------- distribution


def _decision(crm: Crm, how: How) -> Ask:
    async def ask(dice: random.Random) -> Candidate | None:
        async with crm.database.read() as session:
            matter = Matter(
                _deed(crm, session), Lead(), Automation(id=inquiries.RULE), _to_team(dice, how)
            )
            people = await giving.candidates(matter, _state_of)
        return choosing.choose(people, how, giving.allowed(matter.action))

    return ask


def _gift(crm: Crm, leads: int) -> Ask:
    """A lead is given away, by load."""
    steps = count(1)

    async def ask(dice: random.Random) -> Any:
        async with crm.database.write() as session:
            row = await session.get_one(Lead, inquiries.lead_id(dice.randrange(leads)))
            rule = await session.get_one(Automation, inquiries.RULE)
            deed = _deed(crm, session, next(steps))
            return await giving.give(Matter(deed, row, rule, _to_team(dice, "load")), _state_of)

    return ask


def _to_team(dice: random.Random, how: How) -> Assign:
    return Assign(team_id=crowd.FIRST_TEAM + dice.randrange(crowd.TEAMS), how=how)


def _deed(crm: Crm, session: Any, step: int = 0) -> Deed:
    lead: Entity = crm.registry["lead"]
    by = acting.actor(Origin(f"a{step}", 0))
    at = NOW + timedelta(milliseconds=step)
    return Deed(session, crm.registry, lead, acting.identity(crm.registry), at, by)


def _state_of(user_id: int) -> str:
    """Return what somebody is at: one in three talks, one in five is away."""
    return "off" if user_id % 5 == 0 else "busy" if user_id % 3 == 0 else "ready"
