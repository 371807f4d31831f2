"""Who did it, for the audit log: handed as `**by` to `audit.record`."""

from typing import TypedDict

from aiohttp import web

from callcenter.audit import ActorKind
from callcenter.server.client import ip
from callcenter.server.identity import known
from callcenter.server.tracking import REQUEST_ID


class Actor(TypedDict):
    actor_kind: ActorKind
    actor_id: int | None
    request_id: str | None
    ip: str | None


#: The operator at the command line, or the service itself.
SYSTEM: Actor = {"actor_kind": "system", "actor_id": None, "request_id": None, "ip": None}


def actor(request: web.Request) -> Actor:
    """Return who sends this request; a person nobody knows yet is the system's."""
    who = known(request)
    kind: ActorKind = "system" if who is None else "api" if who.via == "token" else "user"
    return {
        "actor_kind": kind,
        "actor_id": who.user_id if who else None,
        "request_id": request.get(REQUEST_ID),
        "ip": ip(request),
    }
