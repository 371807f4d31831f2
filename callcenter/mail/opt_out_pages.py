"""Where the reader of an offer says that he wants no more of them; nobody has to sign in for it.

Mail programs send the POST by themselves (RFC 8058), so it carries no token of a page: whoever
has the letter's own link may use it, and all it does is to stop letters.

Template mail/opt_out.html: done, token.
"""

from aiohttp import web
from sqlalchemy import select, update

from callcenter import audit
from callcenter.crm.contacts.models import ContactPoint
from callcenter.errors import NotFound
from callcenter.mail.models import Letter
from callcenter.post import letters
from callcenter.server.actor import SYSTEM
from callcenter.server.identity import bare
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import render

routes = web.RouteTableDef()


@routes.get("/opt-out/{token}")
@bare
async def ask(request: web.Request) -> web.Response:
    """Programs that look at every link in a letter only ask; nothing is done by that."""
    await _letter(request)
    return _page(request, done=False)


@routes.post("/opt-out/{token}")
@bare
async def opt_out(request: web.Request) -> web.Response:
    letter, at = await _letter(request), request.app[CLOCK]()
    addresses = [letters.bare(one) for one in letter.addresses.get("to", ())]
    async with request.app[DATABASE].write() as session:
        points = await session.execute(
            update(ContactPoint)
            .where(
                ContactPoint.kind == "email", ContactPoint.norm.in_(addresses),
                ContactPoint.opted_out_at.is_(None),
            )
            .values(opted_out_at=at, opt_out_channel="mailings")
            .returning(ContactPoint.contact_id)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        for contact_id in sorted(set(points.scalars())):
            audit.record(
                session, at, entity="contact", entity_id=contact_id, contact_id=contact_id,
                action="opt-out", notable=True, **SYSTEM,
            )  # fmt: skip
    return _page(request, done=True)


async def _letter(request: web.Request) -> Letter:
    """Return the letter whose link this is. Raises NotFound."""
    token = request.match_info["token"]
    async with request.app[DATABASE].read() as session:
        found = await session.scalar(
            select(Letter).where(Letter.opt_out == token, Letter.opt_out != "").limit(1)
        )
    if found is None:
        raise NotFound
    return found


def _page(request: web.Request, *, done: bool) -> web.Response:
    token = request.match_info["token"]
    return render(request, "mail/opt_out.html", done=done, token=token)
