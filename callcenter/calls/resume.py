"""Takes open calls up again when the service starts: the board as it was, pops and all.

Whether they are still going on, the PBX's own list of channels decides once the line is up. Until
then they stand as they were last known, as they do while a line is lost.
"""

from collections.abc import Collection

from sqlalchemy import or_, select

from callcenter.calls.board import Board, Stored
from callcenter.calls.models import CallLeg, CallRow
from callcenter.calls.retell import from_stored
from callcenter.db import Database
from callcenter.events import CallEvent


async def take_up_open_calls(
    database: Database, board: Board, pbxs: Collection[int]
) -> dict[int, list[CallEvent]]:
    """Put the open calls of `pbxs` back on the board; return what is known of them, by PBX."""
    known: dict[int, list[CallEvent]] = {pbx: [] for pbx in pbxs}
    for stored in await _stored(database, pbxs):
        board.take_up(stored)
        known[stored.told[0].pbx] += stored.told
    return known


async def _stored(database: Database, pbxs: Collection[int]) -> list[Stored]:
    async with database.read() as session:
        calls = list(
            await session.scalars(
                select(CallRow)
                .where(
                    or_(CallRow.end_at.is_(None), CallRow.pbx_state.is_not(None)),
                    CallRow.pbx_id.in_(pbxs),
                )
                .order_by(CallRow.ring_at)
            )
        )
        legs = list(
            await session.scalars(
                select(CallLeg).where(CallLeg.call_id.in_([call.id for call in calls]))
            )
        )
    users: dict[int, dict[str, int]] = {}
    for leg in legs:
        if leg.user_id is not None:
            users.setdefault(leg.call_id, {})[leg.uniqueid] = leg.user_id
    return [
        Stored(
            id=call.id, interaction_id=call.interaction_id, revision=call.revision,
            told=told, users=users.get(call.id, {}), ended=call.end_at is not None,
        )
        for call in calls
        if (told := from_stored(call.pbx_state))
    ]  # fmt: skip
