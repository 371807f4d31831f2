"""What a request brings to a deed: who asks, in which language, at what time; and what is told after."""

from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.conditions import Asker
from callcenter.entity.description import Entity
from callcenter.entity.keys import ENTITIES
from callcenter.entity.reading import Context
from callcenter.entity.saving import Deed
from callcenter.server.actor import actor
from callcenter.server.i18n import language_of
from callcenter.server.identity import identity
from callcenter.server.keys import BUS, CLOCK, REGIONS
from callcenter.server.pages import zone_of


def context_of(request: web.Request) -> Context:
    """Return how this person's texts are read."""
    return Context(
        request.app[ENTITIES], request.app[REGIONS], language_of(request), zone_of(request)
    )


def deed_of(request: web.Request, session: AsyncSession, entity: Entity) -> Deed:
    """Return what this person is about to do. Raises NotSignedIn."""
    return Deed(
        session, request.app[ENTITIES], entity, identity(request), request.app[CLOCK](),
        actor(request),
    )  # fmt: skip


def asker_of(request: web.Request) -> Asker:
    """Return who asks, and when and where. Raises NotSignedIn."""
    return Asker(identity(request), request.app[CLOCK](), zone_of(request))


def tell(request: web.Request, entity: Entity, row: Any) -> None:
    """Publish that a row was saved; call it when the transaction has ended."""
    if entity.changed is not None:
        event = entity.changed(request.app[CLOCK]().timestamp(), row.id)
        request.app[BUS].publish(event)
