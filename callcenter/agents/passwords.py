"""Passwords: hashing, what is accepted, change, and reset by a link.

Argon2id by the library's defaults (RFC 9106, 64 MiB), in a thread and never
more than two at a time: a flood of sign-ins must not stop the calls.
"""

import asyncio
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents import tokens
from callcenter.agents.models import Token, User
from callcenter.errors import BadInput, ResetLinkUsed
from callcenter.server.actor import Actor
from callcenter.server.body import MISSING


def _(message: str) -> str:
    return message


TOO_SHORT = _("Take at least 10 characters; a few words make a good password.")
TOO_LONG = _("Take at most 200 characters.")
TOO_PLAIN = _("This is too easy to guess. Take something that is not your name or login.")
DIFFERENT = _("The two entries differ. Type the new password twice.")

SHORTEST = 10
LONGEST = 200

#: How long a reset link can be used.
RESET_LASTS = timedelta(hours=1)

_hasher = PasswordHasher()
# Each hash takes 64 MiB and a core for some 50 ms.
_at_once = asyncio.Semaphore(2)


async def hashed(password: str) -> str:
    async with _at_once:
        return await asyncio.to_thread(_hasher.hash, password)


async def is_right(password: str, stored: str | None) -> bool:
    """Return whether `password` is the one that was stored.

    Nothing stored (no such person) takes as long as something: the time must not tell which
    logins exist.
    """
    async with _at_once:
        return await asyncio.to_thread(_verify, password, stored)


def is_outdated(stored: str) -> bool:
    """Return whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def check(password: str, again: str, person: User) -> None:
    """Raise BadInput, naming the field, unless `password` can become the person's."""
    problem = _problem(password, person)
    if problem is not None:
        raise BadInput({"password": problem})
    if password != again:
        raise BadInput({"again": DIFFERENT})


async def store(session: AsyncSession, person: User, hash_: str, at: datetime, by: Actor) -> None:
    """Make `hash_` the person's password; all sessions and reset links end."""
    person.password_hash, person.password_expired = hash_, False
    person.updated_at, person.updated_by = at, by["actor_id"]
    await tokens.withdraw(session, person.id, "session", "reset")
    audit.record(session, at, entity="user", entity_id=person.id, action="password", **by)


async def make_reset_link(session: AsyncSession, user_id: int, at: datetime, by: Actor) -> str:
    """Return the secret of a new reset link; an earlier one ends."""
    await tokens.withdraw(session, user_id, "reset")
    secret, _token = tokens.issue(session, "reset", user_id, at, lasts=RESET_LASTS)
    audit.record(session, at, entity="user", entity_id=user_id, action="reset-link", **by)
    return secret


async def person_of_link(session: AsyncSession, secret: str, at: datetime) -> User:
    """Return whose reset link this is. Raises ResetLinkUsed if it can no longer be used."""
    token = await tokens.find(session, "reset", secret, at)
    person = await session.get(User, token.user_id) if token else None
    if person is None or not person.active:
        raise ResetLinkUsed
    return person


async def use_link(session: AsyncSession, secret: str, hash_: str, at: datetime, by: Actor) -> User:
    """Set the password by a reset link, once. Raises ResetLinkUsed the second time."""
    person = await person_of_link(session, secret, at)
    # Two browsers may come at once: the delete decides which of them was first.
    used = await session.scalars(
        delete(Token).where(Token.hash == tokens.digest(secret)).returning(Token.id)
    )
    if used.first() is None:
        raise ResetLinkUsed
    await store(session, person, hash_, at, {**by, "actor_id": person.id})
    return person


async def person_by_name(session: AsyncSession, login_or_email: str) -> User | None:
    """Return the active person who is meant, if exactly one is."""
    wanted = login_or_email.strip().lower()
    if not wanted:
        return None
    column = User.email if "@" in wanted else User.login
    found = (await session.scalars(select(User).where(column == wanted, User.active))).all()
    return found[0] if len(found) == 1 else None


def _problem(password: str, person: User) -> str | None:
    if not password:
        return MISSING
    if len(password) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    plain = password.lower()
    own_words = [person.login, *person.name.lower().split(), "callcenter", "password"]
    for word in own_words:
        plain = plain.replace(word, "")
    return TOO_PLAIN if len(set(plain)) < 4 else None


def _verify(password: str, stored: str | None) -> bool:
    try:
        return _hasher.verify(stored or _nobodys(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash("a password nobody has")
