"""The order that people give to rows that stand in a list of theirs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.server.actor import Actor


async def put(
    session: AsyncSession,
    rows: Select[Any],
    ids: Sequence[int],
    of: tuple[str, str],
    at: datetime,
    by: Actor,
    called: str = "key",
) -> None:
    """Put `rows` in the order of `ids`; those not named keep theirs, after them.

    They have an id and a position, and the audit log calls them by `called`. `of` says what they
    are, and of which list.
    """
    there = list(await session.scalars(rows.with_for_update()))
    places = {row_id: place for place, row_id in enumerate(ids)}
    before = [getattr(row, called) for row in there]
    there.sort(key=lambda row: places.get(row.id, len(places)))
    for place, row in enumerate(there):
        row.position = place
    after = [getattr(row, called) for row in there]
    if after != before:
        entity, list_ = of
        audit.record(
            session, at, entity=entity, action="order", diff={list_: [before, after]}, **by
        )
