"""Teams: a name, who leads it, the queues it answers, the team it is a part of."""

from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents.models import Team, User
from callcenter.db import new_id
from callcenter.entity import editing
from callcenter.entity.reading import NOT_OFFERED
from callcenter.errors import BadInput, NotFound
from callcenter.server.actor import Actor
from callcenter.server.body import MISSING


def _(message: str) -> str:
    return message


NAME_TAKEN = _("Another team has this name already.")
A_CIRCLE = _("This team is a part of the one you are editing. Choose another.")


class TeamForm(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    head_id: int | None = None
    #: The team it is a part of: who reaches that one's rows reaches this one's.
    parent_id: int | None = None
    #: As Asterisk names them.
    queue_names: list[str] = []


async def add(session: AsyncSession, form: TeamForm, at: datetime, by: Actor) -> Team:
    """Raises BadInput, naming the fields."""
    await _check(session, form, None)
    team = Team(
        id=new_id(at.timestamp()), created_at=at, updated_at=at,
        created_by=by["actor_id"], updated_by=by["actor_id"], **msgspec.structs.asdict(form),
    )  # fmt: skip
    session.add(team)
    audit.record(session, at, entity="team", entity_id=team.id, action="create", **by)
    await session.flush()
    return team


async def change(
    session: AsyncSession,
    team_id: int,
    form: TeamForm,
    seen: int | None,
    at: datetime,
    by: Actor,
) -> Team:
    """Raises BadInput or ChangedMeanwhile."""
    team = await session.get(Team, team_id, with_for_update=True)
    if team is None:
        raise NotFound
    await _check(session, form, team_id)
    await editing.save(session, team, "team", msgspec.structs.asdict(form), seen, at, by)
    return team


async def below(session: AsyncSession, team_id: int | None) -> frozenset[int]:
    """Return the teams that are parts of this one, at any depth."""
    if team_id is None:
        return frozenset()
    tree = select(Team.id).where(Team.parent_id == team_id).cte("tree", recursive=True)
    # A union without repetitions ends even if the teams form a circle.
    tree = tree.union(select(Team.id).where(Team.parent_id == tree.c.id))
    return frozenset(await session.scalars(select(tree.c.id))) - {team_id}


async def all_below(session: AsyncSession) -> dict[int | None, frozenset[int]]:
    """Return for each team its parts, at any depth."""
    parents = {
        row.id: row.parent_id for row in await session.execute(select(Team.id, Team.parent_id))
    }
    below: dict[int | None, set[int]] = {}
    for team_id in parents:
        passed, above = {team_id}, parents[team_id]
        while above is not None and above not in passed:
            below.setdefault(above, set()).add(team_id)
            passed.add(above)
            above = parents.get(above)
    return {team_id: frozenset(parts) for team_id, parts in below.items()}


async def reaching(session: AsyncSession, team_id: int) -> list[int]:
    """Return the people who reach a team: its own, and those of the teams it is a part of."""
    below = await all_below(session)
    above = [team_id, *(other for other, parts in below.items() if team_id in parts)]
    return list(await session.scalars(select(User.id).where(User.active, User.team_id.in_(above))))


async def head_of(
    session: AsyncSession, team_id: int | None, besides: int | None = None
) -> int | None:
    """Return who leads a team, else the nearest team above it.

    People who have left lead nobody, and `besides` is passed over: his own head is looked for.
    """
    passed: set[int] = set()
    while team_id is not None and team_id not in passed:
        passed.add(team_id)
        team = await session.get(Team, team_id)
        if team is None:
            break
        head = await session.get(User, team.head_id) if team.head_id is not None else None
        if head is not None and head.id != besides and head.active and head.deleted_at is None:
            return head.id
        team_id = team.parent_id
    return None


async def _check(session: AsyncSession, form: TeamForm, team_id: int | None) -> None:
    if not form.name:
        raise BadInput({"name": MISSING})
    if form.head_id is not None and await session.get(User, form.head_id) is None:
        raise BadInput({"head_id": NOT_OFFERED})
    if form.parent_id is not None:
        if await session.get(Team, form.parent_id) is None:
            raise BadInput({"parent_id": NOT_OFFERED})
        if team_id is not None and form.parent_id in {team_id, *await below(session, team_id)}:
            raise BadInput({"parent_id": A_CIRCLE})
    holder = await session.scalar(select(Team.id).where(Team.name == form.name))
    if holder is not None and holder != team_id:
        raise BadInput({"name": NAME_TAKEN})
