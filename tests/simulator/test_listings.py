"""A client that comes in mid-call can rebuild what goes on; lists look as Asterisk's do."""

from pathlib import Path

import pytest

from tests.simulator.ami_client import read_block, value

RECORDED = Path(__file__).parents[1] / "transcripts" / "resync_mid_call.ami"

LISTS = (
    "CoreShowChannels",
    "Status",
    "BridgeList",
    "QueueStatus",
    "QueueSummary",
    "DeviceStateList",
    "ExtensionStateList",
    "PJSIPShowEndpoints",
    "PJSIPShowContacts",
    "PresenceStateList",
    "ParkedCalls",
)


async def _in_mid_call(sim):
    """One customer talks, one waits for nobody free, one phone rings, one agent has dialled out."""
    talking = await sim.pbx.queue_call("0506565651", "support", "Müşfiq Abbasov")
    await talking.answer()
    outbound = await sim.pbx.dial("1002", "0557654340")
    await outbound.far_answers()
    ringing = await sim.pbx.call("0506565653", "1003")
    waiting = await sim.pbx.queue_call("0506565652", "support")
    return talking, outbound, ringing, waiting


def _fields(block) -> tuple[str, ...]:
    """Return the names of the fields, those of `channelvars` once."""
    return tuple(dict.fromkeys(key for key, _ in block))


def _recorded_shapes() -> dict[str, set[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = {}
    for text in RECORDED.read_bytes().decode().split("\r\n\r\n"):
        block = read_block(text)
        if value(block, "ActionID") and block[0][0] == "Event":
            found.setdefault(block[0][1], set()).add(_fields(block))
    return found


async def test_list_items_have_the_fields_of_the_recording(sim, client):
    await _in_mid_call(sim)
    recorded = _recorded_shapes()
    for action in LISTS:
        await client.ask_list(action)
    items = [b for b in client.blocks if b[0][0] == "Event" and value(b, "ActionID")]

    assert items
    for item in items:
        assert _fields(item) in recorded[item[0][1]], item


async def test_channels_tell_who_talks_who_waits_and_who_rings(sim, client):
    talking, outbound, ringing, waiting = await _in_mid_call(sim)
    channels = {value(b, "Channel"): b for b in await client.ask_list("CoreShowChannels")}
    bridges = {value(b, "BridgeUniqueid") for b in await client.ask_list("BridgeList")}

    assert channels.keys() == sim.pbx.channels.keys()
    for call in (talking, outbound):
        ids = {value(channels[leg.name], "BridgeId") for leg in call.channels}
        assert len(ids) == 1
        assert ids <= bridges
    waits = channels[waiting.caller.name]
    assert (value(waits, "Application"), value(waits, "BridgeId")) == ("Queue", "")
    assert value(waits, "ApplicationData").startswith("support,")
    rings = channels[ringing.channels[1].name]
    assert (value(rings, "ChannelState"), value(rings, "Application")) == ("5", "AppDial")


async def test_status_tells_the_did_and_the_variables_asked_for(sim, client):
    call, *_ = await _in_mid_call(sim)
    [item] = await client.ask_list("Status", Channel=call.caller.name, Variables="DID,NOTHING")

    assert value(item, "DNID") == "0124042000"
    assert [text for key, text in item if key == "Variable"] == ["DID=0124042000", "NOTHING=(null)"]


async def test_a_bridge_tells_who_is_in_it(sim, client):
    call, *_ = await _in_mid_call(sim)
    items = await client.ask_list("BridgeInfo", BridgeUniqueid=call.caller.bridge.uniqueid)

    assert {value(b, "Channel") for b in items} == {leg.name for leg in call.channels}


async def test_the_queue_tells_its_members_and_who_waits(sim, client):
    *_, waiting = await _in_mid_call(sim)
    items = await client.ask_list("QueueStatus", Queue="support")
    members = {value(b, "Location"): value(b, "Status") for b in items if value(b, "Location")}
    [entry] = [b for b in items if value(b, "Event") == "QueueEntry"]

    assert members == {"PJSIP/1001": "2", "PJSIP/1002": "2", "PJSIP/1003": "6"}
    assert value(entry, "Uniqueid") == waiting.caller.uniqueid
    assert value(entry, "CallerIDName") == "unknown"


async def test_a_phone_that_is_not_registered_has_no_contact(sim, client):
    sim.pbx.set_phone("1005", registered=False)
    contacts = {value(b, "Endpoint") for b in await client.ask_list("PJSIPShowContacts")}
    states = {value(b, "Exten"): b for b in await client.ask_list("ExtensionStateList")}

    assert contacts == {"1001", "1002", "1003", "1004", "1006"}
    assert value(states["1005"], "StatusText") == "Unavailable"


@pytest.mark.parametrize(("exten", "text"), [("1001", "Idle"), ("7777", "Unknown")])
async def test_the_state_of_one_extension_can_be_asked_for(client, exten, text):
    answer = await client.ask("ExtensionState", Exten=exten, Context="internal")

    assert value(answer, "StatusText") == text


async def test_core_status_counts_calls_and_keeps_the_start(sim, client):
    await _in_mid_call(sim)
    first, second = await client.ask("CoreStatus"), await client.ask("CoreStatus")

    assert value(first, "CoreCurrentCalls") == str(len(sim.pbx.channels))
    assert first[2:4] == second[2:4]
    assert value(await client.ask("CoreSettings"), "AMIversion") == "11.0.0"
