"""Refuses what an address of the API does not take.

A misspelt filter that nobody heeds finds every row, and whoever asked takes them for what he asked
for. What there is, the description beside each handler says, as the API's document does.
"""

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from callcenter.entity.keys import ENTITIES
from callcenter.entity.openapi import PREFIX, query_of
from callcenter.errors import BadInput, Sentence

_KNOWN: Final = web.AppKey("api_parameters", dict[tuple[str, str], tuple[str, ...]])


def _(message: str) -> str:
    return message


NONE_OF_OURS: Final = _("There is no such parameter here. Those that there are: {names}.")
NONE_AT_ALL: Final = _("This address takes no parameters.")


def install(app: web.Application) -> None:
    app[_KNOWN] = {}
    app.middlewares.append(_only_known)


@web.middleware
async def _only_known(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.query_string and request.path.startswith(PREFIX):
        _check(request)
    return await handler(request)


def _check(request: web.Request) -> None:
    """Raises BadInput that names each parameter which is not taken, and those that are."""
    resource = request.match_info.route.resource
    if resource is None:
        return
    key, known = (request.method, resource.canonical), request.app[_KNOWN]
    if key not in known:
        known[key] = query_of(request.match_info.handler, request.app[ENTITIES])
    if strange := [name for name in request.query if name not in known[key]]:
        names = ", ".join(known[key])
        said = Sentence(NONE_OF_OURS, names=names) if names else NONE_AT_ALL
        raise BadInput(dict.fromkeys(strange, said))
