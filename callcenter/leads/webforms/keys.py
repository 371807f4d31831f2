"""What the pages of web forms find in the application."""

from aiohttp import web

from callcenter.leads.webforms.keeping import Making
from callcenter.server.limits import Limit

MAKING: web.AppKey[Making] = web.AppKey("form making", Making)
#: How often one address may show or send a form, and how often a form may be sent at all.
LIMITS: web.AppKey[tuple[Limit, Limit]] = web.AppKey("form limits", tuple)
