"""What the calls' pages and API need from the rest of the house, handed over by `app`."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from callcenter.calls.commands import Switchboard
from callcenter.pbx import EvidenceOf
from callcenter.server.identity import Identity
from callcenter.server.limits import Limit

SWITCHBOARD = web.AppKey("switchboard", Switchboard)
#: (call id, user id or None for anybody's) -> (pbx id, leg) of a live agent leg to hang up.
LEG_OF: web.AppKey[Callable[[int, int | None], tuple[int, str] | None]] = web.AppKey("leg_of")
#: The number behind a contact's point, as far as this person may dial it.
NUMBER_OF: web.AppKey[Callable[[Identity, int], Awaitable[str | None]]] = web.AppKey("number_of")
#: Ids of the contacts a search text means, at most a few hundred.
CONTACTS_OF: web.AppKey[Callable[[Identity, str], Awaitable[tuple[int, ...]]]] = web.AppKey(
    "contacts_of"
)
#: What the raw stream says of a call, as far as it is kept.
EVIDENCE_OF: web.AppKey[EvidenceOf] = web.AppKey("evidence_of")
DIALS = web.AppKey("dials", Limit)
