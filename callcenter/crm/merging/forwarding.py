"""Old links and ids of a contact that was merged lead to the one it was merged into."""

import re
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.models import Contact
from callcenter.errors import MergedInto, NotFound
from callcenter.server.keys import DATABASE

_PATH: Final = re.compile(r"((?:/api/v1)?/contacts)/(\d{1,16})(/.*)?", re.ASCII)
#: A contact may be merged into one that is merged again; a longer way is none of ours.
STEPS: Final = 20


@web.middleware
async def lead_on(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with the way to the winner where a merged contact was asked for."""
    try:
        return await handler(request)
    except NotFound:
        path = _PATH.fullmatch(request.path)
        if path is None:
            raise
        async with request.app[DATABASE].read() as session:
            winner_id = await winner_of(session, int(path[2]))
        if winner_id is None:
            raise
        if request.method not in ("GET", "HEAD"):
            # What was written was meant for another card, and made from another version.
            raise MergedInto(id=winner_id) from None
    query = f"?{request.query_string}" if request.query_string else ""
    location = f"{path[1]}/{winner_id}{path[3] or ''}{query}"
    return web.Response(status=308, headers={"Location": location})


async def winner_of(session: AsyncSession, contact_id: int) -> int | None:
    """Return the contact that a merged one ended up in, None if it was not merged."""
    found, step = None, contact_id
    for _ in range(STEPS):
        into = await session.scalar(select(Contact.merged_into_id).where(Contact.id == step))
        if into is None:
            break
        found = step = into
    return found
