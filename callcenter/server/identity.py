"""Who is asking, and what he may.

`agents.sign_in` finds out who it is; everything else takes an `Identity` and
asks `may`. Rights are a level per entity and action: none, own, team or all.
An API token never allows more than the person it belongs to, and only what its
scopes name ("contact:read", "call:*", "*").
"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import msgspec
from aiohttp import web

from callcenter.errors import NotAllowed, NotSignedIn, OutOfScope

Level = Literal["none", "own", "team", "all"]
#: Who is let in: `bare` asks nothing at all (files, health); `public` needs nobody signed in;
#: `renewing` is open to a person whose password has expired; `full` is everything else.
Access = Literal["bare", "public", "renewing", "full"]

LEVELS: tuple[Level, ...] = ("none", "own", "team", "all")

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A person, as of this request."""

    user_id: int
    name: str
    login: str
    role_key: str
    locale: str | None = None
    time_zone: str | None = None
    theme: str = "auto"
    team_id: int | None = None
    #: The teams below the person's own, at any depth.
    subteams: frozenset[int] = frozenset()
    #: {entity: {action: level}}
    grants: dict[str, dict[str, str]] = {}
    #: {entity: {field: "hidden", "masked" or "read"}}; what is not named may be written.
    fields: dict[str, dict[str, str]] = {}
    flags: frozenset[str] = frozenset()
    via: Literal["session", "token"] = "session"
    #: The row of `token` that let the person in.
    token_id: int = 0
    scopes: frozenset[str] = frozenset()
    password_expired: bool = False
    #: What the person has tried of the tour, and "closed" once it is over.
    learned: frozenset[str] = frozenset(("closed",))

    @property
    def teams(self) -> frozenset[int]:
        """The person's team and those below it: whom the level "team" reaches."""
        return self.subteams if self.team_id is None else self.subteams | {self.team_id}


IDENTITY = web.RequestKey("identity", Identity)


def known(request: web.Request) -> Identity | None:
    """Return who is asking, or None."""
    return request.get(IDENTITY)


def identity(request: web.Request) -> Identity:
    """Return who is asking. Raises NotSignedIn if nobody is."""
    who = known(request)
    if who is None:
        raise NotSignedIn
    return who


def require(request: web.Request, entity: str, action: str, *, at_least: Level = "own") -> Identity:
    """Return who is asking, if he may do this to anything at all, or to `at_least` so much.

    Raises NotAllowed if he may not, OutOfScope if only the token that he shows may not.
    """
    who = identity(request)
    demand(who, entity, action, at_least=at_least)
    return who


def demand(who: Identity, entity: str, action: str, *, at_least: Level = "own") -> None:
    """Raise NotAllowed if `who` may not do this, OutOfScope if only the token may not."""
    demand_scope(who, entity, action)
    if LEVELS.index(may(who, entity, action)) < LEVELS.index(at_least):
        raise NotAllowed


def demand_scope(who: Identity, entity: str, action: str) -> None:
    """Raise OutOfScope if a token is shown that does not name this."""
    if not in_scope(who, entity, action):
        raise OutOfScope(scope=f"{entity}:{action}")


def administrator(request: web.Request) -> Identity:
    """Return who is asking. Raises NotAllowed unless the role lets him into the administration."""
    who = identity(request)
    if "settings" not in who.flags:
        raise NotAllowed
    return who


def may(who: Identity, entity: str, action: str) -> Level:
    if not in_scope(who, entity, action):
        return "none"
    level: Any = who.grants.get(entity, {}).get(action, "none")
    return level if level in ("own", "team", "all") else "none"


def in_scope(who: Identity, entity: str, action: str) -> bool:
    """Tell whether a token's scopes name this; a person at a page needs none."""
    return who.via != "token" or bool(who.scopes & {"*", f"{entity}:*", f"{entity}:{action}"})


def public(handler: Handler) -> Handler:
    """Mark a handler that needs nobody signed in."""
    return _let_in(handler, "public")


def bare(handler: Handler) -> Handler:
    """Mark a handler that asks not even who it is: built files, health."""
    return _let_in(handler, "bare")


def renewing(handler: Handler) -> Handler:
    """Mark a handler open to a person who must first choose a new password."""
    return _let_in(handler, "renewing")


def access(request: web.Request) -> Access:
    """Return whom the request's handler lets in."""
    level: Access = getattr(request.match_info.handler, "access", "full")
    return level


def _let_in(handler: Handler, level: Access) -> Handler:
    handler.access = level  # type: ignore[attr-defined]
    return handler
