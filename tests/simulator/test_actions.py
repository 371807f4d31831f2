"""What clients ask for, what is done, and how Asterisk words a refusal."""

import asyncio

import pytest

from callcenter.simulator import NotPossibleNow
from tests.simulator.ami_client import AmiClient, value

CLICK = {
    "Channel": "PJSIP/1001",
    "Context": "click2call",
    "Exten": "0557654321",
    "Priority": "1",
    "Async": "true",
}


async def test_an_action_without_login_is_denied(sim):
    client = await AmiClient.connect(sim)
    answer = await client.ask("CoreStatus")
    await client.close()

    assert value(answer, "Message") == "Permission denied"


async def test_an_action_outside_the_users_classes_is_denied(sim):
    async with AmiClient.logged_in(sim, user=1) as reader:
        answers = [
            await reader.ask("Hangup", Channel="PJSIP/1001-00000000"),
            await reader.ask("Originate", **CLICK),
            await reader.ask("QueuePause", Interface="PJSIP/1001", Paused="true"),
        ]
        allowed = await reader.ask("Ping")

    assert {value(answer, "Message") for answer in answers} == {"Permission denied"}
    assert value(allowed, "Ping") == "Pong"


@pytest.mark.parametrize(
    ("action", "fields", "message"),
    [
        ("", {}, "Missing action in request"),
        (
            "Fly",
            {},
            "Invalid/unknown command: Fly. Use Action: ListCommands to show available commands.",
        ),
        ("Hangup", {}, "No channel specified"),
        ("Hangup", {"Channel": "PJSIP/1001-0000000a"}, "No such channel"),
        ("Redirect", {"Exten": "1002"}, "Channel not specified"),
        ("Redirect", {"Channel": "PJSIP/x-1"}, "Channel does not exist: PJSIP/x-1"),
        ("Status", {"Channel": "PJSIP/x-1"}, "No such channel"),
        ("Getvar", {}, "No variable specified"),
        ("Getvar", {"Channel": "PJSIP/x-1", "Variable": "DID"}, "No such channel"),
        ("Challenge", {"AuthType": "plain"}, "Must specify AuthType"),
        ("Originate", {**CLICK, "Channel": ""}, "Channel not specified"),
        ("Originate", {**CLICK, "Channel": "1001"}, "Invalid channel"),
        ("Originate", {**CLICK, "Timeout": "soon"}, "Invalid timeout"),
        ("Originate", {**CLICK, "Priority": "first"}, "Invalid priority"),
        ("Originate", {**CLICK, "Exten": "call-me"}, "Extension does not exist."),
        (
            "Originate",
            {**CLICK, "ChannelId": "x" * 150},
            "Uniqueid length exceeds maximum of 149",
        ),
        ("QueuePause", {"Paused": "true"}, "Need 'Interface' and 'Paused' parameters."),
        ("QueuePause", {"Interface": "PJSIP/9", "Paused": "1"}, "Interface not found"),
        (
            "QueuePause",
            {"Queue": "nowhere", "Interface": "PJSIP/1001", "Paused": "1"},
            "Interface not found",
        ),
        ("QueueAdd", {"Interface": "PJSIP/1001"}, "'Queue' not specified."),
        ("QueueAdd", {"Queue": "vip"}, "'Interface' not specified."),
        (
            "QueueAdd",
            {"Queue": "nowhere", "Interface": "PJSIP/1001"},
            "Unable to add interface to queue: No such queue",
        ),
        (
            "QueueAdd",
            {"Queue": "support", "Interface": "PJSIP/1001"},
            "Unable to add interface: Already there",
        ),
        ("QueueRemove", {"Queue": "vip"}, "Need 'Queue' and 'Interface' parameters."),
        (
            "QueueRemove",
            {"Queue": "vip", "Interface": "PJSIP/1001"},
            "Unable to remove interface: Not there",
        ),
        (
            "QueueRemove",
            {"Queue": "support", "Interface": "PJSIP/1001"},
            "Member not added dynamically",
        ),
        ("BridgeInfo", {"BridgeUniqueid": "none"}, "Specified BridgeUniqueid not found"),
        ("ModuleCheck", {"Module": "app_teleport"}, "Module not loaded"),
        ("ConfbridgeListRooms", {}, "No active conferences."),
        ("Command", {"Command": "core show version"}, "Permission denied"),
    ],
)
async def test_a_refusal_is_worded_as_asterisk_words_it(client, action, fields, message):
    answer = await client.ask(action, **fields)

    assert (value(answer, "Response"), value(answer, "Message")) == ("Error", message)


