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
    also_on=("sip16",),
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


@flow(
    "attended transfer by feature code, completed while the colleague's phone still rings",
    "attended-transfer",
    phones="1001 1002",
    also_on=("sip16",),
)
async def att_blonde_core(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050004")
    await office.talk()
    asked_at = await office.keys(first, "*2")
    await office.talk(1)
    await first.press("1002")
    second = await office.rings("1002")
    await office.talk(1.5)
    await first.hang_up()
    await office.talk(2)
    await second.answer()
    await office.talk(3)
    await second.hang_up()
    await customer.until_ended()

    told = office.inbound(
        customer, DIRECT, holds=[(asked_at, first.ended_at)], hangup_by="agent",
        transfers=[{"kind": "attended", "method": "core", "by": "1001", "to": "1002"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.ended_at))
    told.leg(second, talk=(second.answered_at, second.ended_at))


@flow(
    "the colleague declines after the transferring agent has hung up, who is rung back",
    "attended-transfer",
    phones="1001 1002",
)
async def att_blonde_recall(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050005")
    await office.talk()
    asked_at = await office.keys(first, "*2")
    await office.talk(1)
    await first.press("1002")
    second = await office.rings("1002")
    await office.talk(1.5)
    await first.hang_up()
    await office.talk(1.5)
    await second.decline()
    again = await office.rings("1001")
    await office.talk(1.5)
    await again.answer()
    await office.talk(3)
    await again.hang_up()
    await customer.until_ended()

    told = office.inbound(
        customer, DIRECT, holds=[(asked_at, first.ended_at)], hangup_by="agent",
        transfers=[{"kind": "attended", "method": "core", "by": "1001", "to": "1002"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.ended_at))
    told.leg(second, "declined")
    told.leg(again, talk=(again.answered_at, again.ended_at))


@flow(
    "the colleague asked by feature code declines, the agent is back with the caller",
    "attended-transfer",
    phones="1001 1002",
)
async def att_core_declined(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050006")
    await office.talk()
    asked_at = await office.keys(first, "*2")
    await office.talk(1)
    await first.press("1002")
    second = await office.rings("1002")
    await office.talk(1.5)
    await second.decline()
    await office.talk(3)
    await customer.hang_up()
    await first.until_ended()

    told = office.inbound(customer, DIRECT, holds=[(asked_at, second.ended_at)])
    told.leg(first, talk=(first.answered_at, customer.ended_at))
    told.leg(second, "declined")


@flow(
    "the agent asks a colleague, makes it a talk of three (*3), and leaves",
    "attended-transfer",
    phones="1001 1002",
    also_on=("sip16",),
)
async def att_threeway(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050007")
    await office.talk()
    asked_at = await office.keys(first, "*2")
    await office.talk(1)
    await first.press("1002")
    second = await office.rings("1002")
    await office.talk(1)
    await second.answer()
    await office.talk()
    together_at = await office.keys(first, "*3")
    await office.talk(3)
    await first.hang_up()
    await office.talk(2)
    await customer.hang_up()
    await second.until_ended()

    told = office.inbound(
        customer, DIRECT, holds=[(asked_at, together_at)],
        transfers=[{"kind": "attended", "method": "core", "by": "1001", "to": "1002"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.ended_at))
    told.leg(
        second, talk=(together_at, customer.ended_at), consult=(second.answered_at, together_at)
    )


@flow(
    "the agent asks a colleague by feature code and gives it up (*1)",
    "attended-transfer",
    phones="1001 1002",
)
async def att_core_aborted(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050008")
    await office.talk()
    asked_at = await office.keys(first, "*2")
    await office.talk(1)
    await first.press("1002")
    second = await office.rings("1002")
    await office.talk(1)
    await second.answer()
    await office.talk()
    back_at = await office.keys(first, "*1")
    await second.until_ended()
    await office.talk(3)
    await first.hang_up()
    await customer.until_ended()

    told = office.inbound(customer, DIRECT, holds=[(asked_at, back_at)], hangup_by="agent")
    told.leg(first, talk=(first.answered_at, first.ended_at))
    told.leg(second, consult=(second.answered_at, second.ended_at))


@flow(
    "the agent asks in a queue and joins the caller with who answered there",
    "attended-transfer",
    phones="1001 1004",
)
async def att_to_queue(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050009")
    await office.talk()
    await first.hold()
    asking = await office.phones["1001"].call("6003")
    second = await office.rings("1004")
    await office.talk(1.5)
    await second.answer()
    await office.talk()
    await first.transfer_to(asking)
    await office.talk(3)
    await second.hang_up()
    await customer.until_ended()

    told = office.inbound(
        customer, DIRECT, queues=["billing"], holds=[(first.held_at[0], first.transferred_at)],
        hangup_by="agent",
        transfers=[{"kind": "attended", "method": "REFER", "by": "1001", "to": "6003"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.transferred_at))
    told.leg(
        second,
        talk=(first.transferred_at, second.ended_at),
        consult=(second.answered_at, first.transferred_at),
    )


@flow("attended transfer to an outside number", "attended-transfer", phones="1001")
async def att_to_external(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050010")
    await office.talk()
    await first.hold()
    asking = await office.phones["1001"].call("0557650010")
    outside = await office.trunk.incoming()
    await office.talk(1)
    await outside.answer()
    await asking.until_answered()
    await office.talk()
    await first.transfer_to(asking)
    await office.talk(3)
    await outside.hang_up()
    await customer.until_ended()

    told = office.inbound(
        customer, DIRECT, holds=[(first.held_at[0], first.transferred_at)], hangup_by="external",
        transfers=[{"kind": "attended", "method": "REFER", "by": "1001", "to": "0557650010"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.transferred_at))
    told.leg(
        outside,
        talk=(first.transferred_at, outside.ended_at),
        consult=(outside.answered_at, first.transferred_at),
    )


@flow(
    "attended transfer into a conference in which a colleague waits",
    "attended-transfer",
    phones="1001 1002",
    also_on=("sip16",),
)
async def att_link_conference(office: Office) -> None:
    waiting = await office.phones["1002"].call("8001")
    await waiting.until_answered()
    customer, first = await office.reached("1001", DIRECT, "0505050011")
    await office.talk()
    await first.hold()
    asking = await office.phones["1001"].call("8001")
    await asking.until_answered()
    await office.talk()
    await first.transfer_to(asking)
    await office.talk(3)
    await customer.hang_up()
    await office.talk(1)
    await waiting.hang_up()

    office.feature_calls = 1
    told = office.inbound(
        customer, DIRECT, holds=[(first.held_at[0], first.transferred_at)],
        transfers=[{"kind": "attended", "method": "REFER", "by": "1001", "to": "8001"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.transferred_at))
    told.leg(
        waiting,
        talk=(first.transferred_at, customer.ended_at),
        consult=(asking.answered_at, first.transferred_at),
    )


@flow(
    "blind to a colleague, who hands over attended to a third",
    "attended-transfer",
    phones="1001 1002 1003",
    also_on=("sip16",),
)
async def chain_blind_attended(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050012")
    await office.talk()
    await first.transfer("1002")
    second = await office.rings("1002")
    await office.talk(1.5)
    await second.answer()
    await office.talk(2)
    await second.hold()
    asking = await office.phones["1002"].call("1003")
    third = await office.rings("1003")
    await office.talk(1)
    await third.answer()
    await asking.until_answered()
    await office.talk(2)
    await second.transfer_to(asking)
    await office.talk(3)
    await customer.hang_up()
    await third.until_ended()

    told = office.inbound(
        customer, DIRECT, holds=[(second.held_at[0], second.transferred_at)],
        transfers=[
            {"kind": "blind", "method": "REFER", "by": "1001", "to": "1002"},
            {"kind": "attended", "method": "REFER", "by": "1002", "to": "1003"},
        ],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.transferred_at))
    told.leg(second, talk=(second.answered_at, second.transferred_at))
    told.leg(
        third,
        talk=(second.transferred_at, customer.ended_at),
        consult=(third.answered_at, second.transferred_at),
    )


@flow("two attended transfers one after the other", "attended-transfer", phones="1001 1002 1003")
async def chain_attended_twice(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050013")
    legs = [first]
    for extension in ("1002", "1003"):
        await office.talk(2)
        await legs[-1].hold()
        asking = await office.phones[legs[-1].line].call(extension)
        colleague = await office.rings(extension)
        await office.talk(1)
        await colleague.answer()
        await asking.until_answered()
        await office.talk(2)
        await legs[-1].transfer_to(asking)
        legs.append(colleague)
    await office.talk(2)
    await customer.hang_up()
    await legs[-1].until_ended()

    _, second, third = legs
    told = office.inbound(
        customer, DIRECT,
        holds=[(leg.held_at[0], leg.transferred_at) for leg in (first, second)],
        transfers=[
            {"kind": "attended", "method": "REFER", "by": "1001", "to": "1002"},
            {"kind": "attended", "method": "REFER", "by": "1002", "to": "1003"},
        ],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.transferred_at))
    told.leg(
        second, talk=(first.transferred_at, second.transferred_at),
        consult=(second.answered_at, first.transferred_at),
    )  # fmt: skip
    told.leg(
        third, talk=(second.transferred_at, customer.ended_at),
        consult=(third.answered_at, second.transferred_at),
    )  # fmt: skip


@flow("blind transfer to a colleague's mailbox, a message is left", "blind-transfer", phones="1001")
async def blind_to_mailbox(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050014")
    await office.talk()
    await first.transfer("*91002")
    await office.talk(9)
    await customer.hang_up()

    told = office.inbound(
        customer, DIRECT, voicemail=True,
        transfers=[{"kind": "blind", "method": "REFER", "by": "1001", "to": "*91002"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.transferred_at))


@flow(
    "blind transfer to a number that does not exist: the call goes on as it was",
    "blind-transfer",
    phones="1001",
    also_on=("sip16",),
)
async def blind_refused(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050015")
    await office.talk()
    await first.try_transfer("5999")
    await office.talk(2)
    await first.hang_up()
    await customer.until_ended()

    told = office.inbound(customer, DIRECT, hangup_by="agent")
    told.leg(first, talk=(first.answered_at, first.ended_at))


@flow("blind transfer by feature code (##)", "blind-transfer", phones="1001 1002")
async def blind_feature_code(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050016")
    await office.talk()
    asked_at = await office.keys(first, "##")
    await office.talk(1)
    gone_at = await office.keys(first, "1002")
    second = await office.rings("1002")
    await office.talk(2)
    await second.answer()
    await office.talk(2)
    await customer.hang_up()
    await second.until_ended()

    told = office.inbound(
        customer, DIRECT, holds=[(asked_at, gone_at)],
        transfers=[{"kind": "blind", "method": "REFER", "by": "1001", "to": "1002"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, gone_at))
    told.leg(second, talk=(second.answered_at, customer.ended_at))


@flow("AMI redirects the customer into a queue", "redirect", phones="1001 1004")
async def redirect_to_queue(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050017")
    await office.talk()
    channel = await office.channel("trunk")
    await office.ami.action(
        "Redirect", Channel=channel, Context="queue", Exten="billing", Priority="1"
    )
    second = await office.rings("1004")
    await first.until_ended()
    await office.talk(2)
    await second.answer()
    await office.talk(3)
    await second.hang_up()
    await customer.until_ended()

    told = office.inbound(customer, DIRECT, queues=["billing"], hangup_by="agent")
    told.leg(first, talk=(first.answered_at, first.ended_at))
    told.leg(second, talk=(second.answered_at, second.ended_at))


@flow(
    "AMI redirects both: the customer to a colleague, the agent to another one",
    "redirect",
    phones="1001 1002 1003",
)
async def redirect_both(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050018")
    parted_at = await office.talk()
    await office.ami.action(
        "Redirect",
        Channel=await office.channel("trunk"), Context="internal", Exten="1002", Priority="1",
        ExtraChannel=await office.channel("1001"), ExtraContext="internal", ExtraExten="1003",
        ExtraPriority="1",
    )  # fmt: skip
    second, third = await office.rings("1002"), await office.rings("1003")
    await office.talk(2)
    await third.answer()
    await second.answer()
    await office.talk(3)
    await first.hang_up()
    await office.talk(2)
    await customer.hang_up()
    await second.until_ended()

    told = office.inbound(customer, DIRECT)
    told.leg(first, talk=(first.answered_at, parted_at))
    told.leg(second, talk=(second.answered_at, customer.ended_at))
    told.leg(third, consult=(third.answered_at, third.ended_at))


@flow("attended transfer begun and cancelled over AMI", "attended-transfer", phones="1001 1002")
async def ami_atxfer_cancelled(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050019")
    asked_at = await office.talk()
    channel = await office.channel("1001")
    await office.ami.action("Atxfer", Channel=channel, Exten="1002", Context="internal")
    second = await office.rings("1002")
    await office.talk(1)
    await second.answer()
    back_at = await office.talk()
    await office.ami.action("CancelAtxfer", Channel=channel)
    await second.until_ended()
    await office.talk(3)
    await customer.hang_up()
    await first.until_ended()

    told = office.inbound(customer, DIRECT, holds=[(asked_at, back_at)])
    told.leg(first, talk=(first.answered_at, customer.ended_at))
    told.leg(second, consult=(second.answered_at, second.ended_at))


@flow("blind transfer by AMI", "blind-transfer", phones="1001 1002")
async def ami_blind_transfer(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050020")
    gone_at = await office.talk()
    await office.ami.action(
        "BlindTransfer", Channel=await office.channel("1001"), Context="internal", Exten="1002"
    )
    second = await office.rings("1002")
    await office.talk(2)
    await second.answer()
    await office.talk(2)
    await customer.hang_up()
    await second.until_ended()

    told = office.inbound(
        customer, DIRECT,
        transfers=[{"kind": "blind", "method": "REFER", "by": "1001", "to": "1002"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, gone_at))
    told.leg(second, talk=(second.answered_at, customer.ended_at))


@flow(
    "attended transfer into a queue in which nobody has answered yet",
    "attended-transfer",
    phones="1001 1004",
    also_on=("sip16",),
)
async def att_to_waiting_queue(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050021")
    await office.talk()
    await first.hold()
    asking = await office.phones["1001"].call("6003")
    second = await office.rings("1004")
    await office.talk(2)
    await first.transfer_to(asking)
    await office.talk(3)
    await second.answer()
    await office.talk(3)
    await second.hang_up()
    await customer.until_ended()

    told = office.inbound(
        customer, DIRECT, queues=["billing"], holds=[(first.held_at[0], first.transferred_at)],
        hangup_by="agent",
        transfers=[{"kind": "attended", "method": "REFER", "by": "1001", "to": "6003"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.transferred_at))
    told.leg(second, talk=(second.answered_at, second.ended_at))


@flow(
    "the customer hangs up while the agent asks a colleague",
    "attended-transfer",
    phones="1001 1002",
    only_on=("sip16",),
)
async def att_customer_gives_up(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050022")
    await office.talk()
    await first.hold()
    asking = await office.phones["1001"].call("1002")
    second = await office.rings("1002")
    await office.talk(1)
    await second.answer()
    await asking.until_answered()
    await office.talk()
    await customer.hang_up()
    await first.until_ended()
    await office.talk(2)
    await asking.hang_up()
    await second.until_ended()

    office.internal_calls = 1
    told = office.inbound(customer, DIRECT, holds=[(first.held_at[0], customer.ended_at)])
    told.leg(first, talk=(first.answered_at, customer.ended_at))


@flow(
    "AMI joins two customers' calls: one agent's customer with another agent (Bridge)",
    "redirect",
    phones="1001 1002",
)
async def ami_bridge(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050024")
    await office.talk()
    asking = await office.phones["1001"].call("1002")
    second = await office.rings("1002")
    await office.talk(1)
    await second.answer()
    await asking.until_answered()
    joined_at = await office.talk()
    await office.ami.action(
        "Bridge",
        Channel1=await office.channel("trunk"), Channel2=await office.channel("1002"), Tone="no",
    )  # fmt: skip
    await first.leave()
    await asking.leave()
    await office.talk(3)
    await customer.hang_up()
    await second.until_ended()

    told = office.inbound(customer, DIRECT)
    told.leg(first, talk=(first.answered_at, joined_at))
    told.leg(second, talk=(joined_at, customer.ended_at), consult=(second.answered_at, joined_at))


@flow(
    "an agent joins two customers who both called him (REFER with Replaces)",
    "attended-transfer",
    phones="1001",
    also_on=("sip16",),
)
async def att_two_customers(office: Office) -> None:
    one, first = await office.reached("1001", DIRECT, "0505050025")
    await office.talk()
    await first.hold()
    two, second = await office.reached("1001", DIRECT, "0505050026")
    await office.talk()
    await first.transfer_to(second)
    await office.talk(3)
    await one.hang_up()
    await two.until_ended()

    joined_at = first.transferred_at
    told = office.inbound(
        one, DIRECT, holds=[(first.held_at[0], joined_at)],
        transfers=[{"kind": "attended", "method": "REFER", "by": "1001", "to": "trunk"}],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, joined_at))
    told.leg("external:0505050026", talk=(joined_at, one.ended_at))
    told = office.inbound(two, DIRECT, hangup_by="external")
    told.leg(second, talk=(second.answered_at, joined_at))
    told.leg("external:0505050025", talk=(joined_at, one.ended_at))


@flow(
    "handed over blind, and back again to who had handed over",
    "blind-transfer",
    phones="1001 1002",
    only_on=("sip16",),
)
async def blind_and_back(office: Office) -> None:
    customer, first = await office.reached("1001", DIRECT, "0505050028")
    await office.talk()
    await first.transfer("1002")
    second = await office.rings("1002")
    await office.talk(1.5)
    await second.answer()
    await office.talk()
    await second.transfer("1001")
    again = await office.rings("1001")
    await office.talk(1.5)
    await again.answer()
    await office.talk()
    await again.hang_up()
    await customer.until_ended()

    told = office.inbound(
        customer, DIRECT, hangup_by="agent",
        transfers=[
            {"kind": "blind", "method": "REFER", "by": "1001", "to": "1002"},
            {"kind": "blind", "method": "REFER", "by": "1002", "to": "1001"},
        ],
    )  # fmt: skip
    told.leg(first, talk=(first.answered_at, first.transferred_at))
    told.leg(second, talk=(second.answered_at, second.transferred_at))
    told.leg(again, talk=(again.answered_at, again.ended_at))
