"""Who may set what holds for the whole house: whoever the role lets into the administration."""

from aiohttp import web

from callcenter.errors import NotAllowed
from callcenter.server.identity import Identity, identity

FLAG = "settings"


def administrator(request: web.Request) -> Identity:
    """Return who is asking. Raises NotAllowed unless the administration is open to him."""
    who = identity(request)
    if FLAG not in who.flags:
        raise NotAllowed
    return who
