"""One interaction: who, what, its chain; what came of it, moving it, calling it off.

Template interactions/interaction.html: row, people, chain: [(row, people)], owner, result,
results, steps, makers: [(Maker, address)], call_id, can_edit, asks_guests, shows_steps, asks_next,
repeats, giver, values, errors.
"""

from typing import Any

from aiohttp import web
from sqlalchemy import column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.entity import rights, saving
from callcenter.entity.keys import ENTITIES
from callcenter.entity.pages.clashes import refused
from callcenter.entity.requests import context_of, deed_of, tell
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.interactions import (
    chains,
    covering,
    form,
    next_steps,
    people,
    repeating,
    taking_place,
)
from callcenter.interactions.description import (
    DIRECTIONS,
    INTERACTION,
    KINDS,
    PRIORITIES,
    RESULTS,
    STATUSES,
)
from callcenter.interactions.makers import MAKERS, OWN
from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.moving import moved_to
from callcenter.interactions.pages import find, own_reminders
from callcenter.interactions.participants import Taking, rows_of
from callcenter.interactions.people import Person
from callcenter.server.body import path_id, read_form, seen_version
from callcenter.server.i18n import language_of
from callcenter.server.identity import Identity, may, require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import redirect, render, safe_next, zone_of

routes = web.RouteTableDef()

#: What people are invited to.
INVITED_TO = ("meeting", "visit", "call")
#: What can come of something that was planned.
OUTCOMES = ("held", "missed", "cancelled")

# Calls live in a room above this one, so their table is known by name only.
_call = table("call", column("id"), column("interaction_id"), column("merged_into_id"))


@routes.get(r"/interactions/{id:\d+}")
async def interaction(request: web.Request) -> web.Response:
    who = require(request, "interaction", "read")
    async with request.app[DATABASE].read() as session:
        row = await find(session, who, path_id(request))
        return await _page(request, session, who, row)


@routes.post(r"/interactions/{id:\d+}/result")
async def result(request: web.Request) -> web.Response:
    """Say what came of it, and plan what is to be done next."""
    who, values = require(request, "interaction", "edit"), await read_form(request)
    try:
        row = await report(request, path_id(request), values)
    except (BadInput, ChangedMeanwhile) as problem:
        return await _again(request, who, values, *await refused(request, INTERACTION, problem))
    return redirect(request, safe_next(values.get("next") or f"/interactions/{row.id}"))


async def report(request: web.Request, interaction_id: int, values: dict[str, str]) -> Interaction:
    """Save what a form says of what came of it and of the next step.

    Raises BadInput, ChangedMeanwhile, NotFound or NotAllowed.
    """
    said = form.read_outcome(values, context_of(request))
    step = form.read_step(values, context_of(request))
    async with request.app[DATABASE].write() as session:
        deed = deed_of(request, session, INTERACTION)
        row: Interaction = await saving.locked(deed, interaction_id, "edit")
        given = form.allowed(taking_place.reported(row, said, deed.at), deed.who)
        row = await saving.change(deed, row.id, given, seen_version(values))
        following = await _follow(deed, row, step) if step is not None else None
    for saved in (row, following):
        if saved is not None:
            tell(request, INTERACTION, saved)
    return row


@routes.post(r"/interactions/{id:\d+}/reschedule")
async def reschedule(request: web.Request) -> web.Response:
    """Put it off, or forward: it keeps its length, and its reminder the distance."""
    who, values = require(request, "interaction", "edit"), await read_form(request)
    try:
        moved = form.read_moment(values, context_of(request))
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, INTERACTION)
            row = await saving.locked(deed, path_id(request), "edit")
            given = moved_to(row, moved - row.start_at)
            row = await saving.change(deed, row.id, given, seen_version(values))
    except (BadInput, ChangedMeanwhile) as problem:
        return await _again(request, who, values, *await refused(request, INTERACTION, problem))
    tell(request, INTERACTION, row)
    return redirect(request, safe_next(values.get("next") or f"/interactions/{row.id}"))


@routes.post(r"/interactions/{id:\d+}/pin")
async def pin(request: web.Request) -> web.Response:
    """Let it stand above the timelines of all who take part, or no longer."""
    require(request, "interaction", "edit")
    is_on = bool((await read_form(request)).get("pinned"))
    async with request.app[DATABASE].write() as session:
        deed = deed_of(request, session, INTERACTION)
        row = await saving.change(deed, path_id(request), {"pinned": is_on}, None)
    tell(request, INTERACTION, row)
    return redirect(request, f"/interactions/{row.id}")


