"""Planning an interaction, writing one down, and what came of it.

Templates: interactions/form.html (row or None, filled: Filled, kinds, users, matters, errors...) ·
interactions/interaction.html (row, people, chain, ...) · interactions/people.html: who can be
named, for what was typed. `?from=` says out of what it is planned: a call, a meeting; `?contact=`
with whom; `?lead=` to which lead it belongs; `?kind=`, `?start_at=` what and when.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.entity import editing, rights, saving
from callcenter.entity.description import value_of
from callcenter.entity.keys import ENTITIES
from callcenter.entity.pages import clashes
from callcenter.entity.reading import Unreadable, read_text
from callcenter.entity.requests import context_of, deed_of, tell
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.interactions import chains, covering, form, people, reminding, repeating
from callcenter.interactions.access import visible_to
from callcenter.interactions.description import (
    DIRECTIONS,
    INTERACTION,
    KINDS,
    PRIORITIES,
    TO_COME,
)
from callcenter.interactions.form import Filled
from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.participants import NOBODY, restored, rows_of
from callcenter.notices import wishes
from callcenter.server.body import MISFIT, number_in, path_id, read_form
from callcenter.server.errors import sentences
from callcenter.server.identity import Identity, require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render, safe_next, translate, zone_of

routes = web.RouteTableDef()

#: Names that are offered for what somebody types.
OFFERED = 6


@routes.get("/interactions/new")
async def new(request: web.Request) -> web.Response:
    who = require(request, "interaction", "create")
    query = request.query
    kind = query.get("kind", "")
    async with request.app[DATABASE].read() as session:
        source = await _source(session, who, number_in(query, "from"))
        named = await _named(request, session, who, source, number_in(query, "contact"))
        filled = form.fresh(
            kind if kind in KINDS else "meeting", _start(request, kind), zone_of(request),
            number_in(query, "owner") or who.user_id, named,
            subject=_about(source, named), thread_id=str(source.id) if source else "",
            next=query.get("next", ""), lead_id=query.get("lead", ""),
            remind=await own_reminders(session, who) or "",
        )  # fmt: skip
        return await _form(request, session, who, None, filled)


@routes.post("/interactions")
async def create(request: web.Request) -> web.Response:
    who = require(request, "interaction", "create")
    filled = await _filled(request)
    try:
        given = form.allowed(form.read(filled, context_of(request)), who, is_new=True)
        async with request.app[DATABASE].write() as session:
            named = given.get("participants", [])
            await _refuse_strangers(request, session, who, named)
            before = await _rows_before(session, who, given.get("thread_id"))
            given |= {"participants": restored(named, before)} if named else {}
            given.setdefault("zone", zone_of(request))
            row = await saving.create(deed_of(request, session, INTERACTION), given)
    except BadInput as problem:
        return await _again(request, who, None, filled, sentences(request, problem))
    tell(request, INTERACTION, row)
    return redirect(request, safe_next(filled.values["next"] or f"/interactions/{row.id}"))


@routes.get(r"/interactions/{id:\d+}/edit")
async def edit(request: web.Request) -> web.Response:
    who = require(request, "interaction", "edit")
    async with request.app[DATABASE].read() as session:
        row = await find(session, who, path_id(request), "edit")
        taking = (await people.of(session, who, [row.id])).get(row.id, [])
        filled = form.of(covering.cover(row, who), taking, zone_of(request))
        return await _form(request, session, who, row, filled)


@routes.post(r"/interactions/{id:\d+}/edit")
async def change(request: web.Request) -> web.Response:
    who, filled = require(request, "interaction", "edit"), await _filled(request)
    async with request.app[DATABASE].read() as session:
        row = await find(session, who, path_id(request), "edit")
    given: dict[str, Any] = {}
    try:
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, INTERACTION)
            # From here on nobody else adds or removes anybody.
            now: Interaction = await saving.locked(deed, row.id, "edit")
            there = await rows_of(session, row.id)
            given |= form.allowed(form.read(filled, context_of(request), now, there), who)
            if now.status != "planned" and given.get("status") == "held":
                # It stays what it was: missed, or called off.
                del given["status"]
            known = {one.contact_id for one in there}
            named = given.get("participants", ())
            new_ones = [one for one in named if one.contact_id not in known]
            await _refuse_strangers(request, session, who, new_ones)
            seen, compared = (number_in(filled.values, name) for name in ("version", "compared"))
            saved = await saving.change(deed, row.id, given, seen, compared=compared or 0)
    except BadInput as problem:
        return await _again(request, who, row, filled, sentences(request, problem))
    except ChangedMeanwhile as problem:
        return await _clashed(request, who, filled, given, problem)
    tell(request, INTERACTION, saved)
    return redirect(request, f"/interactions/{saved.id}")


@routes.get("/interactions/people")
async def offered(request: web.Request) -> web.Response:
    """Offer contacts and colleagues for what was typed."""
    who = require(request, "interaction", "read")
    typed = request.query.get("q", "").strip()
    async with request.app[DATABASE].read() as session:
        contacts = await contacts_for(request, session, who, typed) if typed else []
        colleagues = await _colleagues(session, typed) if typed else []
    return render(
        request, "interactions/people.html", contacts=contacts, colleagues=colleagues, typed=typed
    )


async def find(
    session: AsyncSession, who: Identity, interaction_id: int, action: str = "read"
) -> Interaction:
    """Return an interaction that `who` may do `action` to. Raises NotFound."""
    row = await session.scalar(
        select(Interaction).where(Interaction.id == interaction_id, visible_to(who, action))
    )
    if row is None:
        raise NotFound
    return row


async def contacts_for(
    request: web.Request, session: AsyncSession, who: Identity, typed: str
) -> list[Any]:
    """Return (id, name) of contacts that a search text means."""
    registry = request.app[ENTITIES]
    if "contact" not in registry or (search := registry["contact"].search) is None:
        return []
    model: Any = registry["contact"].model
    ids = await search(session, who, typed, OFFERED)
    rows = await session.execute(select(model.id, model.name).where(model.id.in_(ids)))
    names = {row.id: row.name for row in rows}
    return [(id_, names[id_]) for id_ in ids if id_ in names]


# ---------------------------------------------------------------- what the form begins with


def _start(request: web.Request, kind: str) -> datetime:
    """Return when something new is, unless it is said: now, or at the next half hour if planned."""
    now: datetime = request.app[CLOCK]()
    if typed := request.query.get("start_at", ""):
        field = next(each for each in INTERACTION.fields if each.name == "start_at")
        try:
            said: datetime = read_text(field, typed, context_of(request))
        except Unreadable:
            pass
        else:
            return said
    if kind in KINDS and kind not in TO_COME:
        return now
    half_hour = 1800 - now.timestamp() % 1800
    return now + timedelta(seconds=half_hour)


async def _source(
    session: AsyncSession, who: Identity, interaction_id: int | None
) -> Interaction | None:
    if interaction_id is None:
        return None
    return await find(session, who, interaction_id)


async def _named(
    request: web.Request,
    session: AsyncSession,
    who: Identity,
    source: Interaction | None,
    contact_id: int | None,
) -> list[dict[str, str]]:
    """Return who takes part to begin with: the customers of the source, or the contact."""
    if source is not None:
        taking = (await people.of(session, who, [source.id])).get(source.id, [])
        return [form.as_typed(person) for person in taking if person.is_customer]
    if contact_id is None:
        return []
    name = (await _names(request, session, who, [contact_id])).get(contact_id)
    if name is None:
        return []
    return [form.as_typed(people.Person("attendee", 0, name, contact_id))]


async def _rows_before(
    session: AsyncSession, who: Identity, interaction_id: int | None
) -> list[Participant]:
    """Return who took part in what a new one follows."""
    if interaction_id is None:
        return []
    return await rows_of(session, (await find(session, who, interaction_id)).id)


def _about(source: Interaction | None, named: Sequence[dict[str, str]]) -> str:
    """Return a subject to begin with: that of the source, or whom it is with."""
    if source is not None and source.subject:
        return chains.bare(source.subject)
    return next((person["text"] or person["point"] for person in named), "")


async def _names(
    request: web.Request, session: AsyncSession, who: Identity, ids: Sequence[int]
) -> dict[int, str]:
    """Return the names of those of these contacts that `who` may see."""
    registry = request.app[ENTITIES]
    if "contact" not in registry:
        return {}
    model: Any = registry["contact"].model
    rows = await session.execute(
        select(model.id, model.name).where(
            model.id.in_(ids), rights.visible_to(registry["contact"], who)
        )
    )
    return {row.id: row.name for row in rows}


async def _colleagues(session: AsyncSession, typed: str) -> list[Any]:
    wanted = typed.casefold()
    everybody = await users(session)
    return [one for one in everybody if wanted in one.name.casefold()][:OFFERED]


async def users(session: AsyncSession) -> list[Any]:
    """Return (id, name) of the people who work here."""
    rows = await session.execute(
        select(User.id, User.name)
        .where(User.deleted_at.is_(None), User.active)
        .order_by(User.name, User.id)
    )
    return list(rows.all())


# ---------------------------------------------------------------- the form itself


async def _filled(request: web.Request) -> Filled:
    values = await read_form(request)
    sent = await request.post()
    columns = {
        name: [str(value).strip() for value in sent.getall(f"person_{name}", [])]
        for name in ("contact", "user", "text", "point", "response")
    }
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=False)]
    before = _before(values.pop("people_before", ""))
    values["remind"] = ",".join(str(each) for each in sent.getall("remind", []) if each)
    empty = dict.fromkeys(form.fresh("note", request.app[CLOCK](), "UTC", 0, []).values, "")
    return Filled(empty | values, rows, before)


def _before(said: str) -> list[dict[str, str]]:
    """Return who took part when the form was opened, as it says itself. Raises BadInput."""
    try:
        rows = msgspec.json.decode(said or "[]", type=list[_Row])
    except msgspec.MsgspecError as error:
        raise BadInput({"participants": MISFIT}) from error
    return [msgspec.structs.asdict(row) for row in rows]


class _Row(msgspec.Struct, frozen=True):
    """A participant as the form has him."""

    contact: str = ""
    user: str = ""
    text: str = ""
    point: str = ""
    response: str = ""


async def own_reminders(session: AsyncSession, who: Identity) -> str | None:
    """Return when somebody wants to be reminded of what he plans, unless he says otherwise."""
    wished = (await wishes.of(session, [who.user_id])).get(who.user_id, wishes.NONE)
    return reminding.written(wished.reminders)


async def _refuse_strangers(
    request: web.Request, session: AsyncSession, who: Identity, taking: Sequence[Any]
) -> None:
    """Nobody names a contact that he cannot see. Raises BadInput."""
    ids = {one.contact_id for one in taking if one.contact_id is not None}
    if ids - set(await _names(request, session, who, list(ids))):
        raise BadInput({"participants": NOBODY})


async def _clashed(
    request: web.Request,
    who: Identity,
    filled: Filled,
    given: Mapping[str, Any],
    problem: ChangedMeanwhile,
) -> web.Response:
    """Show all that others and this person made different: whoever saves again has compared them."""
    async with request.app[DATABASE].read() as session:
        row = await find(session, who, path_id(request), "edit")
        seen, compared = (number_in(filled.values, name) or 0 for name in ("version", "compared"))
        columns = {name: value for name, value in given.items() if name != "participants"}
        _theirs, differ = await editing.compared(session, "interaction", row, columns, seen)
        others = {
            name: await editing.name_of(session, other.who)
            for name, other in differ.items()
            if other.version > compared
        }
        covering.cover(row, who)
    errors = await clashes.told(request, INTERACTION, problem)
    for name, writer in others.items():
        clash = ChangedMeanwhile(
            who=writer, field=name, theirs=value_of(row, name), mine=given[name]
        )
        errors = await clashes.told(request, INTERACTION, clash) | errors
    filled.values["compared"] = str(row.version)
    return await _again(request, who, row, filled, errors, problem.status)


async def _again(
    request: web.Request,
    who: Identity,
    row: Interaction | None,
    filled: Filled,
    errors: dict[str, str],
    status: int = 422,
) -> web.Response:
    async with request.app[DATABASE].read() as session:
        return await _form(request, session, who, row, filled, errors=errors, status=status)


async def _form(
    request: web.Request,
    session: AsyncSession,
    who: Identity,
    row: Interaction | None,
    filled: Filled,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    contact = next((number_in(one, "contact") for one in filled.people if one["contact"]), None)
    matters = await chains.matters(session, who, contact) if contact is not None else []
    chosen = number_in(filled.values, "thread_id")
    if chosen is not None and chosen not in dict(matters):
        matters = [*await chains.named(session, who, chosen), *matters]
    return render(
        request, "interactions/form.html", status=status, row=row, filled=filled,
        values=filled.values, kinds=KINDS, directions=DIRECTIONS, priorities=PRIORITIES,
        before=msgspec.json.encode(filled.before).decode(), users=await users(session), matters=matters, lengths=form.LENGTHS,
        reminders=form.REMINDERS, errors=errors or {}, locked=form.locked(who),
        repeats=_repeats(request, filled),
        options=lambda words: [(key, translate(request, text)) for key, text in words.items()],
    )  # fmt: skip


def _repeats(request: web.Request, filled: Filled) -> list[tuple[str, str]]:
    """Return the choices of when it comes again; a rule that is none of them is one more."""
    other = {"other": repeating.OTHER} if filled.values.get("repeat") == "other" else {}
    choices = {**repeating.CHOICES, **other}
    return [(name, translate(request, text)) for name, text in choices.items()]
