"""The people who work here: taking on, changing, letting go.

A person is never deleted: calls and notes keep his name. Letting somebody go
ends his sessions and API tokens and frees his phones, at once.
"""

import re
from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents import devices, tokens
from callcenter.agents.models import Role, Team, User
from callcenter.db import alone, new_id
from callcenter.entity import editing
from callcenter.errors import BadInput, LastAdministrator, NotFound
from callcenter.server.actor import Actor
from callcenter.server.body import MISFIT, MISSING
from callcenter.server.i18n import CODES
from callcenter.server.identity import Identity
from callcenter.server.zones import zones


def _(message: str) -> str:
    return message


LOGIN_TAKEN = _("Somebody else has this login already.")
LOGIN_FORM = _("Use small Latin letters, digits, and . _ - only.")
NOT_AN_ADDRESS = _("This is not an e-mail address.")

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")
THEMES = ("auto", "light", "dark")


class PersonForm(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator says of a person."""

    login: str
    name: str
    email: str | None = None
    role_id: int
    team_id: int | None = None
    locale: str | None = None
    time_zone: str | None = None


class OwnForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says of himself."""

    name: str
    email: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    theme: str = "auto"


async def add(session: AsyncSession, form: PersonForm, at: datetime, by: Actor) -> User:
    """Take somebody on, without a password yet. Raises BadInput, naming the fields."""
    await _check(session, form, None)
    person = User(
        id=new_id(at.timestamp()), created_at=at, updated_at=at,
        created_by=by["actor_id"], updated_by=by["actor_id"], **msgspec.structs.asdict(form),
    )  # fmt: skip
    session.add(person)
    audit.record(
        session, at, entity="user", entity_id=person.id, action="create",
        diff={name: [None, value] for name, value in msgspec.structs.asdict(form).items()}, **by,
    )  # fmt: skip
    try:
        await session.flush()
    except IntegrityError as error:
        # Somebody else took the login since `_check` looked.
        raise BadInput({"login": LOGIN_TAKEN}) from error
    return person


async def change(
    session: AsyncSession,
    user_id: int,
    form: PersonForm | OwnForm,
    seen: int | None,
    at: datetime,
    by: Actor,
) -> User:
    """Save a form over a person. Raises BadInput, ChangedMeanwhile or LastAdministrator."""
    person = await locked(session, user_id)
    await _check(session, form, person)
    if isinstance(form, PersonForm) and form.role_id != person.role_id:
        await _keep_an_administrator(session, person)
    await editing.save(session, person, "user", msgspec.structs.asdict(form), seen, at, by)
    return person


async def let_go(session: AsyncSession, user_id: int, at: datetime, by: Actor) -> User:
    """End somebody's access. Raises LastAdministrator if nobody could undo it."""
    person = await locked(session, user_id)
    await _keep_an_administrator(session, person)
    await editing.save(session, person, "user", {"active": False}, None, at, by)
    await tokens.withdraw(session, user_id, "session", "api", "reset")
    await devices.release_all(session, user_id, at, by)
    return person


async def take_back(session: AsyncSession, user_id: int, at: datetime, by: Actor) -> User:
    person = await locked(session, user_id)
    await editing.save(session, person, "user", {"active": True}, None, at, by)
    return person


async def locked(session: AsyncSession, user_id: int) -> User:
    """Return the person, for nobody else to change until the transaction ends."""
    person = await session.get(User, user_id, with_for_update=True)
    if person is None:
        raise NotFound
    return person


def identity_of(person: User, role: Role, subteams: frozenset[int]) -> Identity:
    """Return what a person may, by his role and team."""
    return Identity(
        user_id=person.id, name=person.name, login=person.login, role_key=role.key,
        locale=person.locale, time_zone=person.time_zone, theme=person.theme,
        team_id=person.team_id, subteams=subteams, grants=role.grants, fields=role.fields,
        flags=frozenset(role.flags), password_expired=person.password_expired,
        learned=frozenset(person.learned),
    )  # fmt: skip


async def _check(session: AsyncSession, form: PersonForm | OwnForm, person: User | None) -> None:
    wrong: dict[str, str] = {}
    if not form.name:
        wrong["name"] = MISSING
    if form.email is not None and not _EMAIL.fullmatch(form.email):
        wrong["email"] = NOT_AN_ADDRESS
    if form.locale is not None and form.locale not in CODES:
        wrong["locale"] = MISFIT
    if form.time_zone is not None and form.time_zone not in zones():
        wrong["time_zone"] = MISFIT
    if isinstance(form, PersonForm):
        wrong |= await _wrong_in_account(session, form, person)
    elif form.theme not in THEMES:
        wrong["theme"] = MISFIT
    if wrong:
        raise BadInput(wrong)


async def _wrong_in_account(
    session: AsyncSession, form: PersonForm, person: User | None
) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not _LOGIN.fullmatch(form.login):
        wrong["login"] = LOGIN_FORM if form.login else MISSING
    holder = await session.scalar(select(User.id).where(User.login == form.login))
    if holder is not None and (person is None or holder != person.id):
        wrong["login"] = LOGIN_TAKEN
    if await session.get(Role, form.role_id) is None:
        wrong["role_id"] = MISSING
    if form.team_id is not None and await session.get(Team, form.team_id) is None:
        wrong["team_id"] = MISFIT
    return wrong


async def _keep_an_administrator(session: AsyncSession, person: User) -> None:
    """Raise LastAdministrator if `person` is the only one who can give rights to others."""
    # Two administrators who let each other go at once would each see the other still there.
    await alone(session, "administrators")
    others = select(func.count()).select_from(User).join(Role, Role.id == User.role_id)
    others = others.where(Role.key == "admin", User.active, User.id != person.id)
    role = await session.get(Role, person.role_id)
    if role is not None and role.key == "admin" and not await session.scalar(others):
        raise LastAdministrator(name=person.name)
