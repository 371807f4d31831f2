"""REST across contacts and calls: who has a number, and whose call it was."""

from collections.abc import Sequence
from typing import TypedDict

import msgspec
from aiohttp import web

from callcenter import phone
from callcenter.crm import linking
from callcenter.crm.contacts.pages import regions
from callcenter.crm.lookup import Match, seen_by, who_is
from callcenter.errors import BadInput
from callcenter.events import InteractionChanged
from callcenter.live.protocol import Candidate
from callcenter.server.actor import actor
from callcenter.server.body import MISSING, Id, answer, path_id, read_json
from callcenter.server.identity import require
from callcenter.server.keys import BUS, CLOCK, DATABASE
from callcenter.server.openapi import Query, operation

routes = web.RouteTableDef()


class Found(TypedDict):
    """Whose a number is: `match` is "one" only if it is certain."""

    match: Match
    candidates: tuple[Candidate, ...]
    kind: str
    number: str | None
    country: str | None
    time_zones: Sequence[str]


class Named(TypedDict):
    id: int
    name: str


class Chosen(TypedDict):
    """The contact that an interaction was with."""

    interaction_id: int
    contact: Named


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    contact_id: Id


@routes.get("/api/v1/lookup")
@operation(
    needs="contact:read", answers=Found,
    query={"phone": Query(str, "The number, in any spelling.", required=True)},
)  # fmt: skip
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
        Found(
            match=found.match, candidates=found.candidates, kind=number.kind,
            number=number.norm or None, country=number.country,
            time_zones=phone.time_zones(number.norm),
        )
    )  # fmt: skip


@routes.post("/api/v1/interactions/{id}/contact")
@operation(needs="interaction:edit", body=Choice, answers=Chosen)
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
