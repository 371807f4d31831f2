"""Customers are handed over: by REFER, by feature code, by AMI; and it does not always work."""

from tests.e2e.flows.stage import Office, flow

DIRECT = "0124041011"


@flow(
    "attended transfer completed while the colleague's phone still rings (REFER with Replaces)",
    "attended-transfer",
    phones="1001 1002",
    also_on=("pjsip16", "sip16"),
)
async def att_blonde_refer(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050001")
    await office.talk()
    await first.hold()
    asking = await office.phones["1001"].call("1002")
    second = await office.rings("1002")
    await office.talk(2)
    await first.transfer_to(asking)
    await office.talk(2)
    await second.answer()
    await office.talk(3)
    await customer.hang_up()
    await second.until_ended()

    told = office.inbound(
        customer,
        DIRECT,
        holds=[(first.held_at[0], first.transferred_at)],
        transfers=[{"kind": "attended", "method": "REFER", "by": "1001", "to": "1002"}],
    )
    told.leg(first, talk=(first.answered_at, first.transferred_at))
    told.leg(second, talk=(second.answered_at, customer.ended_at))


@flow(
    "the colleague declines the consultation, the agent takes the caller back",
    "attended-transfer",
    phones="1001 1002",
)
async def att_consult_declined(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050002")
    await office.talk(2)
    await first.hold()
    asking = await office.phones["1001"].call("1002")
    second = await office.rings("1002")
    await office.talk(2)
    await second.decline()
    await asking.until_ended()
    await first.resume()
    await office.talk()
    await first.hang_up()
    await customer.until_ended()

    office.internal_calls = 1
    told = office.inbound(
        customer, DIRECT, holds=[(first.held_at[0], first.resumed_at[0])], hangup_by="agent"
    )
    told.leg(first, talk=(first.answered_at, first.ended_at))


@flow(
    "blind transfer to a busy colleague; the dialplan rings back who sent",
    "blind-transfer",
    phones="1001 1002",
)
async def blind_busy_recall(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050003")
    await office.talk()
    await first.transfer("722")
    busy = await office.rings("1002")
    await busy.be_busy()
    again = await office.rings("1001")
    await office.talk(2)
    await again.answer()
    await office.talk()
    await customer.hang_up()
    await again.until_ended()

    told = office.inbound(
        customer,
        DIRECT,
        transfers=[{"kind": "blind", "method": "REFER", "by": "1001", "to": "722"}],
    )
    told.leg(first, talk=(first.answered_at, first.transferred_at))
    told.leg(busy, "busy")
    told.leg(again, talk=(again.answered_at, customer.ended_at))
