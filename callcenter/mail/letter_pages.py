"""Letters as they are read: the list, one on the page of its interaction, its HTML in a frame.

Templates: mail/list.html (box, rows: [(Letter, Interaction, people)], after, drafts) ·
mail/rows.html · mail/letter.html (letter, row, account, files, can_edit, can_write).
"""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from sqlalchemy import ColumnElement, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.entity import files
from callcenter.entity.rights import is_reached
from callcenter.errors import BadInput, NotFound
from callcenter.interactions import covering, people
from callcenter.interactions.access import visible_to
from callcenter.interactions.description import INTERACTION
from callcenter.interactions.models import Interaction
from callcenter.interactions.pages import find
from callcenter.mail import drafts, invited, sending, storing
from callcenter.mail.keys import WAKE
from callcenter.mail.models import Letter, MailAccount
from callcenter.server import headers
from callcenter.server.actor import actor
from callcenter.server.body import path_id
from callcenter.server.identity import Identity, may, require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render

routes = web.RouteTableDef()

PAGE_ROWS = 50
#: A count goes no further.
MOST = 99
BOXES: dict[str, ColumnElement[bool]] = {
    "answer": Letter.to_answer & true(),
    "in": Letter.state == "received",
    "out": Letter.state.in_(("waiting", "sent", "refused", "bounced")),
}

_FRAME = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; img-src 'self' data:"
)
_PAGE = (
    '<!doctype html><html><head><meta charset="utf-8"><base target="_blank">'
    "<style>body{{margin:0;padding:8px 12px;font:14px/1.5 system-ui,sans-serif;color:#1c1d21;background:#fff;"
    "overflow-wrap:anywhere}}img{{max-width:100%;height:auto}}</style></head><body>{html}</body></html>"
)


@routes.get("/mail")
async def list_letters(request: web.Request) -> web.Response:
    who = require(request, "interaction", "read")
    box = request.query.get("box", "answer")
    after = request.query.get("after", "")
    async with request.app[DATABASE].read() as session:
        if box == "drafts":
            own = await drafts.of(session, who.user_id)
            return render(request, "mail/list.html", box=box, rows=[], after=None, drafts=own)
        rows = await _page(session, who, box if box in BOXES else "answer", after)
        taking = await people.of(session, who, [row.id for _, row in rows])
    shown = [(letter, row, taking.get(row.id, [])) for letter, row in rows[:PAGE_ROWS]]
    last = shown[-1][0] if len(rows) > PAGE_ROWS else None
    more = f"{round(last.at.timestamp() * 1000)}.{last.interaction_id}" if last else None
    template = "mail/rows.html" if after else "mail/list.html"
    return render(request, template, box=box, rows=shown, after=more, drafts=[])


async def count_to_answer(session: AsyncSession, who: Identity) -> int:
    """Return how many letters wait for an answer, up to MOST + 1."""
    few = (
        select(Letter.interaction_id)
        .join(Interaction, Interaction.id == Letter.interaction_id)
        .where(BOXES["answer"], visible_to(who))
        # In the order of the list, so that the same index is walked.
        .order_by(Letter.at.desc(), Letter.interaction_id.desc())
        .limit(MOST + 1)
        .subquery()
    )
    return await session.scalar(select(func.count()).select_from(few)) or 0


async def _page(
    session: AsyncSession, who: Identity, box: str, after: str
) -> list[tuple[Letter, Interaction]]:
    query = (
        select(Letter, Interaction)
        .join(Interaction, Interaction.id == Letter.interaction_id)
        .where(BOXES[box], visible_to(who))
        .order_by(Letter.at.desc(), Letter.interaction_id.desc())
        .limit(PAGE_ROWS + 1)
    )
    if after:
        query = query.where(tuple_(Letter.at, Letter.interaction_id) < _key(after))
    return [(letter, row) for letter, row in await session.execute(query)]


def _key(after: str) -> Any:
    at, _, id_ = after.partition(".")
    if not (at.isdigit() and id_.isdigit() and len(at) < 15 and len(id_) < 17):
        raise BadInput
    return datetime.fromtimestamp(int(at) / 1000, UTC), int(id_)


@routes.get(r"/interactions/{id:\d+}/letter")
async def letter_of(request: web.Request) -> web.Response:
    """What the page of an interaction shows of it as a letter."""
    who = require(request, "interaction", "read")
    async with request.app[DATABASE].read() as session:
        row = await find(session, who, path_id(request))
        letter = await session.get(Letter, row.id)
        if letter is None:
            raise NotFound
        account = await session.get_one(MailAccount, letter.account_id)
        attached = list(reversed(await files.of_row(session, "interaction", row.id)))
        can_edit = await is_reached(session, INTERACTION, who, "edit", row.id)
    sees = covering.level_of("email", who) not in ("hidden", "masked")
    return render(
        request, "mail/letter.html", letter=letter, row=row, account=account, files=attached,
        can_edit=can_edit, sees=sees, can_write=sees and may(who, "interaction", "create") != "none",
        has_invitation=letter.state == "received"
        and any(map(invited.is_calendar, attached)),
        has_pictures="src=\"http" in letter.html,
    )  # fmt: skip


@routes.get(r"/interactions/{id:\d+}/letter/page")
async def page_of(request: web.Request) -> web.Response:
    """The HTML of a letter, for a frame: nothing runs in it; pictures from elsewhere if asked for."""
    who = require(request, "interaction", "read")
    async with request.app[DATABASE].read() as session:
        row = await find(session, who, path_id(request))
        letter = await session.get(Letter, row.id)
    if letter is None or not letter.html:
        raise NotFound
    policy = _FRAME + (" https: http:" if "pictures" in request.query else "")
    request[headers.OWN] = {
        "Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "no-referrer",
    }  # fmt: skip
    return web.Response(text=_PAGE.format(html=letter.html), content_type="text/html")


@routes.post(r"/interactions/{id:\d+}/letter/again")
async def send_again(request: web.Request) -> web.Response:
    """Send a letter once more that was refused, came back, or waits for too long."""
    who = require(request, "interaction", "edit")
    at = request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        row = await find(session, who, path_id(request), "edit")
        letter = await session.get(Letter, row.id, with_for_update=True)
        if letter is None or letter.state not in ("refused", "bounced", "waiting"):
            raise NotFound
        audit.record(
            session, at, entity="interaction", entity_id=row.id, action="letter",
            diff={"state": [letter.state, "waiting"]}, **actor(request),
        )  # fmt: skip
        letter.state, letter.state_at, letter.says = "waiting", at, None
        await sending.post(session, row.id, at)
    request.app[WAKE]()
    return redirect(request, f"/interactions/{row.id}")


@routes.post(r"/interactions/{id:\d+}/letter/done")
async def no_answer_needed(request: web.Request) -> web.Response:
    who = require(request, "interaction", "edit")
    async with request.app[DATABASE].write() as session:
        row = await find(session, who, path_id(request), "edit")
        await storing.answered(session, row.id)
        audit.record(
            session, request.app[CLOCK](), entity="interaction", entity_id=row.id,
            action="letter", diff={"to_answer": [True, False]}, **actor(request),
        )  # fmt: skip
    return redirect(request, f"/interactions/{row.id}")
