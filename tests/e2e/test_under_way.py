"""The service is killed while calls are parked, handed over, in conference or listened to.

Nothing changes on the PBX while it is away: afterwards no call may look as if something had.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from callcenter import phone
from callcenter.calls.models import CallRow
from tests.e2e.judge import TOLERANCE_S
from tests.e2e.own_process import Records, serving
from tests.e2e.rig import Asterisk, Call, Phone, Phones, Trunk
from tests.e2e.rig.floor import AGENTS, ALONE_IN_A_QUEUE, LOGIN, direct_number, queue_number
from tests.fixtures.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")

SUPERVISOR = "1006"
CONFERENCE = "0124044000"
PARK = "700"
TALK_S = 1.5

PARKED, CONFERRING, CONSULTED, FORWARDED, QUEUED, HEARD, RINGING = (
    f"05055100{n:02}" for n in range(7)
)


async def talk(trunk: Trunk, phones: Phones, number: str, extension: str) -> tuple[Call, Call]:
    """Return the two ends of a call that a customer makes to an agent."""
    customer = await trunk.call(direct_number(extension), from_=number)
    agent = await phones.incoming(extension)
    await agent.answer()
    await customer.until_answered()
    return customer, agent


def is_quiet(records: Records) -> bool:
    return len(records.gaps) == 1 and all(call.end_at for call in records.calls)


def one_call(records: Records, number: str) -> CallRow:
    norm = phone.read(number, ["AZ"]).norm
    calls = [
        call
        for call in records.calls
        if call.customer_norm == norm and call.merged_into_id is None and call.interaction_id
    ]
    assert len(calls) == 1, number
    return calls[0]


def talkers(records: Records, call: CallRow) -> list[str]:
    legs = [leg for leg in records.legs[call.id] if leg.user_id and leg.talk_ms + leg.hold_ms]
    return sorted(leg.endpoint.rpartition("/")[2] for leg in legs)


async def test_what_is_under_way_when_the_service_is_killed_goes_on(
    floor: Asterisk, ami_wire: Wire, tmp_path: Path
) -> None:
    in_queue = ALONE_IN_A_QUEUE[0]
    everybody = [*AGENTS[:10], in_queue]
    async with (
        serving(ami_wire, floor, tmp_path / "service") as service,
        Trunk(floor) as trunk,
        Phones(floor, LOGIN, everybody) as phones,
        Phone(floor, SUPERVISOR) as supervisor,
    ):
        customers: dict[str, Call] = {}
        customers[PARKED], agent = await talk(trunk, phones, PARKED, "1101")
        await agent.transfer(PARK)

        customers[CONFERRING] = await trunk.call(CONFERENCE, from_=CONFERRING)
        conferring = await phones.dial("1102", "8000")
        await conferring.until_answered()

        customers[CONSULTED], asks = await talk(trunk, phones, CONSULTED, "1103")
        await asks.hold()
        consultation = await phones.dial("1103", "1104")
        await (await phones.incoming("1104")).answer()
        await consultation.until_answered()

        customers[FORWARDED] = await trunk.call(direct_number("1105"), from_=FORWARDED)
        await (await phones.incoming("1105")).forward("1106")
        await (await phones.incoming("1106")).answer()

        customers[QUEUED] = await trunk.call(queue_number(in_queue), from_=QUEUED)
        await (await phones.incoming(in_queue)).answer()

        customers[HEARD], _ = await talk(trunk, phones, HEARD, "1107")
        listening = await supervisor.call("*2221107")
        await listening.until_answered()

        customers[RINGING], hands_over = await talk(trunk, phones, RINGING, "1108")
        await hands_over.transfer("1109")
        ringing = await phones.incoming("1109")

        await asyncio.sleep(TALK_S)
        await service.kill()
        await service.start()
        await service.until(lambda records: len(records.gaps) == 1, "note a gap")

        retrieved = await phones.dial("1110", "701")
        await retrieved.until_answered()
        await asks.transfer_to(consultation)
        await ringing.answer()
        await asyncio.sleep(TALK_S)
        for customer in customers.values():
            await customer.hang_up()
        await listening.until_ended()
        records = await service.until(is_quiet, "end every call")

    expected: dict[str, Sequence[str]] = {
        PARKED: ["1101", "1110"], CONFERRING: ["1102"], CONSULTED: ["1103", "1104"],
        FORWARDED: ["1106"], QUEUED: [in_queue], HEARD: ["1107"], RINGING: ["1108", "1109"],
    }  # fmt: skip
    calls = {number: one_call(records, number) for number in expected}
    assert {number: talkers(records, call) for number, call in calls.items()} == expected
    assert {number: call.owner_id for number, call in calls.items()} == {
        number: service.people[agents[-1]].id for number, agents in expected.items()
    }
    for number, customer in customers.items():
        call = calls[number]
        assert (call.direction, call.result, call.ended_by) == ("inbound", "answered", "customer")
        for at, truth in [(call.ring_at, customer.invited_at), (call.end_at, customer.ended_at)]:
            assert at is not None
            assert at.timestamp() == pytest.approx(truth, abs=TOLERANCE_S), number
    with_customers = {call.interaction_id for call in calls.values()}
    assert {each.id for each in records.interactions} == with_customers
    assert not (said := service.complaints()), said[:3]
