"""The company's stylesheet and pictures, for everybody: the sign-in page shows them too."""

from aiohttp import web

from callcenter.company.branding import BRANDING
from callcenter.company.look import stamp
from callcenter.errors import NotFound
from callcenter.server.assets import ALWAYS_ASK, FOR_EVER
from callcenter.server.identity import bare


@bare
async def stylesheet(request: web.Request) -> web.Response:
    css = request.app[BRANDING].stylesheet
    kept = _kept(request, stamp(css))
    return web.Response(text=css, content_type="text/css", headers={"Cache-Control": kept})


@bare
async def picture(request: web.Request) -> web.Response:
    found = request.app[BRANDING].pictures.get(request.match_info["kind"])
    if found is None:
        raise NotFound
    kept = _kept(request, found.stamp)
    return web.Response(body=found.png, content_type="image/png", headers={"Cache-Control": kept})


def _kept(request: web.Request, now: str) -> str:
    """Return how long browsers may keep it: what is asked for by an old address, not at all."""
    return FOR_EVER if request.match_info["stamp"] == now else ALWAYS_ASK


routes = [
    web.get("/brand/{stamp:[0-9a-f]{12}}.css", stylesheet),
    web.get("/brand/{kind:[a-z_]+}-{stamp:[0-9a-f]{12}}.png", picture),
]
