"""Today's queue visits: as many as there were, through midnight, restart and folds."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from callcenter.bus.memory import MemoryBus
from callcenter.db import Database
from callcenter.events import (
    CallBegan,
    CallEnded,
    CallEvent,
    CallFolded,
    LegRang,
    QueueJoined,
    QueueLeft,
)
from callcenter.stats.formulas import Visit, Visits, by_queue
from callcenter.stats.today import Today
from tests import recordings
from tests.calls.office import PBX, move_in, told
from tests.calls.plans import plan_of, scans
from tests.calls.test_writer import desk

BAKU = ZoneInfo("Asia/Baku")
#: 20:00 UTC is midnight in Baku.
MIDNIGHT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC).timestamp()


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def joined(at: float, call: str = "a", visit: int = 0, queue: str = "support") -> QueueJoined:
    return QueueJoined(pbx=PBX, at=at, call=call, visit=visit, queue=queue)


def left(at: float, call: str = "a", visit: int = 0, ended: str = "answered") -> QueueLeft:
    return QueueLeft(pbx=PBX, at=at, call=call, visit=visit, ended=ended)


def opened(database: Database, now: float, zone: ZoneInfo = BAKU) -> tuple[Today, MemoryBus, Clock]:
    bus, clock = MemoryBus(), Clock(now)
    return Today(database, bus, zone, clock), bus, clock


def visits(*facts: tuple[str, float, float | None, str | None]) -> dict[str, Visits]:
    """Return what is counted of these, each (queue, joined, left, how it ended)."""
    return by_queue(
        Visit(queue=queue, joined_at=joined_at, left_at=left_at, ended=ended)
        for queue, joined_at, left_at, ended in facts
    )


async def test_visits_are_counted_as_they_come_and_go(sqlite_database: Database) -> None:
    today, bus, _ = opened(sqlite_database, MIDNIGHT + 100)
    bus.publish(joined(MIDNIGHT + 10))
    assert today.queues() == visits(("support", MIDNIGHT + 10, None, None))

    bus.publish(left(MIDNIGHT + 20))
    assert today.queues() == visits(("support", MIDNIGHT + 10, MIDNIGHT + 20, "answered"))


async def test_at_midnight_yesterday_is_gone_but_for_those_who_still_wait(
    sqlite_database: Database,
) -> None:
    today, bus, clock = opened(sqlite_database, MIDNIGHT - 100)
    for event in (
        joined(MIDNIGHT - 90), left(MIDNIGHT - 80), joined(MIDNIGHT - 70, "b"),
        joined(MIDNIGHT - 60, "c"), left(MIDNIGHT - 50, "c", ended="abandoned"),
    ):  # fmt: skip
        bus.publish(event)
    assert today.queues() == visits(
        ("support", MIDNIGHT - 90, MIDNIGHT - 80, "answered"),
        ("support", MIDNIGHT - 70, None, None),
        ("support", MIDNIGHT - 60, MIDNIGHT - 50, "abandoned"),
    )

    clock.now = MIDNIGHT + 1
    bus.publish(joined(MIDNIGHT, "d"))
    assert today.queues() == visits(
        ("support", MIDNIGHT - 70, None, None),
        ("support", MIDNIGHT, None, None),
    )

    bus.publish(left(MIDNIGHT + 5, "b"))
    assert today.queues() == visits(("support", MIDNIGHT, None, None))


async def test_the_day_begins_at_midnight_also_when_the_clocks_change(
    sqlite_database: Database,
) -> None:
    # In Berlin 29 March 2026 begins at 23:00 UTC and 30 March at 22:00 UTC.
    began = datetime(2026, 3, 29, 22, 0, tzinfo=UTC).timestamp()
    today, bus, _ = opened(sqlite_database, began + 100, ZoneInfo("Europe/Berlin"))
    for event in (
        joined(began - 1), left(began, "a"), joined(began, "b"), left(began + 1, "b"),
    ):  # fmt: skip
        bus.publish(event)

    assert today.queues() == visits(("support", began, began + 1, "answered"))


async def test_the_end_of_a_visit_nobody_saw_begin_changes_nothing(
    sqlite_database: Database,
) -> None:
    today, bus, _ = opened(sqlite_database, MIDNIGHT + 100)

    bus.publish(left(MIDNIGHT + 5))

    assert today.queues() == {}


@pytest.mark.parametrize("name", recordings.TOLD)
async def test_after_a_restart_the_figures_are_those_of_before(
    sqlite_database: Database, name: str
) -> None:
    await move_in(sqlite_database)
    events = list(told(name))
    last = events[-1].at if events else 0.0
    before, bus, _ = opened(sqlite_database, last)
    async with desk(sqlite_database) as office:
        for event in events:
            bus.publish(event)
        await office.play(events)

    after, _, _ = opened(sqlite_database, last)
    await after.load()

    # The database keeps times to the millisecond.
    assert numbers(after) == pytest.approx(numbers(before), rel=0, abs=0.01)


def numbers(today: Today) -> dict[str, float]:
    """Return all that is counted, flat."""
    found: dict[str, float] = {}
    for queue, counted in today.queues().items():
        for name, number in msgspec.structs.asdict(counted.over).items():
            found[f"{queue} {name}"] = number
        for place, visit in enumerate(counted.waiting):
            found[f"{queue} waiting {place}"] = visit.joined_at
    return found


#: Somebody who waits asks a colleague, whose call to the queue becomes part of the customer's.
FOLDED: list[CallEvent] = [
    CallBegan(pbx=PBX, at=MIDNIGHT + 1, call="a", origin="trunk", direction="inbound"),
    LegRang(
        pbx=PBX, at=MIDNIGHT + 1, call="a", leg="a", party="customer", endpoint="PJSIP/trunk",
        how_in="dial",
    ),
    joined(MIDNIGHT + 2, "a", queue="sales"),
    left(MIDNIGHT + 3, "a"),
    CallBegan(pbx=PBX, at=MIDNIGHT + 4, call="b", origin="phone", direction="internal"),
    joined(MIDNIGHT + 5, "b", queue="support"),
    CallFolded(pbx=PBX, at=MIDNIGHT + 6, call="a", other="b"),
]  # fmt: skip


async def test_a_visit_of_a_call_that_became_part_of_another_goes_on_there(
    sqlite_database: Database,
) -> None:
    today, bus, _ = opened(sqlite_database, MIDNIGHT + 100)
    for event in FOLDED:
        bus.publish(event)
    bus.publish(left(MIDNIGHT + 9, "a", visit=1))

    assert today.queues() == visits(
        ("sales", MIDNIGHT + 2, MIDNIGHT + 3, "answered"),
        ("support", MIDNIGHT + 5, MIDNIGHT + 9, "answered"),
    )


async def test_after_a_restart_a_folded_visit_is_counted_once(database: Database) -> None:
    await move_in(database)
    events = [
        *FOLDED,
        left(MIDNIGHT + 9, "a", visit=1),
        CallEnded(pbx=PBX, at=MIDNIGHT + 9, call="a"),
    ]
    async with desk(database) as office:
        await office.play(events)

    today, _, _ = opened(database, MIDNIGHT + 100)
    await today.load()

    assert today.queues() == visits(
        ("sales", MIDNIGHT + 2, MIDNIGHT + 3, "answered"),
        ("support", MIDNIGHT + 5, MIDNIGHT + 9, "answered"),
    )


async def test_the_day_is_read_without_going_through_the_calls_of_all_years(
    sqlite_database: Database,
) -> None:
    today, _, _ = opened(sqlite_database, MIDNIGHT + 100)

    plan = await plan_of(sqlite_database, today.load())

    assert plan
    # The calls that are not finished stand in an index of their own.
    assert [step for step in scans(plan) if " ix_call_unfinished" not in step] == []


async def test_a_caller_who_came_before_midnight_and_joined_after_it_is_of_today(
    sqlite_database: Database,
) -> None:
    await move_in(sqlite_database)
    came = [msgspec.structs.replace(event, at=MIDNIGHT - 5) for event in FOLDED[:2]]
    ended = CallEnded(pbx=PBX, at=MIDNIGHT + 9, call="a")
    async with desk(sqlite_database) as office:
        await office.play([*came, joined(MIDNIGHT + 2), left(MIDNIGHT + 3), ended])

    today, _, _ = opened(sqlite_database, MIDNIGHT + 100)
    await today.load()

    assert today.queues() == visits(("support", MIDNIGHT + 2, MIDNIGHT + 3, "answered"))


async def test_loading_keeps_what_events_have_told_meanwhile(sqlite_database: Database) -> None:
    await move_in(sqlite_database)
    async with desk(sqlite_database) as office:
        await office.play([FOLDED[0], joined(MIDNIGHT + 2, "a")])
    today, bus, _ = opened(sqlite_database, MIDNIGHT + 100)
    bus.publish(joined(MIDNIGHT + 2, "a"))
    bus.publish(left(MIDNIGHT + 7, "a"))

    await today.load()

    assert today.queues() == visits(("support", MIDNIGHT + 2, MIDNIGHT + 7, "answered"))
