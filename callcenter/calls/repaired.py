"""Stores calls as a second account tells them: whole where nobody saw them, else mended.

The board and its listeners hear nothing of it: the calls are over, so nobody's screen or state may
change because of them. The writer tells that they are stored, as of any call.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import Device
from callcenter.bus import Bus
from callcenter.calls.board import Board, LiveCall, Stored
from callcenter.calls.call import Call
from callcenter.calls.mend import Gap, mend, refold
from callcenter.calls.models import CallAlias, CallIntent, CallLeg, CallRow
from callcenter.calls.retell import from_stored, retell
from callcenter.calls.rows import Read
from callcenter.calls.writer import Writer
from callcenter.db import Database, new_id

log = structlog.get_logger()

#: In one question to the database.
_NAMES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Repaired:
    """How many calls with customers were added, and how many corrected."""

    calls: int = 0
    mended: int = 0

    def __bool__(self) -> bool:
        return bool(self.calls or self.mended)

    def __add__(self, other: "Repaired") -> "Repaired":
        return Repaired(self.calls + other.calls, self.mended + other.mended)


@dataclass(frozen=True, slots=True)
class _Seat:
    """Who was at a phone, from when to when."""

    user_id: int
    from_at: float
    to_at: float | None


class Store:
    def __init__(self, database: Database, bus: Bus, read: Read) -> None:
        self._database = database
        self._bus = bus
        self._read = read

    async def store(self, pbx: int, calls: Sequence[Call], gap: Gap) -> Repaired:
        """Add or mend `calls`, which are over. Raises Unavailable."""
        if not calls:
            return Repaired()
        async with self._database.read() as session:
            known = await _known(session, pbx, [name for call in calls for name in _names(call)])
            seats = await _seats(session, pbx)
            users = await _users(session, known.values())
            await _name_requests(session, calls)
        board = Board(lambda _pbx, _endpoint: None)
        units: list[LiveCall] = []
        added = mended = 0
        for call in calls:
            row = known.get(call.id)
            if row is None:
                if any(name in known for name in _names(call)):
                    # It is a part of another call, as was seen.
                    continue
                unit: LiveCall | None = self._added(board, call, seats)
                added += call.direction in ("inbound", "outbound")
            else:
                unit = self._mended(board, row, call, gap, users.get(row.id, {}), seats)
                mended += unit is not None and unit.interaction_id is not None
            if unit is not None:
                units.append(unit)
        if units:
            await Writer(self._database, self._bus, board, self._read, hears_gaps=False).write(
                units
            )
            await self._merge_parts(calls, known, {unit.call.id: unit for unit in units})
            log.info("calls were repaired after a gap", pbx=pbx, added=added, mended=mended)
        return Repaired(added, mended)

    def _added(self, board: Board, call: Call, seats: "_Seats") -> LiveCall:
        call_id = new_id(call.ring_at)
        has_customer = call.direction in ("inbound", "outbound")
        return _taken_up(
            board, call, call_id, call_id if has_customer else None, 0, _seated(call, {}, seats)
        )

    def _mended(
        self,
        board: Board,
        row: CallRow,
        call: Call,
        gap: Gap,
        users: Mapping[str, int],
        seats: "_Seats",
    ) -> LiveCall | None:
        told = from_stored(row.told)
        if not told or row.merged_into_id is not None or row.pbx_state is not None:
            return None
        before = refold(told)
        after = mend(before, call, gap)
        seated = _seated(after, users, seats)
        if _same(before, after) and seated == users:
            return None
        return _taken_up(board, after, row.id, row.interaction_id, row.revision, seated)

    async def _merge_parts(
        self, calls: Iterable[Call], known: Mapping[str, CallRow], units: Mapping[str, LiveCall]
    ) -> None:
        """Calls that turned out to be parts of others are so from now on."""
        parts = {
            row.id: units[call.id].id
            for call in calls
            if call.id in units
            for part in call.folded
            if (row := known.get(part)) is not None and row.merged_into_id is None
            if row.id != units[call.id].id
        }
        if not parts:
            return
        async with self._database.write() as session:
            for part, into in parts.items():
                await session.execute(
                    update(CallRow)
                    .where(CallRow.id == part)
                    .values(merged_into_id=into, told=None, revision=CallRow.revision + 1)
                )


_Seats = Mapping[str, Sequence[_Seat]]


def _names(call: Call) -> list[str]:
    return [call.id, *call.aliases]


def _same(one: Call, other: Call) -> bool:
    def bare(call: Call) -> list[str]:
        return [
            repr(
                [
                    (name, getattr(event, name))
                    for name in event.__struct_fields__
                    if name != "inferred"
                ]
            )
            for event in retell(call)
        ]

    return bare(one) == bare(other)


def _taken_up(
    board: Board,
    call: Call,
    call_id: int,
    interaction_id: int | None,
    revision: int,
    users: dict[str, int],
) -> LiveCall:
    """Return the call as the writer takes it, one revision on."""
    told = retell(call)
    stored = Stored(
        id=call_id, interaction_id=interaction_id, revision=revision, told=told, users=users,
        ended=False,
    )  # fmt: skip
    board.take_up(stored)
    live = board.find(call.pbx, call.id)
    if live is None:
        raise LookupError(call.id)
    live.call.folded = list(call.folded)
    live.call.revision = revision + 1
    live.end_stored = bool(revision)
    return live


def _seated(call: Call, users: Mapping[str, int], seats: _Seats) -> dict[str, int]:
    """Return whose phone each agent's leg was when it rang; what was seen then stays."""
    seated = dict(users)
    for uid, leg in call.legs.items():
        if leg.party != "agent" or uid in seated:
            continue
        for seat in seats.get(leg.endpoint, ()):
            if seat.from_at <= leg.ring_at and (seat.to_at is None or leg.ring_at < seat.to_at):
                seated[uid] = seat.user_id
                break
    return seated


