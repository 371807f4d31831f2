"""An office full of people: lively, bounded, and tidy when the last one has gone."""

import asyncio
from collections import Counter

import pytest

from callcenter.simulator import Caller, Habits, Office, Simulator, SimulatorSettings
from tests.simulator.ami_client import AmiClient, value

CALLS = 120
DEADLINE_S = 30


@pytest.fixture(params=[1, 2], ids=lambda seed: f"seed {seed}")
async def day(request):
    """All events of one day, and the office after it."""
    settings = SimulatorSettings(timers=True, speed=300, write_limit_bytes=50_000_000)
    async with Simulator(settings) as sim, AmiClient.logged_in(sim) as client:
        office = Office(sim.pbx)
        async with asyncio.timeout(DEADLINE_S):
            await office.run(rate_per_min=40, seed=request.param, calls=CALLS)
            yield await client.catch_up(), sim


async def test_whatever_begins_also_ends(day):
    events, sim = day
    begun = Counter(value(b, "Uniqueid") for b in events if value(b, "Event") == "Newchannel")
    ended = Counter(value(b, "Uniqueid") for b in events if value(b, "Event") == "Hangup")
    names = Counter(value(b, "Event") for b in events)

    assert begun == ended
    assert set(begun.values()) == {1}
    assert names["BridgeCreate"] == names["BridgeDestroy"] > 0
    assert names["BridgeEnter"] == names["BridgeLeave"]
    assert names["QueueCallerJoin"] == names["QueueCallerLeave"] > 0
    assert (sim.pbx.channels, sim.pbx.bridges, sim.pbx.calls) == ({}, {}, [])
    assert {phone.state for phone in sim.pbx.phones.values()} == {"NOT_INUSE"}
    assert all(not queue.waiting for queue in sim.pbx.queues.values())


QUEUE = {"to_a_queue": 1.0, "to_an_agent": 0.0, "from_an_agent": 0.0}
DIRECT = {"to_a_queue": 0.0, "to_an_agent": 1.0, "from_an_agent": 0.0}
OUTBOUND = {"to_a_queue": 0.0, "to_an_agent": 0.0, "from_an_agent": 1.0}
PATIENT = {"patience_s": 1000.0}
ANSWERED = {"agent_misses": 0.0, "agent_declines": 0.0, **PATIENT}


@pytest.mark.parametrize(
    ("habits", "event", "fields"),
    [
        ({**QUEUE, **ANSWERED}, "AgentConnect", {}),
        ({**QUEUE, **ANSWERED, "holds": 1.0}, "Unhold", {}),
        ({**QUEUE, "agent_misses": 1.0}, "QueueCallerAbandon", {}),
        ({**QUEUE, "agent_misses": 1.0}, "AgentRingNoAnswer", {}),
        ({**QUEUE, "agent_misses": 0.0, "agent_declines": 1.0}, "HangupRequest", {"Cause": "21"}),
        ({**DIRECT, **PATIENT, "agent_misses": 1.0}, "MessageWaiting", {}),
        ({**DIRECT, "withheld": 1.0}, "Newchannel", {"CallerIDNum": "anonymous"}),
        ({**OUTBOUND, "far_busy": 1.0}, "DialEnd", {"DialStatus": "BUSY"}),
        ({**OUTBOUND, "far_busy": 0.0, "far_misses": 1.0}, "DialEnd", {"DialStatus": "NOANSWER"}),
        ({**OUTBOUND, "far_busy": 0.0, "far_misses": 0.0}, "BridgeEnter", {"Context": "outbound"}),
    ],
)
async def test_people_do_as_their_habits_are(habits, event, fields):
    async with (
        Simulator(SimulatorSettings(timers=True, speed=300)) as sim,
        AmiClient.logged_in(sim) as client,
        asyncio.timeout(DEADLINE_S),
    ):
        await Office(sim.pbx, habits=Habits(**habits)).run(rate_per_min=20, seed=1, calls=15)
        await client.event(event, **fields)
        assert sim.pbx.calls == []


async def test_nobody_talks_on_one_phone_twice(day):
    events, _ = day
    talking: Counter[str] = Counter()
    for block in events:
        endpoint = value(block, "Channel").rpartition("-")[0]
        if value(block, "Event") == "BridgeEnter" and endpoint != "PJSIP/trunk":
            talking[endpoint] += 1
            assert talking[endpoint] == 1
        if value(block, "Event") == "BridgeLeave":
            talking[endpoint] -= 1


async def test_known_callers_call_by_their_own_numbers():
    callers = [Caller("0501234567", "Əli"), Caller("0557654321")]
    settings = SimulatorSettings(timers=True, speed=300)
    async with Simulator(settings) as sim, AmiClient.logged_in(sim) as client:
        async with asyncio.timeout(DEADLINE_S):
            await Office(sim.pbx, callers).run(rate_per_min=40, seed=3, calls=30)
            events = await client.catch_up()
    numbers = Counter(
        value(b, "CallerIDNum")
        for b in events
        if value(b, "Event") == "Newchannel" and value(b, "Context") == "from-trunk"
    )

    assert numbers["0501234567"] > 0
    assert numbers["0557654321"] > 0


async def test_people_in_the_office_take_a_clicked_call():
    settings = SimulatorSettings(timers=True, speed=300)
    async with Simulator(settings) as sim, AmiClient.logged_in(sim) as client:
        people = asyncio.create_task(Office(sim.pbx).run(rate_per_min=0.001))
        await asyncio.sleep(0)
        await client.ask(
            "Originate",
            Channel="PJSIP/1001",
            Context="click2call",
            Exten="0557654321",
            Async="true",
        )
        response = await client.event("OriginateResponse")
        call = await sim.pbx.originated()
        async with asyncio.timeout(DEADLINE_S):
            await call.until(lambda it: it.ended)
        people.cancel()
        await asyncio.gather(people, return_exceptions=True)

    assert value(response, "Response") == "Success"


async def test_a_full_office_takes_no_more_calls():
    settings = SimulatorSettings(timers=True, speed=1)
    async with Simulator(settings) as sim:
        people = asyncio.create_task(Office(sim.pbx).run(rate_per_min=600_000))
        async with asyncio.timeout(DEADLINE_S):
            while len(sim.pbx.calls) < 18:
                await asyncio.sleep(0)
            for _ in range(200):
                await asyncio.sleep(0)
        people.cancel()
        await asyncio.gather(people, return_exceptions=True)

        assert len(sim.pbx.calls) == 18
