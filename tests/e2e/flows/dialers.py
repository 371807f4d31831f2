"""Calls that others ask Asterisk for: diallers, callbacks, another CRM's click-to-call.

None of them gives the channel an id or a reference of ours.
"""

from tests.e2e.flows.stage import Office, flow


async def _originate(office: Office, channel: str, **where: str) -> None:
    await office.ami.action(
        "Originate", Channel=channel, Priority="1", Async="true", Timeout="8000", **where
    )


@flow(
    "a dialler rings the customer first, who is put into a queue and answered there",
    "dialler",
    phones="1001",
)
async def dialler_answered(office: Office) -> None:
    await _originate(office, office.outside("0554450001"), Context="queue", Exten="keyed")
    customer = await office.trunk.incoming()
    await office.talk(2)
    await customer.answer()
    agent = await office.rings("1001")
    await office.talk(2)
    await agent.answer()
    await office.talk(3)
    await customer.hang_up()
    await agent.until_ended()

    told = office.outbound(customer, "0554450001", origin="click-to-call", queues=["keyed"])
    told.leg(agent, talk=(agent.answered_at, customer.ended_at))


@flow(
    "a dialler's customer gives up before an agent has answered", "dialler", phones="1001"
)  # fmt: skip
async def dialler_abandoned(office: Office) -> None:
    await _originate(office, office.outside("0554450002"), Context="queue", Exten="keyed")
    customer = await office.trunk.incoming()
    await office.talk(2)
    await customer.answer()
    agent = await office.rings("1001")
    await office.talk(3)
    await customer.hang_up()
    await agent.until_ended()

    told = office.outbound(
        customer, "0554450002", origin="click-to-call", queues=["keyed"], disposition="abandoned"
    )
    told.leg(agent, "cancelled")


@flow("a dialler's customer does not pick up", "dialler", phones="1001", only_on=("sip16",))
async def dialler_no_answer(office: Office) -> None:
    await _originate(office, office.outside("0554450003"), Context="queue", Exten="keyed")
    customer = await office.trunk.incoming()
    await customer.until_ended()

    office.outbound(
        customer, "0554450003", origin="click-to-call", disposition="no-answer", hangup_by="system"
    )


@flow(
    "a callback over a Local channel: the customer is rung, then the queue",
    "dialler",
    phones="1001",
    also_on=("sip16",),
)
async def callback_local(office: Office) -> None:
    await _originate(office, "Local/0554450004@outbound", Context="queue", Exten="keyed")
    customer = await office.trunk.incoming()
    await office.talk(2)
    await customer.answer()
    agent = await office.rings("1001")
    await office.talk(2)
    await agent.answer()
    await office.talk(3)
    await agent.hang_up()
    await customer.until_ended()

    told = office.outbound(
        customer, "0554450004", origin="click-to-call", queues=["keyed"], hangup_by="agent"
    )
    told.leg(agent, talk=(agent.answered_at, agent.ended_at))


@flow(
    "another CRM's click-to-call by the agent's extension (Local), the customer does not answer",
    "dialler",
    phones="1001",
    only_on=("sip16",),
)
async def stranger_clicks_local(office: Office) -> None:
    await _originate(
        office, "Local/1001@extension/n", Context="from-agents", Exten="0554450007",
        CallerID="0554450007",
    )  # fmt: skip
    agent = await office.rings("1001")
    await office.talk(1.5)
    await agent.answer()
    customer = await office.trunk.incoming()
    await office.talk(3)
    await customer.decline()
    await agent.until_ended()

    told = office.outbound(
        customer, "0554450007", origin="click-to-call", disposition="busy", hangup_by="system"
    )
    told.leg(agent, "unanswered")
