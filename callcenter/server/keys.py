"""What handlers find in the application: `request.app[DATABASE]`.

Typed keys, filled by `application.build` from what `app` hands over. A room
with needs of its own defines its keys itself.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from aiohttp import web

from callcenter.bus import Bus
from callcenter.db import Database
from callcenter.server.assets import Assets
from callcenter.server.brand import Brand
from callcenter.server.identity import Identity
from callcenter.server.limits import Limit
from callcenter.settings import Settings

Authenticate = Callable[[web.Request], Awaitable[Identity | None]]
#: Returns what is not ready, in a word, or None.
Check = Callable[[], Awaitable[str | None]]

SETTINGS = web.AppKey("settings", Settings)
DATABASE = web.AppKey("database", Database)
BUS: web.AppKey[Bus] = web.AppKey("bus")
ASSETS = web.AppKey("assets", Assets)
#: The countries of numbers without a country code, in the order they are tried, as of now.
REGIONS: web.AppKey[Sequence[str]] = web.AppKey("regions")
#: The time, aware and in UTC; tests move it.
CLOCK: web.AppKey[Callable[[], datetime]] = web.AppKey("clock")
#: Who sends this request; from `agents.sign_in`.
AUTHENTICATE: web.AppKey[Authenticate] = web.AppKey("authenticate")
#: What pages show of the company, now; from `company.branding`.
BRAND: web.AppKey[Callable[[], Brand]] = web.AppKey("brand")
#: Whether a path belongs to a module that is switched off; from `company.modules`.
CLOSED: web.AppKey[Callable[[str], bool]] = web.AppKey("closed")
#: How often each API token may ask.
TOKEN_LIMIT = web.AppKey("token_limit", Limit)
CHECKS: web.AppKey[tuple[Check, ...]] = web.AppKey("checks")
