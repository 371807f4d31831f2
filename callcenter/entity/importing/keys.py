"""What handlers find in the application: `request.app[IMPORTS]`."""

from aiohttp import web

from callcenter.entity.importing.working import Imports

IMPORTS: web.AppKey[Imports] = web.AppKey("imports", Imports)
