"""The page of one person: his data, phones, past phones and API tokens.

Template agents/person.html: person: User | None, values, errors, roles: [Role],
teams: [Team], pbxs: [(id, name)], zones, devices: [(Device, name of its PBX)],
past_devices: the same, tokens: [Token], kinds, reset_link, token_secret, saved,
and what macros/tokens.html takes.
"""

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents import devices, people
from callcenter.agents.models import Device, Role, Team, Token, User, pbx_table
from callcenter.agents.role_form import ACTION_LABELS
from callcenter.agents.role_form import kinds as token_kinds
from callcenter.agents.roles import ACTIONS, CONTROL
from callcenter.agents.roles import ENTITIES as SEEDED
from callcenter.agents.token_form import SPANS, chosen
from callcenter.entity.keys import ENTITIES
from callcenter.errors import NotFound
from callcenter.server.body import path_id
from callcenter.server.keys import DATABASE
from callcenter.server.pages import render
from callcenter.server.zones import zones

#: What an API token can be made for at the command line; see `role_form.scopes`.
SCOPES = (
    "*",
    "live:read",
    *(f"{entity}:{action}" for entity in SEEDED for action in ACTIONS),
    f"call:{CONTROL}",
)


async def person_of(request: web.Request) -> User:
    """Return the person whose id is in the path. Raises NotFound."""
    async with request.app[DATABASE].read() as session:
        person = await session.get(User, path_id(request))
    if person is None:
        raise NotFound
    return person


async def show(
    request: web.Request,
    person: User | None,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
    *,
    status: int = 422,
    reset_link: str | None = None,
    token_secret: str | None = None,
) -> web.Response:
    names = (
        *people.PersonForm.__struct_fields__,
        "version",
        "pbx_id",
        "endpoint",
        "extension",
        "desk_code",
    )
    blank = dict.fromkeys((*names, "kind"), "")
    async with request.app[DATABASE].read() as session:
        context = await _choices(session) | await _belongings(session, person)
    return render(
        request, "agents/person.html", status=status if errors else 200, person=person,
        values=blank | values, errors=errors or {}, reset_link=reset_link,
        token_secret=token_secret, actions=ACTION_LABELS, spans=SPANS, token_kinds=token_kinds(request.app[ENTITIES]), chosen=await chosen(request), kinds=devices.KINDS, saved="saved" in request.query, **context,
    )  # fmt: skip


def values_of(person: User) -> dict[str, str]:
    names = (*people.PersonForm.__struct_fields__, "version", "desk_code")
    return {name: str(getattr(person, name) or "") for name in names}


async def _choices(session: AsyncSession) -> dict[str, Any]:
    """Return what the lists of a person's form offer."""
    pbxs = await session.execute(
        select(pbx_table.c.id, pbx_table.c.name).order_by(pbx_table.c.name)
    )
    return {
        "roles": list(await session.scalars(select(Role).order_by(Role.id))),
        "teams": list(await session.scalars(select(Team).order_by(Team.name))),
        "pbxs": [(row.id, row.name) for row in pbxs],
        "zones": zones(),
    }


async def _belongings(session: AsyncSession, person: User | None) -> dict[str, Any]:
    """Return the phones and API tokens of a person."""
    if person is None:
        return {"devices": [], "past_devices": [], "tokens": []}
    found = select(Token).where(Token.user_id == person.id, Token.kind == "api")
    return {
        "devices": await _with_pbx(session, await devices.current_of(session, person.id)),
        "past_devices": await _with_pbx(session, await devices.past_of(session, person.id)),
        "tokens": list(await session.scalars(found.order_by(Token.id))),
    }


async def _with_pbx(session: AsyncSession, rows: Sequence[Device]) -> list[tuple[Device, str]]:
    pbxs = await session.execute(select(pbx_table.c.id, pbx_table.c.name))
    names = {row.id: row.name for row in pbxs}
    return [(row, names[row.pbx_id]) for row in rows]
