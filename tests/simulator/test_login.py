"""Logging in, and which events a user gets."""

import hashlib

import pytest

from callcenter.simulator import AmiUser, Simulator, SimulatorSettings
from tests.simulator.ami_client import AmiClient, value


async def test_the_right_secret_is_accepted_and_followed_by_fully_booted(sim):
    client = await AmiClient.connect(sim)
    answer = await client.ask("Login", Username="crm", Secret="crm-secret")
    booted = await client.event("FullyBooted")
    await client.close()

    assert answer[0::2] == [("Response", "Success"), ("Message", "Authentication accepted")]
    assert value(booted, "Status") == "Fully Booted"


@pytest.mark.parametrize(
    ("name", "secret"),
    [("crm", "wrong"), ("nobody", "crm-secret"), ("crm", "")],
)
async def test_a_wrong_login_is_refused_and_the_connection_closed(sim, name, secret):
    client = await AmiClient.connect(sim)
    answer = await client.ask("Login", Username=name, Secret=secret)
    await client.closed.wait()
    await client.close()

    assert value(answer, "Response") == "Error"
    assert value(answer, "Message") == "Authentication failed"


async def test_a_challenge_is_answered_with_md5(sim):
    client = await AmiClient.connect(sim)
    challenge = value(await client.ask("Challenge", AuthType="MD5"), "Challenge")
    key = hashlib.md5(f"{challenge}crm-secret".encode()).hexdigest()
    answer = await client.ask("Login", AuthType="MD5", Username="crm", Key=key)
    await client.close()

    assert value(answer, "Response") == "Success"


async def test_an_md5_key_without_a_challenge_proves_nothing(sim):
    client = await AmiClient.connect(sim)
    key = hashlib.md5(b"crm-secret").hexdigest()
    answer = await client.ask("Login", AuthType="MD5", Username="crm", Key=key)
    await client.close()

    assert value(answer, "Message") == "Authentication failed"


async def test_whoever_does_not_log_in_is_thrown_out():
    async with Simulator(SimulatorSettings(login_timeout_s=0.05)) as sim:
        client = await AmiClient.connect(sim)
        await client.closed.wait()
        await client.close()


async def test_logging_off_ends_the_connection(client):
    answer = await client.ask("Logoff")
    await client.closed.wait()

    assert answer[0] == ("Response", "Goodbye")
    assert value(answer, "Message") == "Thanks for all the fish."


async def test_events_can_be_switched_off_and_on(sim, client):
    off = await client.ask("Events", EventMask="off")
    call = await sim.pbx.call("0501234567", "1001")
    unheard = await client.catch_up()
    on = await client.ask("Events", EventMask="on")
    await call.hangup()
    heard = await client.catch_up()

    assert (value(off, "Events"), value(on, "Events")) == ("Off", "On")
    assert [value(block, "Event") for block in unheard] == ["FullyBooted"]
    assert "Hangup" in [value(block, "Event") for block in heard]


async def test_a_login_with_events_off_is_told_nothing(sim):
    client = await AmiClient.connect(sim)
    await client.ask("Login", Username="crm", Secret="crm-secret", Events="off")
    events = await client.catch_up()
    await client.close()

    assert events == []


async def test_a_mask_narrows_what_the_user_may_read(sim, client):
    await client.ask("Events", EventMask="agent,dialplan")
    call = await sim.pbx.queue_call("0501234567", "support")
    await call.hangup()
    classes = {value(block, "Privilege") for block in await client.catch_up()}

    assert classes == {"system,all", "agent,all"}


async def test_a_user_gets_only_the_classes_of_manager_conf():
    user = AmiUser("calls", "secret", read=frozenset({"call"}))
    async with (
        Simulator(SimulatorSettings(users=(user,))) as sim,
        AmiClient.logged_in(sim) as client,
    ):
        call = await sim.pbx.queue_call("0501234567", "support")
        await call.hangup()
        classes = {value(block, "Privilege") for block in await client.catch_up()}

    assert classes == {"call,all"}
