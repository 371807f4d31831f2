"""Serves the sound of a recording to people who may hear it, and records that they did.

Whoever may read `recording` may listen; taking the file away needs `export`. The browser asks for
pieces (`Range`), so that people can jump within it. Its beginning counts as listening, and so does
any other piece that does not continue what was recorded shortly before.
"""

import asyncio
from datetime import timedelta
from pathlib import PurePath

from aiohttp import ClientError, ClientSession, ClientTimeout, encode_basic_auth, web
from sqlalchemy import select

from callcenter import audit
from callcenter.audit import Audit
from callcenter.calls.pbxs import recordings_secret_of
from callcenter.calls.recordings import Place, existing, find, kind_of
from callcenter.errors import RecordingMissing, RecordingUnreachable
from callcenter.interactions import covering
from callcenter.server.actor import actor
from callcenter.server.body import path_id
from callcenter.server.identity import require
from callcenter.server.keys import CLOCK, DATABASE, SETTINGS
from callcenter.server.openapi import Query, Shape, operation
from callcenter.server.secret_files import NoSecret

routes = web.RouteTableDef()

SOUND = Shape({"type": "string", "contentEncoding": "binary"})

PATIENCE = ClientTimeout(total=None, sock_connect=5, sock_read=30)
PIECE_BYTES = 64 * 1024
#: So long after it was written down a later piece is still the same listening.
GOES_ON = timedelta(hours=1)
#: What the place of the file says about it, and the browser must know.
PASSED_ON = ("Content-Length", "Content-Range", "Accept-Ranges", "Last-Modified", "ETag")


@routes.get("/calls/{id}/recordings/{seq}")
@routes.get("/api/v1/calls/{id}/recordings/{seq}")
@operation(
    needs="recording:read", answers=SOUND, media="audio/*",
    query={"download": Query(str, "As a file to keep; needs recording:export.")},
    refusals=(RecordingMissing, RecordingUnreachable),
    also={206: "The piece that `Range` asks for.", 416: "There is no such piece."},
)  # fmt: skip
async def listen(request: web.Request) -> web.StreamResponse:
    """Sound of one recording of a call; `?download=1` as a file to keep. Takes `Range`."""
    action = "export" if "download" in request.query else "read"
    who = require(request, "recording", action)
    call_id, seq = path_id(request), path_id(request, "seq")
    async with request.app[DATABASE].read() as session:
        place = await find(session, call_id, seq, who, action)
    await _write_down(request, call_id, seq, "listen" if action == "read" else "download")
    # Sites put the customer's number into the names of files.
    name = f"call-{call_id}-{seq}" if covering.covers_numbers(who) else place.inside.stem
    if (address := place.address) is not None:
        return await _from_address(request, place, address, name)
    return await _from_folder(request, place, name)


async def _write_down(request: web.Request, call_id: int, seq: int, action: str) -> None:
    who, now = actor(request), request.app[CLOCK]()
    diff = {"recording": [None, seq]}
    database = request.app[DATABASE]
    if not request.headers.get("Range", "bytes=0-").startswith("bytes=0-"):
        async with database.read() as session:
            lately = await session.scalars(
                select(Audit.diff).where(
                    Audit.entity == "call", Audit.entity_id == call_id, Audit.action == action,
                    Audit.actor_id == who["actor_id"], Audit.at > now - GOES_ON,
                )
            )  # fmt: skip
            if diff in list(lately):
                return
    async with database.write() as session:
        audit.record(
            session, now, entity="call", entity_id=call_id, action=action, diff=diff, **who
        )


async def _from_folder(request: web.Request, place: Place, name: str) -> web.StreamResponse:
    found = await asyncio.to_thread(existing, place)
    if found is None:
        raise RecordingMissing
    return web.FileResponse(found, headers=_headers(request, found, name))


async def _from_address(
    request: web.Request, place: Place, address: str, name: str
) -> web.StreamResponse:
    headers = {"Range": request.headers["Range"]} if "Range" in request.headers else {}
    try:
        secret = recordings_secret_of(place.pbx, request.app[SETTINGS].data_path)
        async with (
            ClientSession(timeout=PATIENCE, headers=_account(secret)) as http,
            http.get(address, headers=headers, allow_redirects=False) as source,
        ):
            if source.status in (404, 410):
                raise RecordingMissing
            if source.status not in (200, 206):
                raise RecordingUnreachable
            response = web.StreamResponse(
                status=source.status,
                headers=_headers(request, place.inside, name)
                | {name: source.headers[name] for name in PASSED_ON if name in source.headers},
            )
            await response.prepare(request)
            async for piece in source.content.iter_chunked(PIECE_BYTES):
                await response.write(piece)
            return response
    except (ClientError, TimeoutError, NoSecret) as error:
        raise RecordingUnreachable from error


def _account(secret: str | None) -> dict[str, str]:
    if secret is None:
        return {}
    user, _colon, password = secret.partition(":")
    return {"Authorization": encode_basic_auth(user, password)}


def _headers(request: web.Request, file: PurePath, name: str) -> dict[str, str]:
    way = "attachment" if "download" in request.query else "inline"
    whole = name + file.suffix
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "+-_.") else "_" for c in whole)
    return {
        "Content-Type": kind_of(file),
        "Content-Disposition": f'{way}; filename="{plain}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
