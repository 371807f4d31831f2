"""One person's day: their calls, their figures, and the missed calls that want an answer."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from callcenter.agents.models import User
from callcenter.calls.day import Day, figures, midnight, mine, missed
from callcenter.calls.models import CallLeg, CallRow
from callcenter.interactions.models import Interaction
from tests.fixtures.customers import NOW, Office, reader

SINCE = NOW - timedelta(hours=5)
ZOE = "0502345678"


async def took(office: Office, call: Interaction, user: User, seq: int = 0, **facts: Any) -> None:
    """`user` talked in this call for a minute, unless `facts` say otherwise."""
    facts = {"talk_ms": 60_000, "answer_at": NOW, "end_at": NOW, "result": "answered"} | facts
    async with office.database.write() as session:
        session.add(
            CallLeg(
                call_id=call.id, seq=seq, uniqueid=f"1.{seq}", party="agent", user_id=user.id,
                endpoint="PJSIP/1001", ring_at=NOW, **facts,
            )
        )  # fmt: skip


async def rang_in_vain(office: Office, call: Interaction, user: User, seq: int = 0) -> None:
    await took(office, call, user, seq, talk_ms=0, answer_at=None, result="noanswer")


async def answered(office: Office, number: str = ZOE, **facts: Any) -> Interaction:
    return await office.call(number, answer_at=facts.get("at", NOW), **facts)


async def lost(office: Office, number: str | None = ZOE, **facts: Any) -> Interaction:
    return await office.call(number, result="abandoned", **facts)


async def ids(office: Office, which: Any, user: User) -> list[int]:
    async with office.database.read() as session:
        return [line.id for line in await which(session, reader("own", user.id), SINCE)]


async def day(office: Office, user: User) -> Day:
    async with office.database.read() as session:
        return await figures(session, user.id, SINCE)


@pytest.mark.parametrize(
    ("zone", "now", "began"),
    [
        ("Asia/Baku", "2026-11-22T19:59", "2026-11-21T20:00"),
        ("Asia/Baku", "2026-11-22T20:00", "2026-11-22T20:00"),
        # Clocks went back at three: the day has been 13 hours long at noon.
        ("Europe/Berlin", "2026-10-25T11:00", "2026-10-24T22:00"),
    ],
)
def test_the_day_begins_at_midnight_where_the_person_is(zone: str, now: str, began: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert midnight(moment, ZoneInfo(zone)) == datetime.fromisoformat(began).replace(tzinfo=UTC)


async def test_ones_calls_are_those_one_talked_in_placed_or_is_being_rung_for(
    office: Office,
) -> None:
    anna, boris = await office.user("Anna"), await office.user("Boris")
    talked, placed, ringing, elsewhere, old = [
        await answered(office),
        await office.call(ZOE, direction="out", result="busy"),
        await lost(office),
        await answered(office),
        await answered(office, at=SINCE - timedelta(seconds=1)),
    ]
    await took(office, talked, anna)
    await took(office, placed, anna, talk_ms=0, how_in="dial")
    await took(office, ringing, anna, talk_ms=0, answer_at=None, end_at=None, result=None)
    await took(office, old, anna)
    await rang_in_vain(office, elsewhere, anna)
    await took(office, elsewhere, boris, 1)

    assert set(await ids(office, mine, anna)) == {talked.id, placed.id, ringing.id}
    assert await ids(office, mine, boris) == [elsewhere.id]


async def test_a_call_counts_once_for_each_who_talked_in_it(office: Office) -> None:
    anna, boris = await office.user("Anna"), await office.user("Boris")
    call = await answered(office)
    await took(office, call, anna)
    await took(office, call, boris, 1)
    # It came back to her: one call still.
    await took(office, call, anna, 2, talk_ms=30_000)

    # PostgreSQL adds up to decimals, which JSON would show as a text.
    assert msgspec.json.encode(await day(office, anna)) == (
        b'{"calls":1,"talk_s":90.0,"missed":0,"gaps":[]}'
    )
    assert await day(office, boris) == Day(calls=1, talk_s=60, missed=0)


async def test_the_talk_of_a_call_that_became_part_of_another_counts_once(office: Office) -> None:
    anna = await office.user("Anna")
    main, part = await answered(office), await answered(office)
    for call in (main, part):
        await took(office, call, anna)
    async with office.database.write() as session:
        (await session.get_one(CallRow, part.id)).merged_into_id = main.id

    assert await day(office, anna) == Day(calls=1, talk_s=60, missed=0)


async def test_a_day_without_calls_is_empty(office: Office) -> None:
    anna = await office.user("Anna")

    assert await day(office, anna) == Day(calls=0, talk_s=0, missed=0)


async def test_a_missed_call_is_the_concern_of_whoever_it_rang_for(office: Office) -> None:
    anna, boris = await office.user("Anna"), await office.user("Boris")
    call = await lost(office)
    await rang_in_vain(office, call, anna)

    assert await ids(office, missed, anna) == [call.id]
    assert await ids(office, missed, boris) == []
    assert (await day(office, anna)).missed == 1


async def test_a_missed_call_that_rang_nowhere_is_everybodys(office: Office) -> None:
    anna = await office.user("Anna")
    call = await lost(office)

    assert await ids(office, missed, anna) == [call.id]


@pytest.mark.parametrize("direction", ["in", "out"])
async def test_a_missed_caller_is_answered_by_any_later_talk(
    office: Office, direction: str
) -> None:
    anna = await office.user("Anna")
    await lost(office)
    await answered(office, direction=direction, at=NOW + timedelta(minutes=5))

    assert await ids(office, missed, anna) == []


async def test_a_missed_caller_is_not_answered_by_what_came_before_or_by_another_try(
    office: Office,
) -> None:
    anna = await office.user("Anna")
    await answered(office, at=NOW - timedelta(minutes=5))
    await answered(office, "0552345678", at=NOW + timedelta(minutes=5))
    await office.call(ZOE, direction="out", result="busy", at=NOW + timedelta(minutes=5))
    call, withheld = await lost(office), await lost(office, None)

    assert set(await ids(office, missed, anna)) == {call.id, withheld.id}


async def test_a_call_that_goes_on_is_not_missed_yet(office: Office) -> None:
    anna = await office.user("Anna")
    call = await lost(office)
    async with office.database.write() as session:
        (await session.get_one(CallRow, call.id)).end_at = None

    assert await ids(office, missed, anna) == []
