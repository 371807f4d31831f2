"""What a letter invites to, on its page: into one's calendar, and yes, maybe or no to whoever asks.

Template mail/invited.html: row, offer, event, error, can_answer.
"""

from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.diary.itip import response_of
from callcenter.entity.files import Folder
from callcenter.entity.requests import deed_of, tell
from callcenter.errors import BadInput, NotFound
from callcenter.interactions import covering
from callcenter.interactions.description import INTERACTION
from callcenter.interactions.models import Interaction
from callcenter.interactions.pages import find
from callcenter.mail import invited
from callcenter.mail.invited import Offer
from callcenter.mail.keys import WAKE
from callcenter.mail.models import Letter
from callcenter.server.body import path_id, read_form
from callcenter.server.i18n import language_of
from callcenter.server.identity import Identity, may, require
from callcenter.server.keys import CLOCK, DATABASE, SETTINGS
from callcenter.server.pages import redirect, render, zone_of

routes = web.RouteTableDef()

#: The button that answers nobody.
ONLY_KEEP: Final = "keep"


@routes.get(r"/interactions/{id:\d+}/letter/invitation")
async def show(request: web.Request) -> web.Response:
    who = require(request, "interaction", "read")
    async with request.app[DATABASE].read() as session:
        await find(session, who, path_id(request))
        try:
            row, _letter, offer = await _found(request, session, who)
        except NotFound:
            # A part of a page that has nothing to say: the file is no invitation, or one of long ago.
            return web.Response(content_type="text/html")
    sees = covering.level_of("email", who) not in ("hidden", "masked")
    return render(
        request, "mail/invited.html", row=row, offer=offer, event=offer.lines[0].event,
        can_put=may(who, "interaction", "create") != "none", can_answer=sees and offer.wants_answer,
    )  # fmt: skip


@routes.post(r"/interactions/{id:\d+}/letter/invitation")
async def answer(request: web.Request) -> web.Response:
    who = require(request, "interaction", "create")
    said = (await read_form(request)).get("answer", "")
    response = response_of(said)
    if response is None and said != ONLY_KEEP:
        raise BadInput
    async with request.app[DATABASE].write() as session:
        row, letter, offer = await _found(request, session, who)
        deed = deed_of(request, session, INTERACTION)
        made = None
        if response is not None and offer.wants_answer:
            made = await invited.answer(
                deed, row, letter, offer, response, ZoneInfo(zone_of(request)), language_of(request)
            )
        await invited.put(deed, offer, response)
    if made is not None:
        request.app[WAKE]()
        tell(request, INTERACTION, made)
    return redirect(request, f"/interactions/{row.id}")


async def _found(
    request: web.Request, session: AsyncSession, who: Identity
) -> tuple[Interaction, Letter, Offer]:
    """Return the letter and what it invites to. Raises NotFound."""
    row = await find(session, who, path_id(request))
    letter = await session.get(Letter, row.id)
    offer = None
    if letter is not None:
        offer = await invited.offer_of(
            session, who.user_id, letter, Folder(request.app[SETTINGS].data_path),
            ZoneInfo(zone_of(request)), request.app[CLOCK](),
        )  # fmt: skip
    if letter is None or offer is None:
        raise NotFound
    return row, letter, offer