@pytest.mark.parametrize(
    "data",
    [
        b"Action: Ping\r\nX: " + b"x" * 3000 + b"\r\n\r\n",
        b"Action: Ping\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
    ],
    ids=["a long line", "many lines"],
)
async def test_an_action_beyond_asterisks_limits_ends_the_connection(client, data):
    client.send_bytes(data)
    answer = await client.first(lambda block: block[0] == ("Response", "Error"))
    await client.closed.wait()

    assert "too long" in value(answer, "Message") or "Too many" in value(answer, "Message")


async def test_actions_arrive_whole_however_they_are_cut(client):
    for byte in b"action: PING\r\nACTIONID: slow\r\n\r\n":
        client.send_bytes(bytes([byte]))
        await asyncio.sleep(0)
    answer = await client.first(lambda block: value(block, "ActionID") == "slow")

    assert value(answer, "Ping") == "Pong"


async def test_a_clicked_call_rings_the_agent_and_then_dials_the_customer(sim, client):
    await client.ask("Originate", ChannelId="click-1", Variable="__CRM_REF=42", **CLICK)
    call = await sim.pbx.originated()
    assert call.ringing == ["1001"]

    await call.answer()
    answered = await client.event("OriginateResponse")
    assert (value(answered, "Response"), value(answered, "Uniqueid")) == ("Success", "click-1")
    assert call.far_is_ringing

    await call.far_answers()
    far = await client.event("BridgeEnter", CallerIDNum="0557654321")
    assert ("ChanVariable", "CRM_REF=42") in far
    assert value(far, "Linkedid") == "click-1"
    assert (call.agent, call.is_connected) == ("1001", True)


@pytest.mark.parametrize(
    ("refuse", "reason"), [("busy", "5"), ("decline", "0"), ("no_answer", "3")]
)
async def test_a_clicked_call_that_the_agent_does_not_take_fails(sim, client, refuse, reason):
    await client.ask("Originate", **CLICK)
    call = await sim.pbx.originated()
    await getattr(call, refuse)()
    response = await client.event("OriginateResponse")

    assert (value(response, "Response"), value(response, "Reason")) == ("Failure", reason)
    assert call.ended


async def test_the_timeout_of_a_clicked_call_is_kept(sim, client):
    await client.ask("Originate", Timeout="50", **CLICK)
    response = await client.event("OriginateResponse")

    assert value(response, "Reason") == "3"
    assert sim.pbx.channels == {}


async def test_a_channel_id_in_use_cannot_be_dialled_twice(sim, client):
    await client.ask("Originate", ChannelId="click-1", **CLICK)
    await client.ask("Originate", ChannelId="click-1", **{**CLICK, "Channel": "PJSIP/1002"})
    response = await client.event("OriginateResponse")

    assert (value(response, "Response"), value(response, "Reason")) == ("Failure", "0")
    assert len(sim.pbx.channels) == 1


async def test_without_async_the_answer_comes_when_the_agent_has_picked_up(sim, client):
    action_id = client.send("Originate", **{**CLICK, "Async": "false"})
    call = await sim.pbx.originated()
    before = [block for block in client.blocks if value(block, "ActionID") == action_id]
    await call.answer()
    answer = await client.first(lambda block: value(block, "ActionID") == action_id)

    assert before == []
    assert answer[0] == ("Response", "Success")
    assert not any(value(block, "Event") == "OriginateResponse" for block in client.blocks)


@pytest.mark.parametrize("leg", ["caller", "agent"])
async def test_hanging_up_one_leg_ends_the_call(sim, client, leg):
    call = await sim.pbx.call("0501234567", "1001")
    await call.answer()
    trunk, agent = call.caller.name, call.channels[1].name
    answer = await client.ask("Hangup", Channel=trunk if leg == "caller" else agent, Cause="16")
    await client.catch_up()

    assert value(answer, "Message") == "Channel Hungup"
    assert call.ended
    assert sim.pbx.channels == {}


async def test_a_channel_may_be_named_by_its_uniqueid(sim, client):
    call = await sim.pbx.call("0501234567", "1001")
    answer = await client.ask("Hangup", Channel=call.caller.uniqueid)

    assert value(answer, "Message") == "Channel Hungup"
    assert call.ended


async def test_hanging_up_a_ringing_phone_of_a_queue_lets_the_next_one_ring(sim, client):
    call = await sim.pbx.queue_call("0501234567", "support")
    await client.ask("Hangup", Channel=call.channels[1].name)

    assert call.ringing == ["1002"]


async def test_redirecting_the_customer_rings_the_new_agent_and_frees_the_old(sim, client):
    call = await sim.pbx.queue_call("0501234567", "support")
    await call.answer()
    answer = await client.ask(
        "Redirect", Channel=call.caller.name, Context="internal", Exten="1004", Priority="1"
    )
    complete = await client.event("AgentComplete")

    assert value(answer, "Message") == "Redirect successful"
    assert value(complete, "Reason") == "transfer"
    assert call.ringing == ["1004"]
    assert sim.pbx.phones["1001"].state == "NOT_INUSE"


