"""Members of a queue behind Local channels that stay (/n): the customer is never in their bridge."""

from tests.e2e.flows.stage import Office, flow
from tests.e2e.rig import Call

SALES = "0124042001"


async def _served(office: Office, number: str) -> tuple[Call, Call]:
    """A customer calls the queue, 1001 is its only member with a phone, and answers."""
    return await office.reached("1001", SALES, number)


@flow(
    "attended transfer (REFER with Replaces) by a member behind a Local channel",
    "attended-transfer",
    phones="1001 1003",
)
async def local_attended(office: Office) -> None:
    customer, first = await _served(office, "0504440001")
    await office.talk()
    await first.hold()
    asking = await office.phones["1001"].call("1003")
    second = await office.rings("1003")
    await office.talk(1)
    await second.answer()
    await asking.until_answered()
    await office.talk()
    await first.transfer_to(asking)
    await office.talk(3)
    await customer.hang_up()
    await second.until_ended()

    told = office.inbound(
        customer, SALES, queues=["sales"], holds=[(first.held_at[0], first.transferred_at)],
        transfers=[{"kind": "attended", "method": "REFER", "by": "1001", "to": "1003"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.transferred_at))
    told.leg(
        second,
        talk=(first.transferred_at, customer.ended_at),
        consult=(second.answered_at, first.transferred_at),
    )


@flow(
    "attended transfer by feature code (*2) by a member behind a Local channel",
    "attended-transfer",
    phones="1001 1003",
    only_on=("sip16",),
)
async def local_attended_core(office: Office) -> None:
    customer, first = await _served(office, "0504440002")
    await office.talk()
    asked_at = await office.keys(first, "*2")
    await office.talk(1)
    await first.press("1003")
    second = await office.rings("1003")
    await office.talk(1)
    await second.answer()
    await office.talk()
    await first.hang_up()
    await office.talk(3)
    await second.hang_up()
    await customer.until_ended()

    told = office.inbound(
        customer, SALES, queues=["sales"], holds=[(asked_at, first.ended_at)], hangup_by="agent",
        transfers=[{"kind": "attended", "method": "core", "by": "1001", "to": "1003"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.ended_at))
    told.leg(
        second, talk=(first.ended_at, second.ended_at), consult=(second.answered_at, first.ended_at)
    )


@flow(
    "a member behind a Local channel hands over blind to another queue; the customer gives up",
    "blind-transfer",
    phones="1001 1004",
)
async def local_blind_abandoned(office: Office) -> None:
    customer = await office.trunk.call(SALES, from_="0504440003")
    first, other = await office.rings("1001"), await office.rings("1004")
    await office.talk(1.5)
    await first.answer()
    await other.until_ended()
    await office.talk()
    await first.transfer("6003")
    ringing = await office.rings("1004")
    await office.talk(3)
    await customer.hang_up()
    await ringing.until_ended()

    told = office.inbound(
        customer, SALES, queues=["sales", "billing"],
        transfers=[{"kind": "blind", "method": "REFER", "by": "1001", "to": "6003"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.transferred_at))
    told.leg(other, "cancelled")
    told.leg(ringing, "cancelled")


@flow(
    "a member behind a Local channel parks the customer, a colleague takes him back",
    "parking",
    phones="1001 1003",
)
async def local_parked(office: Office) -> None:
    customer, first = await _served(office, "0504440005")
    await office.talk()
    await first.transfer("700")
    await office.talk(2.5)
    second = await office.phones["1003"].call("701")
    await second.until_answered()
    await office.talk(3)
    await second.hang_up()
    await customer.until_ended()

    told = office.inbound(
        customer, SALES, queues=["sales"], hangup_by="agent",
        transfers=[{"kind": "blind", "method": "REFER", "by": "1001", "to": "700"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.transferred_at))
    told.leg(second, talk=(second.answered_at, second.ended_at))


@flow(
    "a colleague picks up the ringing phone of a member behind a Local channel (**1001)",
    "pickup",
    phones="1001 1003",
    only_on=("sip16",),
)
async def local_picked_up(office: Office) -> None:
    customer = await office.trunk.call(SALES, from_="0504440006")
    rung = await office.rings("1001")
    await office.talk()
    picker = await office.phones["1003"].call("**1001")
    await picker.until_answered()
    await rung.until_ended()
    await office.talk(3)
    await customer.hang_up()
    await picker.until_ended()

    told = office.inbound(customer, SALES, queues=["sales"])
    told.leg(rung, "cancelled")
    told.leg(picker, talk=(picker.answered_at, customer.ended_at))
