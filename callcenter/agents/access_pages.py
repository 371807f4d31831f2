"""Secrets that an administrator hands out: links for a new password, API tokens.

Each is shown once, on the person's page that answers the request.
"""

from aiohttp import web

from callcenter import audit
from callcenter.agents import passwords, person_form, role_form, tokens
from callcenter.agents.models import Token
from callcenter.agents.pages import reset_address
from callcenter.entity.keys import ENTITIES
from callcenter.errors import NotFound
from callcenter.server.actor import actor
from callcenter.server.body import MISFIT, MISSING, path_id
from callcenter.server.identity import require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, translate


async def make_reset_link(request: web.Request) -> web.Response:
    """Show a link by which the person can choose a password; it is shown this once."""
    require(request, "user", "edit", at_least="all")
    person = await person_form.person_of(request)
    if not person.active:
        raise NotFound
    async with request.app[DATABASE].write() as session:
        secret = await passwords.make_reset_link(
            session, person.id, request.app[CLOCK](), actor(request)
        )
    return await person_form.show(
        request, person, person_form.values_of(person), reset_link=reset_address(request, secret)
    )


async def make_token(request: web.Request) -> web.Response:
    """Show the secret of a new API token; it is shown this once."""
    require(request, "user", "edit", at_least="all")
    person, at = await person_form.person_of(request), request.app[CLOCK]()
    form = await request.post()
    name, scopes = str(form.get("name", "")).strip(), [str(x) for x in form.getall("scopes", [])]
    errors = {}
    if not name:
        errors["token_name"] = translate(request, MISSING)
    if not scopes or not set(scopes) <= set(role_form.scopes(request.app[ENTITIES])):
        errors["scopes"] = translate(request, MISFIT if scopes else MISSING)
    if errors or not person.active:
        return await person_form.show(request, person, person_form.values_of(person), errors)
    async with request.app[DATABASE].write() as session:
        secret, _token = tokens.issue(session, "api", person.id, at, name=name, scopes=scopes)
        audit.record(
            session, at, entity="user", entity_id=person.id, action="token-made",
            diff={"name": [None, name], "scopes": [None, scopes]}, **actor(request),
        )  # fmt: skip
    return await person_form.show(
        request, person, person_form.values_of(person), token_secret=secret
    )


async def revoke_token(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    async with request.app[DATABASE].write() as session:
        token = await session.get(Token, path_id(request))
        if token is None or token.kind != "api":
            raise NotFound
        await session.delete(token)
        audit.record(
            session, request.app[CLOCK](), entity="user", entity_id=token.user_id,
            action="token-revoked", diff={"name": [token.name, None]}, **actor(request),
        )  # fmt: skip
    return redirect(request, f"/admin/people/{token.user_id}")


routes = [
    web.post("/admin/people/{id}/reset-link", make_reset_link),
    web.post("/admin/people/{id}/tokens", make_token),
    web.post("/admin/tokens/{id}/revoke", revoke_token),
]
