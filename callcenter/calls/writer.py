"""Writes calls down while they happen.

Changed calls are collected for some milliseconds and written in one transaction, as
they stand by then: a call that changed five times is written once. Rows carry a
revision that only rises, so writing again, late or twice changes nothing. Nobody
waits for the database: while it is away, changed calls stay marked and are written
once it is back.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain, islice

import structlog

from callcenter.bus import Bus
from callcenter.calls import rows
from callcenter.calls.board import Board, LiveCall, Part
from callcenter.db import Database, Refused, Row, Unavailable, Upsert, new_id
from callcenter.events import CallEvent, CallStored, GapNoted

log = structlog.get_logger()

#: The longest a change waits for others, and the most calls that are written together: more would
#: keep the loop waiting while they are spelled out, and gain nothing.
FLUSH_S = 0.05
UNITS = 64
#: Changed calls and gaps that are kept while the database is away; the oldest go first.
BACKLOG = 50_000
RETRY_S = (0.5, 15.0)

_KNOWN = (
    "SELECT id, interaction_id, revision, end_at FROM call "
    "WHERE pbx_id = ?1 AND first_uniqueid = ?2"
)


class Writer:
    """`app` runs `run`, lets the board call `mark`, and calls `drain` before it stops."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        board: Board,
        read: rows.Read,
        *,
        hears_gaps: bool = True,
        flush_s: float = FLUSH_S,
        retry_s: tuple[float, float] = RETRY_S,
        backlog: int = BACKLOG,
    ) -> None:
        self._database = database
        self._bus = bus
        self._board = board
        self._read = read
        self._flush_s = flush_s
        self._first_retry_s, self._last_retry_s = retry_s
        self._backlog = backlog
        self._marked: dict[LiveCall, None] = {}
        self._gaps: list[Row] = []
        #: A write failed and may have been done all the same.
        self._in_doubt = False
        self._work = asyncio.Event()
        self._full = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        board.listen(self.mark)
        if hears_gaps:
            bus.listen(self.note_gap, GapNoted)

    def mark(self, live: LiveCall, _event: CallEvent) -> None:
        """Have `live` written, as it will stand by then."""
        self._marked[live] = None
        self._wake()

    def note_gap(self, event: GapNoted) -> None:
        for live in self._board.kept():
            live.gap_touched = live.gap_touched or live.call.pbx == event.pbx
        self._gaps.append(rows.gap(new_id(event.at), event))
        self._wake()

    async def write(self, units: list[LiveCall]) -> None:
        """Write these now. Raises Unavailable while the database is away."""
        await self._write(units, [])

    async def drain(self) -> None:
        """Return when everything that was known is stored."""
        await self._idle.wait()

    async def run(self) -> None:
        """Write, for ever."""
        retry_s = self._first_retry_s
        while True:
            await self._something_to_write()
            units, gaps = self._take()
            if await self._is_written(units, gaps):
                retry_s = self._first_retry_s
            else:
                self._put_back(units, gaps)
                await asyncio.sleep(retry_s)
                retry_s = min(retry_s * 2, self._last_retry_s)
            if not self._marked and not self._gaps:
                self._idle.set()

    async def _is_written(self, units: list[LiveCall], gaps: list[Row]) -> bool:
        try:
            await self._write(units, gaps)
        except Unavailable as error:
            waiting = len(units) + len(self._marked)
            log.warning(
                "the database is away; calls wait for it", waiting=waiting, error=str(error)
            )
            return False
        except Exception:
            log.exception("calls cannot be written; they are kept and tried again")
            return False
        return True

    def _wake(self) -> None:
        self._idle.clear()
        self._work.set()
        if len(self._marked) >= UNITS:
            self._full.set()
        if len(self._marked) > self._backlog:
            oldest = next(iter(self._marked))
            log.error("too many calls wait for the database; one is lost", call=oldest.call.id)
            self._give_up(oldest)

    async def _something_to_write(self) -> None:
        if not self._marked and not self._gaps:
            self._work.clear()
            await self._work.wait()
        if len(self._marked) < UNITS:
            self._full.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), self._flush_s)

    def _take(self) -> tuple[list[LiveCall], list[Row]]:
        units = list(islice(self._marked, UNITS))
        for live in units:
            del self._marked[live]
        gaps, self._gaps = self._gaps, []
        return units, gaps

    def _put_back(self, units: list[LiveCall], gaps: list[Row]) -> None:
        self._in_doubt = True
        self._marked = dict.fromkeys((*units, *self._marked))
        self._gaps = gaps + self._gaps

    async def _write(self, units: list[LiveCall], gaps: list[Row]) -> None:
        await self._recognise(units)
        try:
            await self._store(units, gaps)
        except Unavailable:
            raise
        except Exception:
            # One row that cannot be stored must not keep the others from being stored.
            log.exception("a batch cannot be stored; its calls are stored one by one")
            await self._store_singly(units, gaps)

    async def _store_singly(self, units: list[LiveCall], gaps: list[Row]) -> None:
        self._in_doubt = True
        await self._recognise(units)
        for unit in units:
            try:
                await self._store_alone(unit)
            except Unavailable:
                raise
            except Exception:
                log.exception("a call cannot be stored", call=unit.call.id, pbx=unit.call.pbx)
                self._give_up(unit)
        await self._database.apply([(rows.GAP, gaps)])

    async def _store_alone(self, unit: LiveCall) -> None:
        try:
            await self._store([unit], [])
        except Refused:
            if unit.stored_revision:
                raise
            # Ids are drawn by the clock: another process may have drawn the same for its call.
            self._board.rename(unit, new_id(unit.call.ring_at))
            await self._store([unit], [])

    async def _recognise(self, units: list[LiveCall]) -> None:
        """Find out what of these stands in the database: from before a restart, or from a
        write whose answer was lost."""
        new = [live for live in units if self._in_doubt or not live.stored_revision]
        await asyncio.gather(*(self._recall(live) for live in new))
        self._in_doubt = False

    async def _recall(self, live: LiveCall) -> None:
        known = await self._database.fetch(_KNOWN, live.call.pbx, live.call.id)
        if known:
            call_id, interaction_id, revision, end_at = known[0]
            if call_id != live.id:
                self._board.rename(live, call_id)
            live.interaction_id = interaction_id or live.interaction_id
            live.stored_revision = revision
            live.end_stored = end_at is not None

    async def _store(self, units: list[LiveCall], gaps: list[Row]) -> None:
        risen = [
            live for live in self._with_survivors(units) if live.revision > live.stored_revision
        ]
        now = [(live, live.revision, not live.call.live, self._parts(live)) for live in risen]
        batch = [
            *self._heads(risen),
            *_changed([(live, parts) for live, _, _, parts in now]),
            (rows.AUDIT, _all(map(_audits, risen))),
            (rows.GAP, gaps),
        ]
        await self._database.apply([(statement, each) for statement, each in batch if each])
        for live, revision, ended, parts in now:
            live.stored_revision = revision
            live.stored_parts = frozenset(parts)
            live.end_stored = live.end_stored or ended
            self._tell(live, revision, ended=ended)
        for live in units:
            if live.over and live not in self._marked:
                self._board.is_stored(live)

    def _with_survivors(self, units: list[LiveCall]) -> list[LiveCall]:
        """Return `units`, each call after the one that it turned out to be a part of."""
        survivors = [into for live in units if (into := self._survivor(live)) is not None]
        return list(dict.fromkeys((*reversed(survivors), *units)))

    def _survivor(self, live: LiveCall) -> LiveCall | None:
        into = live.call.folded_into
        return self._board.find(live.call.pbx, into) if into is not None else None

    def _heads(self, units: list[LiveCall]) -> list[tuple[Upsert, list[Row]]]:
        """Return the rows that each change of a call changes."""
        with_customer = [live for live in units if live.interaction_id is not None]
        return [
            (rows.INTERACTION, [rows.interaction(live) for live in with_customer]),
            (rows.CALL, [self._call_row(live) for live in units]),
        ]

    def _parts(self, live: LiveCall) -> list[Part]:
        """Return the rows that hang on the call's own."""
        participants = [] if live.interaction_id is None else rows.participants(live, self._read)
        alias = rows.ALIAS_TAKEN if live.call.folded else rows.ALIAS
        return [
            *((rows.PARTICIPANT, row) for row in participants),
            *((alias, row) for row in rows.aliases(live)),
            *((rows.LEG, row) for row in rows.legs(live)),
            *((rows.VISIT, row) for row in rows.visits(live)),
            *((rows.RECORDING, row) for row in rows.recordings(live)),
        ]

    def _call_row(self, live: LiveCall) -> Row:
        into = self._survivor(live)
        return rows.call_row(live, into.id if into is not None else None, self._read)

    def _tell(self, live: LiveCall, revision: int, *, ended: bool) -> None:
        self._bus.publish(
            CallStored(
                at=live.call.seen_at,
                call_id=live.id,
                interaction_id=live.interaction_id,
                revision=revision,
                ended=ended,
            )
        )

    def _give_up(self, live: LiveCall) -> None:
        self._marked.pop(live, None)
        if live.over:
            self._board.is_stored(live)


def _audits(live: LiveCall) -> list[Row]:
    """Return a line when the call is stored for the first time, and one when its end is."""
    lines = []
    if not live.stored_revision:
        lines.append(rows.audit(live, "began", live.call.ring_at))
    if live.call.end_at is not None and not live.end_stored:
        lines.append(rows.audit(live, "ended", live.call.end_at))
    return lines


def _changed(units: list[tuple[LiveCall, list[Part]]]) -> list[tuple[Upsert, list[Row]]]:
    """Return the parts that do not stand in the database as they are."""
    changed: dict[Upsert, list[Row]] = {}
    for live, parts in units:
        for part in parts:
            if part not in live.stored_parts:
                changed.setdefault(part[0], []).append(part[1])
    return list(changed.items())


def _all(lists: Iterable[list[Row]]) -> list[Row]:
    return list(chain.from_iterable(lists))