async def _follow(deed: Deed, row: Interaction, step: dict[str, Any]) -> Interaction:
    """Plan the next step, in the same chain and with the same people."""
    taking = await rows_of(deed.session, row.id)
    made: Interaction = await saving.create(
        deed,
        {
            **step, "subject": step["subject"] or row.subject, "thread_id": row.id,
            "status": "planned", "participants": [_again_there(one) for one in taking],
            "reminders": await own_reminders(deed.session, deed.who), "zone": row.zone,
        },
    )  # fmt: skip
    return made


def _again_there(one: Participant) -> Taking:
    is_linked = one.contact_id is not None or one.user_id is not None
    return Taking(
        contact_id=one.contact_id, user_id=one.user_id, text=None if is_linked else one.text,
        point=one.point,
    )  # fmt: skip


async def _again(
    request: web.Request,
    who: Identity,
    values: dict[str, str],
    errors: dict[str, str],
    status: int,
) -> web.Response:
    async with request.app[DATABASE].read() as session:
        row = await find(session, who, path_id(request), "edit")
        return await _page(request, session, who, row, values, errors, status=status)


async def _page(
    request: web.Request,
    session: AsyncSession,
    who: Identity,
    row: Interaction,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> web.Response:
    chain = await chains.of(session, who, row.thread_id) if row.thread_id else []
    taking = await people.of(session, who, [row.id, *(each.id for each in chain)])
    for each in (row, *chain):
        covering.cover(each, who)
    registry = request.app[ENTITIES]
    choice = registry.choice(row.result_id) if row.result_id else None
    call_id = await call_of(session, row)
    language = language_of(request)
    return render(
        request, "interactions/interaction.html", status=status, row=row,
        people=taking.get(row.id, []), owner=await _name_of(session, row.owner_id),
        chain=[(each, taking.get(each.id, [])) for each in chain],
        result=choice.text(language) if choice else None,
        results=[
            (each.id, each.text(language)) for each in registry.list(RESULTS) if each.active
        ],
        kinds=KINDS, statuses=STATUSES, outcomes=OUTCOMES, directions=DIRECTIONS,
        priorities=PRIORITIES, steps=form.STEPS,
        makers=_made(request, who, row, taking.get(row.id, [])), call_id=call_id,
        locked=form.locked(who), can_edit=await rights.is_reached(session, INTERACTION, who, "edit", row.id),
        asks_guests=call_id is None and row.kind in INVITED_TO and bool(taking.get(row.id)),
        values=form.outcome_of(row, zone_of(request)) | (values or {}), errors=errors or {},
        error=None, shows_steps=_shows_steps(who), asks_next=await next_steps.is_open(session, row), repeats=_repeats(row),
        giver=await _name_of(session, row.given_by_id),
    )  # fmt: skip


def _shows_steps(who: Identity) -> bool:
    part = INTERACTION.part("checklist")
    return part is not None and rights.part_access(INTERACTION, part, who) in ("write", "read")


def _repeats(row: Interaction) -> str:
    """Return how often it comes again, as a message id."""
    return repeating.CHOICES.get(repeating.choice_of(row.repeat), repeating.OTHER)


async def _name_of(session: AsyncSession, user_id: int | None) -> str | None:
    user = await session.get(User, user_id) if user_id else None
    return user.name if user else None


def _made(
    request: web.Request, who: Identity, row: Interaction, taking: list[Person]
) -> list[tuple[Any, str]]:
    """Return what can be made from it, by this person."""
    makers = request.app.get(MAKERS, OWN)
    return [
        (maker, address)
        for maker in makers
        if may(who, maker.entity, "create") != "none"
        and (address := maker.address(row, taking)) is not None
    ]


async def call_of(session: AsyncSession, row: Interaction) -> int | None:
    """Return the call that an interaction was, if it is one that a PBX told of."""
    if row.kind != "call":
        return None
    found: int | None = await session.scalar(
        select(_call.c.id).where(_call.c.interaction_id == row.id, _call.c.merged_into_id.is_(None))
    )
    return found
