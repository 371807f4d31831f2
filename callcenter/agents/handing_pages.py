"""The page on which all that somebody looks after is handed over to others.

Template agents/hand_over.html: person, heaps: [Heap] with counts, people: [(id, name)],
chosen: ids, came_from, errors, done: [Heap] of what went to others, or None.
"""

from collections.abc import Collection, Sequence

from aiohttp import web
from sqlalchemy import select

from callcenter.agents import person_form
from callcenter.agents.models import User
from callcenter.entity import handing
from callcenter.entity.handing import HandOver, Heap
from callcenter.entity.keys import ENTITIES
from callcenter.server.actor import actor
from callcenter.server.body import MISFIT, MISSING, number_in, whole_number
from callcenter.server.identity import require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import render, translate


async def show(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    return await _page(request)


async def hand_over(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    person, form = await person_form.person_of(request), await request.post()
    chosen = {number for each in form.getall("to", []) if (number := whole_number(str(each)))}
    came_from = number_in({"from": str(form.get("came_from", ""))}, "from")
    async with request.app[DATABASE].read() as session:
        active = set(await session.scalars(select(User.id).where(User.active)))
        heirs = await handing.heirs(session, chosen & active - {person.id})
    if not heirs or len(heirs) < len(chosen):
        error = translate(request, MISFIT if chosen else MISSING)
        return await _page(request, chosen, came_from, {"to": error})
    done = await handing.hand_over(
        request.app[DATABASE], request.app[ENTITIES], HandOver(person.id, heirs, came_from),
        request.app[CLOCK](), actor(request),
    )  # fmt: skip
    return await _page(request, done=done)


async def _page(
    request: web.Request,
    chosen: Collection[int] = (),
    came_from: int | None = None,
    errors: dict[str, str] | None = None,
    done: Sequence[Heap] | None = None,
) -> web.Response:
    person = await person_form.person_of(request)
    async with request.app[DATABASE].read() as session:
        heaps = await handing.heaps(session, request.app[ENTITIES], person.id)
        everybody = list(
            await session.execute(select(User.id, User.name, User.active).order_by(User.name))
        )
    return render(
        request, "agents/hand_over.html", status=422 if errors else 200, person=person, heaps=heaps,
        people=[(row.id, row.name) for row in everybody if row.active and row.id != person.id],
        everybody=[(row.id, row.name) for row in everybody if row.id != person.id],
        chosen=chosen, came_from=came_from or "", errors=errors or {}, done=done,
    )  # fmt: skip


routes = [
    web.get("/admin/people/{id}/hand-over", show),
    web.post("/admin/people/{id}/hand-over", hand_over),
]
