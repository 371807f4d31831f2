"""Secrets that stand for a person: sessions, API tokens, reset links.

A secret is drawn, handed out once and kept only as its SHA-256: whoever reads
the database cannot sign in with what he finds. 256 random bits need no slow hash.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import Token
from callcenter.db import new_id

Kind = Literal["session", "api", "reset"]

#: API tokens look like something, so that scanners of leaked secrets find them.
API_PREFIX = "cctr_"


def digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def issue(
    session: AsyncSession,
    kind: Kind,
    user_id: int,
    at: datetime,
    *,
    lasts: timedelta | None = None,
    name: str | None = None,
    scopes: Iterable[str] = (),
) -> tuple[str, Token]:
    """Add a token in the caller's transaction; return its secret, which is never seen again."""
    secret = (API_PREFIX if kind == "api" else "") + secrets.token_urlsafe(32)
    token = Token(
        id=new_id(at.timestamp()), user_id=user_id, kind=kind, name=name, hash=digest(secret),
        scopes=list(scopes), created_at=at, expires_at=at + lasts if lasts else None,
    )  # fmt: skip
    session.add(token)
    return secret, token


async def find(session: AsyncSession, kind: Kind, secret: str, at: datetime) -> Token | None:
    """Return the token of `secret` if it is still good."""
    token = await session.scalar(
        select(Token).where(Token.hash == digest(secret), Token.kind == kind)
    )
    return token if token is not None and is_good(token, at) else None


def is_good(token: Token, at: datetime) -> bool:
    return token.expires_at is None or token.expires_at > at


async def withdraw(session: AsyncSession, user_id: int, *kinds: Kind) -> None:
    """End all of a person's tokens of these kinds."""
    await session.execute(delete(Token).where(Token.user_id == user_id, Token.kind.in_(kinds)))
