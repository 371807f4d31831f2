"""REST: which contacts there are already, for what another system is about to add."""

from typing import Any

from aiohttp import web

from callcenter.crm.contacts.pages import regions
from callcenter.crm.duplicates.check import Likeness, check
from callcenter.crm.duplicates.facts import Typed, of_typed
from callcenter.server.body import answer, read_json
from callcenter.server.identity import require
from callcenter.server.keys import DATABASE

routes = web.RouteTableDef()


@routes.post("/api/v1/contacts/duplicates")
async def duplicates(request: web.Request) -> web.Response:
    """Tell which contacts are like what is given, and what is the same; nothing is stored."""
    who = require(request, "contact", "read")
    facts = of_typed(await read_json(request, Typed), regions(request))
    async with request.app[DATABASE].read() as session:
        found = await check(session, who, facts)
    return answer({"duplicates": [_told(each) for each in found]})


def _told(found: Likeness) -> dict[str, Any]:
    line = found.line
    contact = line and {
        "id": line.id, "kind": line.kind, "name": line.name, "title": line.title,
        "company": line.company and line.company._asdict(), "city": line.city,
    }  # fmt: skip
    return {
        "contact": contact, "owner": found.owner_name, "score": found.score,
        "reasons": [{"code": reason.code, "value": reason.value} for reason in found.reasons],
    }  # fmt: skip
