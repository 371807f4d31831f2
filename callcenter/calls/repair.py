"""Repairs what a gap has left, from the PBX's own call log, in the background.

For each gap the log is asked for the calls that it touched. A call that nobody saw is added whole;
a call that ended unseen gets its real end; a call still going on is left alone until it is over,
and then mended (`mend`). The log lags a little and may be unreachable, so it is asked again, less
and less often; what is known of a gap stands in `gap.recovered`. Repairing twice changes nothing,
so after a restart it is simply done again.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any, Final

import structlog
from sqlalchemy import select

from callcenter.bus import Bus
from callcenter.calls.board import Board
from callcenter.calls.call import Call
from callcenter.calls.mend import Gap
from callcenter.calls.models import Gap as GapRow
from callcenter.calls.open_calls import OpenCalls
from callcenter.calls.repaired import Repaired, Store
from callcenter.calls.unknown import unknown_calls
from callcenter.db import Database, Unavailable
from callcenter.events import CallEnded, CallFolded, GapNoted, GapRepaired
from callcenter.pbx import AskAgain, NoSecondAccount, SecondAccount

log = structlog.get_logger()

#: The log is asked so long after the gap's end, and again after each of these.
RETRY_S: Final = (0.5, 1.6, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 600.0, 600.0)
#: A call without an end that is not on the PBX was cut off, and its end is not merely late, after
#: so many questions.
PATIENCE: Final = 3
#: A log that says nothing newer is taken to be complete so long after the gap.
QUIET_S: Final = 2.0
#: Gaps that were not repaired when the service stopped are, if they are no older.
RESUME_WITHIN: Final = timedelta(days=7)
#: After a call has ended, so long until it is mended: it must stand in the database first.
AFTER_END_S: Final = 2.0
#: So many calls are stored together: a long gap has thousands.
AT_ONCE: Final = 100


@dataclass(slots=True, eq=False)
class _Job:
    pbx: int
    gap: Gap
    due: float
    tries: int = 0
    #: Calls that go on and will be mended when they are over.
    waits_for: set[str] = field(default_factory=set)
    #: What was repaired and is not written down yet: the gap itself may still be on its way.
    unnoted: Repaired = field(default_factory=Repaired)


class Repairs:
    """`app` runs `run`."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        board: Board,
        store: Store,
        ask: AskAgain,
        clock: Callable[[], float],
        *,
        on_change: Callable[[], None] = lambda: None,
        retry_s: tuple[float, ...] = RETRY_S,
    ) -> None:
        self._database = database
        self._board = board
        self._store = store
        self._bus = bus
        self._ask = ask
        self._clock = clock
        self._on_change = on_change
        self._retry_s = retry_s
        self._jobs: list[_Job] = []
        self._work = asyncio.Event()
        bus.listen(self._noted, GapNoted)
        bus.listen(lambda event: self._over(event.pbx, event.call), CallEnded)
        bus.listen(lambda event: self._over(event.pbx, event.other), CallFolded)

    def _noted(self, event: GapNoted) -> None:
        self._add(_Job(event.pbx, Gap(event.from_at, event.at), self._clock() + self._retry_s[0]))

    def _over(self, pbx: int, call: str) -> None:
        for job in self._jobs:
            if job.pbx == pbx and call in job.waits_for:
                job.due, job.tries = self._clock() + AFTER_END_S, 0
                self._work.set()

    def _add(self, job: _Job) -> None:
        self._jobs.append(job)
        self._work.set()

    async def run(self) -> None:
        """Repair, for ever."""
        await self._resume()
        while True:
            self._work.clear()
            due = min((job.due for job in self._jobs), default=None)
            wait_s = None if due is None else max(0.0, due - self._clock())
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._work.wait()
            for job in [job for job in self._jobs if job.due <= self._clock()]:
                await self._attend(job)

    async def _resume(self) -> None:
        since = datetime.fromtimestamp(self._clock(), UTC) - RESUME_WITHIN
        async with self._database.read() as session:
            rows = list(await session.scalars(select(GapRow).where(GapRow.to_at >= since)))
        for row in rows:
            if row.to_at is not None and row.recovered.get("state", "waiting") == "waiting":
                gap = Gap(row.from_at.timestamp(), row.to_at.timestamp())
                self._add(_Job(row.pbx_id, gap, self._clock()))

    # ------------------------------------------------------------ one gap

    async def _attend(self, job: _Job) -> None:
        job.due = inf
        try:
            is_done = await self._repair(job)
        except Unavailable:
            is_done = False
        except Exception:
            log.exception("a gap could not be repaired; it is tried again", pbx=job.pbx)
            is_done = False
        if is_done:
            self._jobs.remove(job)
        elif job.due == inf:
            self._put_off(job)

    def _put_off(self, job: _Job) -> None:
        job.tries += 1
        if job.tries < len(self._retry_s):
            job.due = self._clock() + self._retry_s[job.tries]
        elif not job.waits_for:
            self._jobs.remove(job)

    async def _repair(self, job: _Job) -> bool:
        """Do what can be done now; return whether that is all."""
        last_try = job.tries + 1 >= len(self._retry_s)
        try:
            account = await self._ask(job.pbx, *job.gap, None)
        except NoSecondAccount as problem:
            log.warning(f"a gap cannot be repaired now: {problem}", pbx=job.pbx, tries=job.tries)
            state = "none" if last_try else "waiting"
            await self._note(job, {"source": "cel", "state": state, "reason": str(problem)})
            return False
        if account is None:
            return await self._note(job, {"source": "", "state": "none"})
        calls = _calls(account)
        live, cut = self._going_on(job, calls)
        # From here on the end of one of them is heard, whatever is waited for below.
        job.waits_for, ending = self._waited_for(job.pbx, live)
        late = ending or not self._is_covered(job, account)
        if cut and job.tries >= PATIENCE:
            names = frozenset(name for call in live for name in _names(call))
            account = await self._ask(job.pbx, *job.gap, names | self._living(job.pbx))
            calls = _calls(account) if account is not None else []
        elif cut:
            late = True
        over, settling = self._over_ones(job, calls)
        late = late or settling
        repaired = await self._stored(job, over)
        waits = late or bool(job.waits_for)
        noted = await self._note(job, {"source": "cel", "state": "waiting" if waits else "done"})
        if repaired:
            self._on_change()
        if noted and not late and job.waits_for and job.due == inf:
            # Nothing to do before one of them is over.
            job.tries = len(self._retry_s)
        return noted and not waits

    async def _stored(self, job: _Job, calls: list[Call]) -> bool:
        """Store the calls, some at a time, so that others get their turn; was any of them news?"""
        repaired = False
        for begin in range(0, len(calls), AT_ONCE):
            some = await self._store.store(job.pbx, calls[begin : begin + AT_ONCE], job.gap)
            job.unnoted += some
            repaired = repaired or bool(some)
        return repaired

    def _going_on(self, job: _Job, calls: list[Call]) -> tuple[list[Call], list[Call]]:
        """Return the calls without an end that go on, and those that do not."""
        living = self._living(job.pbx)
        open_ones = [call for call in calls if call.live and call.folded_into is None]
        live = [call for call in open_ones if not living.isdisjoint(_names(call))]
        # What began after the gap is told by its own events.
        begun = [call for call in open_ones if call.ring_at <= job.gap.span[1]]
        cut = [call for call in begun if call not in live]
        return live, cut

    def _waited_for(self, pbx: int, calls: list[Call]) -> tuple[set[str], bool]:
        """Return which calls on the board these are, and whether some are just being stored."""
        going_on = [live.call for live in self._board if live.call.live and live.call.pbx == pbx]
        of_name = {name: call.id for call in going_on for name in (*_names(call), *call.legs)}
        found = [{of_name[name] for name in _names(call) if name in of_name} for call in calls]
        return set().union(*found), not all(found)

    def _living(self, pbx: int) -> frozenset[str]:
        """Return the names of the calls that go on, or whose end is still to be stored."""
        return frozenset(
            name
            for live in self._board.kept()
            if live.call.pbx == pbx and not (live.over and live.stored_revision >= live.revision)
            for name in (*_names(live.call), *live.call.legs)
        )

    def _is_covered(self, job: _Job, account: SecondAccount) -> bool:
        newest = account.newest
        quiet = self._clock() >= job.gap.to_at + QUIET_S
        return quiet or (newest is not None and newest >= job.gap.to_at)

    def _over_ones(self, job: _Job, calls: Iterable[Call]) -> tuple[list[Call], bool]:
        """Return the calls that are over, and whether there are more whose end is not stored yet."""
        touched = [
            call
            for call in calls
            if call.end_at is not None
            and call.folded_into is None
            and job.gap.touches(call.ring_at, call.end_at)
        ]
        living = self._living(job.pbx)
        over = [call for call in touched if living.isdisjoint(_names(call))]
        return over, len(over) < len(touched)

    # ------------------------------------------------------------ what is known of it

    async def _note(self, job: _Job, facts: dict[str, Any]) -> bool:
        """Write down how far it is; False if the gap itself is not stored yet."""
        moment = datetime.fromtimestamp(job.gap.to_at, UTC)
        near = timedelta(milliseconds=2)
        async with self._database.write() as session:
            row = await session.scalar(
                select(GapRow).where(
                    GapRow.pbx_id == job.pbx,
                    GapRow.to_at.between(moment - near, moment + near),
                )
            )
            if row is None:
                return False
            done = job.unnoted
            counted = {
                "calls": row.recovered.get("calls", 0) + done.calls,
                "mended": row.recovered.get("mended", 0) + done.mended,
            }
            queue_calls = row.recovered.get("queue_calls", {})
            unknown = await unknown_calls(session, job.pbx, job.gap, queue_calls)
            if unknown and facts["state"] != "waiting":
                log.warning("a gap hides calls of which nothing is known", queues=unknown)
            row.recovered = {**facts, **counted, "unknown": unknown, "queue_calls": queue_calls}
        job.unnoted = Repaired()
        self._bus.publish(
            GapRepaired(
                at=self._clock(), pbx=job.pbx, from_at=job.gap.from_at, to_at=job.gap.to_at,
                state=facts["state"], **counted,
            )
        )  # fmt: skip
        return True


def _names(call: Call) -> list[str]:
    return [call.id, *call.aliases]


def _calls(account: SecondAccount) -> list[Call]:
    open_calls = OpenCalls()
    for event in account.told:
        open_calls.apply(event)
    return list(open_calls)
