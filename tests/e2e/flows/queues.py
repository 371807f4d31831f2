"""Callers wait in queues, and leave them in every way there is."""

from tests.e2e.flows.stage import Office, flow


@flow("a key takes the caller out of the queue, to an agent", "queue", phones="1001 1004")
async def queue_left_by_key(office: Office) -> None:
    customer = await office.trunk.call("0124048001", from_="0512220001")
    ignored = await office.rings("1001")
    await office.talk()
    await customer.press("0")
    agent = await office.rings("1004")
    await ignored.until_ended()
    await office.talk(1.5)
    await agent.answer()
    await office.talk(3)
    await customer.hang_up()
    await agent.until_ended()

    told = office.inbound(customer, "0124048001", queues=["keyed"], ivr_digits="0")
    told.leg(ignored, "cancelled")
    told.leg(agent, talk=(agent.answered_at, customer.ended_at))


@flow(
    "nobody is logged in: the queue takes nobody (joinempty), the caller is hung up",
    "queue",
    phones="1001",
)
async def queue_joinempty(office: Office) -> None:
    customer = await office.trunk.call("0124042005", from_="0512220002")
    await customer.until_ended()

    office.inbound(customer, "0124042005", disposition="no-answer", hangup_by="system")


@flow("the last member leaves while a caller waits (leavewhenempty)", "queue", phones="1001")
async def queue_leavewhenempty(office: Office) -> None:
    member = {"Queue": "leaving", "Interface": "PJSIP/1001"}
    await office.ami.action("QueueAdd", **member)
    customer = await office.trunk.call("0124048016", from_="0512220003")
    ringing = await office.rings("1001")
    await office.talk(2)
    await office.ami.action("QueueRemove", **member)
    await customer.until_ended()
    await ringing.until_ended()

    told = office.inbound(
        customer, "0124048016", queues=["leaving"], disposition="no-answer", hangup_by="system"
    )
    told.leg(ringing, "noanswer")


@flow("the queue is full: the second caller leaves a message", "queue", phones="1001")
async def queue_full(office: Office) -> None:
    first = await office.trunk.call("0124048002", from_="0512220004")
    agent = await office.rings("1001")
    second = await office.trunk.call("0124048002", from_="0512220005")
    await second.until_answered()
    await office.talk(9)
    await second.hang_up()
    await agent.answer()
    await office.talk(3)
    await agent.hang_up()
    await first.until_ended()

    told = office.inbound(first, "0124048002", queues=["small"], hangup_by="agent")
    told.leg(agent, talk=(agent.answered_at, agent.ended_at))
    office.inbound(
        second, "0124048002", disposition="voicemail", voicemail=True, hangup_by="customer"
    )


@flow(
    "all phones ring: one declines, one is not answered, one answers",
    "queue",
    phones="1001 1002 1003",
    also_on=("sip16",),
)
async def queue_ringall_decline(office: Office) -> None:
    customer = await office.trunk.call("0124042006", from_="0512220006")
    declines, ignores, answers = [await office.rings(one) for one in ("1001", "1002", "1003")]
    await office.talk(1.5)
    await declines.decline()
    await office.talk(1.5)
    await answers.answer()
    await ignores.until_ended()
    await office.talk(3)
    await answers.hang_up()
    await customer.until_ended()

    told = office.inbound(customer, "0124042006", queues=["all"], hangup_by="agent")
    told.leg(declines, "declined")
    told.leg(ignores, "cancelled")
    told.leg(answers, talk=(answers.answered_at, answers.ended_at))


@flow(
    "penalties: the better agent talks, the second caller is for the other one",
    "queue",
    phones="1001 1002",
)
async def queue_penalties(office: Office) -> None:
    one, first = await office.reached("1001", "0124048003", "0512220007")
    two, second = await office.reached("1002", "0124048003", "0512220008")
    await office.talk(3)
    await one.hang_up()
    await office.talk(1.5)
    await two.hang_up()
    await second.until_ended()

    told = office.inbound(one, "0124048003", queues=["ranked"])
    told.leg(first, talk=(first.answered_at, one.ended_at))
    told = office.inbound(two, "0124048003", queues=["ranked"])
    told.leg(second, talk=(second.answered_at, two.ended_at))


@flow(
    "the only agent's phone rings twice in vain and is answered the third time",
    "queue",
    phones="1001",
)
async def queue_rna_twice(office: Office) -> None:
    customer = await office.trunk.call("0124048004", from_="0512220009")
    calls = []
    for _ in range(2):
        calls.append(await office.rings("1001"))
        await calls[-1].until_ended()
    agent = await office.rings("1001")
    await office.talk(1)
    await agent.answer()
    await office.talk(3)
    await customer.hang_up()
    await agent.until_ended()

    told = office.inbound(customer, "0124048004", queues=["lonely"])
    for call in calls:
        told.leg(call, "noanswer")
    told.leg(agent, talk=(agent.answered_at, customer.ended_at))


