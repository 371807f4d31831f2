"""Pages of shared phones: sitting down there oneself, and those one may do it for.

Templates: agents/seats.html (lines: [seats.SeatLine], colleagues: [(id, name)], errors,
may_declare) · agents/seat_choice.html (lines), the dialogue.
"""

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents import devices, seats
from callcenter.agents.models import Seat, User
from callcenter.agents.seat_api import DESKS
from callcenter.errors import NotAllowed, NotFound, SeatTaken
from callcenter.server.actor import actor
from callcenter.server.body import number_in, path_id, read_form
from callcenter.server.errors import sentence
from callcenter.server.identity import Identity, may, require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import redirect, render


async def choice(request: web.Request) -> web.Response:
    """The dialogue in which one chooses where to sit."""
    require(request, "state", "edit")
    async with request.app[DATABASE].read() as session:
        lines = await seats.lines(session)
    return render(request, "agents/seat_choice.html", lines=lines)


async def seats_page(request: web.Request) -> web.Response:
    require(request, "state", "read")
    return await _page(request)


async def seat_somebody(request: web.Request) -> web.Response:
    """Put somebody at a shared phone, or oneself."""
    who, values = require(request, "state", "edit"), await read_form(request)
    user_id = number_in(values, "user_id") or who.user_id
    await _require_for(request, who, user_id)
    try:
        await request.app[DESKS].sit(
            path_id(request), user_id, actor(request), take="take" in values
        )
    except SeatTaken as problem:
        return await _page(request, {"": sentence(request, problem)}, problem.status)
    return redirect(request, "/phones")


async def free(request: web.Request) -> web.Response:
    """Let whoever sits at a shared phone get up."""
    who = require(request, "state", "edit")
    async with request.app[DATABASE].read() as session:
        seat = await session.get(Seat, path_id(request))
        if seat is None:
            raise NotFound
        holder = await devices.holder_of(session, seat.pbx_id, seat.endpoint)
    if holder is not None and holder.seat_id is not None:
        await _require_for(request, who, holder.user_id)
        await request.app[DESKS].leave(holder.user_id, actor(request))
    return redirect(request, "/phones")


async def _require_for(request: web.Request, who: Identity, user_id: int) -> None:
    """Raise NotAllowed unless `who` may change the state of that person."""
    level = may(who, "state", "edit")
    if user_id == who.user_id or level == "all":
        return
    async with request.app[DATABASE].read() as session:
        person = await session.get(User, user_id)
    in_team = person is not None and person.team_id in who.teams
    if level != "team" or not in_team:
        raise NotAllowed


async def _page(
    request: web.Request, errors: dict[str, str] | None = None, status: int = 200
) -> web.Response:
    who = require(request, "state", "read")
    async with request.app[DATABASE].read() as session:
        lines = await seats.lines(session)
        colleagues = await _colleagues(session, who)
    return render(
        request, "agents/seats.html", status=status, lines=lines, colleagues=colleagues,
        errors=errors or {}, may_declare=may(who, "user", "edit") == "all",
    )  # fmt: skip


async def _colleagues(session: AsyncSession, who: Identity) -> list[tuple[int, str]]:
    """Return those whom `who` may put at a phone."""
    level = may(who, "state", "edit")
    query = select(User.id, User.name).where(User.active).order_by(User.name, User.id)
    if level == "team" and who.teams:
        query = query.where(User.team_id.in_(who.teams))
    elif level != "all":
        return []
    return [(row.id, row.name) for row in await session.execute(query)]


routes = [
    web.get("/phones", seats_page),
    web.get("/phones/choice", choice),
    web.post("/phones/{id}/sit", seat_somebody),
    web.post("/phones/{id}/free", free),
]
