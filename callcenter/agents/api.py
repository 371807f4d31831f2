"""REST: who I am, who works here, who sits at which phone."""

import msgspec
from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents import devices
from callcenter.agents.models import Device, Role, User, pbx_table
from callcenter.errors import BadInput
from callcenter.events import DevicesChanged
from callcenter.server.actor import actor
from callcenter.server.body import MISFIT, Id, answer, read_json
from callcenter.server.identity import identity, require
from callcenter.server.keys import BUS, CLOCK, DATABASE
from callcenter.server.openapi import operation


class PhoneShape(msgspec.Struct, frozen=True, kw_only=True):
    """A phone; `position` 0 is rung first by click-to-call."""

    id: int
    pbx_id: int
    endpoint: str
    extension: str | None
    kind: str
    position: int


class UserShape(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works here."""

    id: int
    login: str
    name: str
    email: str | None
    role: str
    team_id: int | None
    locale: str | None
    active: bool
    phones: list[PhoneShape]


class PhoneAssignment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who sits at a phone from now on; `user_id` null means nobody."""

    pbx_id: Id
    endpoint: str
    user_id: Id | None
    extension: str | None = None
    kind: str = "desk"
    #: Of an outside number ("tel:+994501234567"): calls that come in from it are the person's own.
    own_calls: bool = True


@operation(answers=UserShape)
async def me(request: web.Request) -> web.Response:
    """GET /api/v1/me: who I am, by session or by token."""
    async with request.app[DATABASE].read() as session:
        return answer((await _users(session, identity(request).user_id))[0])


@operation(needs="user:read", answers=list[UserShape])
async def users(request: web.Request) -> web.Response:
    """GET /api/v1/users: everybody, with their phones of this moment."""
    require(request, "user", "read")
    async with request.app[DATABASE].read() as session:
        return answer(await _users(session))


@operation(needs="user:edit", body=PhoneAssignment, status=204)
async def assign_phone(request: web.Request) -> web.Response:
    """PUT /api/v1/phones: somebody sits down at a phone, or leaves it."""
    require(request, "user", "edit", at_least="all")
    wish = await read_json(request, PhoneAssignment)
    at, by = request.app[CLOCK](), actor(request)
    async with request.app[DATABASE].write() as session:
        await _check(session, wish)
        current = await devices.holder_of(session, wish.pbx_id, wish.endpoint)
        if wish.user_id is not None:
            await devices.assign(
                session, user_id=wish.user_id, pbx_id=wish.pbx_id, endpoint=wish.endpoint,
                extension=wish.extension, kind=wish.kind, own_calls=wish.own_calls, at=at, by=by,
            )  # fmt: skip
        elif current is not None:
            await devices.release(session, current.id, at, by)
    request.app[BUS].publish(DevicesChanged(at=at.timestamp()))
    return web.Response(status=204)


async def _check(session: AsyncSession, wish: PhoneAssignment) -> None:
    wrong = {}
    if wish.pbx_id not in set(await session.scalars(select(pbx_table.c.id))):
        wrong["pbx_id"] = MISFIT
    is_one = devices.is_outside if wish.kind == devices.EXTERNAL else devices.is_endpoint
    if wish.user_id is None:
        # To take a phone away one need not know of what kind it is.
        is_one = devices.is_any
    if not is_one(wish.endpoint):
        wrong["endpoint"] = devices.ENDPOINT_FORM
    if wish.kind not in devices.KINDS:
        wrong["kind"] = MISFIT
    if wish.user_id is not None:
        person = await session.get(User, wish.user_id)
        if person is None or not person.active:
            wrong["user_id"] = MISFIT
    if wrong:
        raise BadInput(wrong)


async def _users(session: AsyncSession, only: int | None = None) -> list[UserShape]:
    people = select(User, Role.key).join(Role, Role.id == User.role_id).order_by(User.id)
    phones = select(Device).where(Device.to_at.is_(None)).order_by(Device.position, Device.id)
    if only is not None:
        people, phones = people.where(User.id == only), phones.where(Device.user_id == only)
    theirs: dict[int, list[PhoneShape]] = {}
    for phone in await session.scalars(phones):
        theirs.setdefault(phone.user_id, []).append(
            PhoneShape(
                id=phone.id, pbx_id=phone.pbx_id, endpoint=phone.endpoint,
                extension=phone.extension, kind=phone.kind, position=phone.position,
            )
        )  # fmt: skip
    return [
        UserShape(
            id=user.id, login=user.login, name=user.name, email=user.email, role=role,
            team_id=user.team_id, locale=user.locale, active=user.active,
            phones=theirs.get(user.id, []),
        )
        for user, role in await session.execute(people)
    ]  # fmt: skip


routes = [
    web.get("/api/v1/me", me),
    web.get("/api/v1/users", users),
    web.put("/api/v1/phones", assign_phone),
]
