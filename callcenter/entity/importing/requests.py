"""What pages and REST share: whose desk it is, the upload, the reports as downloads."""

import asyncio
from pathlib import Path

from aiohttp import web

from callcenter.entity.description import Entity
from callcenter.entity.importing.desk import Desk
from callcenter.entity.importing.failures import FileTooLarge
from callcenter.entity.importing.keys import IMPORTS
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.keys import ENTITIES
from callcenter.errors import NotAllowed, NotFound
from callcenter.server.actor import actor
from callcenter.server.body import path_id
from callcenter.server.i18n import language_of
from callcenter.server.identity import identity
from callcenter.server.keys import CLOCK, SETTINGS

_CHUNK_BYTES = 1 << 20
REPORTS = ("errors", "changes", "kept")


def desk_of(request: web.Request) -> Desk:
    """Return the desk of who asks. Raises NotAllowed if he may not import."""
    who = identity(request)
    if "import" not in who.flags:
        raise NotAllowed
    return Desk(
        request.app[IMPORTS], who, request.app[CLOCK](), actor(request), language_of(request)
    )


async def batch_of(request: web.Request) -> tuple[Desk, ImportBatch]:
    """Return the batch that the request's path names. Raises NotFound."""
    desk = desk_of(request)
    return desk, await desk.find(path_id(request))


def entity_of(request: web.Request) -> Entity:
    """Return the entity that the request's query names. Raises NotFound."""
    entity = request.app[ENTITIES].by_plural(request.query.get("entity", ""))
    if entity is None or not entity.has_pages:
        raise NotFound
    return entity


async def keep_upload(request: web.Request, path: Path) -> None:
    """Write the request's body to `path`. Raises FileTooLarge."""
    most = request.app[SETTINGS].import_max_mib << 20
    size = 0
    with path.open("wb") as file:
        async for chunk in request.content.iter_chunked(_CHUNK_BYTES):
            size += len(chunk)
            if size > most:
                break
            await asyncio.to_thread(file.write, chunk)
    if size > most:
        await asyncio.to_thread(path.unlink)
        raise FileTooLarge(most=most >> 20)


async def report(request: web.Request) -> web.StreamResponse:
    """Return a report of a batch: CSV for a spreadsheet. Raises NotFound."""
    desk, batch = await batch_of(request)
    kind = request.match_info["kind"]
    path = desk.imports.store.report(batch.id, kind)
    if not path.exists():
        raise NotFound
    return web.FileResponse(
        path,
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{kind}-{batch.id}.csv"',
        },
    )
