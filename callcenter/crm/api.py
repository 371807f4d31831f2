"""REST across contacts and calls: who has a number, and whose call it was."""

import msgspec
from aiohttp import web

from callcenter import phone
from callcenter.crm import linking
from callcenter.crm.contacts.pages import regions
from callcenter.crm.lookup import seen_by, who_is
from callcenter.errors import BadInput
from callcenter.events import InteractionChanged
from callcenter.server.actor import actor
from callcenter.server.body import MISSING, Id, answer, path_id, read_json
from callcenter.server.identity import require
from callcenter.server.keys import BUS, CLOCK, DATABASE

routes = web.RouteTableDef()


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    contact_id: Id


@routes.get("/api/v1/lookup")
async def lookup(request: web.Request) -> web.Response:
    """Tell whose number `phone` is, in any spelling, the likeliest contact first."""
    who = require(request, "contact", "read")
    typed = request.query.get("phone", "")
    if not typed:
        raise BadInput({"phone": MISSING})
    database = request.app[DATABASE]
    found = await who_is(database, typed, regions(request), user_id=who.user_id)
    found = await seen_by(database, who, found)
    number = found.number
    return answer(
        {
            "match": found.match, "candidates": found.candidates, "kind": number.kind,
            "number": number.norm or None, "country": number.country,
            "time_zones": phone.time_zones(number.norm),
        }
    )  # fmt: skip


@routes.post("/api/v1/interactions/{id}/contact")
async def choose(request: web.Request) -> web.Response:
    """Say which contact a call or other interaction was with."""
    who, at = require(request, "interaction", "edit"), request.app[CLOCK]()
    interaction_id, choice = path_id(request), await read_json(request, Choice)
    async with request.app[DATABASE].write() as session:
        contact = await linking.choose(
            session, who, interaction_id, choice.contact_id, at, actor(request)
        )
    event = InteractionChanged(at=at.timestamp(), interaction_id=interaction_id)
    request.app[BUS].publish(event)
    return answer(
        {"interaction_id": interaction_id, "contact": {"id": contact.id, "name": contact.name}}
    )