# ---------------------------------------------------------------- what stands in the database


async def _known(session: AsyncSession, pbx: int, names: Sequence[str]) -> dict[str, CallRow]:
    """Return the calls that are known by any of these names, by name."""
    found: dict[str, CallRow] = {}
    for begin in range(0, len(names), _NAMES_AT_ONCE):
        some = names[begin : begin + _NAMES_AT_ONCE]
        by_alias = await session.execute(
            select(CallAlias.alias, CallRow)
            .join(CallRow, CallRow.id == CallAlias.call_id)
            .where(CallAlias.pbx_id == pbx, CallAlias.alias.in_(some))
        )
        found.update((alias, row) for alias, row in by_alias)
        own = await session.scalars(
            select(CallRow).where(CallRow.pbx_id == pbx, CallRow.first_uniqueid.in_(some))
        )
        found |= {row.first_uniqueid: row for row in own}
    return found


async def _name_requests(session: AsyncSession, calls: Iterable[Call]) -> None:
    """Tie calls that we asked for to the click: the log knows no variables, but our channel."""
    asked = {call.id: call for call in calls if call.origin == "click-to-call" and not call.crm_ref}
    intents = await session.execute(
        select(CallIntent.channel_id, CallIntent.id).where(CallIntent.channel_id.in_(asked))
    )
    for channel_id, intent_id in intents:
        asked[channel_id].crm_ref = intent_id


async def _seats(session: AsyncSession, pbx: int) -> _Seats:
    seats: dict[str, list[_Seat]] = {}
    for row in await session.scalars(select(Device).where(Device.pbx_id == pbx)):
        to_at = row.to_at.timestamp() if row.to_at is not None else None
        seats.setdefault(row.endpoint, []).append(
            _Seat(row.user_id, row.from_at.timestamp(), to_at)
        )
    return seats


async def _users(session: AsyncSession, rows: Iterable[CallRow]) -> dict[int, dict[str, int]]:
    users: dict[int, dict[str, int]] = {}
    legs = await session.scalars(
        select(CallLeg).where(CallLeg.call_id.in_({row.id for row in rows}))
    )
    for leg in legs:
        if leg.user_id is not None:
            users.setdefault(leg.call_id, {})[leg.uniqueid] = leg.user_id
    return users
