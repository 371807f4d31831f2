"""REST of interactions: read one, save its note."""

from typing import Any

import msgspec
from aiohttp import web

from callcenter.events import InteractionChanged
from callcenter.interactions import notes
from callcenter.interactions.models import Interaction
from callcenter.server.actor import actor
from callcenter.server.body import answer, if_match, path_id, read_json
from callcenter.server.identity import require
from callcenter.server.keys import BUS, CLOCK, DATABASE

routes = web.RouteTableDef()


class Note(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    body: str


@routes.get("/api/v1/interactions/{id}")
async def read(request: web.Request) -> web.Response:
    """Read one interaction; the ETag is the version its note has."""
    who = require(request, "interaction", "read")
    async with request.app[DATABASE].read() as session:
        found = await notes.find(session, who, path_id(request))
    return answer(_told(found), version=found.version)


@routes.patch("/api/v1/interactions/{id}")
async def save_note(request: web.Request) -> web.Response:
    """Save the note. With If-Match, 409 if somebody changed it since that version."""
    who = require(request, "interaction", "edit")
    note, seen = await read_json(request, Note), if_match(request)
    at = request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        saved = await notes.save(
            session, who, path_id(request), note.body, seen, at, actor(request)
        )
    request.app[BUS].publish(InteractionChanged(at=at.timestamp(), interaction_id=saved.id))
    return answer(_told(saved), version=saved.version)


def _told(interaction: Interaction) -> dict[str, Any]:
    return {
        "id": interaction.id, "kind": interaction.kind, "direction": interaction.direction,
        "status": interaction.status, "subject": interaction.subject, "body": interaction.body,
        "start_at": interaction.start_at, "end_at": interaction.end_at,
        "owner_id": interaction.owner_id, "version": interaction.version,
    }  # fmt: skip
