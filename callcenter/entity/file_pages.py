"""Files of a row over HTTP: attach one, download it, take it off."""

from typing import Final
from urllib.parse import quote

from aiohttp import web

from callcenter.entity import files
from callcenter.entity.description import Entity
from callcenter.entity.files import LARGEST_BYTES, Folder
from callcenter.entity.keys import ENTITIES
from callcenter.entity.requests import deed_of
from callcenter.entity.rights import is_reached
from callcenter.errors import BadInput, NotFound
from callcenter.server.body import path_id, sent_upload
from callcenter.server.identity import require
from callcenter.server.keys import DATABASE, SETTINGS
from callcenter.server.pages import redirect

routes = web.RouteTableDef()

#: Room for what stands around the file in a form.
_AROUND: Final = 64 * 1024
_ROW: Final = r"/{plural:[a-z-]+}/{id:\d+}/files"


@routes.post(_ROW)
async def attach(request: web.Request) -> web.Response:
    entity = _entity(request)
    require(request, entity.name, "edit")
    form = await sent_upload(request, LARGEST_BYTES + _AROUND)
    upload = form.get("file")
    if not isinstance(upload, web.FileField):
        raise BadInput({"file": files.NO_FILE})
    with upload.file as sent:
        data = sent.read()
    async with request.app[DATABASE].write() as session:
        await files.attach(
            deed_of(request, session, entity), path_id(request), _folder(request), upload.filename,
            data,
        )  # fmt: skip
    return redirect(request, f"/{entity.plural}/{path_id(request)}")


@routes.get(_ROW + r"/{file:\d+}")
async def download(request: web.Request) -> web.StreamResponse:
    """Give the file out, never as a page: a script in it would be one of ours."""
    entity = _entity(request)
    who, row_id = require(request, entity.name, "read"), path_id(request)
    async with request.app[DATABASE].read() as session:
        if not await is_reached(session, entity, who, "read", row_id):
            raise NotFound
        file = await files.found(session, entity.name, row_id, path_id(request, "file"))
    path = _folder(request).path(file.sha256)
    if not path.exists():
        raise NotFound
    is_picture = file.kind == "picture" and "show" in request.query
    return web.FileResponse(
        path,
        headers={
            "Content-Type": file.mime if is_picture else "application/octet-stream",
            "Content-Disposition": "inline" if is_picture else f"attachment; filename*=UTF-8''{quote(file.name)}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=3600",
        },
    )  # fmt: skip


@routes.post(_ROW + r"/{file:\d+}/delete")
async def drop(request: web.Request) -> web.Response:
    entity = _entity(request)
    require(request, entity.name, "edit")
    async with request.app[DATABASE].write() as session:
        deed = deed_of(request, session, entity)
        await files.drop(deed, path_id(request), path_id(request, "file"))
    return redirect(request, f"/{entity.plural}/{path_id(request)}")


def _entity(request: web.Request) -> Entity:
    entity = request.app[ENTITIES].by_plural(request.match_info["plural"])
    if entity is None or not entity.has_pages:
        raise NotFound
    return entity


def _folder(request: web.Request) -> Folder:
    return Folder(request.app[SETTINGS].data_path)
