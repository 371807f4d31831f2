"""Faults that a client must survive can be made here, and a client that is one is cut off."""

import asyncio

import pytest

from callcenter.simulator import Simulator, SimulatorSettings
from tests.simulator.ami_client import AmiClient, value

DEADLINE_S = 30


async def test_dropped_connections_end_and_calls_go_on(sim, client):
    call = await sim.pbx.call("0501234567", "1001")
    sim.drop_connections()
    async with asyncio.timeout(DEADLINE_S):
        await client.closed.wait()
    await call.answer()

    async with AmiClient.logged_in(sim) as again:
        assert len(await again.ask_list("CoreShowChannels")) == 2


async def test_a_silent_pbx_keeps_the_connection_and_says_nothing(sim, client):
    before = len(await client.catch_up())
    sim.go_silent()
    client.send("Ping")
    call = await sim.pbx.call("0501234567", "1001")
    _, writer = await asyncio.open_connection(sim.host, sim.port)
    writer.close()
    await writer.wait_closed()
    sim.speak_again()
    await call.hangup()
    events = await client.catch_up()

    assert not client.closed.is_set()
    names = [value(block, "Event") for block in events[before:]]
    assert "Newchannel" not in names
    assert "Hangup" in names


async def test_garbage_reaches_every_client_as_it_is(sim):
    reader, writer = await asyncio.open_connection(sim.host, sim.port)
    await reader.readline()
    sim.send_raw(b"\x00\xff no colon \xfe\r\n\r\n")
    async with asyncio.timeout(DEADLINE_S):
        data = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()

    assert data == b"\x00\xff no colon \xfe\r\n\r\n"


async def test_the_port_can_be_closed_and_opened_again(sim, client):
    port = sim.port
    await sim.stop_listening()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(sim.host, port)
    assert value(await client.ask("Ping"), "Ping") == "Pong"

    await sim.listen()
    assert sim.port == port
    async with AmiClient.logged_in(sim) as again:
        assert value(await again.ask("Ping"), "Ping") == "Pong"


async def test_logins_can_be_refused_for_a_while(sim):
    sim.reject_logins()
    refused = await AmiClient.connect(sim)
    answer = await refused.ask("Login", Username="crm", Secret="crm-secret")
    await refused.close()
    sim.accept_logins()
    async with AmiClient.logged_in(sim):
        pass

    assert value(answer, "Message") == "Authentication failed"


async def test_a_client_that_does_not_read_is_cut_off_and_the_others_are_not():
    settings = SimulatorSettings(write_limit_bytes=10_000)
    async with Simulator(settings) as sim, AmiClient.logged_in(sim) as good:
        reader, writer = await asyncio.open_connection(sim.host, sim.port, limit=1000)
        writer.write(b"Action: Login\r\nUsername: crm\r\nSecret: crm-secret\r\n\r\n")
        async with asyncio.timeout(DEADLINE_S):
            await reader.readuntil(b"Fully Booted\r\n\r\n")
            while sim.connections == 2:
                sim.pbx.emit("UserEvent", "user", [("UserEvent", "Flood"), ("Text", "x" * 60_000)])
                await asyncio.sleep(0)
            assert value(await good.ask("Ping"), "Ping") == "Pong"
        writer.transport.abort()
