"""What belongs to every record besides its card: its history, who sees it and why.

Templates: entity/history.html and entity/history_lines.html (the page that follows): entity,
title, row_id, history: History · entity/access.html: entity, title, row_id, reasons: [sentence],
shares: [Share], people: [(id, name)], roles, may_share, values, errors.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, TypedDict

import msgspec
from aiohttp import web
from sqlalchemy import column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity import history, sharing
from callcenter.entity.description import Entity, Field
from callcenter.entity.history import History
from callcenter.entity.keys import ENTITIES
from callcenter.entity.listing import title_of
from callcenter.entity.models import ROLES
from callcenter.entity.requests import asker_of, deed_of
from callcenter.entity.rights import is_reached, reached
from callcenter.entity.sharing import Reason
from callcenter.entity.showing import Showing
from callcenter.errors import BadInput, NotFound
from callcenter.server.body import MISFIT, Id, answer, number_in, path_id, read_form, read_json
from callcenter.server.errors import sentences
from callcenter.server.i18n import language_of
from callcenter.server.identity import Identity, require
from callcenter.server.keys import DATABASE
from callcenter.server.openapi import Query, operation
from callcenter.server.pages import redirect, render, translate, zone_of

routes = web.RouteTableDef()

# People belong to a room above this one, so their table is known by name only.
_user = table("user", column("id"), column("name"), column("active"))
_DATE = Field(name="date", label="", type="date")


#: Under which heading the API's document has this, and how its addresses begin.
RECORDS: Final = "Any record"
PATH: Final = {"plural": Annotated[str, msgspec.Meta(pattern="^[a-z-]+$")]}


class ShareShape(TypedDict):
    """Somebody with whom a record is shared."""

    user_id: int
    name: str
    role: str
    at: datetime


class AccessShape(TypedDict):
    """Why one sees a record, in words, and with whom it is shared."""

    reasons: Sequence[str]
    shares: list[ShareShape]


@routes.get(r"/{plural:[a-z-]+}/{id:\d+}/history")
async def history_page(request: web.Request) -> web.Response:
    entity, who = _asked(request, "read")
    async with request.app[DATABASE].read() as session:
        row = await _row(session, entity, who, path_id(request))
        lines = await _history(request, session, entity, who, row.id)
    return render(
        request, "entity/history_lines.html" if "after" in request.query else "entity/history.html",
        entity=entity, title=title_of(entity, asker_of(request), row), row_id=row.id, history=lines,
    )  # fmt: skip


@routes.get(r"/api/v1/{plural:[a-z-]+}/{id:\d+}/history")
@operation(
    tag=RECORDS, path=PATH, answers=History, query={"after": Query(Id, "The cursor of a page.")}
)
async def history_json(request: web.Request) -> web.Response:
    """What happened to one record, newest first, in the words of the reader's language."""
    entity, who = _asked(request, "read")
    async with request.app[DATABASE].read() as session:
        row = await _row(session, entity, who, path_id(request))
        return answer(await _history(request, session, entity, who, row.id))


@routes.get(r"/{plural:[a-z-]+}/{id:\d+}/access")
async def access_page(request: web.Request) -> web.Response:
    return await _access_page(request)


@routes.post(r"/{plural:[a-z-]+}/{id:\d+}/access")
async def share(request: web.Request) -> web.Response:
    entity, _who = _asked(request, "edit")
    values = await read_form(request)
    try:
        async with request.app[DATABASE].write() as session:
            await sharing.share(
                deed_of(request, session, entity), path_id(request), number_in(values, "user_id"),
                values.get("role", ROLES[0]),
            )  # fmt: skip
    except BadInput as problem:
        return await _access_page(request, values, sentences(request, problem))
    return redirect(request, request.path)


@routes.post(r"/{plural:[a-z-]+}/{id:\d+}/access/{user:\d+}/end")
async def unshare(request: web.Request) -> web.Response:
    entity, _who = _asked(request, "edit")
    row_id = path_id(request)
    async with request.app[DATABASE].write() as session:
        await sharing.unshare(deed_of(request, session, entity), row_id, path_id(request, "user"))
    return redirect(request, f"/{entity.plural}/{row_id}/access")


class Shared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Id
    role: str = ROLES[0]


