"""The pairs of contacts that may be one, for people to decide on.

Templates: merging/pairs.html (pairs: [Pair], after): the page · merging/pair_rows.html: the
pairs that follow `after`.
"""

import re

from aiohttp import web

from callcenter.crm.duplicates.deciding import differ, open_pairs
from callcenter.errors import BadInput
from callcenter.server.actor import actor
from callcenter.server.body import MISFIT, path_id
from callcenter.server.identity import require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render, safe_next

routes = web.RouteTableDef()


@routes.get("/duplicates")
async def pairs(request: web.Request) -> web.Response:
    who = require(request, "contact", "edit")
    after = request.query.get("after", "")
    async with request.app[DATABASE].read() as session:
        found, end = await open_pairs(session, who, _key(after) if after else None)
    return render(
        request, "merging/pair_rows.html" if after else "merging/pairs.html", pairs=found,
        after=f"{end[0]}.{end[1]}" if end else None,
    )  # fmt: skip


@routes.post(r"/duplicates/{id:\d+}/different")
async def different(request: web.Request) -> web.Response:
    who, at = require(request, "contact", "edit"), request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        await differ(session, who, path_id(request), at, actor(request))
    return redirect(request, safe_next(request.query.get("next", "/duplicates")))


def _key(after: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,3})\.(\d{1,16})", after, re.ASCII)
    if found is None:
        raise BadInput({"after": MISFIT})
    return int(found[1]), int(found[2])
