"""The API's document for programs, and the same as a page for people.

Template api/api.html: subjects: [Subject].
"""

import asyncio

from aiohttp import web

from callcenter.entity.api_view import subjects
from callcenter.entity.keys import ENTITIES
from callcenter.entity.openapi import api_document
from callcenter.server.body import answer
from callcenter.server.identity import identity
from callcenter.server.openapi import Json, Shape, operation
from callcenter.server.pages import render

routes = web.RouteTableDef()


@routes.get("/api/v1/openapi.json")
@operation(answers=Shape({"type": "object"}), tag="About this API")
async def openapi(request: web.Request) -> web.Response:
    """Tell all of this as an OpenAPI 3.1 document."""
    return answer(await _document(request))


@routes.get("/api")
async def page(request: web.Request) -> web.Response:
    identity(request)
    return render(request, "api/api.html", subjects=subjects(await _document(request)))


async def _document(request: web.Request) -> Json:
    # The first time it takes a third of a second, in which calls must go on.
    return await asyncio.to_thread(api_document, request.app, request.app[ENTITIES])
