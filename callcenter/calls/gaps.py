"""Gaps: when a PBX was not heard, newest first, and which calls they touch."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.models import Gap, PbxRow
from callcenter.errors import BadInput
from callcenter.server.body import MISFIT

PAGE_ROWS = 20

# Milliseconds since the epoch, and an id of 53 bits.
_CURSOR = re.compile(r"(\d{1,13})\.(\d{1,16})", re.ASCII)


class GapLine(msgspec.Struct, frozen=True, kw_only=True):
    """One gap; `to_at` is None while the PBX is still not heard."""

    id: int
    pbx_id: int
    pbx: str
    from_at: datetime
    to_at: datetime | None
    reason: str
    #: What was made good: source, state, calls, mended, unknown.
    recovered: dict[str, Any]


class GapPage(msgspec.Struct, frozen=True, kw_only=True):
    gaps: list[GapLine]
    #: Cursor of the next page, None if this is the last.
    after: str | None


async def list_gaps(
    session: AsyncSession, *, pbx: int | None = None, after: str | None = None
) -> GapPage:
    """Return one page of gaps, newest first."""
    query = (
        select(Gap, PbxRow.name)
        .join(PbxRow, PbxRow.id == Gap.pbx_id)
        .order_by(Gap.from_at.desc(), Gap.id.desc())
        .limit(PAGE_ROWS + 1)
    )
    if pbx is not None:
        query = query.where(Gap.pbx_id == pbx)
    if after:
        query = query.where(tuple_(Gap.from_at, Gap.id) < _cursor(after))
    rows = [_line(gap, name) for gap, name in await session.execute(query)]
    shown = rows[:PAGE_ROWS]
    return GapPage(gaps=shown, after=_key(shown[-1]) if len(rows) > PAGE_ROWS else None)


async def touching(
    session: AsyncSession,
    begin: datetime,
    end: datetime | None = None,
    *,
    pbxs: Iterable[int] | None = None,
) -> list[Gap]:
    """Return the gaps, of these PBXs or of any, that touch the time from `begin` to `end`."""
    query = select(Gap).where(or_(Gap.to_at.is_(None), Gap.to_at >= begin))
    if pbxs is not None:
        query = query.where(Gap.pbx_id.in_(set(pbxs)))
    if end is not None:
        query = query.where(Gap.from_at <= end)
    return list(await session.scalars(query.order_by(Gap.from_at, Gap.id)))


def _line(gap: Gap, pbx: str) -> GapLine:
    return GapLine(
        id=gap.id, pbx_id=gap.pbx_id, pbx=pbx, from_at=gap.from_at, to_at=gap.to_at,
        reason=gap.reason, recovered=gap.recovered,
    )  # fmt: skip


def _key(line: GapLine) -> str:
    return f"{round(line.from_at.timestamp() * 1000)}.{line.id}"


def _cursor(text: str) -> tuple[datetime, int]:
    if (named := _CURSOR.fullmatch(text)) is None:
        raise BadInput({"after": MISFIT})
    return datetime.fromtimestamp(int(named[1]) / 1000, UTC), int(named[2])