@flow(
    "a talking agent is rung by the queue all the same (ringinuse), holds the one and takes the other",
    "call-waiting",
    phones="1001",
    also_on=("sip16",),
)
async def queue_call_waiting(office: Office) -> None:
    one, first = await office.reached("1001", "0124048005", "0512220010")
    await office.talk()
    two = await office.trunk.call("0124048005", from_="0512220011")
    second = await office.rings("1001")
    await office.talk(1.5)
    await first.hold()
    await second.answer()
    await office.talk(3)
    await second.hang_up()
    await two.until_ended()
    await first.resume()
    await office.talk(2)
    await one.hang_up()
    await first.until_ended()

    told = office.inbound(
        one, "0124048005", queues=["waiting"], holds=[(first.held_at[0], first.resumed_at[0])]
    )
    told.leg(first, talk=(first.answered_at, one.ended_at))
    told = office.inbound(two, "0124048005", queues=["waiting"], hangup_by="agent")
    told.leg(second, talk=(second.answered_at, second.ended_at))


@flow(
    "members of all kinds: a phone, Local/n, and Local that is optimised away, which answers",
    "queue",
    phones="1001 1002 1003",
)
async def queue_mixed_members(office: Office) -> None:
    customer = await office.trunk.call("0124048006", from_="0512220012")
    one, two, three = [await office.rings(phone) for phone in ("1001", "1002", "1003")]
    await office.talk(2)
    await three.answer()
    await one.until_ended()
    await two.until_ended()
    await office.talk(3)
    await customer.hang_up()
    await three.until_ended()

    told = office.inbound(customer, "0124048006", queues=["mixed"])
    told.leg(one, "cancelled")
    told.leg(two, "cancelled")
    told.leg(three, talk=(three.answered_at, customer.ended_at))


@flow(
    "a member joins while another's phone rings, and answers in the next round",
    "queue",
    phones="1001 1002",
)
async def queue_member_joins(office: Office) -> None:
    await office.ami.action("QueueAdd", Queue="growing", Interface="PJSIP/1001")
    customer = await office.trunk.call("0124048015", from_="0512220013")
    first = await office.rings("1001")
    await office.talk(1.5)
    await office.ami.action("QueueAdd", Queue="growing", Interface="PJSIP/1002")
    await first.until_ended()
    again, second = await office.rings("1001"), await office.rings("1002")
    await office.talk(1.5)
    await second.answer()
    await again.until_ended()
    await office.talk(3)
    await customer.hang_up()
    await second.until_ended()

    told = office.inbound(customer, "0124048015", queues=["growing"])
    told.leg(first, "noanswer")
    told.leg(again, "cancelled")
    told.leg(second, talk=(second.answered_at, customer.ended_at))


@flow("a queue whose member is another queue, with announcements", "queue", phones="1001")
async def queue_in_queue(office: Office) -> None:
    customer = await office.trunk.call("0124048007", from_="0512220014")
    agent = await office.rings("1001")
    await office.talk(4)
    await agent.answer()
    await office.talk(3)
    await customer.hang_up()
    await agent.until_ended()

    told = office.inbound(customer, "0124048007", queues=["outer", "inner"])
    told.leg(agent, talk=(agent.answered_at, customer.ended_at))


@flow("nobody answers in time: an outside number does", "queue", phones="1001")
async def queue_overflow_external(office: Office) -> None:
    customer = await office.trunk.call("0124048008", from_="0512220015")
    agent = await office.rings("1001")
    outside = await office.trunk.incoming()
    await agent.until_ended()
    await office.talk(1.5)
    await outside.answer()
    await office.talk(3)
    await customer.hang_up()
    await outside.until_ended()

    told = office.inbound(customer, "0124048008", queues=["small"])
    told.leg(agent, "noanswer")
    told.leg(outside, talk=(outside.answered_at, customer.ended_at))


@flow(
    "a colleague of the group picks up a queue call (*8)",
    "pickup",
    phones="1001 1002",
    also_on=("sip16",),
)
async def pickup_queue_call(office: Office) -> None:
    customer = await office.trunk.call("0124048001", from_="0512220016")
    rung = await office.rings("1001")
    await office.talk()
    picker = await office.phones["1002"].call("*8")
    await picker.until_answered()
    await rung.until_ended()
    await office.talk(3)
    await customer.hang_up()
    await picker.until_ended()

    told = office.inbound(customer, "0124048001", queues=["keyed"])
    told.leg(rung, "cancelled")
    told.leg(picker, talk=(picker.answered_at, customer.ended_at))


@flow("the caller presses 5 in the menu and leaves a message", "ivr", phones="1001")
async def ivr_voicemail(office: Office) -> None:
    customer = await office.trunk.call("0124048014", from_="0512220017")
    await customer.until_answered()
    await office.talk(2)
    await customer.press("5")
    await office.talk(9)
    await customer.hang_up()

    office.inbound(
        customer, "0124048014", ivr_digits="5", disposition="voicemail", voicemail=True,
        hangup_by="customer",
    )  # fmt: skip


@flow("the caller hangs up in the middle of typing an account number", "ivr", phones="1001")
async def ivr_hangup_mid_digits(office: Office) -> None:
    customer = await office.trunk.call("0124043000", from_="0512220018")
    await customer.until_answered()
    await office.talk(2)
    await customer.press("123")
    await office.talk(1)
    await customer.hang_up()

    office.inbound(customer, "0124043000", ivr_digits="123", disposition="abandoned")
