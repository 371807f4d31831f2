"""Where a guest answers without signing in: the page behind the secret link of his letter.

Programs that look at every link in a letter only ask; an answer is a POST. It carries no token of
a page: whoever has the letter's own link may use it, and all it does is to answer. The link leads
nowhere once the meeting is called off or he is not meant any more.

Template diary/invitation.html: guest, title, lines [(label, value)], answers [(name, label)],
chosen, answered, is_over, organizer.
"""

from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.diary import answers, guests, ics, inviting
from callcenter.diary.answers import Answer
from callcenter.diary.itip import response_of
from callcenter.diary.models import Guest
from callcenter.errors import BadInput, NotFound
from callcenter.events import InteractionChanged
from callcenter.interactions.models import Interaction
from callcenter.server import cookies
from callcenter.server.body import MISSING, read_form
from callcenter.server.client import ip
from callcenter.server.i18n import language_of, translate_to
from callcenter.server.identity import bare
from callcenter.server.keys import BUS, CLOCK, DATABASE, SETTINGS
from callcenter.server.limits import Limit
from callcenter.server.pages import names, render_text

routes = web.RouteTableDef()

#: How often an address may look at invitations and answer them.
LIMIT: web.AppKey[Limit] = web.AppKey("invitation_limit", Limit)
#: As `app` and tests set it: tries, and in how many seconds.
TRIES: Final = (60, 600.0)


class Asked(NamedTuple):
    guest: Guest
    row: Interaction
    organizer: str


@routes.get("/invitation/{token}")
@bare
async def show(request: web.Request) -> web.Response:
    asked = await _asked(request)
    return _page(request, asked, request.query.get("answer", ""))


@routes.get("/invitation/{token}/meeting.ics")
@bare
async def file(request: web.Request) -> web.Response:
    """The meeting for programs that did not read it in the letter."""
    guest, row, _organizer = await _asked(request)
    event = guests.event_of(guest, ics.uid_of(row.id, None))
    body = ics.written([event], event.title, _zone(request, guest), guest.told_at)
    return web.Response(
        body=body, content_type="text/calendar", charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="meeting.ics"'},
    )  # fmt: skip


@routes.post("/invitation/{token}")
@bare
async def answer(request: web.Request) -> web.Response:
    await _asked(request)
    values, at = await read_form(request), request.app[CLOCK]()
    response = response_of(values.get("answer", ""))
    if response is None:
        raise BadInput({"answer": MISSING})
    async with request.app[DATABASE].write() as session:
        asked = await _found(session, request, lock=True)
        if not guests.is_over(asked.row, at):
            await answers.give(session, asked.guest, Answer(response, at, asked.guest.sequence), at)
    changed = InteractionChanged(at=at.timestamp(), interaction_id=asked.row.id)
    request.app[BUS].publish(changed)
    return _page(request, asked, "", is_answered=True)


async def _asked(request: web.Request) -> Asked:
    """Return whose link this is. Raises NotFound, or TooManyAttempts."""
    request.app[LIMIT].take(ip(request), request.app[CLOCK]().timestamp())
    async with request.app[DATABASE].read() as session:
        return await _found(session, request)


async def _found(session: AsyncSession, request: web.Request, *, lock: bool = False) -> Asked:
    query = select(Guest).where(Guest.token == request.match_info["token"])
    guest = await session.scalar(query.with_for_update() if lock else query)
    row = await session.get(Interaction, guest.interaction_id) if guest is not None else None
    if guest is None or row is None or guest.method == "cancel" or guests.is_off(row):
        raise NotFound
    owner = await session.get(User, row.owner_id) if row.owner_id is not None else None
    return Asked(guest, row, owner.name if owner is not None else "")


def _zone(request: web.Request, guest: Guest) -> ZoneInfo:
    return ZoneInfo(guest.zone or request.app[SETTINGS].time_zone)


def _language(request: web.Request, guest: Guest) -> str:
    """Return the guest's own language, unless he has chosen one here."""
    return (
        language_of(request)
        if cookies.LOCALE in request.cookies
        else guest.language or language_of(request)
    )


def _page(
    request: web.Request, asked: Asked, chosen: str, *, is_answered: bool = False
) -> web.Response:
    guest, row, organizer = asked
    language, now = _language(request, guest), request.app[CLOCK]()
    zone = str(_zone(request, guest))
    event = guests.event_of(guest, "")
    context = names(request) | {"time_zone": zone}
    html = render_text(
        "diary/invitation.html", language, **context, guest=guest,
        title=event.title or translate_to(language, inviting.UNTITLED),
        lines=inviting.facts(event, language, zone), organizer=organizer,
        answers=[(name, translate_to(language, text)) for name, text in inviting.CHOICES.items()],
        chosen=response_of(chosen) or guest.response or "", answered=is_answered,
        is_over=guests.is_over(row, now),
    )  # fmt: skip
    return web.Response(text=html, content_type="text/html")