async def test_redirecting_the_customer_of_a_clicked_call_lets_the_agent_go(sim, client):
    await client.ask("Originate", **CLICK)
    call = await sim.pbx.originated()
    await call.answer()
    await call.far_answers()
    customer = call.channels[1].name
    await client.ask("Redirect", Channel=customer, Context="internal", Exten="1002", Priority="1")
    assert call.ringing == ["1002"]
    assert sim.pbx.phones["1001"].state == "NOT_INUSE"

    await call.answer()
    await call.hangup(by="customer")
    assert sim.pbx.channels == {}


async def test_redirecting_to_a_queue_by_its_name_joins_it(sim, client):
    call = await sim.pbx.call("0501234567", "1004")
    await call.answer()
    await client.ask("Redirect", Channel=call.caller.name, Context="to-queue", Exten="support")
    joined = await client.event("QueueCallerJoin")

    assert value(joined, "CallerIDNum") == "0501234567"
    assert call.is_waiting


async def test_a_ringing_leg_cannot_be_redirected(sim, client):
    call = await sim.pbx.call("0501234567", "1001")
    answer = await client.ask("Redirect", Channel=call.channels[1].name, Exten="1002")

    assert value(answer, "Message") == "Redirect failed"


async def test_a_paused_member_is_paused_in_all_queues_and_not_rung(sim, client):
    answer = await client.ask("QueuePause", Interface="PJSIP/1001", Paused="true", Reason="Lunch")
    call = await sim.pbx.queue_call("0501234567", "support")
    pauses = [b for b in await client.catch_up() if value(b, "Event") == "QueueMemberPause"]

    assert value(answer, "Message") == "Interface paused successfully"
    assert {value(block, "Queue") for block in pauses} == {"support", "all", "sales"}
    assert {value(block, "PausedReason") for block in pauses} == {"Lunch"}
    assert call.ringing == ["1002"]


async def test_a_caller_who_waits_rings_the_member_who_comes_back(sim, client):
    for extension in ("1001", "1002", "1003"):
        await client.ask("QueuePause", Interface=f"PJSIP/{extension}", Paused="true")
    call = await sim.pbx.queue_call("0501234567", "support")
    assert call.ringing == []

    await client.ask("QueuePause", Interface="PJSIP/1002", Paused="false")
    await call.until(lambda it: it.ringing == ["1002"])


async def test_a_queue_takes_members_in_and_lets_them_go(sim, client):
    added = await client.ask(
        "QueueAdd", Queue="vip", Interface="PJSIP/1006", MemberName="Zərifə", Penalty="1"
    )
    call = await sim.pbx.queue_call("0501234567", "vip")
    assert call.ringing == ["1006"]
    await call.hangup()
    removed = await client.ask("QueueRemove", Queue="vip", Interface="PJSIP/1006")
    event = await client.event("QueueMemberRemoved")

    assert value(added, "Message") == "Added interface to queue"
    assert value(removed, "Message") == "Removed interface from queue"
    assert (value(event, "MemberName"), value(event, "Membership")) == ("Zərifə", "dynamic")


async def test_a_queue_that_nobody_is_logged_in_to_turns_callers_away(sim, client):
    call = await sim.pbx.queue_call("0501234567", "vip")
    events = await client.catch_up()

    assert call.ended
    assert not any(value(block, "Event").startswith("QueueCaller") for block in events)
    assert ("ChanVariable", "QUEUESTATUS=JOINEMPTY") in events[-2]


async def test_the_commands_that_a_user_may_give_are_listed(sim, client):
    mine = [key for key, _ in await client.ask("ListCommands")]
    async with AmiClient.logged_in(sim, user=1) as reader:
        readers = [key for key, _ in await reader.ask("ListCommands")]

    assert "Originate" in mine
    assert "Originate" not in readers
    assert "Ping" in readers


async def test_variables_can_be_read_and_set(sim, client):
    call = await sim.pbx.call("0501234567", "1001", name="Əli")
    channel = call.caller.name
    await client.ask("Setvar", Channel=channel, Variable="CRM_REF", Value="7")

    for name, expected in [("CRM_REF", "7"), ("DID", "0124041001"), ("CALLERID(name)", "Əli")]:
        answer = await client.ask("Getvar", Channel=channel, Variable=name)
        assert value(answer, "Value") == expected


@pytest.mark.parametrize("verb", ["answer", "far_answers", "far_busy", "hold"])
async def test_a_script_that_asks_for_the_impossible_is_told_so(sim, verb):
    call = await sim.pbx.call("0501234567", "1001")
    await call.hangup()

    with pytest.raises(NotPossibleNow):
        await getattr(call, verb)()
