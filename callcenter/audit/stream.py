"""Reading the log in an order that misses no line.

Ids tell when something was done, not in which order it became visible: of two
transactions at once, the one that began first may end last, and a reader who goes
by ids would never see it. So lines are read by (`seq`, `id`). On SQLite, where
writers queue, `seq` counts the lines. On PostgreSQL it is the number of the
transaction, and lines are told only up to the oldest transaction that still runs.
"""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple, Self

from sqlalchemy import select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.audit.models import Audit


class Cursor(NamedTuple):
    """How far a reader has come: the last line he was told of."""

    seq: int = 0
    id: int = 0

    @classmethod
    def read(cls, written: str) -> Self | None:
        """Return the cursor that `str` wrote, None if it is none."""
        found = re.fullmatch(r"(\d{1,18})\.(\d{1,16})", written, re.ASCII)
        return cls(int(found[1]), int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{self.seq}.{self.id}"


class Stretch(NamedTuple):
    """A part of the stream; to go on, read from `after`."""

    lines: list[Audit]
    after: Cursor
    more: bool


async def read(
    session: AsyncSession, after: Cursor, limit: int = 500, *, entities: Collection[str] = ()
) -> Stretch:
    """Return what stands among the next `limit` lines of the stream, of `entities` if given.

    So a reader who wants little gets little, and still comes forward at the same cost.
    """
    place = tuple_(Audit.seq, Audit.id)
    query = select(Audit).where(place > after).order_by(Audit.seq, Audit.id).limit(limit + 1)
    if (end := await _end(session)) is not None:
        query = query.where(Audit.seq < end)
    found: Sequence[Audit] = (await session.scalars(query)).all()
    lines, more = found[:limit], len(found) > limit
    return Stretch(
        [line for line in lines if not entities or line.entity in entities],
        Cursor(lines[-1].seq, lines[-1].id) if lines else after,
        more,
    )


async def newest(session: AsyncSession) -> Cursor:
    """Return the cursor of a reader who wants only what happens from now on."""
    query = select(Audit.seq, Audit.id).order_by(Audit.seq.desc(), Audit.id.desc()).limit(1)
    if (end := await _end(session)) is not None:
        query = query.where(Audit.seq < end)
    last = (await session.execute(query)).first()
    return Cursor(last.seq, last.id) if last else Cursor()


async def settle(session: AsyncSession) -> None:
    """Let the stream go on after a backup was restored into another PostgreSQL.

    There transactions are numbered anew, and new lines would stand before the old ones.
    """
    if _is_postgresql(session):
        await session.execute(text(_GO_ON))


async def _end(session: AsyncSession) -> int | None:
    """Return the `seq` from which on lines may still be missing; None if none ever are."""
    if not _is_postgresql(session):
        return None
    end: int = (await session.execute(text(_OLDEST))).scalar_one()
    return end


def _is_postgresql(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"


_OLDEST = """
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + last_value FROM audit_offset
"""
_GO_ON = """
    SELECT setval('audit_offset', last.seq - pg_current_xact_id()::text::bigint)
    FROM audit_offset, (SELECT max(seq) AS seq FROM audit) AS last
    WHERE last.seq >= pg_current_xact_id()::text::bigint + audit_offset.last_value
"""
