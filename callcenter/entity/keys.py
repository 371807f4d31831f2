"""What handlers find in the application: `request.app[ENTITIES]`."""

from aiohttp import web

from callcenter.entity.registry import Registry

ENTITIES: web.AppKey[Registry] = web.AppKey("entities", Registry)
