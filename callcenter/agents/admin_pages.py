"""Administration pages of people: the list, taking on, changing, letting go.

One person's page is `person_form`; his phones and secrets are in `phone_pages`
and `access_pages`, teams in `team_pages`.

Template agents/admin.html: people: [PersonLine], teams: [Team], show_inactive.
"""

from dataclasses import dataclass, field

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents import people, person_form
from callcenter.agents.models import Device, Role, Team, User
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.events import DevicesChanged, PersonChanged, SessionsEnded
from callcenter.server.actor import actor
from callcenter.server.body import number_in, path_id, read_form, seen_version
from callcenter.server.errors import refused, sentences
from callcenter.server.identity import require
from callcenter.server.keys import BUS, CLOCK, DATABASE
from callcenter.server.pages import redirect, render


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One row of the list of people."""

    id: int
    name: str
    login: str
    email: str | None
    role: str
    team: str | None
    active: bool
    phones: list[str] = field(default_factory=list)


async def list_people(request: web.Request) -> web.Response:
    require(request, "user", "read")
    show_inactive = "inactive" in request.query
    async with request.app[DATABASE].read() as session:
        lines = await _lines(session, show_inactive=show_inactive)
        all_teams = list(await session.scalars(select(Team).order_by(Team.name)))
    return render(
        request, "agents/admin.html", people=lines, teams=all_teams, show_inactive=show_inactive
    )


async def new_person(request: web.Request) -> web.Response:
    require(request, "user", "create")
    return await person_form.show(request, None, {})


async def add_person(request: web.Request) -> web.Response:
    require(request, "user", "create")
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        async with request.app[DATABASE].write() as session:
            person = await people.add(session, _read(values), at, actor(request))
    except BadInput as problem:
        return await person_form.show(request, None, values, sentences(request, problem))
    request.app[BUS].publish(PersonChanged(at=at.timestamp(), user_id=person.id))
    return redirect(request, f"/admin/people/{person.id}?saved=1")


async def show_person(request: web.Request) -> web.Response:
    require(request, "user", "read")
    person = await person_form.person_of(request)
    return await person_form.show(request, person, person_form.values_of(person))


async def change_person(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    person, values, at = (
        await person_form.person_of(request),
        await read_form(request),
        request.app[CLOCK](),
    )
    try:
        async with request.app[DATABASE].write() as session:
            await people.change(
                session, person.id, _read(values), seen_version(values), at, actor(request)
            )
    except (BadInput, ChangedMeanwhile) as problem:
        errors, status = refused(request, problem)
        return await person_form.show(request, person, values, errors, status=status)
    request.app[BUS].publish(PersonChanged(at=at.timestamp(), user_id=person.id))
    return redirect(request, f"/admin/people/{person.id}?saved=1")


async def let_person_go(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    user_id, at = path_id(request), request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        await people.let_go(session, user_id, at, actor(request))
    moment = at.timestamp()
    for event in (
        SessionsEnded(at=moment, user_id=user_id),
        DevicesChanged(at=moment),
        PersonChanged(at=moment, user_id=user_id),
    ):
        request.app[BUS].publish(event)
    return redirect(request, f"/admin/people/{user_id}")


async def take_person_back(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    user_id, at = path_id(request), request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        await people.take_back(session, user_id, at, actor(request))
    request.app[BUS].publish(PersonChanged(at=at.timestamp(), user_id=user_id))
    return redirect(request, f"/admin/people/{user_id}")


def _read(values: dict[str, str]) -> people.PersonForm:
    return people.PersonForm(
        login=values.get("login", "").lower(),
        name=values.get("name", ""),
        email=values.get("email", "").lower() or None,
        role_id=number_in(values, "role_id") or 0,
        team_id=number_in(values, "team_id"),
        locale=values.get("locale") or None,
        time_zone=values.get("time_zone") or None,
    )


async def _lines(session: AsyncSession, *, show_inactive: bool) -> list[PersonLine]:
    query = (
        select(User, Role.name, Team.name)
        .join(Role, Role.id == User.role_id)
        .outerjoin(Team, Team.id == User.team_id)
        .order_by(User.name, User.id)
    )
    if not show_inactive:
        query = query.where(User.active)
    lines = {
        user.id: PersonLine(user.id, user.name, user.login, user.email, role, team, user.active)
        for user, role, team in await session.execute(query)
    }
    phones = select(Device).where(Device.to_at.is_(None)).order_by(Device.position, Device.id)
    for device in await session.scalars(phones):
        if device.user_id in lines:
            lines[device.user_id].phones.append(device.extension or device.endpoint)
    return list(lines.values())


routes = [
    web.get("/admin/people", list_people),
    web.get("/admin/people/new", new_person),
    web.post("/admin/people", add_person),
    web.get("/admin/people/{id}", show_person),
    web.post("/admin/people/{id}", change_person),
    web.post("/admin/people/{id}/let-go", let_person_go),
    web.post("/admin/people/{id}/take-back", take_person_back),
]
