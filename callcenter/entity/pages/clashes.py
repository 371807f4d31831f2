"""What a form of a row says when it was not saved: of a conflict, both texts in the reader's words."""

from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.description import Entity, Field
from callcenter.entity.keys import ENTITIES
from callcenter.entity.reading import Context
from callcenter.entity.registry import label_in
from callcenter.entity.requests import context_of
from callcenter.entity.showing import Showing
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.server.errors import both, sentences
from callcenter.server.i18n import language_of, translate
from callcenter.server.identity import Identity, identity
from callcenter.server.keys import DATABASE


async def refused(
    request: web.Request, entity: Entity, problem: BadInput | ChangedMeanwhile
) -> tuple[dict[str, str], int]:
    """Return what the form says, by field, and the answer's status."""
    if isinstance(problem, ChangedMeanwhile):
        return await told(request, entity, problem), problem.status
    return sentences(request, problem), 422


async def in_a_line(
    request: web.Request, entity: Entity, problem: BadInput | ChangedMeanwhile
) -> tuple[str, int]:
    """Return what a page says where nothing is typed, as after dragging, and the answer's status.

    What others have made of it stands with it, since there is no field to stand beside.
    """
    errors, status = await refused(request, entity, problem)
    is_clash = isinstance(problem, ChangedMeanwhile)
    return " ".join(errors.values()) if is_clash else next(iter(errors.values())), status


async def told(request: web.Request, entity: Entity, problem: ChangedMeanwhile) -> dict[str, str]:
    """Return the sentences of a conflict, that of the whole form under ""."""
    name, theirs = str(problem.values["field"]), problem.values["theirs"]
    described = request.app[ENTITIES].fields(entity.name).get(name)
    if described is None:
        part = entity.part(name)
        return both(request, problem, translate(request, part.label) if part is not None else "")
    async with request.app[DATABASE].read() as session:
        words = await in_words(session, described, theirs, context_of(request), identity(request))
    return both(request, problem, label_in(described, language_of(request)), words or "–")


async def in_words(
    session: AsyncSession, described: Field, value: Any, context: Context, who: Identity
) -> str:
    """Return a value as `who` reads it; a row that he may not see has no name."""
    plain = Showing(context.registry, context.language, context.zone)
    return (await plain.naming(session, [(described, value)], who)).text(described, value)
