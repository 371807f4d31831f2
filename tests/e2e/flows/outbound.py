"""Agents call customers, by hand and by click, and hand them over."""

from tests.e2e.flows.stage import Office, flow


@flow(
    "the first carrier is congested (503), the second one reaches the customer",
    "outbound",
    phones="1001",
)
async def out_trunk_failover(office: Office) -> None:
    agent = await office.phones["1001"].call("0557700001")
    failed = await office.trunk.incoming()
    await office.talk(1)
    await failed.fail()
    customer = await office.other_trunk.incoming()
    await office.talk(1.5)
    await customer.answer()
    await agent.until_answered()
    await office.talk(3)
    await agent.hang_up()
    await customer.until_ended()

    told = office.outbound(failed, "0557700001", hangup_by="agent", answered=customer)
    told.leg(agent, talk=(customer.answered_at, agent.ended_at))


@flow(
    "an announcement of the far network before the answer (183), the agent gives up",
    "outbound",
    phones="1001",
    also_on=("sip16",),
)
async def out_early_media(office: Office) -> None:
    agent = await office.phones["1001"].call("0554440002")
    customer = await office.trunk.incoming()
    await customer.send_early_media()
    await office.talk(4)
    await agent.hang_up()
    await customer.until_ended()

    told = office.outbound(customer, "0554440002", disposition="cancelled", hangup_by="agent")
    told.leg(agent, "unanswered")


@flow("an outbound call is handed over attended to a colleague", "outbound", phones="1001 1002")
async def out_attended(office: Office) -> None:
    agent = await office.phones["1001"].call("0554440003")
    customer = await office.trunk.incoming()
    await office.talk(1.5)
    await customer.answer()
    await agent.until_answered()
    await office.talk(2)
    await agent.hold()
    asking = await office.phones["1001"].call("1002")
    second = await office.rings("1002")
    await office.talk(1)
    await second.answer()
    await asking.until_answered()
    await office.talk(2)
    await agent.transfer_to(asking)
    await office.talk(3)
    await customer.hang_up()
    await second.until_ended()

    told = office.outbound(
        customer, "0554440003", holds=[(agent.held_at[0], agent.transferred_at)],
        transfers=[{"kind": "attended", "method": "REFER", "by": "1001", "to": "1002"}],
    )  # fmt: skip
    told.leg(agent, talk=(customer.answered_at, agent.transferred_at))
    told.leg(
        second, talk=(agent.transferred_at, customer.ended_at),
        consult=(second.answered_at, agent.transferred_at),
    )  # fmt: skip


@flow("an outbound call is handed over blind to a queue", "outbound", phones="1001 1004")
async def out_to_queue(office: Office) -> None:
    agent = await office.phones["1001"].call("0554440004")
    customer = await office.trunk.incoming()
    await office.talk(1.5)
    await customer.answer()
    await agent.until_answered()
    await office.talk()
    await agent.transfer("6003")
    second = await office.rings("1004")
    await office.talk(2)
    await second.answer()
    await office.talk(3)
    await second.hang_up()
    await customer.until_ended()

    told = office.outbound(
        customer, "0554440004", queues=["billing"], hangup_by="agent",
        transfers=[{"kind": "blind", "method": "REFER", "by": "1001", "to": "6003"}],
    )  # fmt: skip
    told.leg(agent, talk=(customer.answered_at, agent.transferred_at))
    told.leg(second, talk=(second.answered_at, second.ended_at))


@flow(
    "click-to-call, then the agent hands the customer over blind",
    "click-to-call",
    phones="1001 1002",
)
async def c2c_blind(office: Office) -> None:
    await office.originate("1001", "0554440005")
    agent = await office.rings("1001")
    await office.talk(1.5)
    await agent.answer()
    customer = await office.trunk.incoming()
    await office.talk(1.5)
    await customer.answer()
    await office.talk()
    await agent.transfer("1002")
    second = await office.rings("1002")
    await office.talk(2)
    await second.answer()
    await office.talk(3)
    await customer.hang_up()
    await second.until_ended()

    told = office.outbound(
        customer, "0554440005", origin="click-to-call", crm_ref="click-1001-0554440005",
        transfers=[{"kind": "blind", "method": "REFER", "by": "1001", "to": "1002"}],
    )  # fmt: skip
    told.leg(agent, talk=(customer.answered_at, agent.transferred_at))
    told.leg(second, talk=(second.answered_at, customer.ended_at))


@flow(
    "click-to-call, the agent hangs up while the customer's phone rings",
    "click-to-call",
    phones="1001",
    also_on=("pjsip16", "sip16"),
)
async def c2c_agent_gives_up(office: Office) -> None:
    await office.originate("1001", "0554440006")
    agent = await office.rings("1001")
    await office.talk(1.5)
    await agent.answer()
    customer = await office.trunk.incoming()
    await office.talk(3)
    await agent.hang_up()
    await customer.until_ended()

    told = office.outbound(
        customer, "0554440006", origin="click-to-call", crm_ref="click-1001-0554440006",
        disposition="cancelled", hangup_by="agent",
    )  # fmt: skip
    told.leg(agent, "unanswered")


@flow(
    "an agent calls a colleague, who asks a customer in (*2, *3)", "conference", phones="1001 1002"
)
async def internal_then_customer(office: Office) -> None:
    caller = await office.phones["1001"].call("1002")
    called = await office.rings("1002")
    await office.talk(1)
    await called.answer()
    await caller.until_answered()
    await office.talk(2)
    await office.keys(called, "*2")
    await office.talk(1)
    await called.press("0554440007")
    customer = await office.trunk.incoming()
    await office.talk(1.5)
    await customer.answer()
    await office.talk(2.5)
    together_at = await office.keys(called, "*3")
    await office.talk(3)
    await customer.hang_up()
    await office.talk(1)
    await caller.hang_up()

    told = office.outbound(customer, "0554440007")
    told.leg(called, talk=(customer.answered_at, customer.ended_at))
    told.leg(caller, talk=(together_at, customer.ended_at))