@routes.get(r"/api/v1/{plural:[a-z-]+}/{id:\d+}/access")
@operation(tag=RECORDS, path=PATH, answers=AccessShape)
async def access_json(request: web.Request) -> web.Response:
    """Why one sees a record, and with whom it is shared."""
    entity, who = _asked(request, "read")
    async with request.app[DATABASE].read() as session:
        row = await _row(session, entity, who, path_id(request))
        why = await sharing.reasons(session, entity, who, row)
        shares = await sharing.shares_of(session, entity, row.id)
    told = [
        ShareShape(user_id=one.user_id, name=one.name, role=one.role, at=one.at) for one in shares
    ]
    return answer(AccessShape(reasons=_in_words(request, why), shares=told))


@routes.post(r"/api/v1/{plural:[a-z-]+}/{id:\d+}/access")
@operation(tag=RECORDS, path=PATH, body=Shared, status=204)
async def share_json(request: web.Request) -> web.Response:
    """Share a record with somebody, who can then read and change it."""
    entity, _who = _asked(request, "edit")
    wish = await read_json(request, Shared)
    async with request.app[DATABASE].write() as session:
        deed = deed_of(request, session, entity)
        await sharing.share(deed, path_id(request), wish.user_id, wish.role)
    return web.Response(status=204)


@routes.delete(r"/api/v1/{plural:[a-z-]+}/{id:\d+}/access/{user:\d+}")
@operation(tag=RECORDS, path=PATH, status=204)
async def unshare_json(request: web.Request) -> web.Response:
    """Share a record no longer with somebody."""
    entity, _who = _asked(request, "edit")
    async with request.app[DATABASE].write() as session:
        deed = deed_of(request, session, entity)
        await sharing.unshare(deed, path_id(request), path_id(request, "user"))
    return web.Response(status=204)


def _asked(request: web.Request, action: str) -> tuple[Entity, Identity]:
    """Return the entity in the path, and who asks. Raises NotFound or NotAllowed."""
    entity = request.app[ENTITIES].by_plural(request.match_info["plural"])
    if entity is None or not entity.has_pages:
        raise NotFound
    return entity, require(request, entity.name, action)


async def _row(session: AsyncSession, entity: Entity, who: Identity, row_id: int) -> Any:
    """Return the row, also from the trash. Raises NotFound if `who` may not see it."""
    model: Any = entity.model
    row = await session.scalar(
        select(model).where(model.id == row_id, reached(entity, who, "read"))
    )
    if row is None:
        raise NotFound
    return row


async def _history(
    request: web.Request, session: AsyncSession, entity: Entity, who: Identity, row_id: int
) -> History:
    after = number_in(request.query, "after")
    if after is None and "after" in request.query:
        raise BadInput({"after": MISFIT})
    return await history.of_row(session, who, entity, row_id, _showing(request), after)


async def _access_page(
    request: web.Request,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    entity, who = _asked(request, "read")
    async with request.app[DATABASE].read() as session:
        row = await _row(session, entity, who, path_id(request))
        why = await sharing.reasons(session, entity, who, row)
        shares = await sharing.shares_of(session, entity, row.id)
        may_share = await is_reached(session, entity, who, "edit", row.id)
        known = {one.user_id for one in shares}
        people = await session.execute(
            select(_user.c.id, _user.c.name).where(_user.c.active).order_by(_user.c.name)
        )
        others = [(row.id, row.name) for row in people if row.id not in known]
    return render(
        request, "entity/access.html", status=422 if errors else 200, entity=entity,
        title=title_of(entity, asker_of(request), row), row_id=row.id, reasons=_in_words(request, why),
        shares=shares, people=others, roles=sharing.ROLE_LABELS,
        roles_in_words=[(role, translate(request, label)) for role, label in sharing.ROLE_LABELS.items()], may_share=may_share,
        values={"user_id": "", "role": ROLES[0]} | (values or {}), errors=errors or {},
    )  # fmt: skip


def _showing(request: web.Request) -> Showing:
    return Showing(request.app[ENTITIES], language_of(request), zone_of(request))


def _in_words(request: web.Request, why: Sequence[Reason]) -> list[str]:
    showing = _showing(request)
    return [
        translate(
            request, reason.sentence,
            **{name: showing.text(_DATE, value.date()) if name == "date" else value
               for name, value in reason.values.items()},
        )
        for reason in why
    ]  # fmt: skip
