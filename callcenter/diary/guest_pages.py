"""The guests of a meeting on its page: inviting them, telling them of a change, answering oneself.

Template diary/guests.html: row, people [Shown], asks, changed, own, own_response, may_invite, now.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.diary import answers, guests
from callcenter.diary.guests import Meant
from callcenter.diary.itip import response_of
from callcenter.diary.models import Guest
from callcenter.entity import saving
from callcenter.entity.requests import deed_of, tell
from callcenter.entity.rights import is_reached
from callcenter.errors import BadInput, NotFound
from callcenter.interactions import covering
from callcenter.interactions import people as with_names
from callcenter.interactions.description import INTERACTION
from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.pages import find
from callcenter.server.actor import actor
from callcenter.server.body import MISSING, path_id, read_form
from callcenter.server.identity import Identity, require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render, safe_next

routes = web.RouteTableDef()

#: How somebody stands: not written to, for a reason; not invited yet; his letter is on its way, or
#: did not arrive; he knows of an earlier time; or he knows how things are.
Standing = Literal["no-address", "no-contact", "new", "waiting", "failed", "changed", "told"]


class Shown(NamedTuple):
    #: "" of a contact whom the reader may not know.
    name: str
    #: "" if the reader may not see it.
    address: str
    standing: Standing
    response: str | None
    says: str = ""


@routes.get(r"/interactions/{id:\d+}/guests")
async def show(request: web.Request) -> web.Response:
    who, at = require(request, "interaction", "read"), request.app[CLOCK]()
    async with request.app[DATABASE].read() as session:
        row = await find(session, who, path_id(request))
        people = await guests.meant(session, row)
        known = await guests.of(session, row.id)
        mine = await _own(session, row, who)
        taking = (await with_names.of(session, who, [row.id])).get(row.id, [])
        may_edit = await is_reached(session, INTERACTION, who, "edit", row.id)
    is_open = row.status == "planned" and not guests.is_over(row, at)
    may_invite = is_open and may_edit and guests.is_ours(row)
    can_ask = may_invite and not all(one.why for one in people)
    if covering.hides_people(who) or not (can_ask or known or mine):
        # A part of a page that has nothing to say.
        return web.Response(content_type="text/html")
    names = {one.contact_id: one.name for one in taking if not one.is_others}
    shown = [_shown(one, known, row, names, who) for one in people]
    standings = {one.standing for one in shown}
    return render(
        request, "diary/guests.html", row=row, people=shown, mine=mine if is_open else None,
        # Asked for the first time, or of a change.
        asks=bool(standings & {"new", "failed"}), changed="changed" in standings,
        is_first=not known, may_invite=may_invite,
    )  # fmt: skip


async def _own(session: AsyncSession, row: Interaction, who: Identity) -> Participant | None:
    """Return the reader's own part in it, if somebody else invites him."""
    if row.owner_id == who.user_id:
        return None
    found: Participant | None = await session.scalar(
        select(Participant).where(
            Participant.interaction_id == row.id, Participant.user_id == who.user_id
        )
    )
    return found


def _shown(
    one: Meant,
    known: list[Guest],
    row: Interaction,
    names: Mapping[int | None, str],
    who: Identity,
) -> Shown:
    """Return how somebody stands, with as much of him as the reader may know."""
    guest = next((each for each in known if one.is_(each)), None)
    response = guest.response if guest is not None else None
    standing = _standing(one, guest, row)
    if one.contact_id is not None and one.contact_id not in names:
        return Shown("", "", standing, response)
    is_colleague = one.user_id is not None
    name = one.name if is_colleague else covering.name(one.name, who) or covering.NOTHING
    sees = covering.level_of("email", who) not in ("hidden", "masked")
    says = guest.says if guest is not None and sees else None
    return Shown(name, covering.place(one.address, who) or "", standing, response, says or "")


def _standing(one: Meant, guest: Guest | None, row: Interaction) -> Standing:
    if one.why:
        return one.why
    if guest is None or guest.method == "cancel":
        return "new"
    if not guests.knows(guest, row):
        return "changed"
    if guest.state in guests.FAILED:
        return "failed"
    return "waiting" if guest.state == "waiting" else "told"


@routes.post(r"/interactions/{id:\d+}/guests")
async def invite(request: web.Request) -> web.Response:
    """Tell everybody who does not know how things are."""
    who = require(request, "interaction", "edit")
    values, at = await read_form(request), request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        row = await saving.locked(deed_of(request, session, INTERACTION), path_id(request), "edit")
        if row.status != "planned" or guests.is_over(row, at) or not guests.is_ours(row):
            raise NotFound
        count = await guests.invite(session, row, at, who.user_id)
        if count:
            audit.record(
                session, at, entity="interaction", entity_id=row.id, action="invite",
                diff={"invited": [None, count]}, **actor(request),
            )  # fmt: skip
    tell(request, INTERACTION, row)
    return redirect(request, safe_next(values.get("next") or f"/interactions/{row.id}"))


@routes.post(r"/interactions/{id:\d+}/answer")
async def answer(request: web.Request) -> web.Response:
    """Say whether one comes oneself."""
    who = require(request, "interaction", "read")
    values, at = await read_form(request), request.app[CLOCK]()
    response = response_of(values.get("answer", ""))
    if response is None:
        raise BadInput({"answer": MISSING})
    async with request.app[DATABASE].write() as session:
        row = await find(session, who, path_id(request))
        me = (who.user_id, who.name)
        if guests.is_off(row) or not await answers.of_colleague(
            session, row, me, response, at, actor(request)
        ):
            raise NotFound
    tell(request, INTERACTION, row)
    return redirect(request, f"/interactions/{row.id}")
