"""REST of calls: place one, hang one up, list them, read one."""

from datetime import date
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web
from sqlalchemy import select

from callcenter.agents.models import User
from callcenter.calls.commands import Caller, PlaceCall, Placed
from callcenter.calls.desk import DIALS, LEG_OF, NUMBER_OF, SWITCHBOARD
from callcenter.calls.filters import read_filter
from callcenter.calls.gaps import GapPage, list_gaps
from callcenter.calls.history import CallLine, list_calls, number_of
from callcenter.calls.shapes import CallDetailShape, CallList, CallShape
from callcenter.calls.story import CallDetail, find_call
from callcenter.errors import (
    AgentHasNoPhone,
    BadInput,
    CallNotLive,
    NotAPhoneNumber,
    NotFound,
    OutcomeUnknown,
    PbxRefused,
    PbxUnreachable,
    TooManyAttempts,
    UnsendableValue,
)
from callcenter.interactions import covering
from callcenter.server.body import MISSING, answer, number_in, path_id, read_json
from callcenter.server.identity import Identity, may, require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.openapi import Id, Query, operation
from callcenter.server.pages import zone_of

routes = web.RouteTableDef()

#: What can go wrong between us and a PBX.
PBX = (PbxUnreachable, PbxRefused, OutcomeUnknown, UnsendableValue)
FILTER = {
    "q": Query(str, "A customer's number, or a part of a contact's name."),
    "person": Query(Id, "Only calls of this person."),
    "queue": Query(str, "Only calls that came to this queue."),
    "day": Query(date, "Only calls of this day, where the reader is."),
    "result": Query(str, "Only with this result, such as answered or abandoned."),
    "direction": Query(str, "inbound or outbound."),
    "after": Query(str, "The cursor of a page."),
}


@routes.post("/api/v1/calls")
@operation(
    needs="call:create", body=PlaceCall, answers=Placed, status=202,
    refusals=(AgentHasNoPhone, NotAPhoneNumber, NotFound, TooManyAttempts, *PBX),
    body_example={"intent_id": "3f0c2c9a-5b1e-4d52", "number": "050 234 56 78"},
)  # fmt: skip
async def place_call(request: web.Request) -> web.Response:
    """Ring one's own phone, then the number. 202: asked; the rest comes over the websocket."""
    who = require(request, "call", "create")
    wish = await read_json(request, PlaceCall)
    request.app[DIALS].take(who.user_id, request.app[CLOCK]().timestamp())
    placed = await request.app[SWITCHBOARD].place_call(
        Caller(user_id=who.user_id, name=who.name), await _with_number(request, who, wish)
    )
    number = covering.place(placed.number, who) or ""
    return answer(msgspec.structs.replace(placed, number=number), status=202)


@routes.delete("/api/v1/calls/{id}")
@operation(needs="call:create", status=204, refusals=(CallNotLive, *PBX))
async def hang_up(request: web.Request) -> web.Response:
    """Hang one's own phone up; whoever may control calls, a colleague's."""
    who = require(request, "call", "create")
    call_id = path_id(request)
    leg = await _leg(request, who, call_id)
    if leg is None:
        raise CallNotLive
    caller = Caller(user_id=who.user_id, name=who.name)
    await request.app[SWITCHBOARD].hang_up(caller, *leg, call_id)
    return web.Response(status=204)


@routes.get("/api/v1/calls")
@operation(needs="call:read", query=FILTER, answers=CallList)
async def calls(request: web.Request) -> web.Response:
    """List calls, newest first; `after` in the answer is the cursor of the next page."""
    who = require(request, "call", "read")
    wanted = await read_filter(request, who)
    async with request.app[DATABASE].read() as session:
        page = await list_calls(session, wanted, who, ZoneInfo(zone_of(request)))
    return answer({"calls": [_line(line) for line in page.lines], "after": page.after})


