"""What was put into the trash just now, as the page after it says: one press brings it back.

The address names the row and the version it went with. So the line goes away with what it says, and
nobody brings back what others have worked with since.
"""

from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.description import Entity
from callcenter.entity.listing import title_of
from callcenter.entity.requests import asker_of
from callcenter.entity.rights import in_trash
from callcenter.server.body import whole_number
from callcenter.server.identity import Identity

#: The parameter of a list that names it.
GONE: Final = "gone"


@dataclass(frozen=True, slots=True)
class Gone:
    id: int
    version: int
    title: str


def mark(row: Any) -> str:
    """Return how a row in the trash is named, with the version it went with."""
    return f"{row.id}.{row.version}"


def read_mark(text: str) -> tuple[int | None, int | None]:
    """Return the row that is named, and the version if one is."""
    row_id, _dot, version = text.partition(".")
    return whole_number(row_id), whole_number(version)


async def gone(
    request: web.Request, session: AsyncSession, entity: Entity, who: Identity
) -> Gone | None:
    """Return what the address says was put into the trash, if it is there as it was then."""
    row_id, version = read_mark(request.query.get(GONE, ""))
    if row_id is None or version is None:
        return None
    model: Any = entity.model
    row = await session.scalar(
        select(model).where(model.id == row_id, model.version == version, in_trash(entity, who))
    )
    if row is None:
        return None
    return Gone(row_id, version, title_of(entity, asker_of(request), row))
