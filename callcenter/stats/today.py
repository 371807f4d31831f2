"""Today's queue visits: from the database at the start of day and process, then from the events.

The facts stand in the database; this is a copy that is never behind. A day begins
at midnight in the installation's time zone. The board asks several times a second, so
visits are added up as they end and not whenever somebody looks.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, Select, select

from callcenter.bus import Bus
from callcenter.calls.models import CallRow, QueueVisit
from callcenter.db import Database
from callcenter.events import CallFolded, QueueJoined, QueueLeft
from callcenter.stats.formulas import Visit, Visits, by_queue

_Key = tuple[int, str, int]

#: The longest that a caller can have been with us before joining a queue.
LONGEST = timedelta(days=1)


def _visits_of(calls: ColumnElement[bool]) -> Select[QueueVisit, int, str]:
    """Return the question for the visits of such calls. Calls are found first: they have indexes
    by time, visits only by their call and their queue."""
    return (
        select(QueueVisit, CallRow.pbx_id, CallRow.first_uniqueid)
        .join(CallRow, CallRow.id == QueueVisit.call_id)
        # The visits of a call that became part of another stand there once more.
        .where(
            QueueVisit.call_id.in_(select(CallRow.id).where(calls)),
            CallRow.merged_into_id.is_(None),
        )
    )


class Today:
    def __init__(
        self, database: Database, bus: Bus, zone: ZoneInfo, clock: Callable[[], float]
    ) -> None:
        self._database = database
        self._zone = zone
        self._clock = clock
        self._visits: dict[_Key, Visit] = {}
        self._queues: dict[str, Visits] = {}
        #: The midnight since which `_queues` counts.
        self._since = 0.0
        bus.listen(self._joined, QueueJoined)
        bus.listen(self._left, QueueLeft)
        bus.listen(self._folded, CallFolded)

    async def load(self) -> None:
        """Read the visits that began today, and those that have not ended.

        Asked again, what is stored counts for all that is over.
        """
        midnight = self._midnight()
        today = _visits_of(CallRow.ring_at >= midnight - LONGEST)
        unfinished = _visits_of(CallRow.end_at.is_(None))
        began = today.where(QueueVisit.joined_at >= midnight)
        waiting = unfinished.where(QueueVisit.left_at.is_(None))
        async with self._database.read() as session:
            rows = [*await session.execute(began), *await session.execute(waiting)]
            for row, pbx, call in rows:
                visit = Visit(
                    queue=row.queue,
                    joined_at=row.joined_at.timestamp(),
                    left_at=row.left_at.timestamp() if row.left_at else None,
                    ended=row.ended,
                )
                known = self._visits.get((pbx, call, row.seq))
                # Of a visit that goes on, or has just ended, the events know more than the table.
                if known is None or visit.left_at is not None:
                    self._visits[pbx, call, row.seq] = visit
        self._count(midnight.timestamp())

    def midnight(self) -> float:
        """Return when today's figures begin."""
        return self._midnight().timestamp()

    def queues(self) -> Mapping[str, Visits]:
        """Return each queue's visits that began today or have not ended."""
        midnight = self._midnight().timestamp()
        if midnight != self._since:
            self._count(midnight)
        return {queue: visits for queue, visits in self._queues.items() if visits}

    def _count(self, midnight: float) -> None:
        """Drop what was over before `midnight`, and count the others anew."""
        self._since = midnight
        self._visits = {
            key: visit
            for key, visit in self._visits.items()
            if visit.joined_at >= midnight or visit.left_at is None
        }
        self._queues = by_queue(self._visits.values())

    def _joined(self, event: QueueJoined) -> None:
        key = (event.pbx, event.call, event.visit)
        if key in self._visits:
            return
        visit = Visit(queue=event.queue, joined_at=event.at)
        self._visits[key] = visit
        self._queues.setdefault(visit.queue, Visits()).add(visit)

    def _left(self, event: QueueLeft) -> None:
        key = (event.pbx, event.call, event.visit)
        visit = self._visits.get(key)
        if visit is None or visit.left_at is not None:
            return
        queue = self._queues[visit.queue]
        queue.waiting.remove(visit)
        self._visits[key] = visit = msgspec.structs.replace(
            visit, left_at=event.at, ended=event.ended
        )
        if visit.joined_at >= self._since:
            queue.add(visit)

    def _folded(self, event: CallFolded) -> None:
        """The other call's visits go on under the surviving call, after its own."""
        moved = sorted(key for key in self._visits if key[:2] == (event.pbx, event.other))
        first = sum(key[:2] == (event.pbx, event.call) for key in self._visits)
        for place, key in enumerate(moved, first):
            self._visits[event.pbx, event.call, place] = self._visits.pop(key)

    def _midnight(self) -> datetime:
        here = datetime.fromtimestamp(self._clock(), self._zone)
        return datetime.combine(here.date(), time(), self._zone)