@routes.get("/api/v1/calls/{id}")
@operation(needs="call:read", answers=CallDetailShape)
async def call(request: web.Request) -> web.Response:
    """Read one call with its legs and queue visits, and the gaps that touch it."""
    who = require(request, "call", "read")
    async with request.app[DATABASE].read() as session:
        found = await find_call(session, path_id(request), who)
    if found is None:
        raise NotFound
    return answer(_detail(found))


@routes.get("/api/v1/gaps")
@operation(
    needs="call:read", answers=GapPage,
    query={"pbx": Query(Id, "Only of this PBX."), "after": Query(str, "The cursor of a page.")},
)  # fmt: skip
async def gaps(request: web.Request) -> web.Response:
    """List when the PBXs were not heard, newest first, and what was made good; `pbx` is an id."""
    require(request, "call", "read")
    pbx, after = number_in(request.query, "pbx"), request.query.get("after")
    async with request.app[DATABASE].read() as session:
        return answer(await list_gaps(session, pbx=pbx, after=after))


async def _leg(request: web.Request, who: Identity, call_id: int) -> tuple[int, str] | None:
    """Return (pbx, leg) of the phone in that call that `who` may hang up, their own first."""
    leg_of, level = request.app[LEG_OF], may(who, "call", "control")
    if level == "all":
        return leg_of(call_id, None)
    users = [who.user_id]
    if level == "team":
        async with request.app[DATABASE].read() as session:
            users += await session.scalars(select(User.id).where(User.team_id.in_(who.teams)))
    return next((leg for user in users if (leg := leg_of(call_id, user)) is not None), None)


async def _with_number(request: web.Request, who: Identity, wish: PlaceCall) -> PlaceCall:
    if wish.point_id is not None:
        number = await request.app[NUMBER_OF](who, wish.point_id)
        if number is None:
            raise NotFound
        return msgspec.structs.replace(wish, number=number)
    if wish.call_id is not None:
        async with request.app[DATABASE].read() as session:
            number = await number_of(session, who, wish.call_id)
        if number is None:
            raise NotFound
        return msgspec.structs.replace(wish, number=number)
    if not wish.number:
        raise BadInput({"number": MISSING})
    return wish


def _line(line: CallLine) -> CallShape:
    return {
        "id": line.id, "interaction_id": line.interaction_id, "direction": line.direction,
        "origin": line.origin, "result": line.result, "ring_at": line.ring_at,
        "end_at": line.end_at, "number": None if line.withheld else line.number,
        "withheld": line.withheld, "masked": ["number"] if line.is_covered else [],
        "contact": {"id": line.contact_id, "name": line.contact_name} if line.contact_id else None,
        "owner": {"id": line.owner_id, "name": line.owner_name} if line.owner_id else None,
        "queues": line.queues, "wait_s": line.wait_s, "talk_s": line.talk_s,
        "hold_s": line.hold_s, "inferred": line.inferred,
    }  # fmt: skip


def _detail(found: CallDetail) -> CallDetailShape:
    return {
        **_line(found.line),
        "pbx": found.pbx, "trunk": found.trunk, "dialed_number": found.dialed_number,
        "ended_by": found.ended_by, "hangup_cause": found.hangup_cause,
        "ivr_digits": found.ivr_digits, "asked_by": found.asked_by, "note": found.note,
        "legs": found.legs,
        "visits": [
            {
                "queue": visit.queue, "joined_at": visit.joined_at, "left_at": visit.left_at,
                "position": visit.position, "ended": visit.ended,
            }
            for visit in found.visits
        ],
        "gaps": [
            {
                "from_at": gap.from_at, "to_at": gap.to_at, "reason": gap.reason,
                "recovered": gap.recovered,
            }
            for gap in found.gaps
        ],
        "recordings": [
            {
                "seq": part.seq, "began_at": part.began_at, "ended_at": part.ended_at,
                "muted": [{"from_at": begin, "to_at": end} for begin, end in part.muted],
                "url": f"/api/v1/calls/{found.line.id}/recordings/{part.seq}" if part.ready else None,
            }
            for part in found.recordings
        ],
    }  # fmt: skip
