"""One past call with all that happened in it."""

from datetime import UTC, datetime, timedelta

from callcenter.calls.models import CallIntent, CallLeg, CallRow, Gap, QueueVisit
from callcenter.calls.story import CallDetail, find_call
from callcenter.calls.why.asking import explain
from callcenter.calls.why.shown import Teller
from callcenter.server.identity import Identity
from tests.fixtures.customers import NOW, Office, reader

ALL = reader("all")


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


async def found(office: Office, call_id: int, who: Identity = ALL) -> CallDetail | None:
    async with office.database.read() as session:
        return await find_call(session, call_id, who)


async def ends(office: Office, call_id: int, after_s: float) -> None:
    async with office.database.write() as session:
        (await session.get_one(CallRow, call_id)).end_at = after(after_s)


async def told(detail: CallDetail) -> list[tuple[datetime, str]]:
    """Return what happened, in words, as far as the stored record tells."""
    ladder = (await explain(detail, None, after(100), ALL)).ladder
    teller = Teller("en", detail.region, ALL)
    return [(datetime.fromtimestamp(row.at, UTC), teller.sentence(row)) for row in ladder.rows]


async def add(office: Office, *rows: object) -> None:
    async with office.database.write() as session:
        session.add_all(rows)


async def test_the_steps_of_a_call_stand_in_the_order_in_which_they_happened(
    office: Office,
) -> None:
    anna, boris = await office.user("Anna"), await office.user("Boris")
    call = await office.call("0502345678", agent=boris)
    await ends(office, call.id, 16)

    def rang(seq: int, ring_s: float, **facts: object) -> CallLeg:
        return CallLeg(
            call_id=call.id, seq=seq, uniqueid=f"1.{seq}", endpoint=f"PJSIP/{seq}",
            ring_at=after(ring_s), **facts,
        )  # fmt: skip

    await add(
        office,
        rang(0, 0, party="customer", how_in="dial", answer_at=after(0)),
        rang(1, 9, party="agent", user_id=boris.id, visit=1, answer_at=after(12), result="answered",
             talk_ms=3_000, hold_ms=1_000),
        rang(2, 2, party="agent", user_id=anna.id, visit=0, end_at=after(6), result="noanswer"),
        QueueVisit(call_id=call.id, seq=0, queue="sales", joined_at=after(1), left_at=after(7),
                   ended="timeout"),
        QueueVisit(call_id=call.id, seq=1, queue="support", joined_at=after(8), left_at=after(12),
                   ended="answered"),
    )  # fmt: skip

    detail = await found(office, call.id)

    assert detail is not None
    assert await told(detail) == [
        (after(0), "The customer calls."),
        (after(0), "The phone system answers the customer."),
        (after(1), "The customer waits in the queue sales."),
        (after(2), "The phone rings: Anna."),
        (after(6), "Anna does not pick up; the phone stops ringing."),
        (after(7), "Nobody has picked up in time: the queue sales sends the customer on."),
        (after(8), "The customer waits in the queue support."),
        (after(9), "The phone rings: Boris."),
        (after(12), "Boris picks up."),
        (after(16), "The call with the customer is over; who hung up was not seen."),
    ]
    assert [visit.queue for visit in detail.visits] == ["sales", "support"]
    (boris_leg,) = [leg for leg in detail.legs if leg.name == "Boris"]
    assert (boris_leg.talk_s, boris_leg.hold_s, boris_leg.visit) == (3, 1, 1)
    assert detail.line.queues == ["sales", "support"]


async def test_a_call_that_was_placed_begins_with_the_dialling(office: Office) -> None:
    anna = await office.user("Anna")
    call = await office.call("0502345678", direction="out", agent=anna)
    await ends(office, call.id, 16)
    await add(
        office,
        CallLeg(
            call_id=call.id, seq=0, uniqueid="1.0", party="agent", user_id=anna.id, how_in="dial",
            endpoint="PJSIP/1001", ring_at=NOW, answer_at=NOW, result="answered",
        ),
        CallLeg(
            call_id=call.id, seq=1, uniqueid="1.1", party="customer", endpoint="PJSIP/trunk",
            number="0502345678", ring_at=after(2), answer_at=after(5), result="answered",
        ),
    )  # fmt: skip

    detail = await found(office, call.id)

    assert detail is not None
    assert [sentence for _, sentence in await told(detail)] == [
        "Anna dials +994 50 234 56 78.",
        "The phone of the customer rings.",
        "The customer picks up.",
        "The call with the customer is over; who hung up was not seen.",
    ]


async def test_calls_that_became_part_of_others_lead_to_the_one_that_lives_on(
    office: Office,
) -> None:
    # A pickup of a consultation: the first was folded into the second, that into the third.
    first, second, third = [await office.call("0502345678") for _ in range(3)]
    async with office.database.write() as session:
        (await session.get_one(CallRow, first.id)).merged_into_id = second.id
        (await session.get_one(CallRow, second.id)).merged_into_id = third.id

    for call in (first, second, third):
        detail = await found(office, call.id)
        assert detail is not None
        assert detail.line.id == third.id


async def test_only_gaps_that_touch_the_call_are_shown(office: Office) -> None:
    call = await office.call("0502345678")
    async with office.database.write() as session:
        (await session.get_one(CallRow, call.id)).end_at = after(60)
    pbx = await office.pbx()

    def gap(reason: str, begin_s: float, end_s: float | None) -> Gap:
        return Gap(
            id=int(1000 + begin_s), pbx_id=pbx.id, epoch=1, from_at=after(begin_s),
            to_at=None if end_s is None else after(end_s), reason=reason,
        )  # fmt: skip

    await add(
        office, gap("before", -20, -1), gap("into", -10, 5), gap("within", 20, 30),
        gap("open", 50, None), gap("after", 61, 70),
    )  # fmt: skip

    detail = await found(office, call.id)

    assert detail is not None
    assert [gap.reason for gap in detail.gaps] == ["into", "within", "open"]


async def test_a_call_that_goes_on_is_touched_by_every_later_gap(office: Office) -> None:
    call, pbx = await office.call("0502345678"), await office.pbx()
    async with office.database.write() as session:
        (await session.get_one(CallRow, call.id)).end_at = None
        session.add(
            Gap(id=1, pbx_id=pbx.id, epoch=1, from_at=after(500), to_at=after(510), reason="later")
        )

    detail = await found(office, call.id)

    assert detail is not None
    assert [gap.reason for gap in detail.gaps] == ["later"]


async def test_the_call_says_who_asked_for_it(office: Office) -> None:
    anna, pbx = await office.user("Anna"), await office.pbx()
    call = await office.call("0502345678", direction="out", agent=anna)
    await add(
        office,
        CallIntent(
            id="one-click", user_id=anna.id, pbx_id=pbx.id, number="+994502345678", at=NOW,
            channel_id=str(call.id),
        ),
    )  # fmt: skip

    detail = await found(office, call.id)

    assert detail is not None
    assert (detail.asked_by, detail.pbx) == ("Anna", "main")


async def test_somebody_elses_call_is_not_there(office: Office) -> None:
    anna, boris = await office.user("Anna"), await office.user("Boris")
    call = await office.call("0502345678")
    await office.rang(call, anna)

    assert await found(office, call.id, reader("own", anna.id)) is not None
    assert await found(office, call.id, reader("own", boris.id)) is None
    assert await found(office, 12345) is None
