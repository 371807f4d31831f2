"""The list of what is expected, and the list by matter.

Templates: interactions/expected.html (page: Page, whose, kind, when, users, all, overdue...) ·
interactions/expected_rows.html, interactions/matter_rows.html: only the rows that follow `after` ·
interactions/matters.html (page).
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from callcenter.interactions import expected
from callcenter.interactions.description import KINDS, STATUSES
from callcenter.interactions.expected import MOST, Wanted
from callcenter.interactions.pages import users
from callcenter.server.body import number_in
from callcenter.server.identity import may, require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import render, zone_of

routes = web.RouteTableDef()

#: Until when something is expected: overdue, by the end of today, of the week that begins today.
TERMS = {"overdue": None, "today": 1, "week": 7}


@routes.get("/interactions/expected")
async def expected_ones(request: web.Request) -> web.Response:
    who, query = require(request, "interaction", "read"), request.query
    now, when = request.app[CLOCK](), query.get("when", "")
    whose = query.get("whose", "me")
    wanted = Wanted(
        owner_id=who.user_id if whose == "me" else number_in(query, "whose"),
        kind=query["kind"] if query.get("kind") in KINDS else "",
        before=_term(when, now, zone_of(request)), after=query.get("after"),
        given_by_id=who.user_id if whose == "given" else None,
    )  # fmt: skip
    async with request.app[DATABASE].read() as session:
        page = await expected.expected(session, who, wanted)
        every, overdue = await expected.counts(session, who, wanted, now)
        people = await users(session) if may(who, "interaction", "read") != "own" else []
    return render(
        request, "interactions/expected_rows.html" if wanted.after else "interactions/expected.html",
        page=page, whose=whose, kind=wanted.kind, when=when if when in TERMS else "", every=every,
        overdue=overdue, most=MOST, kinds=KINDS, users=people,
    )  # fmt: skip


@routes.get("/interactions/matters")
async def by_matter(request: web.Request) -> web.Response:
    who, after = require(request, "interaction", "read"), request.query.get("after")
    async with request.app[DATABASE].read() as session:
        page = await expected.matters(session, who, after)
    return render(
        request, "interactions/matter_rows.html" if after else "interactions/matters.html",
        page=page, kinds=KINDS, statuses=STATUSES,
    )  # fmt: skip


def _term(when: str, now: datetime, zone: str) -> datetime | None:
    if when not in TERMS:
        return None
    days = TERMS[when]
    if days is None:
        return now
    last = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    return datetime.combine(last, time(), ZoneInfo(zone))
