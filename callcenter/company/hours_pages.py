"""Administration page of working hours: the company's, and those of teams that have their own.

Template company/hours.html: team: Team | None, teams: [(Team, has its own)], values, errors, saved,
week: [(field, weekday)], countries, zones, holidays: [(day, name)] of this year and the next.
"""

from typing import Any

import msgspec
from aiohttp import web
from babel.dates import get_day_names
from sqlalchemy import select

from callcenter.agents.models import Team
from callcenter.company import kept
from callcenter.company.detail_pages import countries
from callcenter.company.sheets import save
from callcenter.diary import hours_form, worktime
from callcenter.diary.holidays import COUNTRIES, of_year
from callcenter.diary.hours_form import WEEK
from callcenter.diary.worktime import Sheet
from callcenter.entity import editing
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.server.actor import actor
from callcenter.server.body import path_id, read_form, seen_version
from callcenter.server.errors import refused
from callcenter.server.i18n import language_of, languages
from callcenter.server.identity import administrator
from callcenter.server.keys import CLOCK, DATABASE, SETTINGS
from callcenter.server.pages import redirect, render
from callcenter.server.zones import zones

Values = dict[str, str]


async def show(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].read() as session:
        sheet, version = await kept.versioned(session, worktime.KEY, Sheet)
    return await _page(request, None, hours_form.values_of(sheet) | {"version": str(version)})


async def change(request: web.Request) -> web.Response:
    administrator(request)
    values = await read_form(request)
    try:
        await save(request, worktime.KEY, hours_form.read(values), values)
    except (BadInput, ChangedMeanwhile) as problem:
        return await _page(request, None, values, *_refused(request, problem))
    return redirect(request, "/admin/hours?saved=1")


async def show_team(request: web.Request) -> web.Response:
    administrator(request)
    team = await editing.found(request, Team)
    async with request.app[DATABASE].read() as session:
        teams = await worktime.of_teams(session, request.app[SETTINGS].time_zone)
    values = hours_form.values_of(teams.sheet(team.id))
    own = {"own": "1" if team.calendar else "", "version": str(team.version)}
    return await _page(request, team, values | own)


async def change_team(request: web.Request) -> web.Response:
    """Without a tick at "its own hours", the team works as the one above it, or the company."""
    administrator(request)
    values = await read_form(request)
    team = await editing.found(request, Team)
    try:
        calendar = msgspec.to_builtins(hours_form.read(values)) if values.get("own") else {}
        async with request.app[DATABASE].write() as session:
            row = await session.get(Team, path_id(request), with_for_update=True)
            if row is None:
                raise NotFound
            await editing.save(
                session, row, "team", {"calendar": calendar}, seen_version(values),
                request.app[CLOCK](), actor(request),
            )  # fmt: skip
    except (BadInput, ChangedMeanwhile) as problem:
        return await _page(request, team, values, *_refused(request, problem))
    return redirect(request, f"/admin/hours/{team.id}?saved=1")


def _refused(request: web.Request, problem: BadInput | ChangedMeanwhile) -> tuple[Values, int]:
    """A sheet is one field of its row: what differs is said above the form."""
    errors, status = refused(request, problem)
    if isinstance(problem, ChangedMeanwhile):
        errors = {"": " ".join(errors.values())}
    return errors, status


async def _page(
    request: web.Request,
    team: Team | None,
    values: Values,
    errors: Values | None = None,
    status: int = 422,
) -> web.Response:
    language = language_of(request)
    blank = dict.fromkeys((*hours_form.FIELDS, "own", "version"), "")
    year = request.app[CLOCK]().year
    async with request.app[DATABASE].read() as session:
        teams: list[Any] = list(
            await session.scalars(
                select(Team).where(Team.deleted_at.is_(None)).order_by(Team.name, Team.id)
            )
        )
    names = get_day_names(locale=languages()[language].locale, context="stand-alone")
    return render(
        request, "company/hours.html", status=status if errors else 200, team=team, teams=teams,
        values=blank | values, errors=errors or {}, saved="saved" in request.query,
        week=[(name, names[number]) for number, name in enumerate(WEEK)],
        countries=[pair for pair in countries(language) if pair[0] in COUNTRIES],
        zones=[(zone, zone) for zone in zones()], default_zone=request.app[SETTINGS].time_zone,
        holidays=[
            day for each in (year, year + 1)
            for day in of_year(each, values.get("country", ""), language)
        ],
    )  # fmt: skip


routes = [
    web.get("/admin/hours", show),
    web.post("/admin/hours", change),
    web.get(r"/admin/hours/{id:\d+}", show_team),
    web.post(r"/admin/hours/{id:\d+}", change_team),
]
