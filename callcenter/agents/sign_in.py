"""Sign-in, sign-out, and who sends a request.

A session is a row of `token`; its secret is in the browser's cookie. It lasts
`session_h` hours from the last request. API clients send `Authorization:
Bearer` instead. `app` hands `SignIn.authenticate` to the server.
"""

from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy import delete, select, update

from callcenter import audit
from callcenter.agents import passwords, people, teams, tokens
from callcenter.agents.credentials import Credentials, Known
from callcenter.agents.models import Role, Token, User
from callcenter.bus import Bus
from callcenter.db import Database
from callcenter.errors import WrongCredentials
from callcenter.events import SessionsEnded
from callcenter.server import cookies
from callcenter.server.actor import Actor
from callcenter.server.identity import Identity, access
from callcenter.server.keys import CLOCK
from callcenter.server.limits import Limit

#: A session's end is moved at most this often, so that reading pages writes little.
SLIDE_EVERY = timedelta(minutes=5)


class SignIn:
    """The door. One for each process, since it counts the failures."""

    def __init__(self, database: Database, bus: Bus, session_h: int) -> None:
        self._database = database
        self._credentials = Credentials(database)
        self._bus = bus
        self._lasts = timedelta(hours=session_h)
        # A whole office may share one address, so the address alone gets more tries.
        self._by_person = Limit(5, window_s=300)
        self._by_address = Limit(50, window_s=300)
        self._by_login = Limit(100, window_s=3600)

    async def authenticate(self, request: web.Request) -> Identity | None:
        """Return who sends this request, by API token or session cookie.

        The websocket, which asks again and again as long as a page is open, does not count as
        use: a page that nobody touches does not keep its session for ever.
        """
        at, is_use = request.app[CLOCK](), access(request) != "bare"
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self.identify("api", secret.strip(), at, is_use=is_use)
        cookie = request.cookies.get(cookies.SESSION)
        return await self.identify("session", cookie, at, is_use=is_use) if cookie else None

    async def identify(
        self, kind: tokens.Kind, secret: str, at: datetime, *, is_use: bool = True
    ) -> Identity | None:
        """Return whose secret this is, if it still stands; note its use."""
        known = await self._credentials.known_by(kind, secret, at)
        if known is None:
            return None
        if is_use:
            await self._note_use(known, at)
        return known.who

    async def identity_of(self, user_id: int) -> Identity | None:
        """Return a person who works here as of now, for work that goes on without a request."""
        async with self._database.read() as session:
            row = (
                await session.execute(
                    select(User, Role)
                    .join(Role, Role.id == User.role_id)
                    .where(User.id == user_id, User.active)
                )
            ).first()
            if row is None:
                return None
            return people.identity_of(row[0], row[1], await teams.below(session, row[0].team_id))

    async def sign_in(self, login: str, password: str, at: datetime, by: Actor) -> str:
        """Return the secret of a new session.

        Raises WrongCredentials, and TooManyAttempts before the password is even looked at.
        """
        login = login.strip().lower()
        self._count(login, by["ip"], at)
        async with self._database.read() as session:
            person = await session.scalar(select(User).where(User.login == login))
        stored = person.password_hash if person is not None and person.active else None
        right = await passwords.is_right(password, stored)
        if person is None or stored is None or not right:
            await self._note_failure(person, at, by)
            raise WrongCredentials
        self._uncount(login, by["ip"])
        if passwords.is_outdated(stored):
            await self._rehash(person.id, await passwords.hashed(password))
        return await self.open_session(person.id, at, by)

    async def open_session(self, user_id: int, at: datetime, by: Actor) -> str:
        """Return the secret of a new session of somebody who has proved who he is."""
        async with self._database.write() as session:
            await session.execute(
                delete(Token).where(Token.user_id == user_id, Token.expires_at <= at)
            )
            secret, token = tokens.issue(session, "session", user_id, at, lasts=self._lasts)
            token.last_used_at = at
            whose: Actor = {**by, "actor_kind": "user", "actor_id": user_id}
            audit.record(session, at, entity="user", entity_id=user_id, action="sign-in", **whose)
        return secret

    async def sign_out(self, who: Identity, at: datetime, by: Actor) -> None:
        async with self._database.write() as session:
            await session.execute(delete(Token).where(Token.id == who.token_id))
            audit.record(session, at, entity="user", entity_id=who.user_id, action="sign-out", **by)
        self._bus.publish(
            SessionsEnded(at=at.timestamp(), user_id=who.user_id, token_id=who.token_id)
        )

    async def has_password(self, who: Identity, password: str, at: datetime, by: Actor) -> bool:
        """Return whether this is the person's password; counted like a sign-in."""
        self._count(who.login, by["ip"], at)
        async with self._database.read() as session:
            stored = await session.scalar(select(User.password_hash).where(User.id == who.user_id))
        right = await passwords.is_right(password, stored)
        if right:
            self._uncount(who.login, by["ip"])
        return right

    def _count(self, login: str, ip: str | None, at: datetime) -> None:
        # Counted before the answer is known: many tries at once must not slip through.
        moment = at.timestamp()
        self._by_person.take((login, ip), moment)
        self._by_address.take(ip, moment)
        self._by_login.take(login, moment)

    def _uncount(self, login: str, ip: str | None) -> None:
        self._by_person.forget((login, ip))
        self._by_address.give_back(ip)
        self._by_login.give_back(login)

    async def _note_failure(self, person: User | None, at: datetime, by: Actor) -> None:
        async with self._database.write() as session:
            audit.record(
                session, at, entity="user", entity_id=person.id if person else None,
                action="sign-in-failed", **by,
            )  # fmt: skip

    async def _note_use(self, known: Known, at: datetime) -> None:
        if known.last_used_at is not None and at - known.last_used_at < SLIDE_EVERY:
            return
        values: dict[str, datetime] = {"last_used_at": at}
        if known.who.via == "session":
            values["expires_at"] = at + self._lasts
        async with self._database.write() as session:
            await session.execute(
                update(Token).where(Token.id == known.who.token_id).values(values)
            )

    async def _rehash(self, user_id: int, hash_: str) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(User).where(User.id == user_id).values(password_hash=hash_)
            )
