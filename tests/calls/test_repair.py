"""Gaps are repaired in the background: late logs are waited for, absent ones given up with a reason.

Runs on SQLite and PostgreSQL.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from callcenter.bus.memory import MemoryBus
from callcenter.calls import repair
from callcenter.calls.board import Board
from callcenter.calls.call import Call
from callcenter.calls.mend import Gap
from callcenter.calls.repair import Repairs
from callcenter.calls.repaired import Repaired, Store
from callcenter.calls.writer import Writer
from callcenter.db import Database
from callcenter.events import CallEvent, GapNoted, GapRepaired
from callcenter.pbx import NoSecondAccount, SecondAccount
from tests.calls.office import PBX, move_in, read_number, told, user_of
from tests.calls.test_writer import rows

TEST_LIMIT_S = 30
RETRY_S = (0.05, 0.1, 0.1, 0.2, 0.2)

Ask = Callable[[frozenset[str] | None], Awaitable[SecondAccount | None]]


class Office:
    """A PBX's gap, and what is known of it."""

    def __init__(self, database: Database, answers: list[SecondAccount | Exception | None]) -> None:
        self.bus = MemoryBus()
        self.board = Board(user_of)
        self.writer = Writer(database, self.bus, self.board, read_number)
        self.answers = answers
        self.asked: list[frozenset[str] | None] = []
        self.told: asyncio.Queue[GapRepaired] = asyncio.Queue()
        self.bus.listen(self.told.put_nowait, GapRepaired)
        self.now, self.since = 0.0, time.monotonic()
        self.repairs = Repairs(
            database, self.bus, self.board, Store(database, self.bus, read_number), self._ask,
            lambda: self.now + time.monotonic() - self.since, retry_s=RETRY_S,
        )  # fmt: skip

    async def _ask(
        self, _pbx: int, _from_at: float, _to_at: float, living: frozenset[str] | None
    ) -> SecondAccount | None:
        self.asked.append(living)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def gap(self, from_at: float, to_at: float) -> GapRepaired:
        """Let there have been a gap; return what became of it in the end."""
        self.now, self.since = to_at, time.monotonic()
        self.bus.publish(
            GapNoted(pbx=PBX, at=to_at, epoch=2, from_at=from_at, reason="the link was lost")
        )
        async with asyncio.timeout(TEST_LIMIT_S):
            while True:
                event = await self.told.get()
                if event.to_at == to_at and event.state != "waiting":
                    return event


@asynccontextmanager
async def office(
    database: Database, *answers: SecondAccount | Exception | None
) -> AsyncIterator[Office]:
    await move_in(database)
    opened = Office(database, list(answers))
    tasks = [asyncio.create_task(opened.writer.run()), asyncio.create_task(opened.repairs.run())]
    try:
        yield opened
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def story() -> list[CallEvent]:
    return list(told("in_direct_answered"))


def whole(events: list[CallEvent], newest: float | None = None) -> SecondAccount:
    last = events[-1].at + 60 if newest is None else newest
    return SecondAccount(told=tuple(events), newest=last)


async def test_a_log_that_comes_late_is_waited_for(database: Database):
    events = story()
    early = whole(events[: len(events) // 2], newest=events[len(events) // 2].at)
    async with office(database, early, early, whole(events)) as desk:
        repaired = await desk.gap(events[0].at - 5, events[-1].at + 5)

    assert (repaired.state, repaired.calls) == ("done", 1)
    assert len(desk.asked) == 3
    (call,) = await rows(database, "call")
    assert call["result"] == "answered"


async def test_of_a_long_gap_some_calls_are_stored_at_a_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    calls = [told(name) for name in ("in_direct_answered", "in_direct_abandon", "queue_answered")]
    events = sorted((event for call in calls for event in call), key=lambda event: event.at)
    together: list[int] = []
    store = Store.store

    async def counted(self: Store, pbx: int, some: Sequence[Call], gap: Gap) -> Repaired:
        together.append(len(some))
        return await store(self, pbx, some, gap)

    monkeypatch.setattr(repair, "AT_ONCE", 2)
    monkeypatch.setattr(Store, "store", counted)
    async with office(database, whole(events)) as desk:
        repaired = await desk.gap(events[0].at - 5, events[-1].at + 5)

    assert (repaired.state, repaired.calls) == ("done", 3)
    assert together == [2, 1]


async def test_a_log_that_is_away_for_a_while_is_asked_again(database: Database):
    away = NoSecondAccount("/var/log/Master.csv cannot be read: Stale file handle")
    async with office(database, away, away, whole(story())) as desk:
        repaired = await desk.gap(story()[0].at - 5, story()[-1].at + 5)

    assert (repaired.state, repaired.calls) == ("done", 1)


async def test_a_log_that_never_comes_back_is_given_up_with_the_reason(database: Database):
    away = NoSecondAccount("/var/log/Master.csv cannot be read: Permission denied")
    async with office(database, away) as desk:
        repaired = await desk.gap(story()[0].at - 5, story()[-1].at + 5)

    assert repaired.state == "none"
    assert len(desk.asked) == len(RETRY_S)
    (gap,) = await rows(database, "gap")
    assert "Permission denied" in str(gap["recovered"])
    assert await rows(database, "call") == []


async def test_a_call_without_an_end_was_cut_off_only_if_it_stays_so(database: Database):
    events = story()
    begun = whole([event for event in events if type(event).__name__ != "CallEnded"][:-2])
    async with office(database, begun, begun, begun, begun, whole(events)) as desk:
        repaired = await desk.gap(events[0].at - 5, events[-1].at + 5)

    assert repaired.calls == 1
    assert desk.asked[:3] == [None, None, None]
    assert desk.asked[-1] == frozenset(), "now it is asked what was cut off"


async def test_a_call_that_goes_on_is_left_to_its_own_events(database: Database):
    events = story()
    begun = [event for event in events if event.at < events[-1].at][:4]
    async with office(database, whole(begun), whole(begun), whole(events)) as desk:
        for event in begun:
            desk.board.apply(event)
        desk.now, desk.since = events[0].at + 1, time.monotonic()
        desk.bus.publish(
            GapNoted(pbx=PBX, at=desk.now, epoch=2, from_at=events[0].at - 5, reason="lost")
        )
        async with asyncio.timeout(TEST_LIMIT_S):
            event = await desk.told.get()

    assert event.state == "waiting"
    (call,) = await rows(database, "call")
    assert (call["end_at"], str(call["inferred"])) == (None, "[]")


async def test_a_call_that_ends_while_its_gap_is_looked_at_is_not_waited_for_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(repair, "AFTER_END_S", 0.01)
    events = story()
    begun = [event for event in events if event.at < events[-1].at][:4]
    rest = events[len(begun) :]
    async with office(database, whole(begun)) as desk:

        def end_it(_first_look: GapRepaired) -> None:
            desk.answers[:] = [whole(events)]
            while rest:
                event = rest.pop(0)
                desk.board.apply(event)
                desk.bus.publish(event)

        for event in begun:
            desk.board.apply(event)
        desk.bus.listen(end_it, GapRepaired)
        repaired = await desk.gap(events[0].at - 5, events[0].at + 1)

    assert repaired.state == "done"


@pytest.mark.parametrize("times", [1, 2])
async def test_a_pbx_without_a_log_is_asked_once(database: Database, times: int):
    async with office(database, None) as desk:
        for _ in range(times):
            repaired = await desk.gap(100.0, 200.0 + times)
        await desk.writer.drain()

    assert repaired.state == "none"
    assert len(await rows(database, "gap")) == times
