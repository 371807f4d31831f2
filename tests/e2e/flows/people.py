"""What agents and customers do with a call: pick it up, park it, hold it, confer, forward, hang up."""

import asyncio

from tests.e2e.flows.stage import Office, flow

DIRECT = "0124041011"


@flow(
    "a colleague picks up a ringing call by its extension (**1001)",
    "pickup",
    phones="1001 1002",
    also_on=("sip16",),
)
async def pickup_directed(office: Office) -> None:
    customer = await office.trunk.call(DIRECT, from_="0507770001")
    rung = await office.rings("1001")
    await office.talk()
    picker = await office.phones["1002"].call("**1001")
    await picker.until_answered()
    await rung.until_ended()
    await office.talk(3)
    await picker.hang_up()
    await customer.until_ended()

    told = office.inbound(customer, DIRECT, hangup_by="agent")
    told.leg(rung, "cancelled")
    told.leg(picker, talk=(picker.answered_at, picker.ended_at))


@flow(
    "parked by feature code; nobody takes the caller back, the parker's phone rings again",
    "parking",
    phones="1001",
)
async def park_timeout(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0508880001")
    await office.talk()
    parked_at = await office.keys(first, "#72")
    await first.until_ended()
    again = await office.rings("1001")
    await office.talk(1.5)
    await again.answer()
    await office.talk(3)
    await customer.hang_up()
    await again.until_ended()

    told = office.inbound(customer, DIRECT)
    told.leg(first, talk=(first.answered_at, parked_at))
    told.leg(again, talk=(again.answered_at, customer.ended_at))


@flow(
    "parked by REFER and taken back by a phone that is nobody's", "parking", phones="1001 reception"
)
async def park_stranger(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0508880002")
    await office.talk()
    await first.transfer("700")
    await office.talk(1.5)
    stranger = await office.phones["reception"].call("701")
    await stranger.until_answered()
    await office.talk(3)
    await customer.hang_up()
    await stranger.until_ended()

    told = office.inbound(
        customer,
        DIRECT,
        transfers=[{"kind": "blind", "method": "REFER", "by": "1001", "to": "700"}],
    )
    told.leg(first, talk=(first.answered_at, first.transferred_at))
    told.stranger(stranger, talk=(stranger.answered_at, customer.ended_at))


@flow(
    "a conference of the customer and two agents; the first agent leaves",
    "conference",
    phones="1001 1002",
)
async def conference_agent_leaves(office: Office) -> None:
    customer, first, second = await _confer(office, "0509990001")
    await office.talk(3)
    await first.hang_up()
    await office.talk(3)
    await customer.hang_up()
    await second.hang_up()

    told = office.inbound(customer, DIRECT)
    told.leg(first, talk=(first.answered_at, first.ended_at))
    told.leg(second, talk=(second.answered_at, customer.ended_at))


@flow(
    "a conference that the customer leaves first; the agents talk on",
    "conference",
    phones="1001 1002",
)
async def conference_customer_leaves(office: Office) -> None:
    customer, first, second = await _confer(office, "0509990002")
    await office.talk(3)
    await customer.hang_up()
    await office.talk(3)
    await first.hang_up()
    await second.hang_up()

    told = office.inbound(customer, DIRECT)
    told.leg(first, talk=(first.answered_at, customer.ended_at))
    told.leg(second, talk=(second.answered_at, customer.ended_at))


async def _confer(office: Office, number: str):  # type: ignore[no-untyped-def]
    """Customer and agent are redirected into a room, and a second agent is called in."""
    customer, first = await office.reached("1001", DIRECT, number)
    await office.talk(2)
    room = {"Context": "conference", "Exten": "8001", "Priority": "1"}
    await office.ami.action(
        "Redirect", Channel=await office.channel("trunk"), **room,
        ExtraChannel=await office.channel("1001"), ExtraContext="conference", ExtraExten="8001",
        ExtraPriority="1",
    )  # fmt: skip
    await office.talk(1)
    await office.ami.action("Originate", Channel="PJSIP/1002", Async="true", **room)
    second = await office.rings("1002")
    await office.talk(1)
    await second.answer()
    office.feature_calls = 1
    return customer, first, second


@flow("the dialplan sends the agent's calls to a colleague (Local)", "forward", phones="1004")
async def forward_dialplan(office: Office) -> None:
    customer, agent = await office.reached("1004", "0124048010", "0507770002")
    await office.talk(3)
    await agent.hang_up()
    await customer.until_ended()

    told = office.inbound(customer, "0124048010", hangup_by="agent")
    told.leg(agent, talk=(agent.answered_at, agent.ended_at))


@flow("desk phone and mobile ring at once, the mobile answers", "forward", phones="1001")
async def forward_find_me(office: Office) -> None:
    customer = await office.trunk.call("0124048013", from_="0507770003")
    desk, mobile = await office.rings("1001"), await office.trunk.incoming()
    await office.talk(2)
    await mobile.answer()
    await desk.until_ended()
    await office.talk(3)
    await customer.hang_up()
    await mobile.until_ended()

    told = office.inbound(customer, "0124048013")
    told.leg(desk, "cancelled")
    told.leg(mobile, talk=(mobile.answered_at, customer.ended_at))


@flow(
    "the customer calls from the very number that is rung as the agent's mobile, which is busy",
    "forward",
    phones="1001",
)
async def forward_to_the_caller(office: Office) -> None:
    customer = await office.trunk.call("0124048013", from_="0557650001")
    desk, mobile = await office.rings("1001"), await office.trunk.incoming()
    await mobile.be_busy()
    await office.talk(2)
    await desk.answer()
    await office.talk(3)
    await desk.hang_up()
    await customer.until_ended()

    told = office.inbound(customer, "0124048013", hangup_by="agent")
    told.leg(desk, talk=(desk.answered_at, desk.ended_at))
    told.leg(mobile, "busy")


@flow("the phone forwards (302) to an outside number", "forward", phones="1001", also_on=("sip16",))
async def forward_302_external(office: Office) -> None:
    customer = await office.trunk.call(DIRECT, from_="0507770004")
    rung = await office.rings("1001")
    await rung.forward("0557650002")
    outside = await office.trunk.incoming()
    await office.talk(2)
    await outside.answer()
    await office.talk(3)
    await customer.hang_up()
    await outside.until_ended()

    told = office.inbound(customer, DIRECT)
    told.leg(rung, "forwarded")
    told.leg(outside, talk=(outside.answered_at, customer.ended_at))


@flow("a chain of forwards (302, 302), the third phone answers", "forward", phones="1001 1002 1003")
async def forward_chain(office: Office) -> None:
    customer = await office.trunk.call(DIRECT, from_="0507770005")
    first = await office.rings("1001")
    await first.forward("1002")
    second = await office.rings("1002")
    await second.forward("1003")
    third = await office.rings("1003")
    await office.talk(2)
    await third.answer()
    await office.talk(3)
    await customer.hang_up()
    await third.until_ended()

    told = office.inbound(customer, DIRECT)
    told.leg(first, "forwarded")
    told.leg(second, "forwarded")
    told.leg(third, talk=(third.answered_at, customer.ended_at))


@flow(
    "two customers of one agent, who goes from one to the other and back",
    "call-waiting",
    phones="1001",
    also_on=("sip16",),
)
async def two_customers_swapped(office: Office) -> None:
    one, first = await office.reached("1001", DIRECT, "0507770006")
    await office.talk(2)
    await first.hold()
    two, second = await office.reached("1001", DIRECT, "0507770007")
    await office.talk(2)
    await second.hold()
    await first.resume()
    await office.talk(2)
    await first.hold()
    await second.resume()
    await office.talk(2)
    await two.hang_up()
    await second.until_ended()
    await first.resume()
    await office.talk(2)
    await first.hang_up()
    await one.until_ended()

    told = office.inbound(
        one,
        DIRECT,
        holds=list(zip(first.held_at, first.resumed_at, strict=True)),
        hangup_by="agent",
    )
    told.leg(first, talk=(first.answered_at, first.ended_at))
    told = office.inbound(
        two, DIRECT, holds=list(zip(second.held_at, second.resumed_at, strict=True))
    )
    told.leg(second, talk=(second.answered_at, two.ended_at))


@flow("the phone is asked to answer by itself (Alert-Info)", "auto-answer", phones="1001")
async def auto_answer(office: Office) -> None:
    customer = await office.trunk.call("0124048011", from_="0507770008")
    agent = await office.rings("1001")
    assert "alert-autoanswer" in agent.alert_info
    await agent.answer()
    await office.talk(3)
    await customer.hang_up()
    await agent.until_ended()

    told = office.inbound(customer, "0124048011")
    told.leg(agent, talk=(agent.answered_at, customer.ended_at))


@flow("do not disturb (*78): the call goes to a colleague", "states", phones="1001 1002")
async def do_not_disturb(office: Office) -> None:
    code = await office.phones["1001"].call("*78")
    await code.until_answered()
    await code.until_ended()
    customer, agent = await office.reached("1002", "0124048012", "0507770009")
    await office.talk(3)
    await customer.hang_up()
    await agent.until_ended()

    office.feature_calls = 1
    told = office.inbound(customer, "0124048012")
    told.leg(agent, talk=(agent.answered_at, customer.ended_at))


@flow(
    "both sides hold, the agent first, and both come back",
    "hold",
    phones="1001",
    also_on=("sip16",),
)
async def hold_both(office: Office) -> None:
    customer, agent = await office.reached("1001", DIRECT, "0507770010")
    await office.talk(2)
    await agent.hold()
    await office.talk(1.5)
    await customer.hold()
    await office.talk(2)
    await agent.resume()
    await office.talk(1.5)
    await customer.resume()
    await office.talk(2)
    await customer.hang_up()
    await agent.until_ended()

    told = office.inbound(customer, DIRECT, holds=[(agent.held_at[0], agent.resumed_at[0])])
    told.leg(agent, talk=(agent.answered_at, customer.ended_at))


@flow("the customer hangs up while on hold", "hold", phones="1001", also_on=("sip16",))
async def hold_hangup(office: Office) -> None:
    customer, agent = await office.reached("1001", DIRECT, "0507770011")
    await office.talk()
    await agent.hold()
    await office.talk()
    await customer.hang_up()
    await agent.until_ended()

    told = office.inbound(customer, DIRECT, holds=[(agent.held_at[0], customer.ended_at)])
    told.leg(agent, talk=(agent.answered_at, customer.ended_at))


@flow("both hang up at the same moment", "inbound-direct", phones="1001")
async def hangup_at_once(office: Office) -> None:
    customer, agent = await office.reached("1001", DIRECT, "0507770012")
    await office.talk(3)
    await asyncio.gather(agent.hang_up(), customer.hang_up())

    first = "agent" if (agent.ended_at or 0) <= (customer.ended_at or 0) else "customer"
    told = office.inbound(customer, DIRECT, hangup_by=first)
    told.leg(agent, talk=(agent.answered_at, agent.ended_at))


@flow("the supervisor barges in (*224), then the agent leaves", "supervisor", phones="1001 1006")
async def spy_barge_agent_leaves(office: Office) -> None:
    customer, agent = await office.reached("1001", DIRECT, "0507770013")
    await office.talk(2)
    spy = await office.phones["1006"].call("*2241001")
    await spy.until_answered()
    await office.talk(3)
    await agent.hang_up()
    await customer.until_ended()
    await spy.until_ended()

    office.feature_calls = 1
    told = office.inbound(customer, DIRECT, hangup_by="agent")
    told.leg(agent, talk=(agent.answered_at, agent.ended_at))
