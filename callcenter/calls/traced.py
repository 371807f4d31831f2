"""Finds what a call is known by in the kept streams, and hands out its part of them.

The streams are `ami`'s; `app` hands over the function that cuts. Only anonymised cuts leave by the
web: whoever may see customers' numbers in the raw has the machine itself (`callcenter trace`).
"""

import io
import zipfile
from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec
from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.calls.history import visible_to
from callcenter.calls.models import CallAlias, CallLeg, CallRow, PbxRow
from callcenter.calls.story import survivor
from callcenter.errors import NotAllowed, NotFound, TraceNotKept
from callcenter.server.actor import actor
from callcenter.server.body import path_id
from callcenter.server.identity import require
from callcenter.server.keys import CLOCK, DATABASE


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """One call as the streams know it."""

    id: int
    pbx: int
    #: Its first Uniqueid and its aliases.
    names: frozenset[str]
    #: Epoch seconds.
    from_at: float
    to_at: float
    #: The country of its PBX's numbers.
    region: str


#: Returns the files by name, None if nothing of the call is kept.
CutOf = Callable[[Traced], Awaitable[dict[str, bytes] | None]]
CUT_OF: web.AppKey[CutOf] = web.AppKey("cut_of")

routes = web.RouteTableDef()


@routes.get("/calls/{id}/trace")
async def download(request: web.Request) -> web.Response:
    """What the PBX said of this call, anonymised, as a zip: for who reports a wrong record."""
    who = require(request, "call", "read")
    if "settings" not in who.flags:
        raise NotAllowed
    call_id = path_id(request)
    async with request.app[DATABASE].read() as session:
        query = select(CallRow.id).where(CallRow.id == await survivor(session, call_id))
        row = await session.scalar(query.where(visible_to(who)))
        call = await traced(session, call_id, request.app[CLOCK]()) if row else None
    if call is None:
        raise NotFound
    files = await request.app[CUT_OF](call)
    if files is None:
        raise TraceNotKept
    async with request.app[DATABASE].write() as session:
        audit.record(
            session, request.app[CLOCK](), entity="call", entity_id=call.id, action="trace",
            **actor(request),
        )  # fmt: skip
    return web.Response(
        body=_zipped(files),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="call-{call.id}.zip"'},
    )


def _zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


async def traced(session: AsyncSession, number: int, now: datetime) -> Traced | None:
    """Return the call with this number, else the call of the interaction with this number."""
    call_id = await survivor(session, number)
    of_interaction = CallRow.merged_into_id.is_(None), CallRow.interaction_id == number
    call = await session.get(CallRow, call_id) or await session.scalar(
        select(CallRow).where(*of_interaction).order_by(CallRow.ring_at).limit(1)
    )
    if call is None:
        return None
    aliases = await session.scalars(select(CallAlias.alias).where(CallAlias.call_id == call.id))
    last = await session.scalar(select(func.max(CallLeg.end_at)).where(CallLeg.call_id == call.id))
    pbx = await session.get_one(PbxRow, call.pbx_id)
    ends = [call.end_at or now, last or call.ring_at]
    return Traced(
        id=call.id, pbx=call.pbx_id, names=frozenset({call.first_uniqueid, *aliases}),
        from_at=call.ring_at.timestamp(), to_at=max(ends).timestamp(), region=pbx.region,
    )  # fmt: skip
