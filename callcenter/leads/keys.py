"""What the pages of leads find in the application."""

from aiohttp import web

from callcenter.process.pipelines import Pipelines

PIPELINES: web.AppKey[Pipelines] = web.AppKey("pipelines", Pipelines)
