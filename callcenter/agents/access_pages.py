"""Secrets that an administrator hands out: links for a new password, API tokens.

Each is shown once, on the person's page that answers the request.
"""

from aiohttp import web

from callcenter.agents import passwords, person_form
from callcenter.agents.pages import reset_address
from callcenter.agents.role_form import scopes
from callcenter.agents.token_form import make, read
from callcenter.entity.keys import ENTITIES
from callcenter.errors import BadInput, NotFound
from callcenter.server.actor import actor
from callcenter.server.body import read_form
from callcenter.server.errors import sentences
from callcenter.server.identity import require
from callcenter.server.keys import CLOCK, DATABASE


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
    if not person.active:
        raise NotFound
    try:
        form = await read(request, scopes(request.app[ENTITIES]))
    except BadInput as problem:
        values = person_form.values_of(person) | await read_form(request)
        return await person_form.show(request, person, values, sentences(request, problem))
    async with request.app[DATABASE].write() as session:
        secret = make(session, person.id, form, at, actor(request))
    return await person_form.show(
        request, person, person_form.values_of(person), token_secret=secret
    )


routes = [
    web.post("/admin/people/{id}/reset-link", make_reset_link),
    web.post("/admin/people/{id}/tokens", make_token),
]
