"""Pages of merging: two contacts side by side, what is taken of each; the merges of a contact, to undo.

Templates: merging/merge.html (a, b: Side, rows: [Row], pair) · merging/other.html (contact,
pairs: [Pair], q, found: [ContactLine]): whom to merge with · merging/merges.html (contact,
merges: [Done], undone_id, stays: sentences on what was not put back) · merging/on_card.html (contact_id,
pairs, more, merged): what a card says of it.
"""

from typing import NamedTuple

from aiohttp import web
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.agents.models import User
from callcenter.crm.contacts.access import seen_as, visible_to
from callcenter.crm.contacts.lines import lines_of
from callcenter.crm.contacts.models import Contact
from callcenter.crm.contacts.pages import regions
from callcenter.crm.contacts.search import ids_of
from callcenter.crm.duplicates import deciding
from callcenter.crm.merging.merging import merge
from callcenter.crm.merging.models import Merge
from callcenter.crm.merging.references import ENTITY
from callcenter.crm.merging.side_by_side import side_by_side
from callcenter.crm.merging.undo import Kept, undo
from callcenter.entity.keys import ENTITIES
from callcenter.entity.requests import context_of, deed_of
from callcenter.errors import BadInput, MergedMeanwhile, NotFound
from callcenter.events import ContactChanged
from callcenter.server.body import number_in, path_id, read_form
from callcenter.server.errors import sentence, sentences
from callcenter.server.identity import Identity, require
from callcenter.server.keys import BUS, CLOCK, DATABASE
from callcenter.server.pages import redirect, render, translate

routes = web.RouteTableDef()

#: Before the name of a field in the form.
TAKE = "take:"
FOUND = 10
#: So many of its likes a card shows: of a shared number there are dozens.
ON_CARD = 3


class Done(NamedTuple):
    """One merge of a contact, as its page tells it; of whom the reader may not see there is no name."""

    merge: Merge
    winner: str | None
    loser: str | None
    by: str | None


@routes.get(r"/contacts/{id:\d+}/merge")
async def compare(request: web.Request) -> web.Response:
    who, contact_id = _require(request), path_id(request)
    other_id = number_in(request.query, "with")
    async with request.app[DATABASE].read() as session:
        if other_id is None or other_id == contact_id:
            return await _other(request, session, who, contact_id)
        return await _compared(request, session, who, contact_id, other_id)


@routes.post(r"/contacts/{id:\d+}/merge")
async def join(request: web.Request) -> web.Response:
    who, winner_id, form = _require(request), path_id(request), await read_form(request)
    loser_id = number_in(form, "loser") or 0
    seen = [number_in(form, name) or 0 for name in ("seen_winner", "seen_loser")]
    choices = {
        name.removeprefix(TAKE): side
        for name, side in form.items()
        if name.startswith(TAKE) and side in ("winner", "loser")
    }
    try:
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, request.app[ENTITIES][ENTITY])
            await merge(deed, winner_id, loser_id, choices, seen)
    except (MergedMeanwhile, BadInput) as problem:
        wrong = sentences(request, problem).values() if isinstance(problem, BadInput) else ()
        text = " ".join([sentence(request, problem), *wrong])
        async with request.app[DATABASE].read() as session:
            return await _compared(
                request, session, who, winner_id, loser_id, choices, problem=text,
                status=problem.status,
            )  # fmt: skip
    _tell(request, winner_id, loser_id)
    return redirect(request, f"/contacts/{winner_id}/merges")


@routes.get(r"/contacts/{id:\d+}/likeness")
async def likeness(request: web.Request) -> web.Response:
    who, contact_id = require(request, "contact", "read"), path_id(request)
    merged = select(Merge.id).where(Merge.winner_id == contact_id).limit(1)
    async with request.app[DATABASE].read() as session:
        await _seen(session, who, contact_id)
        pairs = await deciding.of_contact(session, who, contact_id, ON_CARD + 1)
        return render(
            request, "merging/on_card.html", contact_id=contact_id, pairs=pairs[:ON_CARD],
            more=len(pairs) > ON_CARD,
            merged=await session.scalar(merged) is not None,
        )  # fmt: skip


