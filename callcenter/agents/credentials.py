"""Whose secret it is: asked with every request, so by the driver, and on SQLite without a hop.

Where the database says whether anything has been written (SQLite), what was found is known until
then. What a role grants is read out of its JSON once, and again when the row says something else.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from callcenter.agents import tokens
from callcenter.db import Database, millis
from callcenter.server.identity import Identity

_PERSON: Final = """
    SELECT t.id, t.scopes, t.expires_at, t.last_used_at,
        u.id, u.name, u.login, u.locale, u.time_zone, u.theme, u.team_id, u.password_expired, u.learned,
        r.key, r.grants, r.fields, r.flags
    FROM token AS t JOIN "user" AS u ON u.id = t.user_id JOIN role AS r ON r.id = u.role_id
    WHERE t.hash = ?1 AND t.kind = ?2 AND u.active
"""
#: Where the columns of the person and the role begin.
_TOKEN: Final = 4
_TEAM: Final = 10
# A union without repetitions ends even if the teams form a circle.
_BELOW: Final = """
    WITH RECURSIVE tree(id) AS (
        SELECT id FROM team WHERE parent_id = ?1
        UNION SELECT team.id FROM team JOIN tree ON team.parent_id = tree.id
    ) SELECT id FROM tree WHERE id <> ?1
"""
_REMEMBERED: Final = 4_096


class Known(NamedTuple):
    """Who has a secret, and when it was last used."""

    who: Identity
    last_used_at: datetime | None
    #: When it ends, in milliseconds of the epoch.
    expires_at: int | None
    #: Of the database when this was so.
    stamp: int | None


class Credentials:
    """Whose secret it is; one for each database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[tuple[tokens.Kind, bytes], Known] = {}

    async def known_by(self, kind: tokens.Kind, secret: str, at: datetime) -> Known | None:
        """Return whose secret this is, if it still stands."""
        of, stamp = (kind, tokens.digest(secret)), self._database.stamp()
        known = self._known.get(of)
        if known is None or known.stamp is None or known.stamp != stamp:
            known = await self._find(*of, stamp)
            self._remember(of, known)
        if known is None or (known.expires_at is not None and known.expires_at <= millis(at)):
            return None
        return known

    async def _find(self, kind: tokens.Kind, digest: bytes, stamp: int | None) -> Known | None:
        rows = await self._database.fetch(_PERSON, digest, kind)
        if not rows:
            return None
        token_id, scopes, expires_at, used_at = rows[0][:_TOKEN]
        team_id, subteams = rows[0][_TEAM], frozenset[int]()
        if team_id is not None:
            subteams = frozenset(row[0] for row in await self._database.fetch(_BELOW, team_id))
        via = "session" if kind == "session" else "token"
        who = _identity(token_id, via, scopes, subteams, *rows[0][_TOKEN:])
        last = None if used_at is None else datetime.fromtimestamp(used_at / 1000, UTC)
        return Known(who, last, expires_at, stamp)

    def _remember(self, of: tuple[tokens.Kind, bytes], known: Known | None) -> None:
        # Guesses are not kept: whoever tries many must not fill the memory.
        if known is None or known.stamp is None:
            self._known.pop(of, None)
            return
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[of] = known


@lru_cache(_REMEMBERED)
def _identity(
    token_id: int, via: Any, scopes: str, subteams: frozenset[int], user_id: int, name: str,
    login: str, locale: str | None, time_zone: str | None, theme: str, team_id: int | None,
    password_expired: bool, learned: str, key: str, grants: str, fields: str, flags: str,
) -> Identity:  # fmt: skip
    read = msgspec.json.decode
    return Identity(
        user_id=user_id, name=name, login=login, role_key=key, locale=locale, time_zone=time_zone,
        theme=theme, team_id=team_id, subteams=subteams, grants=read(grants), fields=read(fields),
        flags=frozenset(read(flags)), password_expired=bool(password_expired),
        learned=frozenset(read(learned)), via=via, token_id=token_id,
        scopes=frozenset(read(scopes)),
    )  # fmt: skip
