"""A lead by itself: who asks and what he wants, the clock, what passed between us.

Template leads/lead.html: told: Told, lead, is_open, clock: Clock, contact, asks, figures, timeline,
every, likes, errors. Its stages are the panel of `process.course`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts import card
from callcenter.crm.contacts.pages import regions
from callcenter.entity import saving
from callcenter.entity.description import Entity
from callcenter.entity.keys import ENTITIES
from callcenter.entity.pages.cards import tell_of
from callcenter.entity.pages.clashes import refused
from callcenter.entity.requests import deed_of, tell
from callcenter.entity.rights import access
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.interactions.timeline import Timeline, of_contact, of_lead
from callcenter.leads import naming, people
from callcenter.leads.models import Lead
from callcenter.leads.taking import ASKS
from callcenter.server.body import number_in, path_id, read_form, seen_version
from callcenter.server.errors import sentences
from callcenter.server.identity import Identity, require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render

routes = web.RouteTableDef()

#: How the clock stands: nothing to answer, still time, too late, answered in time or late.
ClockState = Literal["none", "running", "late", "answered", "answered-late"]


@dataclass(frozen=True, slots=True)
class Clock:
    state: ClockState
    by: datetime | None
    at: datetime | None


@dataclass(slots=True)
class Shown:
    """What is wrong, when the card is shown again."""

    errors: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


def lead_in(request: web.Request) -> Entity:
    return request.app[ENTITIES]["lead"]


def clock_of(lead: Lead, now: datetime) -> Clock:
    """Return how the response clock of a lead stands."""
    by, at = lead.respond_by, lead.first_response_at
    state: ClockState = "none"
    if at is not None:
        state = "answered" if by is None or at <= by else "answered-late"
    elif by is not None and lead.closed_at is None:
        state = "running" if now <= by else "late"
    return Clock(state, by, at)


@routes.get(r"/leads/{id:\d+}")
async def lead(request: web.Request) -> web.Response:
    return await show(request, path_id(request))


@routes.get(r"/leads/{id:\d+}/timeline")
async def timeline(request: web.Request) -> web.Response:
    who = require(request, "lead", "read")
    async with request.app[DATABASE].read() as session:
        told = await tell_of(request, session, lead_in(request), who, path_id(request))
        page = await _timeline(request, session, who, told.row, request.query.get("after"))
    return render(
        request, "contacts/timeline.html", timeline=page, contact=None,
        timeline_at=f"/leads/{told.row.id}/timeline",
    )  # fmt: skip


@routes.post(r"/leads/{id:\d+}/who")
async def whose(request: web.Request) -> web.Response:
    """Say which contact it is, or make one of what he says of himself."""
    require(request, "lead", "edit")
    values = await read_form(request)
    if "make" not in values:
        return await _save(request, values, {"contact_id": number_in(values, "contact_id")})
    try:
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, lead_in(request))
            row: Lead = await saving.locked(deed, path_id(request), "edit")
            made = None
            # Pressed twice, it is made once.
            if row.contact_id is None:
                made = await people.make(deed, {name: getattr(row, name) for name in ASKS})
                row = await saving.change(deed, row.id, {"contact_id": made.id}, None)
    except BadInput as problem:
        wrong = Shown({"": next(iter(sentences(request, problem).values()))}, 422)
        return await show(request, path_id(request), wrong)
    if made is not None:
        tell(request, request.app[ENTITIES]["contact"], made)
        tell(request, lead_in(request), row)
    return redirect(request, f"/leads/{row.id}")


async def _save(
    request: web.Request, values: dict[str, str], given: Mapping[str, Any]
) -> web.Response:
    try:
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, lead_in(request))
            row = await saving.change(deed, path_id(request), given, seen_version(values))
    except (BadInput, ChangedMeanwhile) as problem:
        errors, status = await refused(request, lead_in(request), problem)
        # Most fields of a card are no inputs: the first sentence stands above.
        shown = Shown({"": next(iter(errors.values()))} | errors, status)
        return await show(request, path_id(request), shown)
    tell(request, lead_in(request), row)
    return redirect(request, f"/leads/{row.id}")


async def show(request: web.Request, lead_id: int, shown: Shown | None = None) -> web.Response:
    who, shown = require(request, "lead", "read"), shown or Shown()
    async with request.app[DATABASE].read() as session:
        told = await tell_of(request, session, lead_in(request), who, lead_id)
        row: Lead = told.row
        knows_who = row.contact_id is not None and is_told(request, who, "contact_id")
        found = await card.find(session, who, row.contact_id or 0) if knows_who else None
        figures = await card.figures_of(session, found.contact) if found else None
        asks = asks_of(request, who, row)
        likes = []
        if row.contact_id is None and told.may_edit:
            likes = await people.like(session, who, asks, regions(request))
        page = await _timeline(request, session, who, row, None)
    return render(
        request, "leads/lead.html", status=shown.status, told=told, lead=row,
        number=naming.number_of(lead_in(request), who, row),
        is_open=row.closed_at is None, clock=clock_of(row, request.app[CLOCK]()),
        contact=found.contact if found else None, figures=figures, asks=asks, likes=likes,
        time_zones=found.time_zones if found else (), timeline=page, every="whole" in request.query,
        errors=shown.errors, message=row.message if is_told(request, who, "message") else None,
    )  # fmt: skip


def asks_of(request: web.Request, who: Identity, row: Lead) -> dict[str, str]:
    """Return what he says of himself, as far as the reader may see it."""
    return {
        name: (getattr(row, name) or "") if is_told(request, who, name) else "" for name in ASKS
    }


def is_told(request: web.Request, who: Identity, name: str) -> bool:
    field = request.app[ENTITIES].fields("lead")[name]
    return access(lead_in(request), field, who) not in ("hidden", "masked")


async def _timeline(
    request: web.Request, session: AsyncSession, who: Identity, row: Lead, after: str | None
) -> Timeline:
    """Return what belongs to the lead; on request, all that passed between the contact and us."""
    if "whole" in request.query and row.contact_id is not None:
        return await of_contact(session, who, row.contact_id, after)
    return await of_lead(session, who, row.id, after)
