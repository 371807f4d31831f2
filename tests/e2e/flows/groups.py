"""What the dialplans of PBX distributions do: groups, follow me, open lines, dialling in and out."""

from tests.e2e.flows.stage import Office, flow


@flow(
    "a ring group over Local channels and a subroutine: three phones ring, the second answers",
    "ring-group",
    phones="1001 1002 1003",
    only_on=("sip16",),
)
async def ring_group(office: Office) -> None:
    customer = await office.trunk.call("0124048020", from_="0503330001")
    first, second, third = [await office.rings(one) for one in ("1001", "1002", "1003")]
    await office.talk()
    await second.answer()
    await first.until_ended()
    await third.until_ended()
    await office.talk(3)
    await customer.hang_up()
    await second.until_ended()

    told = office.inbound(customer, "0124048020")
    told.leg(first, "cancelled")
    told.leg(second, talk=(second.answered_at, customer.ended_at))
    told.leg(third, "cancelled")


@flow(
    "follow me: the mobile answers and its owner presses 1 to take the call",
    "ring-group",
    phones="1001",
)
async def follow_me_confirmed(office: Office) -> None:
    customer = await office.trunk.call("0124048022", from_="0503330003")
    desk = await office.rings("1001")
    mobile = await office.trunk.incoming()
    await office.talk(1.5)
    await mobile.answer()
    await office.talk(2.5)
    taken_at = await office.keys(mobile, "1")
    await desk.until_ended()
    await office.talk(3)
    await customer.hang_up()
    await mobile.until_ended()

    told = office.inbound(customer, "0124048022")
    told.leg(desk, "cancelled")
    told.leg(mobile, talk=(taken_at, customer.ended_at))


@flow(
    "follow me: whoever is at the mobile does not press 1, the desk phone answers",
    "ring-group",
    phones="1001",
    only_on=("sip16",),
)
async def follow_me_refused(office: Office) -> None:
    customer = await office.trunk.call("0124048022", from_="0503330004")
    desk = await office.rings("1001")
    mobile = await office.trunk.incoming()
    await mobile.answer()
    await mobile.until_ended()
    await office.talk(1.5)
    await desk.answer()
    await office.talk(3)
    await desk.hang_up()
    await customer.until_ended()

    told = office.inbound(customer, "0124048022", hangup_by="agent")
    told.leg(mobile)
    told.leg(desk, talk=(desk.answered_at, desk.ended_at))


@flow(
    "an agent on an open line (AgentLogin) serves two customers, one after the other",
    "queue",
    phones="1001",
)
async def agent_on_open_line(office: Office) -> None:
    line = await office.phones["1001"].call("*61001")
    await line.until_answered()
    # The queue looks at him every few seconds.
    await office.talk(9)
    spans = []
    customers = []
    for number in ("0503330005", "0503330006"):
        customer = await office.trunk.call("0124048023", from_=number)
        await customer.until_answered()
        met_at = await office.talk(1)
        await office.talk(4)
        await customer.hang_up()
        spans.append((met_at, customer.ended_at))
        customers.append(customer)
        await office.talk(4)
    await line.hang_up()

    office.feature_calls = 1
    for customer, span in zip(customers, spans, strict=True):
        told = office.inbound(customer, "0124048023", queues=["seated"])
        told.leg(line, talk=span)


@flow("who calls in dials out again (DISA)", "forward", phones="1001")
async def dialled_through(office: Office) -> None:
    customer = await office.trunk.call("0124048026", from_="0503330009")
    await customer.until_answered()
    await office.talk(1.5)
    await customer.press("0557650006#")
    outside = await office.trunk.incoming()
    await office.talk(1.5)
    await outside.answer()
    await office.talk(3)
    await customer.hang_up()
    await outside.until_ended()

    told = office.inbound(customer, "0124048026", ivr_digits="0557650006#")
    told.leg(outside, talk=(outside.answered_at, customer.ended_at))