@routes.get(r"/contacts/{id:\d+}/merges")
async def merges(request: web.Request) -> web.Response:
    who = require(request, "contact", "read")
    async with request.app[DATABASE].read() as session:
        return await _merges(request, session, who, path_id(request))


@routes.post(r"/merges/{id:\d+}/undo")
async def take_back(request: web.Request) -> web.Response:
    who = _require(request)
    async with request.app[DATABASE].write() as session:
        deed = deed_of(request, session, request.app[ENTITIES][ENTITY])
        kept = await undo(deed, path_id(request))
        done = await session.get_one(Merge, path_id(request))
    _tell(request, done.winner_id, done.loser_id)
    sentences = [_sentence(request, each) for each in kept]
    async with request.app[DATABASE].read() as session:
        return await _merges(request, session, who, done.winner_id, done.id, sentences)


def _require(request: web.Request) -> Identity:
    """Return who is asking, if he may join contacts: that is to change one and delete the other."""
    require(request, "contact", "edit")
    return require(request, "contact", "delete")


async def _other(
    request: web.Request, session: AsyncSession, who: Identity, contact_id: int
) -> web.Response:
    contact = await _seen(session, who, contact_id)
    typed = request.query.get("q", "").strip()
    ids = await ids_of(session, who, typed, regions(request)) if typed else []
    return render(
        request, "merging/other.html", contact=contact, q=typed,
        pairs=await deciding.of_contact(session, who, contact_id),
        found=await lines_of(session, [id_ for id_ in ids if id_ != contact_id][:FOUND], who),
    )  # fmt: skip


async def _compared(
    request: web.Request,
    session: AsyncSession,
    who: Identity,
    winner_id: int,
    loser_id: int,
    choices: dict[str, str] | None = None,
    *,
    problem: str = "",
    status: int = 200,
) -> web.Response:
    winner, loser = [await _seen(session, who, id_) for id_ in (winner_id, loser_id)]
    table = await side_by_side(session, context_of(request), who, winner, loser, choices or {})
    return render(
        request, "merging/merge.html", winner=winner, loser=loser, table=table, problem=problem,
        status=status,
    )  # fmt: skip


async def _seen(session: AsyncSession, who: Identity, contact_id: int) -> Contact:
    contact = await session.scalar(select(Contact).where(Contact.id == contact_id, visible_to(who)))
    if contact is None:
        raise NotFound
    return contact


async def _merges(
    request: web.Request,
    session: AsyncSession,
    who: Identity,
    contact_id: int,
    undone_id: int | None = None,
    stays: list[str] | None = None,
) -> web.Response:
    contact = await _seen(session, who, contact_id)
    return render(
        request, "merging/merges.html", contact=contact, merges=await _done(session, who, contact_id),
        undone_id=undone_id, stays=stays or [],
    )  # fmt: skip


async def _done(session: AsyncSession, who: Identity, contact_id: int) -> list[Done]:
    winner, loser = aliased(Contact), aliased(Contact)
    rows = await session.execute(
        select(Merge, winner.name.label("winner"), loser.name.label("loser"), User.name.label("by"))
        .select_from(Merge)
        .outerjoin(winner, (winner.id == Merge.winner_id) & seen_as(winner, who))
        .outerjoin(loser, (loser.id == Merge.loser_id) & seen_as(loser, who))
        .outerjoin(User, User.id == Merge.by_id)
        .where(or_(Merge.winner_id == contact_id, Merge.loser_id == contact_id))
        .order_by(Merge.id.desc())
    )
    return [Done(*row) for row in rows]


def _sentence(request: web.Request, kept: Kept) -> str:
    what = translate(request, kept.what)
    return translate(request, kept.sentence, what=what, **kept.values)


def _tell(request: web.Request, *contact_ids: int) -> None:
    at = request.app[CLOCK]().timestamp()
    for contact_id in contact_ids:
        request.app[BUS].publish(ContactChanged(at=at, contact_id=contact_id))
