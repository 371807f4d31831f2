"""API tokens: everybody's own, and for administrators all there are.

A token is shown once, by the answer to the form that made it. It allows what its scopes name and
never more than its person may do, so one's own are offered only what one's role allows.

Template agents/tokens.html: tokens: [Token], kinds, actions, spans, values, chosen, errors,
secret · agents/all_tokens.html: tokens: [(Token, User)].
"""

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy import select

from callcenter import audit
from callcenter.agents.models import Token, User
from callcenter.agents.role_form import ACTION_LABELS
from callcenter.agents.token_form import SPANS, chosen, make, own_kinds, read
from callcenter.entity.keys import ENTITIES
from callcenter.errors import BadInput, NotFound
from callcenter.server.actor import actor
from callcenter.server.body import path_id, read_form
from callcenter.server.errors import sentences
from callcenter.server.identity import identity, require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render


async def own_tokens(request: web.Request) -> web.Response:
    return await _show(request)


async def make_own(request: web.Request) -> web.Response:
    who, at = identity(request), request.app[CLOCK]()
    offered = {
        f"{kind.name}:{action}"
        for kind in own_kinds(request.app[ENTITIES], who)
        for action in kind.actions
    }
    try:
        form = await read(request, {"*", "live:read", *offered})
    except BadInput as problem:
        return await _show(request, errors=sentences(request, problem))
    async with request.app[DATABASE].write() as session:
        secret = make(session, who.user_id, form, at, actor(request))
    return await _show(request, secret=secret)


async def withdraw_own(request: web.Request) -> web.Response:
    await _withdraw(request, identity(request).user_id)
    return redirect(request, "/account/tokens")


async def all_tokens(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    query = (
        select(Token, User)
        .join(User, User.id == Token.user_id)
        .where(Token.kind == "api")
        .order_by(Token.last_used_at.desc(), Token.id.desc())
    )
    async with request.app[DATABASE].read() as session:
        found = [(token, person) for token, person in await session.execute(query)]
    return render(request, "agents/all_tokens.html", tokens=found)


async def withdraw(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    token = await _withdraw(request)
    back = "/admin/tokens" if "all" in request.query else f"/admin/people/{token.user_id}"
    return redirect(request, back)


async def _withdraw(request: web.Request, user_id: int | None = None) -> Token:
    """End a token, if it is the person's. Raises NotFound."""
    async with request.app[DATABASE].write() as session:
        token = await session.get(Token, path_id(request))
        if token is None or token.kind != "api" or user_id not in (None, token.user_id):
            raise NotFound
        await session.delete(token)
        audit.record(
            session, request.app[CLOCK](), entity="user", entity_id=token.user_id,
            action="token-revoked", diff={"name": [token.name, None]}, **actor(request),
        )  # fmt: skip
    return token


async def _show(
    request: web.Request, *, errors: Mapping[str, str] | None = None, secret: str | None = None
) -> web.Response:
    who = identity(request)
    query = select(Token).where(Token.user_id == who.user_id, Token.kind == "api")
    async with request.app[DATABASE].read() as session:
        found = list(await session.scalars(query.order_by(Token.id)))
    return render(
        request, "agents/tokens.html", status=422 if errors else 200, tokens=found,
        kinds=own_kinds(request.app[ENTITIES], who), actions=ACTION_LABELS, spans=SPANS,
        values=await read_form(request) if errors else {}, chosen=await chosen(request),
        errors=errors or {}, secret=secret,
    )  # fmt: skip


routes = [
    web.get("/account/tokens", own_tokens),
    web.post("/account/tokens", make_own),
    web.post("/account/tokens/{id}/revoke", withdraw_own),
    web.get("/admin/tokens", all_tokens),
    web.post("/admin/tokens/{id}/revoke", withdraw),
]
