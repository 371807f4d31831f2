"""Administration pages of teams.

Template agents/team.html: team: Team | None, values (name, head_id, parent_id, queue_names,
version), errors, people: [(id, name)], teams: those it can be a part of, the same.
"""

from aiohttp import web
from sqlalchemy import select

from callcenter.agents import teams
from callcenter.agents.models import Team, User
from callcenter.entity import editing
from callcenter.entity.reading import chosen_id
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.events import PersonChanged
from callcenter.server.actor import actor
from callcenter.server.body import read_form, seen_version
from callcenter.server.errors import refused, sentences
from callcenter.server.identity import require
from callcenter.server.keys import BUS, CLOCK, DATABASE
from callcenter.server.pages import redirect, render


async def new_team(request: web.Request) -> web.Response:
    require(request, "user", "create")
    return await _team_form(request, None, {})


async def add_team(request: web.Request) -> web.Response:
    require(request, "user", "create")
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        async with request.app[DATABASE].write() as session:
            await teams.add(session, _read_team(values), at, actor(request))
    except BadInput as problem:
        return await _team_form(request, None, values, sentences(request, problem))
    return redirect(request, "/admin/people")


async def show_team(request: web.Request) -> web.Response:
    require(request, "user", "read")
    team = await editing.found(request, Team)
    return await _team_form(request, team, _team_values(team))


async def change_team(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    team = await editing.found(request, Team)
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        async with request.app[DATABASE].write() as session:
            before = await teams.reaching(session, team.id)
            await teams.change(
                session, team.id, _read_team(values), seen_version(values), at, actor(request)
            )
            concerned = {*before, *await teams.reaching(session, team.id)}
    except (BadInput, ChangedMeanwhile) as problem:
        return await _team_form(request, team, values, *refused(request, problem))
    for user_id in concerned:
        request.app[BUS].publish(PersonChanged(at=at.timestamp(), user_id=user_id))
    return redirect(request, "/admin/people")


def _read_team(values: dict[str, str]) -> teams.TeamForm:
    return teams.TeamForm(
        name=values.get("name", ""),
        head_id=chosen_id(values, "head_id"),
        parent_id=chosen_id(values, "parent_id"),
        queue_names=values.get("queue_names", "").replace(",", " ").split(),
    )


def _team_values(team: Team) -> dict[str, str]:
    return {
        "name": team.name,
        "head_id": str(team.head_id or ""),
        "parent_id": str(team.parent_id or ""),
        "queue_names": " ".join(team.queue_names),
        "version": str(team.version),
    }


async def _team_form(
    request: web.Request,
    team: Team | None,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
    status: int = 422,
) -> web.Response:
    blank = dict.fromkeys(("name", "head_id", "parent_id", "queue_names", "version"), "")
    async with request.app[DATABASE].read() as session:
        names = select(User.id, User.name).where(User.active).order_by(User.name)
        everybody = [(row.id, row.name) for row in await session.execute(names)]
        parts = {team.id, *await teams.below(session, team.id)} if team else set()
        others = select(Team.id, Team.name).where(Team.id.not_in(parts)).order_by(Team.name)
        above = [(row.id, row.name) for row in await session.execute(others)]
    return render(
        request, "agents/team.html", status=status if errors else 200, team=team,
        values=blank | values, errors=errors or {}, people=everybody, teams=above,
    )  # fmt: skip


routes = [
    web.get("/admin/teams/new", new_team),
    web.post("/admin/teams", add_team),
    web.get("/admin/teams/{id}", show_team),
    web.post("/admin/teams/{id}", change_team),
]
